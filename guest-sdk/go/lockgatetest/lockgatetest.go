//go:build !wasip1

package lockgatetest

import (
	"maps"
	"testing"

	"lockgate.dev/lockgate/calls"
	"lockgate.dev/lockgate/internal/hook"
	"lockgate.dev/lockgate/internal/host"
)

// Setting sets what lockgate.Setting answers.
func Setting(t testing.TB, key, value string) {
	t.Helper()
	set(t, host.Settings, key, value)
}

// Secret sets the placeholder that lockgate.SecretNamed answers.
func Secret(t testing.TB, name, placeholder string) {
	t.Helper()
	set(t, host.Secrets, name, placeholder)
}

// EmptyState gives the test a state of its own, with nothing in it.
func EmptyState(t testing.TB) {
	t.Helper()
	before := maps.Clone(host.State)
	clear(host.State)
	t.Cleanup(func() { host.State = before })
}

// Task says what lockgate.TaskTitle, TaskFileName and TaskSite answer. Empty: not known.
func Task(t testing.TB, title, fileName, site string) {
	t.Helper()
	before := maps.Clone(host.Task)
	t.Cleanup(func() { host.Task = before })
	for key, value := range map[string]string{"title": title, "file": fileName, "site": site} {
		delete(host.Task, key)
		if value != "" {
			host.Task[key] = value
		}
	}
}

// Warnings has the test begin without any, and answers what was warned of so far each time that it is called, "path: message" or
// "message".
func Warnings(t testing.TB) func() []string {
	t.Helper()
	before := host.Warnings
	host.Warnings = nil
	t.Cleanup(func() { host.Warnings = before })
	return func() []string {
		var told []string
		for _, warning := range host.Warnings {
			if warning.Path != "" {
				warning.Message = warning.Path + ": " + warning.Message
			}
			told = append(told, warning.Message)
		}
		return told
	}
}

// AnswerCalls plays the external application: what answer returns is what each call of the connector gets.
func AnswerCalls(t testing.TB, answer func(*calls.Request) (*calls.Response, error)) {
	t.Helper()
	before := hook.Answer
	hook.Answer = answer
	t.Cleanup(func() { hook.Answer = before })
}

func set(t testing.TB, in map[string]string, key, value string) {
	before, had := in[key]
	in[key] = value
	t.Cleanup(func() {
		if had {
			in[key] = before
		} else {
			delete(in, key)
		}
	})
}
