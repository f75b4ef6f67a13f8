package main

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"lockgate.dev/lockgate"
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
		calendarWith("DTSTART:tomorrow"):                      "line 6: DTSTART has no date and no time: \"tomorrow\"",
		calendarWith("SUMMARY:no start"):                      "line 3: an event needs a start (DTSTART)",
		calendarWith("DTSTART;TZID=\"Europe:20260505T110000"): "line 6: a parameter of DTSTART is malformed",
		calendarWith("DTSTART:20260505T110000Z", "END:VEVENT", "BEGIN:VEVENT", "UID:2", "END:VEVENT", "BEGIN:VEVENT"): "a task is about one event, and this has 3: cmd/tasks makes a task of each",
		"BEGIN:VCALENDAR\nEND:VEVENT\n":                  "line 1: BEGIN:VCALENDAR has no END",
		"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n": "line 2: BEGIN:VEVENT has no END",
		"BEGIN:VCALENDAR\nSUMMARY;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:a=\n b\nVERSION:1.0\nEND:VCALENDAR\n": "line 4: this is vCalendar 1.0, and no iCalendar (2.0): export it as that",
		"SUMMARY:alone\n":               "line 1: there is no calendar: BEGIN:VCALENDAR is missing",
		"":                              "line 1: there is no calendar: BEGIN:VCALENDAR is missing",
		strings.Repeat("BEGIN:X\n", 17): "line 17: components stand more than 16 deep in each other",
		"ATTENDEE:\n":                   "line 1: ATTENDEE has no address: \"\"",
		"ATTENDEE:invalid:nomail\n":     "line 1: ATTENDEE has no address: \"invalid:nomail\"",
		"BEGIN:VCALENDAR\nMETHOD:\xff\nEND:VCALENDAR\n":                                                               "line 2: this is no UTF-8, and the media type names no other charset",
		"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:x\nEND:VEVENT\nEND:VCALENDAR\n":                                       "line 2: an event needs a UID",
		withMethod("REPLY", "DTSTART:20260505T110000Z", "ATTENDEE:mailto:a@x.example", "ATTENDEE:mailto:b@x.example"): "METHOD:REPLY is about one attendee, and this has 2",
	} {
		_, err := prepare(body)
		invalid, ok := errors.AsType[*lockgate.Error](err)
		if !ok || invalid.Kind != lockgate.KindInvalid || invalid.Error() != want {
			t.Errorf("%.40q: %v, not %s", body, err, want)
		}
	}
}

func withMethod(method string, lines ...string) string {
	return strings.Replace(calendarWith(lines...), "VERSION:2.0", "VERSION:2.0\r\nMETHOD:"+method, 1)
}

func TestABadOptionalValueIsLeftOutAndTheEventIsKept(t *testing.T) {
	event := prepared(t, calendarWith("DTSTART:20260505T110000Z", "DTEND;VALUE=DATE:20260506", "PRIORITY:high", "CREATED:00001231T000000Z", "RRULE:weekly", "no line",
		"EXDATE:soon,20260512T110000Z", "ATTENDEE;CN=Anna:invalid:nomail", "ATTENDEE:mailto:", "ATTENDEE;CN=\"x:mailto:y@z", "ORGANIZER:nobody", "SEQUENCE:3"))
	expect(t, event, map[string]lockgate.Value{
		"end": lockgate.Text("2026-05-05T11:00:00"), "priority": lockgate.Null, "created": lockgate.Null, "rrule": lockgate.Null,
		"exdate": lockgate.Text("20260512T110000Z"), "organizer": lockgate.Null, "sequence": lockgate.Integer(3),
	})
	if len(event.Children) != 0 {
		t.Errorf("%+v", event.Children)
	}
	for _, end := range []string{"DTEND:20260505T100000Z", "DURATION:-PT1H", "DTEND:later"} {
		expect(t, prepared(t, calendarWith("DTSTART:20260505T110000Z", end)), map[string]lockgate.Value{"ends": lockgate.Timestamp("2026-05-05T11:00:00Z")})
	}
}

