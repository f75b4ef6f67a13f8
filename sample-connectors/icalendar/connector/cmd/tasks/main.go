// Tasks reads calendars and prints a task for each person and each event in them, as `lockgate submit --batch` takes them:
//
//	go run ./cmd/tasks ../data/*.ics > ../data/tasks.ndjson
//
// Events refer to people and to other events, so people come first, then events, then those again that refer to events.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"icalendar/ics"
)

type task struct {
	Connector      string `json:"connector"`
	ProcessType    string `json:"process_type"`
	TaskType       string `json:"task_type"`
	DataType       string `json:"data_type"`
	Title          string `json:"title"`
	MediaType      string `json:"media_type"`
	IdempotencyKey string `json:"idempotency_key"`
	Body           string `json:"body"`
}

func main() {
	tasks, err := read(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	for number, task := range tasks {
		task.IdempotencyKey = fmt.Sprintf("icalendar-%d", number)
		if err := encoder.Encode(task); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func read(files []string) ([]task, error) {
	var people, events, again []task
	known := map[string]bool{}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		calendar, err := ics.Parse(body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		// Lines as they stand, folds and all: to read them is the connector's work.
		lines := strings.SplitAfter(string(body), "\n")
		for _, event := range calendar.Named("VEVENT") {
			for _, property := range append(event.All("ORGANIZER"), event.All("ATTENDEE")...) {
				address := strings.ToLower(property.Value)
				if !known[address] {
					known[address] = true
					people = append(people, person(address, property.Param("CN"), folded(lines, property.Line)))
				}
			}
			made := eventTask(calendar, event, lines)
			events = append(events, made)
			if refers(event) {
				made.TaskType = "update-object"
				again = append(again, made)
			}
		}
	}
	return append(append(people, events...), again...), nil
}

func person(address, name, line string) task {
	if name == "" {
		name = address
	}
	return task{Connector: "icalendar", ProcessType: "skip-on-error", TaskType: "create-object", DataType: "simple-snapshot", Title: name, MediaType: "text/calendar", Body: line}
}

// eventTask cuts one event out of its calendar, with what stands around all of them.
func eventTask(calendar, event *ics.Component, lines []string) task {
	var body strings.Builder
	body.WriteString("BEGIN:VCALENDAR\r\n")
	for _, property := range calendar.Properties {
		body.WriteString(folded(lines, property.Line))
	}
	for at, depth := event.Line, 0; ; at++ {
		line := lines[at-1]
		body.WriteString(line)
		switch name, _, _ := strings.Cut(strings.ToUpper(line), ":"); name {
		case "BEGIN":
			depth++
		case "END":
			depth--
		}
		if depth == 0 {
			break
		}
	}
	body.WriteString("END:VCALENDAR\r\n")
	summary, _ := event.Get("SUMMARY")
	return task{Connector: "icalendar", ProcessType: "skip-on-error", TaskType: "create-object", DataType: "snapshot", Title: ics.Text(summary.Value), MediaType: "text/calendar", Body: body.String()}
}

// folded is a content line from its first line on, with those that continue it.
func folded(lines []string, first int) string {
	end := first
	for end < len(lines) && strings.HasPrefix(lines[end], " ") {
		end++
	}
	return strings.Join(lines[first-1:end], "")
}

func refers(event *ics.Component) bool {
	_, series := event.Get("RECURRENCE-ID")
	_, parent := event.Get("RELATED-TO")
	return series || parent
}
