package state_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"lockgate.dev/lockgate/lockgatetest"
	"lockgate.dev/lockgate/state"
)

func TestWhatWasSetIsThereUntilItIsDeleted(t *testing.T) {
	lockgatetest.EmptyState(t)
	for key, value := range map[string]string{"sync/token": "t-1", "sync/at": "2026", "other": ""} {
		if err := state.Set(key, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	if value, ok := state.Get("sync/token"); !ok || string(value) != "t-1" {
		t.Errorf("%q, %v", value, ok)
	}
	if keys := state.Keys("sync/"); !slices.Equal(keys, []string{"sync/at", "sync/token"}) {
		t.Error(keys)
	}
	for range 2 {
		if err := state.Delete("sync/token"); err != nil {
			t.Error(err)
		}
	}
	if _, ok := state.Get("sync/token"); ok {
		t.Error("it was deleted")
	}
}

func TestAKeyHas1To256Bytes(t *testing.T) {
	lockgatetest.EmptyState(t)
	for key, want := range map[string]error{"": state.ErrInvalidKey, strings.Repeat("k", 257): state.ErrInvalidKey, strings.Repeat("k", 256): nil} {
		if err := state.Set(key, nil); !errors.Is(err, want) {
			t.Errorf("%d bytes: %v", len(key), err)
		}
	}
}
