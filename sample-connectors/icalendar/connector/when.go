package main

import (
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a connector has no files to find zones in

	"icalendar/ics"

	"lockgate"
)

// A when is a DATE or a DATE-TIME.
type when struct {
	// text is as the calendar says it, in the form of RFC 3339 without an offset.
	text string
	// zone is the name of the time zone, "UTC", or empty: the time floats.
	zone string
	// moment is known neither of floating times nor of unknown zones.
	moment *time.Time
	allDay bool
}

const (
	dateForm     = "20060102"
	dateTimeForm = "20060102T150405"
)

func whenOf(property ics.Property) (when, error) {
	value := strings.TrimSpace(property.Value)
	if property.Param("VALUE") == "DATE" || len(value) == len(dateForm) {
		day, err := time.Parse(dateForm, value)
		if err != nil {
			return when{}, wrongTime(property)
		}
		return when{text: day.Format(time.DateOnly), allDay: true}, nil
	}
	local, utc := strings.CutSuffix(value, "Z")
	clock, err := time.Parse(dateTimeForm, local)
	if err != nil {
		return when{}, wrongTime(property)
	}
	at := when{text: clock.Format("2006-01-02T15:04:05"), zone: property.Param("TZID")}
	if utc {
		at.zone, at.moment = "UTC", &clock
	} else if location := locationOf(at.zone); location != nil {
		moment := time.Date(clock.Year(), clock.Month(), clock.Day(), clock.Hour(), clock.Minute(), clock.Second(), 0, location).UTC()
		at.moment = &moment
	}
	return at, nil
}

func wrongTime(property ics.Property) error {
	return invalidAt(property, "%s has no date and no time: %q", property.Name, property.Value)
}

// locationOf finds a zone by its name, which some applications put a prefix of their own before: "/example.org/Europe/Paris".
func locationOf(zone string) *time.Location {
	for name := zone; name != ""; {
		if location, err := time.LoadLocation(name); err == nil && name != "Local" {
			return location
		}
		_, name, _ = strings.Cut(name, "/")
	}
	if zone != "" {
		slog.Warn("unknown time zone: the moment is left out", "zone", zone)
	}
	return nil
}

// timestamp is the moment, or Null.
func (w when) timestamp() lockgate.Value {
	if w.moment == nil {
		return lockgate.Null
	}
	return lockgate.Time(*w.moment)
}

// after is so much later, on the same clock: days are days there, however long.
func (w when) after(length duration) when {
	form := "2006-01-02T15:04:05"
	if w.allDay {
		form = time.DateOnly
	}
	clock, err := time.Parse(form, w.text)
	if err != nil {
		return w
	}
	w.text = clock.AddDate(0, 0, length.days).Add(length.time).Format(form)
	if w.moment != nil {
		location := locationOf(w.zone)
		moment := w.moment.In(location).AddDate(0, 0, length.days).Add(length.time).UTC()
		w.moment = &moment
	}
	return w
}

type duration struct {
	days int
	time time.Duration
}

var durationForm = regexp.MustCompile(`^([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$`)

func durationOf(property ics.Property) (duration, error) {
	parts := durationForm.FindStringSubmatch(strings.TrimSpace(property.Value))
	if parts == nil || parts[1] == "-" {
		return duration{}, invalidAt(property, "this is no duration: %q", property.Value)
	}
	var numbers [7]int
	for at := 2; at < len(parts); at++ {
		numbers[at], _ = strconv.Atoi(parts[at])
	}
	clock := time.Duration(numbers[4])*time.Hour + time.Duration(numbers[5])*time.Minute + time.Duration(numbers[6])*time.Second
	return duration{days: numbers[2]*7 + numbers[3], time: clock}, nil
}
