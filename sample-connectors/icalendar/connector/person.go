package main

import (
	"log/slog"
	"strings"

	"icalendar/ics"

	"lockgate.dev/lockgate"
)

// personIn translates a line ATTENDEE or ORGANIZER by itself.
func personIn(body []byte) (lockgate.Prepared, error) {
	line, wrong := ics.Line(body)
	if wrong != nil {
		return nil, invalid(wrong)
	}
	id := personID(line.Value)
	if id == "" {
		return nil, invalidAt(line, "%s has no address: %.80q", line.Name, line.Value)
	}
	object := lockgate.NewObject(personType, personName(id))
	object.GUID = lockgate.GUIDFromName("urn:ietf:rfc:5545", "person/"+id)
	object.DisplayName = nameIn(line)
	email, isEmail := strings.CutPrefix(id, "mailto:")
	if !isEmail {
		email = personID(line.Param("EMAIL"))
	}
	// What a line does not say of a person, another may have said.
	return object.
		Set("address", lockgate.Text(id)).
		Set("email", orNull(email)).
		SetText("calendar_user_type", strings.ToUpper(line.Param("CUTYPE"))).
		SetText("language", line.Param("LANGUAGE")), nil
}

// nameIn is CN in one line. Programs escape quotes in it as if it were a text.
func nameIn(line ics.Property) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(line.Param("CN"), `\"`, `"`)), " ")
}

// people adds who organizes an event, and who comes. A person who is named twice comes once, as the last line says.
func people(object *lockgate.Object, source *ics.Component) {
	organizer := lockgate.Null
	if property, found := source.Get("ORGANIZER"); found {
		if id := personID(property.Value); id != "" {
			organizer = lockgate.Reference(id)
		} else {
			leftOut(property, "it is no address")
		}
	}
	object.Set("organizer", organizer)
	seen := map[string]*lockgate.Child{}
	for _, line := range source.All("ATTENDEE") {
		id := personID(line.Value)
		if id == "" {
			leftOut(line, "it is no address")
			continue
		}
		binding, again := seen[id]
		if again {
			slog.Warn("a person is named twice, and the last line counts", "line", line.Line, "person", id)
		} else {
			binding = lockgate.NewBinding(attendanceType)
			seen[id] = binding
			object.Add(binding)
		}
		binding.Fields = nil
		binding.Set("person", lockgate.Reference(id)).
			Set("role", lockgate.Text(or(strings.ToUpper(line.Param("ROLE")), "REQ-PARTICIPANT"))).
			Set("answer", lockgate.Text(answerIn(line))).
			Set("answer_wanted", lockgate.Boolean(strings.EqualFold(line.Param("RSVP"), "TRUE"))).
			Set("delegated_to", orNull(personID(line.Param("DELEGATED-TO"))))
	}
}

func answerIn(line ics.Property) string {
	return or(strings.ToUpper(line.Param("PARTSTAT")), "NEEDS-ACTION")
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
