//go:build !wasip1

package calls

import (
	"errors"
	"testing"
	"time"

	"lockgate.dev/lockgate"
	"lockgate.dev/lockgate/internal/hook"
)

func answering(t *testing.T, answer func(*Request) (*Response, error)) {
	t.Helper()
	before := hook.Answer
	hook.Answer = answer
	t.Cleanup(func() { hook.Answer = before })
}

func kind(err error) (lockgate.Kind, time.Duration) {
	if failed, ok := errors.AsType[*lockgate.Error](err); ok {
		return failed.Kind, failed.RetryAfter
	}
	return 255, 0
}

func TestAStatusSaysWhatBecomesOfTheTask(t *testing.T) {
	for status, want := range map[int]lockgate.Kind{
		302: lockgate.KindInternal, 401: lockgate.KindInternal, 404: lockgate.KindNotFound, 429: lockgate.KindUnavailable, 503: lockgate.KindUnavailable,
	} {
		answering(t, func(*Request) (*Response, error) { return &Response{Status: status}, nil })
		response, err := (&Request{URL: "https://crm.example.com/"}).Do()
		if err != nil || response.Status != status {
			t.Fatalf("%+v, %v", response, err)
		}
		if got, _ := kind(response.Check()); got != want {
			t.Errorf("%d: %v", status, response.Check())
		}
	}
}

func TestADelayInSecondsIsHandedOnAndADateIsNot(t *testing.T) {
	for value, want := range map[string]time.Duration{"2": 2 * time.Second, "Wed, 21 Oct 2026 07:28:00 GMT": 0} {
		response := &Response{Status: 503, Header: Header{{"Retry-After", value}}}
		if _, delay := kind(response.Check()); delay != want {
			t.Errorf("%s: %v", value, delay)
		}
	}
}

func TestARequestIsBuiltFromLeftToRight(t *testing.T) {
	var sent *Request
	answering(t, func(request *Request) (*Response, error) {
		sent = request
		return &Response{Status: 200, Body: []byte("{}")}, nil
	})
	if _, err := Post("http://a/b?c", "application/json", []byte("{}")).Basic("user", "pass").Do(); err != nil {
		t.Fatal(err)
	}
	if sent.Method != "POST" || sent.Header.Get("Content-Type") != "application/json" || sent.Header.Get("authorization") != "Basic dXNlcjpwYXNz" {
		t.Errorf("%+v", sent)
	}
	sent.ResponseBytesMax = 1
	if _, err := sent.Do(); err == nil {
		t.Error("the answer is longer than allowed")
	}
}

func TestWhatCannotBeCalledIsTheConnectorsFault(t *testing.T) {
	answering(t, func(*Request) (*Response, error) { return &Response{Status: 200}, nil })
	for _, url := range []string{"", "a/b", "ftp://a/b", "http:///b", "http://a b/", "http://a/\r\nx: y"} {
		if _, err := Get(url).Do(); err == nil {
			t.Errorf("%q can be called", url)
		} else if got, _ := kind(err); got != lockgate.KindInternal {
			t.Errorf("%q: %v", url, err)
		}
	}
}
