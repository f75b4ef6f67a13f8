package main

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// readAll hands files to a run, given by their contents.
func readAll(t *testing.T, fetched string, contents ...string) (*run, string) {
	t.Helper()
	var told bytes.Buffer
	made := &run{told: &told}
	for at, content := range contents {
		name := filepath.Join(t.TempDir(), string(rune('a'+at))+".ics")
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		made.file(name, fetched)
	}
	return made, told.String()
}

func calendar(events ...string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + strings.Join(events, "") + "END:VCALENDAR\r\n"
}

func event(lines ...string) string {
	return "BEGIN:VEVENT\r\nDTSTART:20260302T080000Z\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\n"
}

func TestTheCommittedTasksAreWhatTheCalendarsMake(t *testing.T) {
	made := &run{told: os.Stderr}
	for _, name := range []string{"team.ics", "holidays.ics"} {
		made.file(filepath.Join("../../../data", name), "2026-03-01")
	}
	var written bytes.Buffer
	if err := print(&written, made.tasks()); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile("../../../data/tasks.ndjson")
	if err != nil || !bytes.Equal(kept, written.Bytes()) {
		t.Errorf("data/tasks.ndjson is not what is made of the calendars: %v", err)
	}
}

func TestBytesStayBytes(t *testing.T) {
	made, _ := readAll(t, "", calendar(event("UID:1", "SUMMARY:F\xc3\r\n \xaate", "ATTENDEE;CN=F\xc3\r\n \xaate:\r\n\tmailto:a@x.example")))
	tasks := made.tasks()
	if len(tasks) != 2 || tasks[0].Title != "Fête" || tasks[1].Title != "Fête" {
		t.Fatalf("%+v", tasks)
	}
	body, err := base64.StdEncoding.DecodeString(tasks[0].BodyBase64)
	if err != nil || string(body) != "ATTENDEE;CN=F\xc3\r\n \xaate:\r\n\tmailto:a@x.example\r\n" {
		t.Errorf("%q, %v", body, err)
	}
}

func TestAllCalendarsOfAllFilesAreTakenAndWhatIsWrongIsTold(t *testing.T) {
	made, told := readAll(t, "",
		"no calendar",
		calendar(event("UID:1"))+calendar(event("UID:2"), event("SUMMARY:no uid"), event("UID:3", "no line"), "BEGIN:VEVENT\r\nUID:4\r\n", event("UID:5"), "BEGIN:VTODO\r\nEND:VTODO\r\n"),
		"BEGIN:VCALENDAR\r\nVERSION:1.0\r\n"+event("UID:6")+"END:VCALENDAR\r\n",
		calendar(event("UID:7", "SUMMARY:\xe4", "UID:\xe4")),
		calendar(event("UID:8")))
	var uids []string
	for _, task := range made.tasks() {
		uids = append(uids, strings.TrimPrefix(task.Subject, "event "))
	}
	if got := strings.Join(uids, " "); got != "1 2 3 5 8" {
		t.Errorf("%s", got)
	}
	for _, message := range []string{"a.ics: line 1: there is no calendar", "b.ics: line 14: an event needs a UID", "b.ics: line 21: a line begins with",
		"b.ics: line 23: BEGIN:VEVENT has no END", "VTODO of this calendar is not carried over (1)", "d.ics: line 6: this is no UTF-8", "c.ics: line 2: this is vCalendar 1.0"} {
		if !strings.Contains(told, message) {
			t.Errorf("%q is not told:\n%s", message, told)
		}
	}
}

func TestTwoEventsWithOneUIDAreTold(t *testing.T) {
	made, told := readAll(t, "", calendar(event("UID:1", "SEQUENCE:2", "SUMMARY:new"), event("UID:1", "SEQUENCE:1", "SUMMARY:old"), event("UID:1", "RECURRENCE-ID:20260309T080000Z")))
	if tasks := made.tasks(); len(tasks) != 2 || tasks[0].Title != "new" || made.errors != 1 || !strings.Contains(told, "line 9: this event has the UID of that in line 3") {
		t.Errorf("%+v\n%s", tasks, told)
	}
}

func TestThereIsOneKeyForEachChangeAndOneSubjectForEachEvent(t *testing.T) {
	a, b := calendar(event("UID:1", "SUMMARY:a")), calendar(event("UID:1", "SUMMARY:b"))
	made, _ := readAll(t, "1", a, b, a, a)
	keys := map[string]bool{}
	for _, task := range made.tasks() {
		keys[task.IdempotencyKey] = true
		if task.Subject != "event 1" {
			t.Error(task.Subject)
		}
	}
	if len(keys) != 3 || len(made.events) != 3 || made.events[2].TaskType != "update-object" {
		t.Errorf("%+v", made.events)
	}
	again, _ := readAll(t, "1", a)
	later, _ := readAll(t, "2", a)
	if again.events[0] != made.events[0] || keys[later.events[0].IdempotencyKey] {
		t.Error("the same file is another request, or another file the same")
	}
}

func TestAnEventHasTheTimeZonesThatItNames(t *testing.T) {
	zone := "BEGIN:VTIMEZONE\r\nTZID:%s\r\nEND:VTIMEZONE\r\n"
	made, _ := readAll(t, "", calendar(strings.ReplaceAll(zone, "%s", "A"), strings.ReplaceAll(zone, "%s", "B"), event("UID:1", "EXDATE;TZID=B:20260302T080000")))
	if body := made.events[0].Body; !strings.Contains(body, "TZID:B\r\n") || strings.Contains(body, "TZID:A") {
		t.Error(body)
	}
}

// RFC 5546, 3.2.5: those whom a CANCEL without STATUS names are uninvited, and the event goes on for the others.
func TestACancellationOfSomeIsATaskForEach(t *testing.T) {
	request := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\n" + event("UID:1", "ATTENDEE:mailto:a@x.example", "ATTENDEE:mailto:b@x.example") + "END:VCALENDAR\r\n"
	cancel := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:CANCEL\r\n" +
		event("UID:1", "ATTENDEE;CN=A\r\n b:mailto:a@x.example", "SUMMARY:Weeding", "ATTENDEE:mailto:b@x.example") + "END:VCALENDAR\r\n"
	made, told := readAll(t, "", request, cancel)
	var types, subjects []string
	for _, task := range made.events {
		types, subjects = append(types, task.TaskType), append(subjects, task.Subject)
	}
	if strings.Join(types, " ") != "create-object delete-object delete-object" || subjects[0] != subjects[1] || subjects[1] != subjects[2] || told != "" {
		t.Fatalf("%v %v %q", types, subjects, told)
	}
	first, second := made.events[1].Body, made.events[2].Body
	if strings.Contains(first, "b@x") || !strings.Contains(first, "CN=A\r\n b:mailto:a@x.example\r\nSUMMARY:Weeding\r\nEND:VEVENT") || strings.Contains(second, "a@x") || strings.Contains(second, "\r\n b") {
		t.Errorf("%q, %q", first, second)
	}
}