func TestTimesOfListsHaveZonesOfTheirOwn(t *testing.T) {
	event := prepared(t, calendarWith("DTSTART;TZID=Europe/Berlin:20260302T090000", "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;TZID=America/New_York:20260309T040000",
		"EXDATE;TZID=Mars:20260309T040000", "EXDATE;VALUE=DATE:20260316", "RDATE;VALUE=PERIOD;TZID=America/New_York:20260310T040000/PT2H,20260311T040000/20260311T050000", "EXRULE:FREQ=MONTHLY"))
	expect(t, event, map[string]lockgate.Value{
		"exdate": lockgate.Text("20260309T080000Z,20260316"), "rdate": lockgate.Text("20260310T080000Z/PT2H,20260311T080000Z/20260311T090000Z"),
		"rrule": lockgate.Text("FREQ=WEEKLY;COUNT=4"), "exrule": lockgate.Text("FREQ=MONTHLY"),
	})
	event = prepared(t, calendarWith("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20260413T090000", "DTSTART:20260413T130000Z"))
	expect(t, event, map[string]lockgate.Value{"range": lockgate.Text("THISANDFUTURE"), "recurrence": lockgate.Text("2026-04-13T07:00:00Z")})
}

func TestAnAnswerIsThatOfOnePersonAndChangesNothingElse(t *testing.T) {
	answer := prepared(t, withMethod("REPLY", "ORGANIZER:mailto:ida@x.example", "ATTENDEE;PARTSTAT=DECLINED:mailto:bo@x.example", "COMMENT:Away"))
	want := lockgate.Fields{{Name: "event", Value: lockgate.Reference("1@example")}, {Name: "person", Value: lockgate.Reference("mailto:bo@x.example")}, {Name: "answer", Value: lockgate.Text("DECLINED")}}
	if answer.Type != "ical.attendance" || answer.CodeName != "" || !slices.Equal(answer.Fields, want) {
		t.Errorf("%+v", answer)
	}
	answer = prepared(t, withMethod("REPLY", "RECURRENCE-ID:20260413T090000Z", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bo@x.example"))
	reference := string(answer.Fields.Get("event").(lockgate.Reference))
	params, err := calendars{}.InternalObjectParams(reference, "ical.event")
	if err != nil || params.CodeName != eventName("1@example\n2026-04-13T09:00:00Z") {
		t.Errorf("%q is %q: %v", reference, params.CodeName, err)
	}
}

func TestACancellationSaysThatAnEventDoesNotTakePlaceAndNoMore(t *testing.T) {
	cancelled := prepared(t, withMethod("CANCEL", "SEQUENCE:7", "ATTENDEE:mailto:bo@x.example", "STATUS:CANCELLED"))
	expect(t, cancelled, map[string]lockgate.Value{"status": lockgate.Text("CANCELLED"), "sequence": lockgate.Integer(7), "start": nil, "location": nil, "organizer": nil})
	if len(cancelled.Children) != 0 {
		t.Errorf("%+v", cancelled.Children)
	}
	if _, err := prepare(withMethod("CANCEL", "ATTENDEE:mailto:bo@x.example")); !isUnsupported(err) {
		t.Error(err)
	}
}

func TestACancellationOfSomeTakesTheirAttendanceAndLeavesTheEvent(t *testing.T) {
	body := withMethod("CANCEL", "ATTENDEE:MAILTO:Bo@x.example")
	external := lockgate.External{MediaType: "text/calendar", Body: []byte(body)}
	answer, err := calendars{}.PrepareInternalObject(external, lockgate.Task{Type: lockgate.DeleteObject})
	object, ok := answer.(*lockgate.Object)
	if err != nil || !ok || object.Type != attendanceType || len(object.Fields) != 2 || object.Fields.Get("person") != lockgate.Reference("mailto:bo@x.example") {
		t.Errorf("%+v, %v", answer, err)
	}
	two := lockgate.External{MediaType: "text/calendar", Body: []byte(withMethod("CANCEL", "ATTENDEE:mailto:a@x.example", "ATTENDEE:mailto:b@x.example"))}
	if _, err := (calendars{}).PrepareInternalObject(two, lockgate.Task{Type: lockgate.DeleteObject}); !isUnsupported(err) {
		t.Error(err)
	}
}

func TestWhatIsNoValueIsLeftOut(t *testing.T) {
	event := prepared(t, calendarWith("DTSTART:20260505T110000Z", "SUMMARY:a\x00b\tc\\nd\x7f", "STATUS:PERHAPS", "RRULE:FREQ=SOMETIMES;COUNT=2"))
	expect(t, event, map[string]lockgate.Value{"summary": lockgate.Text("ab\tc\nd"), "status": lockgate.Null, "rrule": lockgate.Null})
	for rule, want := range map[string]bool{
		"FREQ=DAILY": true, "freq=weekly;byday=mo,-1fr;until=20260101T000000Z;": true, "COUNT=3": false, "FREQ=DAILY;COUNT=x": false,
		"FREQ=DAILY;UNTIL=soon": false, "FREQ=DAILY;INTERVAL=2;WKST=SU": true, "": false,
	} {
		if isRule(rule) != want {
			t.Errorf("%q is a rule: %v", rule, !want)
		}
	}
}

func TestOtherMethodsChangeNothing(t *testing.T) {
	for _, method := range []string{"REFRESH", "COUNTER", "DECLINECOUNTER"} {
		answer, err := prepare(withMethod(method, "DTSTART:20260505T110000Z"))
		if _, isObject := answer.(*lockgate.Object); isObject || err != nil {
			t.Errorf("%s: %+v, %v", method, answer, err)
		}
	}
	if _, err := prepare(withMethod("POLLSTATUS", "DTSTART:20260505T110000Z")); !isUnsupported(err) {
		t.Error(err)
	}
}

func TestAnAddedRepetitionIsNotTheSeries(t *testing.T) {
	added := prepared(t, withMethod("ADD", "DTSTART:20260505T110000Z"))
	expect(t, added, map[string]lockgate.Value{"series": lockgate.Reference("1@example"), "recurrence": lockgate.Text("2026-05-05T11:00:00Z")})
}

func TestRevisionsGrowWithSequenceAndThenWithTheStamp(t *testing.T) {
	last := int64(-1)
	for _, lines := range [][]string{{"SEQUENCE:-4"}, {"SEQUENCE:1"}, {"SEQUENCE:1", "DTSTAMP:20270101T000000Z"}, {"SEQUENCE:2"}, {"SEQUENCE:2147483647"}} {
		body := calendarWith(append(lines, "DTSTART:20260505T110000Z")...)
		if len(lines) == 2 {
			body = strings.Replace(body, "DTSTAMP:20260101T000000Z\r\n", "", 1)
		}
		revision := int64(prepared(t, body).Fields.Get("revision").(lockgate.Integer))
		if revision <= last {
			t.Errorf("%v: %d after %d", lines, revision, last)
		}
		last = revision
	}
}

func TestADeleteNeedsTheUIDOnly(t *testing.T) {
	body := calendarWith("SUMMARY:no start")
	answer, err := calendars{}.PrepareInternalObject(lockgate.External{Body: []byte(body)}, lockgate.Task{Type: lockgate.DeleteObject})
	if err != nil || answer.(*lockgate.Object).CodeName != eventName("1@example") {
		t.Errorf("%+v, %v", answer, err)
	}
}

func isUnsupported(err error) bool {
	told, ok := errors.AsType[*lockgate.Error](err)
	return ok && told.Kind == lockgate.KindUnsupported
}
