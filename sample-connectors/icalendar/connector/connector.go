// The iCalendar sample connector: events of calendars (RFC 5545), with organizers and attendees. ../model.toml declares what it
// writes.
package main

import (
	"bytes"
	"errors"
	"strings"

	"icalendar/ics"

	"lockgate"
)

func init() {
	lockgate.Export(calendars{})
}

type calendars struct{}

// PrepareInternalObject takes a calendar with one event, or one line ATTENDEE or ORGANIZER, which is a person.
func (calendars) PrepareInternalObject(external lockgate.External, task lockgate.Task) (lockgate.Prepared, error) {
	if !isCalendar(external.Body) {
		return personIn(external.Body)
	}
	calendar, err := ics.Parse(external.Body)
	if err != nil {
		return nil, invalid(err)
	}
	events := calendar.Named("VEVENT")
	switch {
	case len(events) == 1:
		object, err := identified(events[0])
		if err != nil {
			return nil, err
		}
		if task.Type == lockgate.DeleteObject {
			return object, nil
		}
		return event(object, calendar, events[0])
	case len(events) > 1:
		return nil, lockgate.Invalidf("a task is about one event, and this calendar has %d", len(events))
	case len(calendar.Components) == 0:
		return lockgate.Skip("the calendar is empty"), nil
	default:
		return nil, lockgate.Unsupportedf("a calendar with %s and no event", calendar.Components[0].Name)
	}
}

// InternalObjectParams knows where events and people are from what refers to them alone.
func (calendars) InternalObjectParams(id, objectType string) (lockgate.ObjectParams, error) {
	switch objectType {
	case personType:
		return lockgate.ObjectParams{CodeName: personName(id)}, nil
	case eventType:
		return lockgate.ObjectParams{CodeName: eventName(id)}, nil
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
