package main

import (
	"encoding/json"
	"strconv"
	"strings"

	"icalendar/ics"

	"lockgate"
)

// identified is as much of an event as finds it again.
func identified(source *ics.Component) (*lockgate.Object, error) {
	uid := text(source, "UID")
	if strings.TrimSpace(uid) == "" {
		return nil, lockgate.Invalid("an event needs a UID").At((&ics.SyntaxError{Line: source.Line}).Place())
	}
	recurrence, err := recurrenceOf(source)
	if err != nil {
		return nil, err
	}
	id := eventID(uid, recurrence)
	object := lockgate.NewObject(eventType, eventName(id))
	object.GUID = eventGUID(id)
	series := lockgate.Null
	if recurrence != "" {
		series = lockgate.Reference(uid)
	}
	return object.
		Set("uid", lockgate.Text(uid)).
		Set("recurrence", orNull(recurrence)).
		Set("series", series), nil
}

// event says the rest of it. What it does not have is cleared.
func event(object *lockgate.Object, calendar, source *ics.Component) (lockgate.Prepared, error) {
	object.DisplayName = text(source, "SUMMARY")
	status := word(source, "STATUS")
	if word(calendar, "METHOD") == "CANCEL" {
		status = "CANCELLED"
	}
	object.
		Set("description", orNull(text(source, "DESCRIPTION"))).
		Set("location", orNull(text(source, "LOCATION"))).
		Set("url", orNull(text(source, "URL"))).
		Set("status", orNull(status)).
		Set("class", orNull(word(source, "CLASS"))).
		Set("busy", lockgate.Boolean(word(source, "TRANSP") != "TRANSPARENT")).
		Set("rrule", orNull(raw(source, "RRULE"))).
		Set("rdate", orNull(raw(source, "RDATE"))).
		Set("exdate", orNull(raw(source, "EXDATE"))).
		Set("categories", categories(source)).
		Set("parent_event", parentEvent(source))
	if err := setNumbers(object, source); err != nil {
		return nil, err
	}
	if err := setTimes(object, source); err != nil {
		return nil, err
	}
	return people(object, source)
}

// recurrenceOf is the time of the repetition that the event replaces; empty if it replaces none.
func recurrenceOf(source *ics.Component) (string, error) {
	property, found := source.Get("RECURRENCE-ID")
	if !found {
		return "", nil
	}
	at, err := whenOf(property)
	if err == nil && at.moment != nil {
		return at.moment.Format("2006-01-02T15:04:05Z"), nil
	}
	return at.text, err
}

func setTimes(object *lockgate.Object, source *ics.Component) error {
	property, found := source.Get("DTSTART")
	if !found {
		return lockgate.Invalid("an event needs a start (DTSTART)").At((&ics.SyntaxError{Line: source.Line}).Place())
	}
	start, err := whenOf(property)
	if err != nil {
		return err
	}
	end, err := endOf(source, start)
	if err != nil {
		return err
	}
	object.Set("all_day", lockgate.Boolean(start.allDay)).
		Set("start", lockgate.Text(start.text)).
		Set("start_zone", orNull(start.zone)).
		Set("starts", start.timestamp()).
		Set("end", lockgate.Text(end.text)).
		Set("end_zone", orNull(end.zone)).
		Set("ends", end.timestamp())
	for _, pair := range []pair{{"created", "CREATED"}, {"modified", "LAST-MODIFIED"}} {
		value := lockgate.Null
		if property, found := source.Get(pair.property); found {
			at, err := whenOf(property)
			if err != nil {
				return err
			}
			value = at.timestamp()
		}
		object.Set(pair.field, value)
	}
	return nil
}

// endOf follows RFC 5545 §3.6.1: without DTEND and DURATION a day lasts a day, and a time no time.
func endOf(source *ics.Component, start when) (when, error) {
	if property, found := source.Get("DTEND"); found {
		end, err := whenOf(property)
		if err == nil && end.allDay != start.allDay {
			err = invalidAt(property, "the start is a day and the end a time, or the other way round")
		}
		return end, err
	}
	if property, found := source.Get("DURATION"); found {
		length, err := durationOf(property)
		return start.after(length), err
	}
	if start.allDay {
		return start.after(duration{days: 1}), nil
	}
	return start, nil
}

// parentEvent is the event that RELATED-TO names; RELTYPE is PARENT unless it is given.
func parentEvent(source *ics.Component) lockgate.Value {
	for _, related := range source.All("RELATED-TO") {
		if kind := related.Param("RELTYPE"); kind == "" || strings.EqualFold(kind, "PARENT") {
			return lockgate.Reference(ics.Text(related.Value))
		}
	}
	return lockgate.Null
}

// A pair is a field and the property that it comes from.
type pair struct{ field, property string }

func setNumbers(object *lockgate.Object, source *ics.Component) error {
	for _, pair := range []pair{{"priority", "PRIORITY"}, {"sequence", "SEQUENCE"}} {
		property, found := source.Get(pair.property)
		if !found {
			object.Set(pair.field, lockgate.Null)
			continue
		}
		number, err := strconv.ParseInt(strings.TrimSpace(property.Value), 10, 32)
		if err != nil {
			return invalidAt(property, "%s is no number: %q", property.Name, property.Value)
		}
		object.Set(pair.field, lockgate.Integer(number))
	}
	return nil
}

// categories of all lines CATEGORIES, as a JSON list.
func categories(source *ics.Component) lockgate.Value {
	var all []string
	for _, property := range source.All("CATEGORIES") {
		for _, category := range ics.Texts(property.Value, ',') {
			if category = strings.TrimSpace(category); category != "" {
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
	return ics.Text(property.Value)
}

// word is a value that has no case.
func word(source *ics.Component, name string) string {
	property, _ := source.Get(name)
	return strings.ToUpper(strings.TrimSpace(property.Value))
}

// raw is what the lines of this name have, joined by commas.
func raw(source *ics.Component, name string) string {
	var values []string
	for _, property := range source.All(name) {
		values = append(values, property.Value)
	}
	return strings.Join(values, ",")
}

func orNull(text string) lockgate.Value {
	if text == "" {
		return lockgate.Null
	}
	return lockgate.Text(text)
}
