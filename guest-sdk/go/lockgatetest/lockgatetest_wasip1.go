package lockgatetest

import (
	"testing"

	"lockgate.dev/lockgate/calls"
)

const natively = "lockgatetest is for tests that run natively: without GOOS=wasip1"

// Setting fails the test here.
func Setting(t testing.TB, _, _ string) { t.Fatal(natively) }

// Secret fails the test here.
func Secret(t testing.TB, _, _ string) { t.Fatal(natively) }

// EmptyState fails the test here.
func EmptyState(t testing.TB) { t.Fatal(natively) }

// Task fails the test here.
func Task(t testing.TB, _, _, _ string) { t.Fatal(natively) }

// Warnings fails the test here.
func Warnings(t testing.TB) func() []string {
	t.Fatal(natively)
	return nil
}

// AnswerCalls fails the test here.
func AnswerCalls(t testing.TB, _ func(*calls.Request) (*calls.Response, error)) { t.Fatal(natively) }
