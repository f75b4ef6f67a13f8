// Package state keeps bytes from task to task, for example a sync token, where the manifest says state = true and the operator
// grants it. What a task writes is stored together with its effects, or not at all if it fails; the task itself reads what it
// wrote. Natively, a map.
package state

import (
	"errors"
	"fmt"

	"lockgate.dev/lockgate/internal/host"
)

// KeyBytesMax is the length of the longest key.
const KeyBytesMax = host.KeyBytesMax

// Why a value is not kept. They are the connector's fault, or its operator's, and never the data's: answered as they are, they
// end the task as an internal error.
var (
	ErrDenied     = errors.New("this connector keeps no state: its manifest does not ask for it, or the operator does not grant it")
	ErrInvalidKey = fmt.Errorf("a key of the state is empty or longer than %d bytes", KeyBytesMax)
)

// FullError says that the operator grants no more bytes of keys and values together.
type FullError struct{ GrantedBytes uint64 }

func (e *FullError) Error() string {
	return fmt.Sprintf("the state is full: the operator grants %d bytes", e.GrantedBytes)
}

// Get answers a value; not ok: never written, deleted, or not granted.
func Get(key string) (value []byte, ok bool) {
	return host.StateGet(key)
}

// Set writes a value, in place of one that is there.
func Set(key string, value []byte) error {
	return asError(host.StateSet(key, value))
}

// Delete deletes a value; one that is not there is no error.
func Delete(key string) error {
	return asError(host.StateDelete(key))
}

// Keys are those that begin so, ascending; none where the state is not granted.
func Keys(prefix string) []string {
	return host.StateKeys(prefix)
}

func asError(outcome host.StateOutcome) error {
	switch outcome.Kind {
	case host.StateDenied:
		return ErrDenied
	case host.StateFull:
		return &FullError{outcome.GrantedBytes}
	case host.StateInvalidKey:
		return ErrInvalidKey
	}
	return nil
}
