// The iCalendar sample connector: events of calendars (RFC 5545), with organizers and attendees. ../model.toml declares what it
// writes.
package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"

	"icalendar/ics"

	"lockgate.dev/lockgate"
)

func init() {
	lockgate.Export(calendars{})
}

type calendars struct{}

// PrepareInternalObject takes a calendar with one event, or one line ATTENDEE or ORGANIZER, which is a person.
func (calendars) PrepareInternalObject(external lockgate.External, task lockgate.Task) (lockgate.Prepared, error) {
	body, err := ics.Decode(external.Body, external.MediaType)
	if err != nil {
		return nil, invalid(err)
	}
	if !isCalendar(body) {
		return personIn(body)
	}
	stream, err := ics.Read(body)
	if err != nil {
		return nil, invalid(err)
	}
	found, err := only(stream)
	if found == nil {
		return lockgate.Skip("the calendar is empty"), err
	}
	if err != nil {
		return nil, err
	}
	return found.prepared(task)
}

// only is the one event of a task; nil without an error: there is nothing in it.
func only(stream *ics.Stream) (*message, error) {
	var found message
	var others []string
	count := 0
	for _, calendar := range stream.Calendars {
		if calendar.Err != nil {
			return nil, invalid(calendar.Err)
		}
		for _, component := range calendar.Components {
			switch component.Name {
			case "VEVENT":
				found.calendar, found.event = calendar, component
				count++
			case "VTIMEZONE":
			default:
				others = append(others, component.Name)
			}
		}
	}
	for _, wrong := range stream.Wrong {
		slog.Warn("a line is left out", "line", wrong.Line, "because", wrong.Message)
	}
	switch {
	case count > 1:
		return nil, lockgate.Invalidf("a task is about one event, and this has %d: cmd/tasks makes a task of each", count)
	case count == 0 && len(others) > 0:
		return nil, lockgate.Unsupportedf("a calendar with %s and no event", others[0])
	case count == 0:
		return nil, nil
	case found.event.Err != nil:
		return nil, invalid(found.event.Err)
	}
	if len(others) > 0 {
		slog.Warn("what is no event is left out", "components", strings.Join(others, ", "))
	}
	zones, wrong := ics.ZonesOf(stream.Calendars...)
	for _, err := range wrong {
		slog.Warn("a time zone is left out", "line", err.Line, "because", err.Message)
	}
	found.zones = zones
	return &found, nil
}

// InternalObjectParams knows where events and people are from what refers to them alone.
func (calendars) InternalObjectParams(id, objectType string) (lockgate.ObjectParams, error) {
	switch objectType {
	case personType:
		return lockgate.ObjectParams{CodeName: personName(id)}, nil
	case eventType:
		return lockgate.ObjectParams{CodeName: eventOf(id)}, nil
	}
	return lockgate.ObjectParams{}, lockgate.Unsupportedf("no references to %q in a calendar", objectType)
}

// InternalDocumentParams: there are no pages.
func (calendars) InternalDocumentParams(_, className string) (lockgate.DocumentParams, error) {
	return lockgate.DocumentParams{}, lockgate.Unsupportedf("no references to pages, as of class %q, in a calendar", className)
}

func isCalendar(body []byte) bool {
	head := bytes.TrimLeft(bytes.TrimPrefix(body[:min(len(body), 64)], []byte("\uFEFF")), " \t\r\n")
	return !hasPrefixFold(head, "ATTENDEE") && !hasPrefixFold(head, "ORGANIZER")
}

func hasPrefixFold(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(string(text[:len(prefix)]), prefix)
}

// invalid says where a syntax error is.
func invalid(err error) error {
	if syntax, ok := errors.AsType[*ics.SyntaxError](err); ok {
		return lockgate.Invalid(syntax.Message).At(syntax.Place())
	}
	return lockgate.Invalidf("%w", err)
}

func invalidAt(property ics.Property, format string, a ...any) error {
	at := ics.SyntaxError{Line: property.Line}
	return lockgate.Invalidf(format, a...).At(at.Place())
}

// main is not run: the host calls the methods.
func main() {}
