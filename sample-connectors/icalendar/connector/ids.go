package main

import (
	"strings"

	"lockgate"
)

// What this connector writes.
const (
	eventType      = "ical.event"
	personType     = "ical.person"
	attendanceType = "ical.attendance"
)

// An event is known by its UID, and a repetition that differs from its series by the time that it replaces as well. The two are
// joined by a line feed, which neither can have.
func eventID(uid, recurrence string) string {
	if recurrence == "" {
		return uid
	}
	return uid + "\n" + recurrence
}

// eventName is the code name of an event. UIDs may have any characters, and be long; the GUID has neither.
func eventName(id string) string {
	return "event-" + eventGUID(id)
}

func eventGUID(id string) string {
	return lockgate.GUIDFromName("urn:ietf:rfc:5545", "event/"+id)
}

// personID is the address of a calendar user as all its spellings have it: "mailto:Anna@Example.com" is "mailto:anna@example.com".
func personID(address string) string {
	return strings.ToLower(strings.TrimSpace(address))
}

func personName(id string) string {
	return strings.TrimPrefix(id, "mailto:")
}
