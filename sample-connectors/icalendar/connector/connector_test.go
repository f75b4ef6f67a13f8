package main

import (
	"errors"
	"strings"
	"testing"

	"lockgate"
)

// calendarWith has one event, whose lines beside UID and DTSTAMP are given.
func calendarWith(lines ...string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1@example\r\nDTSTAMP:20260101T000000Z\r\n" +
		strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
}

func prepare(body string) (lockgate.Prepared, error) {
	external := lockgate.External{MediaType: "text/calendar", Body: []byte(body)}
	return calendars{}.PrepareInternalObject(external, lockgate.Task{Type: lockgate.CreateObject, Data: lockgate.Snapshot})
}

func prepared(t *testing.T, body string) *lockgate.Object {
	t.Helper()
	answer, err := prepare(body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.(*lockgate.Object)
}

func expect(t *testing.T, object *lockgate.Object, want map[string]lockgate.Value) {
	t.Helper()
	for name, value := range want {
		if got := object.Fields.Get(name); got != value {
			t.Errorf("%s is %#v, not %#v", name, got, value)
		}
	}
}

func TestATimeInAZoneIsKeptAndItsMomentIsKnown(t *testing.T) {
	event := prepared(t, calendarWith("DTSTART;TZID=Europe/Paris:20260329T013000", "DURATION:PT1H"))
	expect(t, event, map[string]lockgate.Value{
		"start": lockgate.Text("2026-03-29T01:30:00"), "start_zone": lockgate.Text("Europe/Paris"),
		"starts": lockgate.Timestamp("2026-03-29T00:30:00Z"),
		// The clock is put forward in between: an hour later it is 3:30.
		"ends": lockgate.Timestamp("2026-03-29T01:30:00Z"),
	})
}

func TestAPrefixBeforeAZoneIsSkipped(t *testing.T) {
	event := prepared(t, calendarWith("DTSTART;TZID=/example.org/20260101/America/New_York:20260105T090000"))
	expect(t, event, map[string]lockgate.Value{"starts": lockgate.Timestamp("2026-01-05T14:00:00Z")})
}

func TestFloatingTimesAndWholeDaysHaveNoMoment(t *testing.T) {
	event := prepared(t, calendarWith("DTSTART:20260505T110000"))
	expect(t, event, map[string]lockgate.Value{"start": lockgate.Text("2026-05-05T11:00:00"), "start_zone": lockgate.Null, "starts": lockgate.Null})
	event = prepared(t, calendarWith("DTSTART;VALUE=DATE:20261231"))
	expect(t, event, map[string]lockgate.Value{
		"all_day": lockgate.Boolean(true), "start": lockgate.Text("2026-12-31"), "end": lockgate.Text("2027-01-01"), "ends": lockgate.Null,
	})
}

func TestARuleOfRepetitionStaysText(t *testing.T) {
	event := prepared(t, calendarWith("DTSTART:20260505T110000Z", "RRULE:FREQ=MONTHLY;BYDAY=-1FR", "EXDATE:20260529T110000Z", "EXDATE:20260626T110000Z"))
	expect(t, event, map[string]lockgate.Value{
		"rrule": lockgate.Text("FREQ=MONTHLY;BYDAY=-1FR"), "exdate": lockgate.Text("20260529T110000Z,20260626T110000Z"), "recurrence": lockgate.Null,
	})
}

func TestARepetitionThatDiffersIsAnEventOfItsOwnAndNamesItsSeries(t *testing.T) {
	series := prepared(t, calendarWith("DTSTART;TZID=Europe/Paris:20260105T093000"))
	moved := prepared(t, calendarWith("RECURRENCE-ID;TZID=Europe/Paris:20260330T093000", "DTSTART:20260330T140000Z"))
	if series.CodeName == moved.CodeName || series.GUID == moved.GUID {
		t.Error("they are the same")
	}
	expect(t, moved, map[string]lockgate.Value{"series": lockgate.Reference("1@example"), "recurrence": lockgate.Text("2026-03-30T07:30:00Z")})
	params, err := calendars{}.InternalObjectParams("1@example", "ical.event")
	if err != nil || params.CodeName != series.CodeName {
		t.Errorf("the series is %q, and looked for as %q: %v", series.CodeName, params.CodeName, err)
	}
}

func TestPeopleAreBoundOnceHoweverTheyAreSpelt(t *testing.T) {
	event := prepared(t, calendarWith("DTSTART:20260505T110000Z", "ORGANIZER:mailto:Anna@Example.com",
		"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:anna@example.com", "ATTENDEE;PARTSTAT=ACCEPTED;ROLE=chair:MAILTO:anna@example.com"))
	expect(t, event, map[string]lockgate.Value{"organizer": lockgate.Reference("mailto:anna@example.com")})
	if len(event.Children) != 1 || event.Children[0].Fields.Get("answer") != lockgate.Text("ACCEPTED") || event.Children[0].Fields.Get("role") != lockgate.Text("CHAIR") {
		t.Errorf("%+v", event.Children)
	}
	person := prepared(t, "ATTENDEE;CN=\"Berg, Anna\":mailto:Anna@example.com\r\n")
	params, err := calendars{}.InternalObjectParams("mailto:anna@example.com", "ical.person")
	if err != nil || params.CodeName != person.CodeName || person.DisplayName != "Berg, Anna" {
		t.Errorf("%+v, looked for as %q: %v", person, params.CodeName, err)
	}
}

func TestWhatIsWrongIsSaidWithItsLine(t *testing.T) {
	for body, want := range map[string]string{
		calendarWith("DTSTART:tomorrow"):                                      "line 6: DTSTART has no date and no time: \"tomorrow\"",
		calendarWith("DTSTART:20260505T110000Z", "DTEND;VALUE=DATE:20260506"): "line 7: the start is a day and the end a time, or the other way round",
		calendarWith("DTSTART:20260505T110000Z", "PRIORITY:high"):             "line 7: PRIORITY is no number: \"high\"",
		calendarWith("DTSTART:20260505T110000Z", "DURATION:-PT1H"):            "line 7: this is no duration: \"-PT1H\"",
		calendarWith("SUMMARY:no start"):                                      "line 3: an event needs a start (DTSTART)",
		calendarWith("DTSTART;TZID=\"Europe:20260505T110000"):                 "line 6: a parameter of DTSTART is malformed",
		calendarWith("20260505"):                                              "line 6: a line begins with the name of a property, and this one with \"20260505\"",
		"BEGIN:VCALENDAR\nEND:VEVENT\n":                                       "line 2: END:VEVENT ends nothing that has begun here",
		"BEGIN:VCALENDAR\nBEGIN:VEVENT\n":                                     "line 2: BEGIN:VEVENT has no END",
		"SUMMARY:alone\n":                                                     "line 1: SUMMARY stands outside of BEGIN:VCALENDAR",
		" folded\n":                                                           "line 1: there is no line that this one continues",
		"":                                                                    "line 1: this is not one calendar, from BEGIN:VCALENDAR to END:VCALENDAR",
		strings.Repeat("BEGIN:VCALENDAR\n", 17):                               "line 17: components stand more than 16 deep in each other",
		"ATTENDEE:\n":                                                         "line 1: ATTENDEE has no address",
		"BEGIN:VCALENDAR\nX-\xff:1\nEND:VCALENDAR\n":                          "line 2: this is no UTF-8",
		"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:x\nEND:VEVENT\nEND:VCALENDAR\n": "line 2: an event needs a UID",
	} {
		_, err := prepare(body)
		invalid, ok := errors.AsType[*lockgate.Error](err)
		if !ok || invalid.Kind != lockgate.KindInvalid || invalid.Error() != want {
			t.Errorf("%.40q: %v, not %s", body, err, want)
		}
	}
}

func TestADeleteNeedsTheUIDOnly(t *testing.T) {
	body := calendarWith("SUMMARY:no start")
	answer, err := calendars{}.PrepareInternalObject(lockgate.External{Body: []byte(body)}, lockgate.Task{Type: lockgate.DeleteObject})
	if err != nil || answer.(*lockgate.Object).CodeName != eventName("1@example") {
		t.Errorf("%+v, %v", answer, err)
	}
}
