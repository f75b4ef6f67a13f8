package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

type task struct {
	Connector      string `json:"connector"`
	ProcessType    string `json:"process_type"`
	TaskType       string `json:"task_type"`
	DataType       string `json:"data_type"`
	Title          string `json:"title"`
	Subject        string `json:"subject"`
	MediaType      string `json:"media_type"`
	IdempotencyKey string `json:"idempotency_key"`
	// One of the two: a fold may cut a character, and then the bytes are no text.
	Body       string `json:"body,omitempty"`
	BodyBase64 string `json:"body_base64,omitempty"`
}

// subjectBytesMax is the host's limit.
const subjectBytesMax = 1000

// titleCharsMax is as much as people read.
const titleCharsMax = 100

// newTask is about one object: its subject is what the application calls that. The key is one for each change: of what was
// before in this run, what is now, and when it was fetched.
func newTask(dataType, title, subject, before, fetched string, body []byte) task {
	if len(subject) > subjectBytesMax || strings.ContainsFunc(subject, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) {
		subject = "sha256 " + digest(subject)
	}
	made := task{
		Connector: "icalendar", ProcessType: "skip-on-error", TaskType: "create-object", DataType: dataType, Title: cut(title),
		Subject: subject, MediaType: "text/calendar; charset=utf-8",
		IdempotencyKey: "icalendar-" + digest(subject, before, fetched, string(body))[:32],
	}
	if before != "" {
		made.TaskType = "update-object"
	}
	if utf8.Valid(body) {
		made.Body = string(body)
	} else {
		made.BodyBase64 = base64.StdEncoding.EncodeToString(body)
	}
	return made
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

func cut(title string) string {
	title = strings.Join(strings.Fields(title), " ")
	if runes := []rune(title); len(runes) > titleCharsMax {
		return string(runes[:titleCharsMax])
	}
	return title
}
