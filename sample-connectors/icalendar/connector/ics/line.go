// Package ics reads iCalendar (RFC 5545), and nothing else: what the words mean is told elsewhere.
package ics

import (
	"bytes"
	"fmt"
	"slices"
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
	// Line is the number of its first line, End that of its last.
	Line, End int
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
	// charset: no other line is to be trusted either.
	charset bool
}

func (e *SyntaxError) Error() string { return e.Message }

// Place of the error, for people.
func (e *SyntaxError) Place() string { return fmt.Sprintf("line %d", e.Line) }

func syntax(line int, format string, a ...any) *SyntaxError {
	return &SyntaxError{Line: line, Message: fmt.Sprintf(format, a...)}
}

// A read line is a property, or what is wrong with it.
type read struct {
	Property
	wrong *SyntaxError
}

// content lines of a body. A line that begins with a space or a tab goes on with the one before; that may be in the middle of a
// character. Lines end with a line feed, and with however many carriage returns before it.
func content(body []byte) []read {
	var all []read
	var unfolded []byte
	first, number := 0, 0
	end := func() {
		if len(bytes.TrimSpace(unfolded)) > 0 {
			property, wrong := parseLine(string(unfolded), first)
			property.Line, property.End = first, number
			all = append(all, read{property, wrong})
		}
		unfolded = unfolded[:0]
	}
	for raw := range bytes.Lines(body) {
		raw = bytes.TrimRight(raw, "\r\n")
		if len(raw) > 0 && (raw[0] == ' ' || raw[0] == '\t') && first > 0 {
			unfolded = append(unfolded, raw[1:]...)
			number++
			continue
		}
		end()
		number++
		unfolded, first = append(unfolded, raw...), number
	}
	end()
	return all
}

// Line reads a body that is one content line, however folded.
func Line(body []byte) (Property, *SyntaxError) {
	lines := content(bytes.TrimPrefix(body, []byte("\uFEFF")))
	if len(lines) != 1 {
		return Property{}, syntax(1, "one line is expected here, and these are %d", len(lines))
	}
	return lines[0].Property, lines[0].wrong
}

// parseLine reads NAME;PARAM=VALUE,"VALUE":value.
func parseLine(line string, number int) (Property, *SyntaxError) {
	p := Property{}
	at := strings.IndexAny(line, ";:")
	if at <= 0 || strings.ContainsFunc(line[:at], notInName) {
		return p, syntax(number, "a line begins with the name of a property, and this one with %.20q", line)
	}
	p.Name = strings.ToUpper(line[:at])
	if !utf8.ValidString(line) {
		return p, &SyntaxError{number, "this is no UTF-8, and the media type names no other charset", true}
	}
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
	if mended, ok := parametersBehindColon(p, number); ok {
		return mended, nil
	}
	return p, nil
}

// parametersBehindColon reads ATTENDEE:CN="Anna":mailto:anna@example.org, in which a colon stands for the semicolon.
func parametersBehindColon(p Property, number int) (Property, bool) {
	name, _, found := strings.Cut(p.Value, "=")
	if !slices.Contains([]string{"ATTENDEE", "ORGANIZER"}, p.Name) || !found || len(p.Params) > 0 || strings.ContainsFunc(name, notInName) {
		return p, false
	}
	mended, wrong := parseLine(p.Name+";"+p.Value, number)
	return mended, wrong == nil
}

// Parameters that are addresses of calendar users or of documents. Programs forget the quotes that the colon in them needs.
var addresses = []string{"ALTREP", "DELEGATED-FROM", "DELEGATED-TO", "DIR", "MEMBER", "SENT-BY"}

// Parameters that have several values. In others programs write commas that separate nothing: CN=Lund, Bo.
var lists = []string{"DELEGATED-FROM", "DELEGATED-TO", "MEMBER"}

func parseParam(text string) (name string, values []string, rest string, ok bool) {
	name, rest, found := strings.Cut(text, "=")
	name = strings.ToUpper(name)
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
			ends := ";:"
			if slices.Contains(lists, name) {
				ends = ",;:"
			}
			at := strings.IndexAny(rest, ends)
			if at >= 0 && slices.Contains(addresses, name) && slices.Contains([]string{"mailto:", "http:", "https:", "urn:"}, strings.ToLower(rest[:at+1])) {
				if further := strings.IndexAny(rest[at+1:], ends); further >= 0 {
					at += 1 + further
				}
			}
			if at < 0 {
				return "", nil, "", false
			}
			value, rest = rest[:at], rest[at:]
		}
		values = append(values, uncaret.Replace(value))
		if !strings.HasPrefix(rest, ",") {
			return name, values, rest, true
		}
		rest = rest[1:]
	}
}

// RFC 6868: how a parameter holds a quotation mark and a line break.
var uncaret = strings.NewReplacer("^n", "\n", "^N", "\n", "^^", "^", "^'", `"`)

// The underscore is not in RFC 5545, and in what programs write.
func notInName(r rune) bool {
	return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}
