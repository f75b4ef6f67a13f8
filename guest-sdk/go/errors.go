package lockgate

import (
	"errors"
	"fmt"
	"time"
)

// Error is an error with a kind, which decides what becomes of the task. An error of any other type counts as [Internal].
type Error struct {
	// Kind: the zero value is KindInternal.
	Kind Kind
	// Message is for people.
	Message string
	// Path is where in the external object, for example "items[3].sku". Not for Unavailable.
	Path string
	// RetryAfter is how long to wait before trying again; for Unavailable only. Zero: as the operator set it.
	RetryAfter time.Duration
	cause      error
}

// Kind decides what becomes of a task.
type Kind uint8

// Only of KindUnavailable the same task may succeed later.
const (
	// KindInternal says that the connector itself is at fault.
	KindInternal Kind = iota
	// KindInvalid says that the data is wrong.
	KindInvalid
	// KindNotFound says that the external application has no such object.
	KindNotFound
	// KindUnavailable says that the external application cannot be asked just now.
	KindUnavailable
	// KindUnsupported says that this is no type that the connector translates.
	KindUnsupported
)

var kinds = [...]string{"internal", "invalid", "not-found", "unavailable", "unsupported"}

// String is the kind's code, as operators see it: "not-found".
func (k Kind) String() string { return word(kinds[:], uint8(k), "kind") }

// Error is the message, with the path where there is one.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Message
	}
	return e.Path + ": " + e.Message
}

// Unwrap is the error that the format made, which has those that were given with %w below it; nil without a format.
func (e *Error) Unwrap() error { return e.cause }

// At says where in the external object.
func (e *Error) At(path string) *Error {
	e.Path = path
	return e
}

// After says how long to wait before trying again.
func (e *Error) After(delay time.Duration) *Error {
	e.RetryAfter = delay
	return e
}

// Invalid says that the data is wrong; trying again is useless.
func Invalid(message string) *Error { return &Error{Kind: KindInvalid, Message: message} }

// Invalidf is Invalid with a format, as in fmt.Errorf.
func Invalidf(format string, a ...any) *Error {
	return formatted(KindInvalid, fmt.Errorf(format, a...))
}

// NotFound says that the external application has no such object.
func NotFound(message string) *Error { return &Error{Kind: KindNotFound, Message: message} }

// NotFoundf is NotFound with a format.
func NotFoundf(format string, a ...any) *Error {
	return formatted(KindNotFound, fmt.Errorf(format, a...))
}

// Unavailable says that the external application cannot be asked just now; the task is tried again.
func Unavailable(message string) *Error { return &Error{Kind: KindUnavailable, Message: message} }

// Unavailablef is Unavailable with a format.
func Unavailablef(format string, a ...any) *Error {
	return formatted(KindUnavailable, fmt.Errorf(format, a...))
}

// Unsupported says that this is no type that the connector translates.
func Unsupported(message string) *Error { return &Error{Kind: KindUnsupported, Message: message} }

// Unsupportedf is Unsupported with a format.
func Unsupportedf(format string, a ...any) *Error {
	return formatted(KindUnsupported, fmt.Errorf(format, a...))
}

// Internal says that the connector itself, or its settings, are at fault.
func Internal(message string) *Error { return &Error{Kind: KindInternal, Message: message} }

// Internalf is Internal with a format.
func Internalf(format string, a ...any) *Error {
	return formatted(KindInternal, fmt.Errorf(format, a...))
}

func formatted(kind Kind, err error) *Error {
	return &Error{Kind: kind, Message: err.Error(), cause: err}
}

// asError finds the kind of an error that a connector answered. Words that were put around one by fmt.Errorf are kept. A nil
// *Error is no error, although Go does not compare it equal to nil.
func asError(err error) *Error {
	found, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		return &Error{Kind: KindInternal, Message: err.Error(), cause: err}
	case found == nil || error(found) == err:
		return found
	}
	around := *found
	around.Message, around.Path, around.cause = err.Error(), "", err
	return &around
}
