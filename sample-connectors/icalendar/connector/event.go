package main

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"icalendar/ics"

	"lockgate.dev/lockgate"
)

// id of the event that a message is about. One that is added to a series (METHOD:ADD) is known by its start.
func (m *message) id(added bool) (string, error) {
	uid := strings.TrimSpace(text(m.event, "UID"))
	if uid == "" {
		return "", lockgate.Invalid("an event needs a UID").At((&ics.SyntaxError{Line: m.event.Line}).Place())
	}
	recurrence, err := m.recurrence(added)
	return eventID(uid, recurrence), err
}

// identified is as much of an event as finds it again.
func (m *message) identified(added bool) (*lockgate.Object, error) {
	id, err := m.id(added)
	if err != nil {
		return nil, err
	}
	uid, recurrence, _ := strings.Cut(id, "\n")
	object := lockgate.NewObject(eventType, eventName(id))
	object.GUID = eventGUID(id)
	series := lockgate.Null
	if recurrence != "" {
		series = lockgate.Reference(eventRef(uid))
	}
	object.
		Set("uid", lockgate.Text(uid)).
		Set("recurrence", orNull(recurrence)).
		Set("series", series).
		Set("revision", lockgate.Integer(m.revision()))
	return object, nil
}

// recurrence is the time of the repetition that the event replaces or adds; empty if it does neither.
func (m *message) recurrence(added bool) (string, error) {
	property, found := m.event.Get("RECURRENCE-ID")
	if !found && added {
		property, found = m.event.Get("DTSTART")
	}
	if !found {
		return "", nil
	}
	at, ok := ics.WhenOf(property, m.zones)
	if !ok {
		return "", wrongTime(property)
	}
	return at.Key(), nil
}

// revision grows with every version of an event: by SEQUENCE, and among equals by DTSTAMP (RFC 5546, 2.1.5).
func (m *message) revision() int64 {
	sequence, _ := m.sequence()
	stamp := int64(0)
	if property, found := m.event.Get("DTSTAMP"); found {
		if at, ok := ics.WhenOf(property, m.zones); ok && at.Moment != nil {
			stamp = min(max(at.Moment.Unix(), 0), stampMax)
		}
	}
	return min(max(sequence, 0), sequenceMax)*(stampMax+1) + stamp
}

// Bounds that keep a revision within 64 bits.
const (
	stampMax    = 9_999_999_999
	sequenceMax = 900_000_000
)

func (m *message) sequence() (int64, bool) { return whole(m.event, "SEQUENCE") }

// stated is all that a message says of its event. What it does not have is cleared; what cannot be read is left out.
func (m *message) stated(object *lockgate.Object) (lockgate.Prepared, error) {
	source := m.event
	summary := text(source, "SUMMARY")
	object.DisplayName = strings.Join(strings.Fields(summary), " ")
	object.
		Set("summary", orNull(summary)).
		Set("description", orNull(text(source, "DESCRIPTION"))).
		Set("location", orNull(text(source, "LOCATION"))).
		Set("url", orNull(address(source))).
		Set("status", status(source)).
		Set("class", orNull(word(source, "CLASS"))).
		Set("busy", lockgate.Boolean(word(source, "TRANSP") != "TRANSPARENT")).
		Set("categories", categories(source)).
		Set("parent_event", parentEvent(source))
	for _, pair := range []pair{{"priority", "PRIORITY"}, {"sequence", "SEQUENCE"}} {
		value := lockgate.Null
		if number, found := whole(source, pair.property); found {
			value = lockgate.Integer(number)
		}
		object.Set(pair.field, value)
	}
	if err := m.setTimes(object); err != nil {
		return nil, err
	}
	m.setRepetitions(object)
	people(object, source)
	return object, nil
}

// status is one of the three that an event may have (RFC 5545, 3.8.1.11).
func status(source *ics.Component) lockgate.Value {
	stated := word(source, "STATUS")
	if stated != "" && !slices.Contains([]string{"TENTATIVE", "CONFIRMED", "CANCELLED"}, stated) {
		property, _ := source.Get("STATUS")
		leftOut(property, "an event has no such status")
		return lockgate.Null
	}
	return orNull(stated)
}

// parentEvent is the event that RELATED-TO names; RELTYPE is PARENT unless it is given.
func parentEvent(source *ics.Component) lockgate.Value {
	parent := lockgate.Null
	for _, related := range source.All("RELATED-TO") {
		kind := related.Param("RELTYPE")
		switch {
		case kind != "" && !strings.EqualFold(kind, "PARENT"):
			leftOut(related, "it is no parent, but "+kind)
		case parent != lockgate.Null:
			leftOut(related, "an event has room for one parent")
		default:
			parent = lockgate.Reference(eventRef(strings.TrimSpace(ics.Text(related.Value))))
		}
	}
	return parent
}

// A pair is a field and the property that it comes from.
type pair struct{ field, property string }

// whole is a number; one that is none is left out.
func whole(source *ics.Component, name string) (int64, bool) {
	property, found := source.Get(name)
	if !found {
		return 0, false
	}
	number, err := strconv.ParseInt(strings.TrimSpace(property.Value), 10, 32)
	if err != nil {
		leftOut(property, "it is no number")
		return 0, false
	}
	return number, true
}

// leftOut says that an event is stored without a value that it has, and why.
func leftOut(property ics.Property, why string) {
	value := property.Value
	if len(value) > shownBytesMax {
		value = strings.ToValidUTF8(value[:shownBytesMax], "")
	}
	slog.Warn(property.Name+" is left out: "+why, "line", property.Line, "value", value)
}

const shownBytesMax = 80

// categories of all lines CATEGORIES, as a JSON list.
func categories(source *ics.Component) lockgate.Value {
	var all []string
	for _, property := range source.All("CATEGORIES") {
		for _, category := range ics.Texts(property.Value, ',') {
			if category = strings.TrimSpace(readable(property, category)); category != "" {
				all = append(all, category)
			}
		}
	}
	if all == nil {
		return lockgate.Null
	}
	list, err := json.Marshal(all)
	if err != nil {
		return lockgate.Null
	}
	return lockgate.JSON(list)
}

func text(source *ics.Component, name string) string {
	property, _ := source.Get(name)
	if all := source.All(name); len(all) > 1 {
		leftOut(all[1], "an event has room for one")
	}
	return readable(property, ics.Text(property.Value))
}

// readable is a text without control characters, which RFC 5545 does not have in texts.
func readable(property ics.Property, text string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, text)
	if clean != text {
		slog.Warn(property.Name+" has control characters, and they are left out", "line", property.Line)
	}
	return clean
}

// address is URL as it stands: it is no text, so what looks like an escape is part of it.
func address(source *ics.Component) string {
	property, _ := source.Get("URL")
	return strings.TrimSpace(property.Value)
}

// word is a value that has no case.
func word(source *ics.Component, name string) string {
	property, _ := source.Get(name)
	return strings.ToUpper(strings.TrimSpace(property.Value))
}

func orNull(text string) lockgate.Value {
	if text == "" {
		return lockgate.Null
	}
	return lockgate.Text(text)
}
