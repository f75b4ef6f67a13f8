package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"icalendar/ics"
)

// A found event, with what stands around it.
type found struct {
	calendar, event *ics.Component
	zones           ics.Zones
	// uid and recurrence are what it is known by.
	uid, recurrence string
	version         string
}

func (f found) id() string { return strings.TrimSpace(f.uid + " " + f.recurrence) }

// subject is what its tasks are about: answers of attendees are about the event, too.
func (f found) subject() string { return "event " + f.id() }

func (r *run) read(name string, body []byte, fetched string) {
	mediaType := "text/calendar"
	if r.charset != "" {
		mediaType += "; charset=" + r.charset
	}
	text, err := ics.Decode(body, mediaType)
	if err != nil {
		r.refused(name, err)
		return
	}
	stream, err := ics.Read(text)
	if err != nil {
		r.refused(name, err)
		return
	}
	for _, wrong := range stream.Wrong {
		r.tell("warning", name, wrong.Line, wrong.Message+"; the line is left out")
	}
	// Lines as they stand, folds and all: to read them is the connector's work.
	lines := bytes.SplitAfter(text, []byte("\n"))
	for _, event := range r.eventsOf(name, stream) {
		if method, _ := event.calendar.Get("METHOD"); !strings.EqualFold(strings.TrimSpace(method.Value), "CANCEL") {
			for _, property := range append(event.event.All("ORGANIZER"), event.event.All("ATTENDEE")...) {
				r.people.add(property, between(lines, property.Line, property.End), fetched)
			}
		}
		if uninvited := ics.Uninvited(event.calendar, event.event); len(uninvited) > 0 {
			r.uninvite(event, uninvited, lines, fetched)
			continue
		}
		r.add(event, lines, fetched)
	}
}

// uninvite makes a task of each who is taken off the list: their attendance is deleted, in the sequence of the event's own tasks.
func (r *run) uninvite(event found, uninvited []ics.Property, lines [][]byte, fetched string) {
	if r.last == nil {
		r.last = map[string]task{}
	}
	for _, line := range uninvited {
		only := func(other ics.Property) bool { return other.Name == "ATTENDEE" && other.Line != line.Line }
		before := r.last[event.subject()]
		title := fmt.Sprintf("%s without %s", event.title(), strings.TrimSpace(line.Value))
		made := newTask("simple-snapshot", title, event.subject(), before.IdempotencyKey, fetched, event.cut(lines, only))
		made.TaskType = "delete-object"
		r.last[event.subject()] = made
		r.events = append(r.events, made)
	}
}

// eventsOf are the events of a file, each once; of two versions the newer.
func (r *run) eventsOf(name string, stream *ics.Stream) []found {
	var all []found
	known := map[string]int{}
	for _, calendar := range stream.Calendars {
		zones, wrong := ics.ZonesOf(calendar)
		for _, err := range wrong {
			r.tell("warning", name, err.Line, err.Message+"; the time zone is looked for by its name")
		}
		if calendar.Err != nil {
			r.error(name, calendar.Err.Line, calendar.Err.Message)
			if version, found := calendar.Get("VERSION"); found && version.Line == calendar.Err.Line {
				continue
			}
		}
		others := map[string]int{}
		for _, component := range calendar.Components {
			if component.Name != "VEVENT" {
				if component.Name != "VTIMEZONE" {
					others[component.Name]++
				}
				continue
			}
			event, err := identify(calendar, component, zones)
			if err != nil {
				r.error(name, err.Line, err.Message+"; it is left out")
				continue
			}
			if len(ics.Uninvited(calendar, component)) > 0 {
				// It says nothing of the event itself.
				all = append(all, event)
				continue
			}
			at, again := known[event.id()]
			if !again {
				known[event.id()] = len(all)
				all = append(all, event)
				continue
			}
			all[at] = r.newer(name, all[at], event)
		}
		for _, other := range slices.Sorted(maps.Keys(others)) {
			r.tell("warning", name, calendar.Line, fmt.Sprintf("%s of this calendar is not carried over (%d)", other, others[other]))
		}
	}
	return all
}

