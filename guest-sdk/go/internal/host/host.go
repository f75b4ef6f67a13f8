// Package host is the contract's imports as Go: in a component the host's, natively stand-ins for tests.
package host

// Level of a line in the task's log.
type Level uint8

// In the order of the contract.
const (
	Trace Level = iota
	Debug
	Info
	Warn
	Error
)

// Warned is what a connector warned of.
type Warned struct{ Message, Path string }

// KeyBytesMax is the length of the longest key of the state.
const KeyBytesMax = 256

// StateOutcome is what became of a change of the state.
type StateOutcome struct {
	Kind StateKind
	// GrantedBytes is how much may be kept, for StateFull.
	GrantedBytes uint64
}

// StateKind is kept, or why not.
type StateKind uint8

// Outcomes.
const (
	StateKept StateKind = iota
	StateDenied
	StateFull
	StateInvalidKey
)
