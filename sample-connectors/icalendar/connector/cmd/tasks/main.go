// Tasks reads calendars and prints a task for each person and each event in them, as `lockgate submit --batch` takes them:
//
//	go run ./cmd/tasks ../data/*.ics > ../data/tasks.ndjson
//
// What cannot be read is told with its file and line, and all else is taken. Its exit status is then 1.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"icalendar/ics"
)

func main() {
	charset := flag.String("charset", "", "charset of the files, where it is not UTF-8")
	fetched := flag.String("fetched", "", "when they were fetched; default: when each file was written")
	flag.Parse()
	run := run{charset: *charset, told: os.Stderr}
	for _, file := range flag.Args() {
		run.file(file, *fetched)
	}
	if err := print(os.Stdout, run.tasks()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if run.errors > 0 {
		os.Exit(1)
	}
}

// A run reads files, one after the other.
type run struct {
	charset string
	told    io.Writer
	// What was left out, and told.
	errors int
	people people
	events []task
	last   map[string]task
}

func (r *run) file(name, fetched string) {
	info, err := os.Stat(name)
	if err != nil {
		r.error(name, 0, err.Error())
		return
	}
	if fetched == "" {
		fetched = info.ModTime().UTC().Format(time.RFC3339Nano)
	}
	body, err := os.ReadFile(name)
	if err != nil {
		r.error(name, 0, err.Error())
		return
	}
	r.read(name, body, fetched)
}

// refused tells why nothing of a file is taken.
func (r *run) refused(file string, err error) {
	line := 0
	if syntax, ok := errors.AsType[*ics.SyntaxError](err); ok {
		line = syntax.Line
	}
	r.error(file, line, err.Error())
}

func (r *run) error(file string, line int, message string) {
	r.errors++
	r.tell("error", file, line, message)
}

func (r *run) tell(level, file string, line int, message string) {
	if line > 0 {
		message = fmt.Sprintf("line %d: %s", line, message)
	}
	fmt.Fprintf(r.told, "%s: %s: %s\n", level, file, message)
}

// tasks are those of all files: people first, since events refer to them.
func (r *run) tasks() []task {
	return append(r.people.tasks(), r.events...)
}

func print(to io.Writer, tasks []task) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	for _, task := range tasks {
		if err := encoder.Encode(task); err != nil {
			return err
		}
	}
	return nil
}
