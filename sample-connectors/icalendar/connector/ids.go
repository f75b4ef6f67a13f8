package main

import (
	"strings"
	"unicode"

	"lockgate.dev/lockgate"
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

// eventRef is the external id by which others refer to an event: its UID where that can be one, else its code name.
func eventRef(id string) string {
	if len(id) > idBytesMax || strings.HasPrefix(id, "event-") || strings.ContainsFunc(id, unicode.IsControl) {
		return eventName(id)
	}
	return id
}

// eventOf is the code name of the event with this external id.
func eventOf(ref string) string {
	if strings.HasPrefix(ref, "event-") {
		return ref
	}
	return eventName(ref)
}

// idBytesMax is the host's limit on external ids and code names, with room for a prefix.
const idBytesMax = 900

// personID is the address of a calendar user as all its spellings have it: "mailto:Anna@Example.com" is "mailto:anna@example.com".
// Empty: it is no address. Programs write "invalid:nomail" for all people whose address they do not know, and they are many.
func personID(address string) string {
	id := strings.ToLower(strings.TrimSpace(address))
	scheme, rest, found := strings.Cut(id, ":")
	if !found && strings.Contains(id, "@") {
		scheme, rest, id = "mailto", id, "mailto:"+id
	}
	user, host, isMail := strings.Cut(rest, "@")
	switch {
	case id == "", len(id) > idBytesMax, strings.ContainsAny(id, " \"\t\n<>"):
		return ""
	case strings.HasPrefix(id, "/"):
		// Servers name people by the paths of their calendars.
		return id
	case scheme == "invalid", rest == "":
		return ""
	case scheme == "mailto" && (!isMail || user == "" || host == ""):
		return ""
	}
	return id
}

func personName(id string) string {
	return strings.TrimPrefix(id, "mailto:")
}
