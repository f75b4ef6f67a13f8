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

// AnswerCalls fails the test here.
func AnswerCalls(t testing.TB, _ func(*calls.Request) (*calls.Response, error)) { t.Fatal(natively) }
