// Package ics reads iCalendar (RFC 5545), and nothing else: what the words mean is told elsewhere.
package ics

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Property is one content line.
type Property struct {
	// Name is in capitals.
	Name string
	// Params by their names in capitals; each has one value or more.
	Params map[string][]string
	// Value as it stands, with its escapes.
	Value string
	// Line is the number of its first line.
	Line int
}

// Param is the first value of a parameter; empty if there is none.
func (p Property) Param(name string) string {
	if values := p.Params[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// SyntaxError says what is wrong in which line.
type SyntaxError struct {
	Line    int
	Message string
}

func (e *SyntaxError) Error() string { return e.Message }

// Place of the error, for people.
func (e *SyntaxError) Place() string { return fmt.Sprintf("line %d", e.Line) }

func syntax(line int, format string, a ...any) error {
	return &SyntaxError{Line: line, Message: fmt.Sprintf(format, a...)}
}

// Lines are the content lines of a body. A line that begins with a space or a tab goes on with the one before; that may be in
// the middle of a character.
func Lines(body []byte) ([]Property, error) {
	body = bytes.TrimPrefix(body, []byte("\uFEFF"))
	var properties []Property
	var unfolded []byte
	first := 0
	end := func() error {
		if len(unfolded) == 0 {
			return nil
		}
		property, err := parseLine(string(unfolded), first)
		properties = append(properties, property)
		return err
	}
	number := 0
	for raw := range bytes.Lines(body) {
		number++
		raw = bytes.TrimRight(raw, "\r\n")
		if len(raw) > 0 && (raw[0] == ' ' || raw[0] == '\t') {
			if first == 0 {
				return nil, syntax(number, "there is no line that this one continues")
			}
			unfolded = append(unfolded, raw[1:]...)
			continue
		}
		if err := end(); err != nil {
			return nil, err
		}
		unfolded, first = append(unfolded[:0], raw...), number
	}
	if err := end(); err != nil {
		return nil, err
	}
	return properties, nil
}

// parseLine reads NAME;PARAM=VALUE,"VALUE":value.
func parseLine(line string, number int) (Property, error) {
	p := Property{Line: number}
	if !utf8.ValidString(line) {
		return p, syntax(number, "this is no UTF-8")
	}
	at := strings.IndexAny(line, ";:")
	if at <= 0 || strings.ContainsFunc(line[:at], notInName) {
		return p, syntax(number, "a line begins with the name of a property, and this one with %.20q", line)
	}
	p.Name = strings.ToUpper(line[:at])
	rest := line[at:]
	for strings.HasPrefix(rest, ";") {
		name, values, after, ok := parseParam(rest[1:])
		if !ok {
			return p, syntax(number, "a parameter of %s is malformed", p.Name)
		}
		if p.Params == nil {
			p.Params = map[string][]string{}
		}
		p.Params[name] = append(p.Params[name], values...)
		rest = after
	}
	if !strings.HasPrefix(rest, ":") {
		return p, syntax(number, "%s has no value", p.Name)
	}
	p.Value = rest[1:]
	return p, nil
}

func parseParam(text string) (name string, values []string, rest string, ok bool) {
	name, rest, found := strings.Cut(text, "=")
	if !found || name == "" || strings.ContainsFunc(name, notInName) {
		return "", nil, "", false
	}
	for {
		var value string
		if strings.HasPrefix(rest, `"`) {
			value, rest, found = strings.Cut(rest[1:], `"`)
			if !found {
				return "", nil, "", false
			}
		} else {
			at := strings.IndexAny(rest, ",;:")
			if at < 0 {
				return "", nil, "", false
			}
			value, rest = rest[:at], rest[at:]
		}
		values = append(values, uncaret.Replace(value))
		if !strings.HasPrefix(rest, ",") {
			return strings.ToUpper(name), values, rest, true
		}
		rest = rest[1:]
	}
}

// RFC 6868: how a parameter holds a quotation mark and a line break.
var uncaret = strings.NewReplacer("^n", "\n", "^N", "\n", "^^", "^", "^'", `"`)

func notInName(r rune) bool {
	return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}
