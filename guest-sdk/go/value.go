package lockgate

import (
	"fmt"
	"time"
)

// Value is the value of a field: one of the types below, or [Null].
type Value interface{ value() }

type (
	// Boolean is true or false.
	Boolean bool
	// Integer is a whole number.
	Integer int64
	// Decimal is an exact decimal number: "12.50". A json.Number converts to it, and keeps every digit.
	Decimal string
	// Real is finite; NaN and infinities are refused.
	Real float64
	// Text is any text.
	Text string
	// Timestamp is RFC 3339 with an offset: "2026-01-31T12:00:00Z"; see [Time].
	Timestamp string
	// GUID is hexadecimal with hyphens, in any case.
	GUID string
	// Binary is bytes.
	Binary []byte
	// JSON is one JSON document.
	JSON string
	// Reference is the external id of another object or page; the content model says of which type. Empty: no reference.
	Reference string
	// References are the external ids of other objects or pages, in order and none twice, for a field that the content model
	// declares as a list. Empty: the empty list, where a field that is not set stays as it is.
	References []string

	null struct{}
)

// Null clears a field. A field that is left out stays as it is.
var Null Value = null{}

// check tells of what no list of references has.
func (r References) check(field string) {
	seen := make(map[string]bool, len(r))
	for _, id := range r {
		if id == "" || seen[id] {
			panic(fmt.Sprintf("field %q refers to %q, which is empty or there twice", field, id))
		}
		seen[id] = true
	}
}

// Time is a moment as a value.
func Time(moment time.Time) Timestamp {
	return Timestamp(moment.Format(time.RFC3339Nano))
}

func (Boolean) value()    {}
func (Integer) value()    {}
func (Decimal) value()    {}
func (Real) value()       {}
func (Text) value()       {}
func (Timestamp) value()  {}
func (GUID) value()       {}
func (Binary) value()     {}
func (JSON) value()       {}
func (Reference) value()  {}
func (References) value() {}
func (null) value()       {}