// newer is the one of two with the same UID that is newer (RFC 5546, 2.1.5), else the first.
func (r *run) newer(name string, one, other found) found {
	older, newer := other, one
	if other.version > one.version {
		older, newer = one, other
	}
	r.error(name, older.event.Line, fmt.Sprintf("this event has the UID of that in line %d, %.80q, and is left out: it is not newer", newer.event.Line, newer.uid))
	return newer
}

func identify(calendar, event *ics.Component, zones ics.Zones) (found, *ics.SyntaxError) {
	made := found{calendar: calendar, event: event, zones: zones}
	if event.Err != nil {
		return made, event.Err
	}
	uid, _ := event.Get("UID")
	made.uid = strings.TrimSpace(ics.Text(uid.Value))
	if made.uid == "" {
		return made, &ics.SyntaxError{Line: event.Line, Message: "an event needs a UID"}
	}
	method, _ := calendar.Get("METHOD")
	start, started := event.Get("DTSTART")
	if _, ok := ics.WhenOf(start, zones); started && !ok {
		return made, &ics.SyntaxError{Line: start.Line, Message: fmt.Sprintf("DTSTART has no date and no time: %.80q", start.Value)}
	}
	recurrence, replaces := event.Get("RECURRENCE-ID")
	if !replaces && strings.EqualFold(strings.TrimSpace(method.Value), "ADD") {
		recurrence, replaces = start, started
	}
	if replaces {
		at, ok := ics.WhenOf(recurrence, zones)
		if !ok {
			return made, &ics.SyntaxError{Line: recurrence.Line, Message: fmt.Sprintf("%s has no date and no time: %.80q", recurrence.Name, recurrence.Value)}
		}
		made.recurrence = at.Key()
	}
	sequence, _ := event.Get("SEQUENCE")
	stamp, _ := event.Get("DTSTAMP")
	made.version = fmt.Sprintf("%010.10s %s", strings.TrimSpace(sequence.Value), strings.TrimSpace(stamp.Value))
	return made, nil
}

func (r *run) add(event found, lines [][]byte, fetched string) {
	body := event.cut(lines, func(ics.Property) bool { return false })
	if r.last == nil {
		r.last = map[string]task{}
	}
	before, again := r.last[event.subject()]
	made := newTask("snapshot", event.title(), event.subject(), before.IdempotencyKey, fetched, body)
	if again && before.Body == made.Body && before.BodyBase64 == made.BodyBase64 {
		return
	}
	r.last[event.subject()] = made
	r.events = append(r.events, made)
}

// title is the event's summary, else its id.
func (f found) title() string {
	summary, _ := f.event.Get("SUMMARY")
	if title := ics.Text(summary.Value); title != "" {
		return title
	}
	return f.id()
}

// cut is one event in a calendar of its own, with what stands around all of them and the time zones that it names, and without
// some of its properties.
func (f found) cut(lines [][]byte, without func(ics.Property) bool) []byte {
	var body bytes.Buffer
	body.WriteString("BEGIN:VCALENDAR\r\n")
	for _, property := range f.calendar.Properties {
		body.Write(between(lines, property.Line, property.End))
	}
	named := f.zonesNamed()
	for _, zone := range f.calendar.Named("VTIMEZONE") {
		if id, _ := zone.Get("TZID"); zone.Err == nil && slices.Contains(named, strings.TrimSpace(id.Value)) {
			body.Write(between(lines, zone.Line, zone.End))
		}
	}
	next := f.event.Line
	for _, property := range f.event.Properties {
		if without(property) && property.Line >= next {
			if property.Line > next {
				body.Write(between(lines, next, property.Line-1))
			}
			next = property.End + 1
		}
	}
	body.Write(between(lines, next, f.event.End))
	body.WriteString("END:VCALENDAR\r\n")
	return body.Bytes()
}

func (f found) zonesNamed() []string {
	var named []string
	for _, property := range f.event.Properties {
		if zone := strings.TrimSpace(property.Param("TZID")); zone != "" {
			named = append(named, zone)
		}
	}
	return named
}

// between are lines, of which the first is 1. The last one of a file may have no end.
func between(lines [][]byte, first, last int) []byte {
	cut := bytes.Join(lines[first-1:last], nil)
	if !bytes.HasSuffix(cut, []byte("\n")) {
		cut = append(cut, "\r\n"...)
	}
	return cut
}
