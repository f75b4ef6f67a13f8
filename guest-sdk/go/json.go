package lockgate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// JSONDepthMax is how deep a document may be nested that [DecodeJSON] reads, as in the SDKs of all languages.
const JSONDepthMax = 128

var byteOrderMark = []byte("\xef\xbb\xbf")

// JSON reads the body into what target points to, as [DecodeJSON] does. What is wrong with it is invalid, with its place.
func (e External) JSON(target any) error {
	err := DecodeJSON(e.Body, target)
	if err == nil {
		return nil
	}
	invalid := Invalidf("the body is not what is expected: %w", err)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		invalid.Path = wrong.Field
	}
	return invalid
}

// DecodeJSON is json.Unmarshal for documents from outside: it takes a byte order mark, and refuses what is nested deeper than
// [JSONDepthMax] before it reads any of it. Numbers that must stay exact are read as [json.Number]; see [Decimal].
func DecodeJSON(document []byte, target any) error {
	document = bytes.TrimPrefix(document, byteOrderMark)
	if err := nested(document); err != nil {
		return err
	}
	return json.Unmarshal(document, target)
}

// nested counts brackets outside of texts. What is no JSON is found by the parser.
func nested(document []byte) error {
	depth, inText := 0, false
	for at := 0; at < len(document); at++ {
		switch c := document[at]; {
		case inText && c == '\\':
			at++
		case c == '"':
			inText = !inText
		case inText:
		case c == '[' || c == '{':
			if depth++; depth > JSONDepthMax {
				return fmt.Errorf("nested deeper than %d levels, at byte %d", JSONDepthMax, at)
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return nil
}
