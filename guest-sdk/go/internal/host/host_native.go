//go:build !wasip1

package host

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// What stands in for the operator, for tests. Not for goroutines that run at the same time.
var (
	Settings = map[string]string{}
	Secrets  = map[string]string{}
	State    = map[string][]byte{}
	Warnings []Warned
	// Task has "title", "file" and "site", as far as they are known.
	Task = map[string]string{}
)

var levels = [...]string{"trace", "debug", "info", "warn", "error"}

// Log writes to stderr.
func Log(level Level, message string) {
	fmt.Fprintf(os.Stderr, "%s: %s\n", levels[level], message)
}

// Setting is what a test set.
func Setting(key string) (string, bool) {
	value, ok := Settings[key]
	return value, ok
}

// Secret is what a test set.
func Secret(name string) (string, bool) {
	placeholder, ok := Secrets[name]
	return placeholder, ok
}

// AddWarning keeps it for the test.
func AddWarning(message, path string) {
	Warnings = append(Warnings, Warned{message, path})
}

// TaskTitle is what a test set.
func TaskTitle() (string, bool) { return task("title") }

// TaskFileName is what a test set.
func TaskFileName() (string, bool) { return task("file") }

// TaskSite is what a test set.
func TaskSite() (string, bool) { return task("site") }

func task(key string) (string, bool) {
	value, ok := Task[key]
	return value, ok
}

// StateGet reads.
func StateGet(key string) ([]byte, bool) {
	value, ok := State[key]
	return bytes.Clone(value), ok
}

// StateSet writes.
func StateSet(key string, value []byte) StateOutcome {
	if !validKey(key) {
		return StateOutcome{Kind: StateInvalidKey}
	}
	State[key] = bytes.Clone(value)
	return StateOutcome{}
}

// StateDelete deletes.
func StateDelete(key string) StateOutcome {
	if !validKey(key) {
		return StateOutcome{Kind: StateInvalidKey}
	}
	delete(State, key)
	return StateOutcome{}
}

// StateKeys lists.
func StateKeys(prefix string) []string {
	keys := slices.Sorted(maps.Keys(State))
	return slices.DeleteFunc(keys, func(key string) bool { return !strings.HasPrefix(key, prefix) })
}

func validKey(key string) bool {
	return key != "" && len(key) <= KeyBytesMax
}
