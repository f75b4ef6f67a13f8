package main

import (
	"errors"
	"testing"

	"lockgate.dev/lockgate"
	"lockgate.dev/lockgate/calls"
	"lockgate.dev/lockgate/lockgatetest"
)

func prepare(body string, kind lockgate.TaskType) (lockgate.Prepared, error) {
	external := lockgate.External{MediaType: "application/json", Body: []byte(body)}
	return articles{}.PrepareInternalObject(external, lockgate.Task{Type: kind, Data: lockgate.Snapshot})
}

func TestAnArticleBecomesAPage(t *testing.T) {
	lockgatetest.Setting(t, "culture", "de-DE")
	lockgatetest.EmptyState(t)
	warnings := lockgatetest.Warnings(t)
	prepared, err := prepare(`{"id": "7", "version": "1", "title": "Hallo", "tags": ["b", "a"]}`, lockgate.CreateDocument)
	if err != nil {
		t.Fatal(err)
	}
	page := prepared.(*lockgate.Page)
	if tags := page.Fields.Get("tags").(lockgate.References); page.Culture != "de-DE" || len(tags) != 2 {
		t.Errorf("%+v", page)
	}
	if told := warnings(); len(told) != 0 {
		t.Error(told)
	}
	if again, _ := prepare(`{"id": "7", "version": "1"}`, lockgate.UpdateDocument); again != lockgate.Skip("this version is stored already") {
		t.Errorf("%+v", again)
	}
}

func TestATagIsAskedFor(t *testing.T) {
	lockgatetest.Secret(t, "token", "placeholder")
	lockgatetest.AnswerCalls(t, func(request *calls.Request) (*calls.Response, error) {
		if request.URL != "https://blog.example/tags/a%2Fb" {
			return &calls.Response{Status: 404}, nil
		}
		return &calls.Response{Status: 200, Body: []byte(`{"guid": "26394b70-74b5-505e-b7a4-e8e4b6642ce5"}`)}, nil
	})
	params, err := articles{}.InternalObjectParams("a/b", "blog.tag")
	if err != nil || params.GUID != "26394b70-74b5-505e-b7a4-e8e4b6642ce5" {
		t.Error(params, err)
	}
	_, err = articles{}.InternalObjectParams("c", "blog.tag")
	if missing, ok := errors.AsType[*lockgate.Error](err); !ok || missing.Kind != lockgate.KindNotFound {
		t.Error(err)
	}
}

func TestADeleteNamesThePage(t *testing.T) {
	prepared, err := prepare(`{"id": "7"}`, lockgate.DeleteDocument)
	if page, ok := prepared.(*lockgate.Page); err != nil || !ok || len(page.Fields) != 0 || page.NodeGUID == "" {
		t.Errorf("%+v, %v", prepared, err)
	}
}
