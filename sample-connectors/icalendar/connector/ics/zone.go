package ics

import (
	"strings"
	"time"
	_ "time/tzdata" // a connector has no files to find zones in
)

// Zone is a time zone.
type Zone interface {
	// offset is how far its clocks are ahead of UTC at a moment.
	offset(moment time.Time) time.Duration
}

// Zones are those that calendars define, and those of IANA and of Windows by their names.
type Zones map[string]Zone

// ZonesOf are the zones of calendars. What a VTIMEZONE says of a name counts before what others mean by it (RFC 5545, 3.2.19).
func ZonesOf(calendars ...*Component) (Zones, []*SyntaxError) {
	zones := Zones{}
	var wrong []*SyntaxError
	for _, calendar := range calendars {
		for _, defined := range calendar.Named("VTIMEZONE") {
			name, _ := defined.Get("TZID")
			zone, err := defined.zone()
			if err != nil {
				wrong = append(wrong, err)
				continue
			}
			zones[strings.TrimSpace(name.Value)] = zone
		}
	}
	return zones, wrong
}

// Find is the zone of this name; nil: it is not known. Some programs put a prefix of their own before names of IANA:
// "/example.org/Europe/Paris".
func (z Zones) Find(id string) Zone {
	id = strings.TrimSpace(id)
	if zone, looked := z[id]; looked {
		return zone
	}
	var found Zone
	for name := id; name != "" && found == nil; {
		found = known(name)
		_, name, _ = strings.Cut(name, "/")
	}
	if z != nil {
		// A list of a thousand times looks for its zone once.
		z[id] = found
	}
	return found
}

func known(name string) Zone {
	switch strings.ToLower(name) {
	case "utc", "z", "gmt", "coordinated universal time":
		return ianaZone{time.UTC}
	case "local", "":
		return nil
	}
	if iana, found := windowsZones[name]; found {
		name = iana
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return ianaZone{location}
}

type ianaZone struct{ location *time.Location }

func (z ianaZone) offset(moment time.Time) time.Duration {
	_, seconds := moment.In(z.location).Zone()
	return time.Duration(seconds) * time.Second
}

// momentOf is the moment at which the clocks of a zone show a time. RFC 5545, 3.3.5: what they show twice is the first of the
// two; what they leap over is told by the offset before the leap.
func momentOf(zone Zone, clock time.Time) time.Time {
	before := zone.offset(clock.Add(-26 * time.Hour))
	after := zone.offset(clock.Add(26 * time.Hour))
	early := clock.Add(-before)
	if zone.offset(early) == before {
		return early
	}
	if late := clock.Add(-after); zone.offset(late) == after {
		return late
	}
	return early
}

// clockAt is what the clocks of a zone show at a moment.
func clockAt(zone Zone, moment time.Time) time.Time {
	return moment.UTC().Add(zone.offset(moment))
}
