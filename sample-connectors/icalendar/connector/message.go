package main

import (
	"slices"
	"strings"

	"icalendar/ics"

	"lockgate.dev/lockgate"
)

// A message is one event, with the calendar that it came in: its METHOD says what the event is to do (RFC 5546).
type message struct {
	calendar, event *ics.Component
	zones           ics.Zones
}

func (m *message) prepared(task lockgate.Task) (lockgate.Prepared, error) {
	method := word(m.calendar, "METHOD")
	if uninvited := ics.Uninvited(m.calendar, m.event); len(uninvited) > 0 {
		return m.uninvited(task, uninvited)
	}
	object, err := m.identified(method == "ADD")
	if err != nil {
		return nil, err
	}
	if task.Type == lockgate.DeleteObject {
		return object, nil
	}
	switch method {
	case "", "PUBLISH", "REQUEST", "ADD":
		return m.stated(object)
	case "CANCEL":
		return m.cancelled(object)
	case "REPLY":
		return m.answered()
	case "REFRESH":
		return lockgate.Skip("METHOD:REFRESH asks for the event, and says nothing of it"), nil
	case "COUNTER", "DECLINECOUNTER":
		return lockgate.Skip("METHOD:" + method + " is about a proposal, which the organizer has not made the event's"), nil
	}
	return nil, lockgate.Unsupportedf("METHOD:%.40s is none of RFC 5546", method)
}

// cancelled says that an event or a repetition does not take place. A CANCEL may leave out all the rest, and what it does not
// state stays.
func (m *message) cancelled(object *lockgate.Object) (lockgate.Prepared, error) {
	if _, hasStart := m.event.Get("DTSTART"); hasStart {
		if _, err := m.stated(object); err != nil {
			return nil, err
		}
	}
	_, saysBusy := m.event.Get("TRANSP")
	object.Children = nil
	object.Fields = slices.DeleteFunc(object.Fields, func(field lockgate.Field) bool {
		identifies := slices.Contains([]string{"recurrence", "series"}, field.Name)
		return field.Value == lockgate.Null && !identifies || field.Name == "busy" && !saysBusy || field.Name == "status" || field.Name == "sequence"
	})
	if sequence, found := m.sequence(); found {
		object.Set("sequence", lockgate.Integer(sequence))
	}
	return object.Set("status", lockgate.Text("CANCELLED")), nil
}

// uninvited is the attendance of one whom the organizer takes off the list, to be deleted. The event goes on for the others.
func (m *message) uninvited(task lockgate.Task, lines []ics.Property) (lockgate.Prepared, error) {
	if task.Type != lockgate.DeleteObject || len(lines) != 1 {
		at := ics.SyntaxError{Line: lines[0].Line}
		return nil, lockgate.Unsupportedf("METHOD:CANCEL without STATUS takes people off the list (%d), and the event goes on for the others: it is a delete-object for each of them, as cmd/tasks makes it", len(lines)).
			At(at.Place())
	}
	return m.attendance(lines[0])
}

// attendance is the binding between the event and the one whom a line names.
func (m *message) attendance(line ics.Property) (*lockgate.Object, error) {
	person := personID(line.Value)
	if person == "" {
		return nil, invalidAt(line, "ATTENDEE has no address: %.80q", line.Value)
	}
	id, err := m.id(false)
	if err != nil {
		return nil, err
	}
	return lockgate.NewObject(attendanceType, "").
		Set("event", lockgate.Reference(eventRef(id))).
		Set("person", lockgate.Reference(person)), nil
}

// answered is what one attendee says, and nothing else of the event (RFC 5546, 3.2.3).
func (m *message) answered() (lockgate.Prepared, error) {
	attendees := m.event.All("ATTENDEE")
	if len(attendees) != 1 {
		return nil, lockgate.Invalidf("METHOD:REPLY is about one attendee, and this has %d", len(attendees))
	}
	line := attendees[0]
	binding, err := m.attendance(line)
	if err != nil {
		return nil, err
	}
	binding.Set("answer", lockgate.Text(answerIn(line)))
	if role := line.Param("ROLE"); role != "" {
		binding.Set("role", lockgate.Text(strings.ToUpper(role)))
	}
	if delegate := personID(line.Param("DELEGATED-TO")); delegate != "" {
		binding.Set("delegated_to", lockgate.Text(delegate))
	}
	return binding, nil
}
