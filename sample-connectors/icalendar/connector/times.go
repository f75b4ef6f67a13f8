package main

import (
	"log/slog"
	"slices"
	"strings"

	"icalendar/ics"

	"lockgate.dev/lockgate"
)

func (m *message) setTimes(object *lockgate.Object) error {
	property, found := m.event.Get("DTSTART")
	if !found {
		return lockgate.Invalid("an event needs a start (DTSTART)").At((&ics.SyntaxError{Line: m.event.Line}).Place())
	}
	start, ok := ics.WhenOf(property, m.zones)
	if !ok {
		return wrongTime(property)
	}
	if start.Odd {
		slog.Warn("a time is not in the form of RFC 5545, and has one meaning", "line", property.Line, "value", property.Value)
	}
	if start.Zoneless() {
		slog.Warn("unknown time zone: the moment is left out", "line", property.Line, "zone", start.ZoneName)
	}
	end := m.end(start)
	object.Set("all_day", lockgate.Boolean(start.AllDay)).
		Set("start", lockgate.Text(start.Text())).
		Set("start_zone", orNull(start.ZoneName)).
		Set("starts", timestamp(start)).
		Set("end", lockgate.Text(end.Text())).
		Set("end_zone", orNull(end.ZoneName)).
		Set("ends", timestamp(end))
	for _, pair := range []pair{{"created", "CREATED"}, {"modified", "LAST-MODIFIED"}} {
		value := lockgate.Null
		if property, found := m.event.Get(pair.property); found {
			if at, ok := ics.WhenOf(property, m.zones); ok {
				value = timestamp(at)
			} else {
				leftOut(property, "it is no time")
			}
		}
		object.Set(pair.field, value)
	}
	return nil
}

// end follows RFC 5545, 3.6.1: without DTEND and DURATION a day lasts a day, and a time no time. One that cannot be counts as
// none.
func (m *message) end(start ics.When) ics.When {
	if property, found := m.event.Get("DTEND"); found {
		end, ok := ics.WhenOf(property, m.zones)
		switch {
		case !ok:
			leftOut(property, "it is no time")
		case end.AllDay != start.AllDay:
			leftOut(property, "the start is a day and the end a time, or the other way round")
		case end.Before(start):
			leftOut(property, "the end is before the start")
		case end.AllDay && !start.Before(end):
			leftOut(property, "the day after the last is meant, and this is the first")
		default:
			return end
		}
	} else if property, found := m.event.Get("DURATION"); found {
		if length, ok := ics.DurationOf(property.Value); ok {
			return start.After(length)
		}
		leftOut(property, "it is no duration")
	}
	if start.AllDay {
		return start.After(ics.Duration{Days: 1})
	}
	return start
}

var frequencies = []string{"SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"}

// isRule says whether a rule has a frequency, and numbers where there are to be some (RFC 5545, 3.3.10).
func isRule(rule string) bool {
	repeats := false
	for part := range strings.SplitSeq(strings.ToUpper(strings.TrimSpace(rule)), ";") {
		name, value, found := strings.Cut(strings.TrimSpace(part), "=")
		digits := strings.Trim(value, "0123456789") == "" && value != ""
		switch {
		case name == "" && !found:
		case !found || name == "FREQ" && !slices.Contains(frequencies, value) || (name == "COUNT" || name == "INTERVAL") && !digits:
			return false
		case name == "UNTIL" && (len(value) < 8 || strings.Trim(value[:8], "0123456789") != "" && !strings.Contains(value, "-")):
			return false
		case name == "FREQ":
			repeats = true
		}
	}
	return repeats
}

// setRepetitions keeps rules as they stand, and times without the need of a TZID: each may have had its own.
func (m *message) setRepetitions(object *lockgate.Object) {
	for _, pair := range []pair{{"rrule", "RRULE"}, {"exrule", "EXRULE"}} {
		var rules []string
		for _, property := range m.event.All(pair.property) {
			if !isRule(property.Value) {
				leftOut(property, "it is no rule")
				continue
			}
			rules = append(rules, strings.TrimSpace(property.Value))
		}
		object.Set(pair.field, orNull(strings.Join(rules, "\n")))
	}
	for _, pair := range []pair{{"rdate", "RDATE"}, {"exdate", "EXDATE"}} {
		var times []string
		for _, property := range m.event.All(pair.property) {
			times = append(times, m.times(property)...)
		}
		object.Set(pair.field, orNull(strings.Join(times, ",")))
	}
	reach := lockgate.Null
	if property, found := m.event.Get("RECURRENCE-ID"); found {
		reach = orNull(strings.ToUpper(property.Param("RANGE")))
	}
	object.Set("range", reach)
}

// times of a list, in UTC where the moment is known. Periods keep what stands behind their start.
func (m *message) times(property ics.Property) []string {
	start, _ := m.event.Get("DTSTART")
	var all []string
	for value := range strings.SplitSeq(property.Value, ",") {
		if strings.TrimSpace(value) == "" {
			continue
		}
		from, to, isPeriod := strings.Cut(value, "/")
		at, ok := ics.Time(from, property, m.zones)
		if !ok {
			leftOut(property, "it has no time: "+from)
			continue
		}
		if at.Zoneless() && property.Param("TZID") != start.Param("TZID") {
			leftOut(property, "its time zone is not known: "+at.ZoneName)
			continue
		}
		written := at.ICS()
		if isPeriod {
			if until, ok := ics.Time(to, property, m.zones); ok {
				to = until.ICS()
			}
			written += "/" + to
		}
		all = append(all, written)
	}
	return all
}

func wrongTime(property ics.Property) error {
	return invalidAt(property, "%s has no date and no time: %.80q", property.Name, property.Value)
}

// timestamp is the moment, or Null.
func timestamp(at ics.When) lockgate.Value {
	if at.Moment == nil {
		return lockgate.Null
	}
	return lockgate.Time(*at.Moment)
}
