// Teams become roles, and their members bindings.
package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"lockgate"
)

type team struct {
	ID      int      `json:"id"`
	Title   string   `json:"title"`
	Note    *string  `json:"note"`
	Members []string `json:"members"`
}

type teams struct{ lockgate.NoReferences }

func init() {
	lockgate.Export(teams{})
}

func (teams) PrepareInternalObject(external lockgate.External, task lockgate.Task) (lockgate.Prepared, error) {
	var team team
	if err := json.Unmarshal(external.Body, &team); err != nil {
		return nil, lockgate.Invalidf("not a team: %w", err)
	}
	if team.ID == 0 {
		return nil, lockgate.Invalid("a team needs a number").At("id")
	}
	role := lockgate.NewObject("cms.role", fmt.Sprintf("team-%d", team.ID))
	if task.Type == lockgate.DeleteObject {
		return role, nil // A delete names the object and no more.
	}
	if team.Title == "" {
		return nil, lockgate.Invalid("a team needs a title").At("title")
	}
	slog.Info("team read", "members", len(team.Members))
	role.DisplayName = team.Title
	if team.Note != nil {
		role.Set("description", lockgate.Text(*team.Note))
	}
	for _, member := range team.Members {
		role.Bind("cms.userrole", "user", member)
	}
	return role, nil
}

func (teams) InternalObjectParams(id, objectType string) (lockgate.ObjectParams, error) {
	if objectType != "cms.user" {
		return lockgate.ObjectParams{}, lockgate.Unsupportedf("no references to %s", objectType)
	}
	return lockgate.ObjectParams{CodeName: strings.ToLower(id)}, nil
}

func main() {} // Not run: the host calls the methods.
