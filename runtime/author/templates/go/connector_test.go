package main

import (
	"errors"
	"testing"

	"lockgate.dev/lockgate"
)

func prepare(body string, kind lockgate.TaskType) (lockgate.Prepared, error) {
	external := lockgate.External{MediaType: "application/json", Body: []byte(body)}
	return teams{}.PrepareInternalObject(external, lockgate.Task{Type: kind, Data: lockgate.Snapshot})
}

func TestATeamBecomesARoleWithItsMembersBound(t *testing.T) {
	prepared, err := prepare(`{"id": 7, "title": "Editors", "members": ["Anna"]}`, lockgate.CreateObject)
	if err != nil {
		t.Fatal(err)
	}
	role := prepared.(*lockgate.Object)
	if role.CodeName != "team-7" || role.DisplayName != "Editors" || role.Fields.Get("description") != nil {
		t.Errorf("%+v", role)
	}
	if len(role.Children) != 1 || role.Children[0].Fields.Get("user") != lockgate.Reference("Anna") {
		t.Errorf("%+v", role.Children)
	}
}

func TestATeamWithoutTitleIsInvalidThere(t *testing.T) {
	_, err := prepare(`{"id": 8}`, lockgate.CreateObject)
	invalid, ok := errors.AsType[*lockgate.Error](err)
	if !ok || invalid.Kind != lockgate.KindInvalid || invalid.Path != "title" {
		t.Errorf("%#v", err)
	}
	if _, err := prepare(`{"id": 8}`, lockgate.DeleteObject); err != nil {
		t.Errorf("a delete needs no title: %v", err)
	}
}
