package main

import (
	"strings"

	"icalendar/ics"

	"lockgate"
)

// personIn translates a line ATTENDEE or ORGANIZER by itself.
func personIn(body []byte) (lockgate.Prepared, error) {
	lines, err := ics.Lines(body)
	if err != nil {
		return nil, invalid(err)
	}
	if len(lines) != 1 {
		return nil, lockgate.Invalidf("a person is one line, and these are %d", len(lines))
	}
	line := lines[0]
	id := personID(line.Value)
	if id == "" {
		return nil, invalidAt(line, "%s has no address", line.Name)
	}
	object := lockgate.NewObject(personType, personName(id))
	object.GUID = lockgate.GUIDFromName("urn:ietf:rfc:5545", "person/"+id)
	object.DisplayName = line.Param("CN")
	email, isEmail := strings.CutPrefix(id, "mailto:")
	if !isEmail {
		email = personID(line.Param("EMAIL"))
	}
	kind := strings.ToUpper(line.Param("CUTYPE"))
	if kind == "" {
		kind = "INDIVIDUAL"
	}
	return object.
		Set("address", lockgate.Text(id)).
		Set("email", orNull(email)).
		Set("calendar_user_type", lockgate.Text(kind)).
		Set("language", orNull(line.Param("LANGUAGE"))), nil
}

// people adds who organizes an event, and who comes. A person who is named twice comes once, as the last line says.
func people(object *lockgate.Object, source *ics.Component) (lockgate.Prepared, error) {
	organizer := lockgate.Null
	if property, found := source.Get("ORGANIZER"); found {
		organizer = lockgate.Reference(personID(property.Value))
	}
	object.Set("organizer", organizer)
	seen := map[string]*lockgate.Child{}
	for _, line := range source.All("ATTENDEE") {
		id := personID(line.Value)
		if id == "" {
			return nil, invalidAt(line, "ATTENDEE has no address")
		}
		binding, again := seen[id]
		if !again {
			binding = lockgate.NewBinding(attendanceType)
			seen[id] = binding
			object.Add(binding)
		}
		binding.Fields = nil
		binding.Set("person", lockgate.Reference(id)).
			Set("role", lockgate.Text(or(strings.ToUpper(line.Param("ROLE")), "REQ-PARTICIPANT"))).
			Set("answer", lockgate.Text(or(strings.ToUpper(line.Param("PARTSTAT")), "NEEDS-ACTION"))).
			Set("answer_wanted", lockgate.Boolean(strings.EqualFold(line.Param("RSVP"), "TRUE"))).
			Set("delegated_to", orNull(personID(line.Param("DELEGATED-TO"))))
	}
	return object, nil
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
