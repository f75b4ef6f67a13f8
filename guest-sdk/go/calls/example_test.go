//go:build !wasip1

package calls_test

import (
	"fmt"
	"testing"

	"lockgate.dev/lockgate/calls"
	"lockgate.dev/lockgate/lockgatetest"
)

func userName(id string) (string, error) {
	answer, err := calls.Get("https://crm.example.com/users/" + id).Do()
	if err != nil {
		return "", err
	}
	if err := answer.Check(); err != nil {
		return "", err
	}
	var user struct {
		Name string `json:"name"`
	}
	err = answer.JSON(&user)
	return user.Name, err
}

func TestTheApplicationIsPlayedByTheTest(t *testing.T) {
	lockgatetest.AnswerCalls(t, func(request *calls.Request) (*calls.Response, error) {
		if request.URL != "https://crm.example.com/users/7" {
			return &calls.Response{Status: 404}, nil
		}
		return &calls.Response{Status: 200, Body: []byte("\xef\xbb\xbf{\"name\": \"Anna\"}")}, nil
	})
	if name, err := userName("7"); err != nil || name != "Anna" {
		t.Error(name, err)
	}
	if _, err := userName("8"); err == nil || err.Error() != "the external application answered 404" {
		t.Error(err)
	}
}

func ExampleRequest_Do() {
	_, err := calls.Get("ftp://crm.example.com/").Do()
	fmt.Println(err)
	// Output: no URL that can be called: "ftp://crm.example.com/"
}
