package ics

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestALineIsUnfoldedAlsoWithinACharacter(t *testing.T) {
	for _, body := range []string{"\uFEFFSUMMARY:F\xc3\r\n \xaate\r\n", "summary:F\n\têt\n e", "SUMMARY:F\r\r\n ête\r\r\n"} {
		line, wrong := Line([]byte(body))
		if wrong != nil || line.Name != "SUMMARY" || line.Value != "Fête" {
			t.Errorf("%q: %+v, %v", body, line, wrong)
		}
	}
}

func lineOf(t *testing.T, body string) Property {
	t.Helper()
	line, wrong := Line([]byte(body))
	if wrong != nil {
		t.Fatal(wrong)
	}
	return line
}

func TestParametersMayBeQuotedAndHaveSeveralValues(t *testing.T) {
	line := lineOf(t, `ATTENDEE;CN="a;b:c,d";member="mailto:a","mailto:b";X=^'1^^^n2^':mailto:e`)
	if line.Param("CN") != "a;b:c,d" || !slices.Equal(line.Params["MEMBER"], []string{"mailto:a", "mailto:b"}) || line.Param("X") != "\"1^\n2\"" || line.Value != "mailto:e" {
		t.Errorf("%+v", line)
	}
}

func TestACommaInANameSeparatesNothing(t *testing.T) {
	line := lineOf(t, `ATTENDEE;CN=Lund, Bo (Beds);ROLE=CHAIR:mailto:bo@x.example`)
	if line.Param("CN") != "Lund, Bo (Beds)" || line.Param("ROLE") != "CHAIR" {
		t.Errorf("%+v", line)
	}
}

func TestAnAddressInAParameterNeedsNoQuotes(t *testing.T) {
	line := lineOf(t, `ORGANIZER;SENT-BY=mailto:a@x.example;CN=A;DELEGATED-TO=MAILTO:b@x.example,mailto:c@x.example:mailto:d@x.example`)
	if line.Param("SENT-BY") != "mailto:a@x.example" || len(line.Params["DELEGATED-TO"]) != 2 || line.Value != "mailto:d@x.example" || line.Param("CN") != "A" {
		t.Errorf("%+v", line)
	}
	line = lineOf(t, `ATTENDEE:CN="Anna Berg";ROLE=CHAIR:mailto:anna@x.example`)
	if line.Param("CN") != "Anna Berg" || line.Param("ROLE") != "CHAIR" || line.Value != "mailto:anna@x.example" {
		t.Errorf("%+v", line)
	}
}

