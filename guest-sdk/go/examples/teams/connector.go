// Teams become roles, and their members bindings.
package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"lockgate.dev/lockgate"
)

type team struct {
	ID    json.Number `json:"id"`
	Title string      `json:"title"`
	// Optional: absent, null, or of any kind.
	Note    json.RawMessage `json:"note"`
	Members json.RawMessage `json:"members"`
}

type teams struct{ lockgate.NoReferences }

func init() {
	lockgate.Export(teams{})
}

func (teams) PrepareInternalObject(external lockgate.External, task lockgate.Task) (lockgate.Prepared, error) {
	var several []json.RawMessage
	if external.JSON(&several) == nil && several != nil {
		return nil, lockgate.Invalidf("a task is about one team, and this has %d", len(several))
	}
	var team team
	if err := external.JSON(&team); err != nil {
		return nil, err
	}
	id, err := team.ID.Int64()
	if err != nil {
		return nil, lockgate.Invalid("a team needs a number").At("id")
	}
	role := lockgate.NewObject("cms.role", fmt.Sprintf("team-%d", id))
	if task.Type == lockgate.DeleteObject {
		return role, nil // A delete names the object and no more.
	}
	if team.Title == "" {
		return nil, lockgate.Invalid("a team needs a title").At("title")
	}
	role.DisplayName = team.Title
	setNote(role, team.Note)
	setMembers(role, team.Members)
	return role, nil
}

// setNote: what is not stated stays as it is; null clears it.
func setNote(role *lockgate.Object, stated json.RawMessage) {
	var note *string
	switch err := json.Unmarshal(stated, &note); {
	case stated == nil:
	case err != nil:
		slog.Warn("note: not a text, left out")
	case note == nil:
		role.Set("description", lockgate.Null)
	default:
		role.Set("description", lockgate.Text(*note))
	}
}

func setMembers(role *lockgate.Object, stated json.RawMessage) {
	if stated == nil {
		return
	}
	var members []json.RawMessage
	if json.Unmarshal(stated, &members) != nil {
		slog.Warn("members: not a list, left out")
	}
	for at, member := range members {
		var name string
		if json.Unmarshal(member, &name) != nil || name == "" {
			slog.Warn(fmt.Sprintf("members[%d]: not a text, left out", at))
			continue
		}
		role.Bind("cms.userrole", "user", name)
	}
}

func (teams) InternalObjectParams(id, objectType string) (lockgate.ObjectParams, error) {
	if objectType != "cms.user" {
		return lockgate.ObjectParams{}, lockgate.Unsupportedf("no references to %s", objectType)
	}
	return lockgate.ObjectParams{CodeName: strings.ToLower(id)}, nil
}

func main() {} // Not run: the host calls the methods.
