// Says everything that contract 1.1 added: guest-sdk/said has what is to come of it in every language.
package main

import (
	"log/slog"
	"strings"

	"lockgate.dev/lockgate"
)

type team struct {
	ID      string   `json:"id"`
	Owner   string   `json:"owner"`
	Tags    []string `json:"tags"`
	Members []struct {
		User string `json:"user"`
	} `json:"members"`
}

type said struct{ lockgate.NoReferences }

func init() {
	lockgate.Export(said{})
}

func (said) PrepareInternalObject(external lockgate.External, _ lockgate.Task) (lockgate.Prepared, error) {
	var team team
	if err := external.JSON(&team); err != nil {
		return nil, err
	}
	if _, ok := lockgate.TaskTitle(); !ok {
		lockgate.Warn("id", "the task has no title")
	}
	if name, ok := lockgate.TaskFileName(); ok {
		slog.Info("from " + name)
	}
	role := lockgate.NewObject("cms.role", "team-"+team.ID)
	if team.Owner != "" {
		role.Set("owner", lockgate.Reference(team.Owner))
	}
	if team.Tags != nil {
		role.Set("tags", lockgate.References(team.Tags))
	}
	if team.Members != nil {
		role.NoChildren("cms.userrole")
		for _, member := range team.Members {
			role.Bind("cms.userrole", "user", member.User)
		}
	}
	return role, nil
}

func (said) InternalObjectParams(id, _ string) (lockgate.ObjectParams, error) {
	lockgate.Warnf("", "%s is known by its GUID", id)
	return lockgate.ObjectParams{GUID: "018f0000-0000-7000-8000-" + strings.Repeat("0", max(0, 12-len(id))) + id}, nil
}

func main() {} // Not run: the host calls the methods.