func TestAnEscapeIsTakenAsOneCharacter(t *testing.T) {
	if text := Text(`a\, b\; c\\n d\ne\N\x`); text != "a, b; c\\n d\ne\nx" {
		t.Errorf("%q", text)
	}
	if texts := Texts(`a\,b,,c\\,d`, ','); !slices.Equal(texts, []string{"a,b", "", `c\`, "d"}) {
		t.Errorf("%q", texts)
	}
}

func TestOneBadLineAndOneBadEventDoNotCostTheOthers(t *testing.T) {
	stream, err := Read([]byte("junk\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nno line\nX_Y:1\nBEGIN:VEVENT\nUID:2\nEND:VTODO\nEND:VEVENT\n" +
		"BEGIN:VEVENT\nUID:3\nSUMMARY:\xe4\nEND:VEVENT\nBEGIN:VEVENT\nUID:4\nSUMMARY;X\nUID;X=\"\nEND:VEVENT\nEND:VCALENDAR\nBEGIN:VCALENDAR\nVERSION:1.0\nNOTE=\nEND:VCALENDAR\n<!-- end -->\n"))
	if err != nil || len(stream.Calendars) != 2 {
		t.Fatal(stream, err)
	}
	var said []string
	for _, event := range stream.Calendars[0].Components {
		if event.Err != nil {
			said = append(said, event.Err.Place()+" "+event.Err.Message)
		}
	}
	said = append(said, stream.Calendars[1].Err.Message)
	want := []string{"line 3 BEGIN:VEVENT has no END", "line 13 this is no UTF-8, and the media type names no other charset", "line 18 a parameter of UID is malformed", "this is vCalendar 1.0, and no iCalendar (2.0): export it as that"}
	if !slices.Equal(said, want) {
		t.Errorf("%q", said)
	}
	var lines []int
	for _, wrong := range stream.Wrong {
		lines = append(lines, wrong.Line)
	}
	if !slices.Equal(lines, []int{1, 5, 9, 17, 23, 25}) {
		t.Errorf("%v", lines)
	}
}

func TestCharsetsAreThoseOfTheMediaType(t *testing.T) {
	for mediaType, body := range map[string]string{
		"text/calendar; charset=ISO-8859-1":   "F\xeate",
		"text/calendar; charset=\"utf-16le\"": "F\x00\xea\x00t\x00e\x00",
		"text/calendar":                       "\xfe\xff\x00F\x00\xea\x00t\x00e",
		"":                                    "Fête",
	} {
		if text, err := Decode([]byte(body), mediaType); err != nil || string(text) != "Fête" {
			t.Errorf("%s: %q, %v", mediaType, text, err)
		}
	}
	if _, err := Decode(nil, "text/calendar; charset=klingon"); err == nil {
		t.Error("klingon is known")
	}
}

// zonesOf reads VTIMEZONEs, each given by its lines.
func zonesOf(t *testing.T, lines ...string) Zones {
	t.Helper()
	stream, err := Read([]byte("BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\n" + strings.Join(lines, "\n") + "\nEND:VTIMEZONE\nEND:VCALENDAR\n"))
	if err != nil {
		t.Fatal(err)
	}
	zones, wrong := ZonesOf(stream.Calendars...)
	if len(wrong) > 0 {
		t.Fatal(wrong[0].Message)
	}
	return zones
}

func moment(t *testing.T, zones Zones, value, zone string) string {
	t.Helper()
	when, ok := Time(value, Property{Params: map[string][]string{"TZID": {zone}}}, zones)
	if !ok || when.Moment == nil {
		t.Fatal(value, zone, when, ok)
	}
	return when.Moment.Format(time.RFC3339)
}

// RFC 5545, 3.3.5: "If the local time described does not occur … or occurs more than once".
func TestTimesThatAreTwiceOrNeverAreThoseOfTheStandard(t *testing.T) {
	for value, want := range map[string]string{
		"20071104T013000": "2007-11-04T05:30:00Z", "20070311T023000": "2007-03-11T07:30:00Z", "20071104T003000": "2007-11-04T04:30:00Z",
		"20071104T020000": "2007-11-04T07:00:00Z", "20070311T015959": "2007-03-11T06:59:59Z", "20070311T030000": "2007-03-11T07:00:00Z",
	} {
		if got := moment(t, nil, value, "America/New_York"); got != want {
			t.Errorf("%s is %s, not %s", value, got, want)
		}
	}
	if got := moment(t, nil, "20110403T013000", "Australia/Lord_Howe"); got != "2011-04-02T14:30:00Z" {
		t.Error(got)
	}
}

func TestHoursPassAndDaysAreOnTheCalendar(t *testing.T) {
	start, _ := Time("20260328T230000", Property{Params: map[string][]string{"TZID": {"Europe/Berlin"}}}, nil)
	for length, want := range map[string]string{
		"PT8H": "2026-03-29T08:00:00 2026-03-29T06:00:00Z", "P1D": "2026-03-29T23:00:00 2026-03-29T21:00:00Z", "P1DT1H": "2026-03-30T00:00:00 2026-03-29T22:00:00Z", "PT24H": "2026-03-30T00:00:00 2026-03-29T22:00:00Z",
	} {
		duration, ok := DurationOf(length)
		end := start.After(duration)
		if got := end.Text() + " " + end.Moment.Format(time.RFC3339); !ok || got != want {
			t.Errorf("%s: %s, not %s", length, got, want)
		}
	}
}

func TestAZoneIsWhatItsDefinitionSays(t *testing.T) {
	summer := zonesOf(t, "TZID:GMT", "BEGIN:STANDARD", "DTSTART:20001029T020000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0000", "END:STANDARD",
		"BEGIN:DAYLIGHT", "DTSTART:20000326T010000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0100", "END:DAYLIGHT")
	for value, want := range map[string]string{
		"20260723T102000": "2026-07-23T09:20:00Z", "20260123T102000": "2026-01-23T10:20:00Z", "19990723T102000": "1999-07-23T10:20:00Z",
		"20260329T013000": "2026-03-29T01:30:00Z", "20261025T013000": "2026-10-25T00:30:00Z",
	} {
		if got := moment(t, summer, value, "GMT"); got != want {
			t.Errorf("%s is %s, not %s", value, got, want)
		}
	}
}

func TestTheDefinitionOfARealZoneIsWorthItsName(t *testing.T) {
	same := zonesOf(t, "TZID:mine", "BEGIN:STANDARD", "DTSTART:16010101T020000", "RRULE:FREQ=YEARLY;BYDAY=SU;BYMONTHDAY=1,2,3,4,5,6,7;BYMONTH=11", "TZOFFSETFROM:-0400", "TZOFFSETTO:-0500", "END:STANDARD",
		"BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3", "TZOFFSETFROM:-0500", "TZOFFSETTO:-0400", "END:DAYLIGHT")
	for clock := time.Date(2008, 1, 1, 0, 30, 0, 0, time.UTC); clock.Year() < 2030; clock = clock.Add(7 * time.Hour) {
		value := clock.Format(clockForm)
		if own, iana := moment(t, same, value, "mine"), moment(t, nil, value, "America/New_York"); own != iana {
			t.Fatalf("%s is %s, and of IANA %s", value, own, iana)
		}
	}
}

func TestRulesOfZonesEnd(t *testing.T) {
	ended := zonesOf(t, "TZID:x", "BEGIN:STANDARD", "DTSTART:20001029T020000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10;COUNT=3", "TZOFFSETFROM:+0400", "TZOFFSETTO:+0300", "END:STANDARD",
		"BEGIN:DAYLIGHT", "DTSTART:20010325T020000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3;UNTIL=20020330T230000Z", "TZOFFSETFROM:+0300", "TZOFFSETTO:+0400", "END:DAYLIGHT",
		"BEGIN:STANDARD", "DTSTART:20100101T000000", "RDATE:20120101T000000,20130101T000000", "TZOFFSETFROM:+0300", "TZOFFSETTO:+0530", "END:STANDARD")
	for value, want := range map[string]string{
		"20020701T000000": "2002-06-30T20:00:00Z", "20030701T000000": "2003-06-30T21:00:00Z", "20110101T000000": "2010-12-31T18:30:00Z",
	} {
		if got := moment(t, ended, value, "x"); got != want {
			t.Errorf("%s is %s, not %s", value, got, want)
		}
	}
}

func TestZonesAreFoundByTheNamesThatProgramsWrite(t *testing.T) {
	for _, name := range []string{"W. Europe Standard Time", "/citadel.org/20260101/Europe/Berlin", "tzone://Microsoft/Utc", "UTC", "/x/Romance Standard Time", " Europe/Berlin "} {
		if (Zones{}).Find(name) == nil {
			t.Errorf("%q is not known", name)
		}
	}
	for _, name := range []string{"", "Local", "Mars/Olympus", "tzone://Microsoft/Custom", "../etc/passwd"} {
		if (Zones{}).Find(name) != nil {
			t.Errorf("%q is known", name)
		}
	}
	for name, iana := range windowsZones {
		if _, err := time.LoadLocation(iana); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTimesInOtherFormsHaveOneMeaningOrNone(t *testing.T) {
	for value, want := range map[string]string{
		"20260302T090000+0100": "20260302T080000Z", "2026-03-02T09:00:00Z": "20260302T090000Z", "20260302T0900Z": "20260302T090000Z", "20260302t090000z": "20260302T090000Z",
		"2026-03-02": "20260302", "20161231T235960Z": "20161231T235959Z", "20260302T090000": "20260302T090000",
	} {
		if when, ok := Time(value, Property{}, nil); !ok || when.ICS() != want {
			t.Errorf("%s: %s, %v", value, when.ICS(), ok)
		}
	}
	if when, ok := Time("20260302T000000", Property{Params: map[string][]string{"VALUE": {"DATE"}}}, nil); !ok || when.ICS() != "20260302" || !when.Odd {
		t.Errorf("%+v, %v", when, ok)
	}
	for _, value := range []string{"", "tomorrow", "20260230", "00001231T000000Z", "20260302T250000", "2026"} {
		if when, ok := Time(value, Property{}, nil); ok {
			t.Errorf("%s is %+v", value, when)
		}
	}
}

func FuzzNothingMakesItPanic(f *testing.F) {
	f.Add([]byte("BEGIN:VCALENDAR\r\nA;B=\"c\",d:e\r\n f\r\nBEGIN:VTIMEZONE\r\nTZID:x\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		stream, err := Read(body)
		if err != nil {
			return
		}
		ZonesOf(stream.Calendars...)
		for _, calendar := range stream.Calendars {
			if calendar.Name != "VCALENDAR" {
				t.Errorf("%q", calendar.Name)
			}
		}
	})
}
