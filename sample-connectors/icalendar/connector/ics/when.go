package ics

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// When is a DATE or a DATE-TIME.
type When struct {
	// Clock is what is written, day and time, whatever the zone.
	Clock time.Time
	// ZoneName is the name of the zone, "UTC", or empty: the time floats.
	ZoneName string
	// Moment is known neither of days and floating times nor of unknown zones.
	Moment *time.Time
	AllDay bool
	// Odd: it is not in the form that RFC 5545 has, and has one meaning all the same.
	Odd  bool
	zone Zone
}

const (
	dateForm  = "20060102"
	clockForm = "20060102T150405"
)

// A clock as programs write it: with hyphens and colons, without seconds, with an offset.
var oddForm = regexp.MustCompile(`^(\d{4})-?(\d\d)-?(\d\d)(?:[Tt ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s*([Zz]|[+-]\d\d:?\d\d)?)?$`)

// WhenOf reads a property with one time; not ok: it has none.
func WhenOf(property Property, zones Zones) (when When, ok bool) {
	return Time(property.Value, property, zones)
}

// Time reads one of the times that a property has.
func Time(value string, property Property, zones Zones) (when When, ok bool) {
	parts := oddForm.FindStringSubmatch(strings.TrimSpace(value))
	if parts == nil {
		return when, false
	}
	canonical := parts[1] + parts[2] + parts[3]
	onlyDay := strings.EqualFold(property.Param("VALUE"), "DATE") || parts[4] == ""
	if !onlyDay {
		seconds := parts[6]
		if seconds == "" {
			seconds = "00"
		}
		canonical += "T" + parts[4] + parts[5] + seconds
	}
	when.AllDay = onlyDay
	offset := strings.ToUpper(parts[7])
	when.Odd = strings.TrimSpace(value) != canonical+offset || len(offset) > 1
	clock, err := clockOf(canonical)
	if onlyDay {
		clock, err = time.Parse(dateForm, canonical)
	}
	if err != nil || clock.Year() < 1 {
		return When{}, false
	}
	when.Clock = clock
	switch {
	case onlyDay:
	case offset == "Z":
		when.in("UTC", ianaZone{time.UTC})
	case offset != "":
		ahead, ok := offsetOf(offset)
		if !ok {
			return When{}, false
		}
		when.Clock = clock.Add(-ahead)
		when.in("UTC", ianaZone{time.UTC})
	case property.Param("TZID") != "":
		when.in(property.Param("TZID"), zones.Find(property.Param("TZID")))
	}
	return when, true
}

func (w *When) in(name string, zone Zone) {
	w.ZoneName, w.zone = name, zone
	if zone != nil {
		moment := momentOf(zone, w.Clock).UTC()
		w.Moment = &moment
	}
}

// Text is the time as the calendar says it, in the form of RFC 3339 without an offset.
func (w When) Text() string {
	if w.AllDay {
		return w.Clock.Format(time.DateOnly)
	}
	return w.Clock.Format("2006-01-02T15:04:05")
}

// ICS is the time in the form of RFC 5545: in UTC where the moment is known, so that it needs no TZID.
func (w When) ICS() string {
	switch {
	case w.AllDay:
		return w.Clock.Format(dateForm)
	case w.Moment != nil:
		return w.Moment.Format(clockForm + "Z")
	}
	return w.Clock.Format(clockForm)
}

// Key tells repetitions apart: the moment where it is known, else what is written.
func (w When) Key() string {
	if w.Moment != nil {
		return w.Moment.Format("2006-01-02T15:04:05Z")
	}
	return w.Text()
}

// Zoneless: it names a zone that is not known.
func (w When) Zoneless() bool { return w.ZoneName != "" && w.Moment == nil && !w.AllDay }

// Before: w ends before other begins, where the two can be compared.
func (w When) Before(other When) bool {
	if w.Moment != nil && other.Moment != nil {
		return w.Moment.Before(*other.Moment)
	}
	return (w.Moment == nil) == (other.Moment == nil) && w.Clock.Before(other.Clock)
}

// After is so much later. RFC 5545, 3.3.6: days and weeks are days on the calendar, however long; hours are hours that pass.
func (w When) After(length Duration) When {
	later := w
	later.Clock = w.Clock.AddDate(0, 0, length.Days)
	if w.zone == nil {
		later.Clock = later.Clock.Add(length.Time)
		return later
	}
	moment := momentOf(w.zone, later.Clock).Add(length.Time).UTC()
	if length.Days == 0 {
		// Not by the clock, which may have shown this time before.
		moment = w.Moment.Add(length.Time).UTC()
	}
	later.Moment, later.Clock = &moment, clockAt(w.zone, moment)
	return later
}

// Duration is that of RFC 5545.
type Duration struct {
	Days int
	Time time.Duration
}

var durationForm = regexp.MustCompile(`^([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$`)

// DurationOf reads a duration that is not negative.
func DurationOf(value string) (length Duration, ok bool) {
	parts := durationForm.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(value)))
	if parts == nil || parts[1] == "-" {
		return length, false
	}
	var numbers [7]int
	for at := 2; at < len(parts); at++ {
		numbers[at], _ = strconv.Atoi(parts[at])
	}
	clock := time.Duration(numbers[4])*time.Hour + time.Duration(numbers[5])*time.Minute + time.Duration(numbers[6])*time.Second
	return Duration{Days: numbers[2]*7 + numbers[3], Time: clock}, true
}

// clockOf reads a time without a zone. A leap second is the last second of its minute.
func clockOf(value string) (time.Time, error) {
	value = strings.TrimSpace(value)
	if strings.HasSuffix(value, "60") && len(value) == len(clockForm) {
		value = value[:len(value)-2] + "59"
	}
	return time.Parse(clockForm, value)
}

// offsetOf reads +0100 and +010000, also with colons.
func offsetOf(text string) (time.Duration, bool) {
	text = strings.ReplaceAll(text, ":", "")
	if len(text) != 5 && len(text) != 7 || text[0] != '+' && text[0] != '-' {
		return 0, false
	}
	digits, err := strconv.Atoi((text[1:] + "00")[:6])
	if err != nil {
		return 0, false
	}
	ahead := time.Duration(digits/10_000)*time.Hour + time.Duration(digits/100%100)*time.Minute + time.Duration(digits%100)*time.Second
	if text[0] == '-' {
		ahead = -ahead
	}
	return ahead, true
}
