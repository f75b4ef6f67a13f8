package ics

import (
	"slices"
	"strings"
)

// Component is what stands between BEGIN and END.
type Component struct {
	// Name is in capitals.
	Name string
	// Line is that of BEGIN, End that of END.
	Line, End  int
	Properties []Property
	Components []*Component
	// Err is what makes it unreadable as a whole. What is wrong with a line that it can do without is in Stream.Wrong.
	Err *SyntaxError
}

// Stream is what a file or a message has: calendars, one after the other.
type Stream struct {
	Calendars []*Component
	// Wrong are the lines that were left out, and why.
	Wrong []*SyntaxError
}

// depthMax bounds how deep components stand in each other; RFC 5545 needs three.
const depthMax = 16

// What an event cannot do without, or what it means hangs on.
var essential = []string{"BEGIN", "DTSTART", "END", "METHOD", "RECURRENCE-ID", "UID", "VERSION"}

// Components that stand in a calendar and in nothing else: where one begins, the one before has ended.
var inCalendar = []string{"VAVAILABILITY", "VEVENT", "VFREEBUSY", "VJOURNAL", "VTIMEZONE", "VTODO"}

// Read reads all calendars of a body in UTF-8; see [Decode] for others.
func Read(body []byte) (*Stream, error) {
	r := reader{stream: &Stream{}}
	r.open = []*Component{{}}
	for _, line := range content(body) {
		if err := r.take(line); err != nil {
			return nil, err
		}
	}
	r.closeTo(1)
	if len(r.stream.Calendars) == 0 {
		return nil, syntax(1, "there is no calendar: BEGIN:VCALENDAR is missing")
	}
	return r.stream, nil
}

type reader struct {
	stream *Stream
	// From the outermost, which is none, to the innermost.
	open []*Component
}

func (r *reader) innermost() *Component { return r.open[len(r.open)-1] }

func (r *reader) take(line read) error {
	inner := r.innermost()
	name := strings.ToUpper(strings.TrimSpace(line.Value))
	switch {
	case line.wrong != nil && inner.Name != "" && (slices.Contains(essential, line.Name) || line.wrong.charset && inner.Name == "VEVENT"):
		if inner.Err == nil {
			inner.Err = line.wrong
		}
	case line.wrong != nil:
		r.wrong(line.wrong)
	case line.Name == "BEGIN":
		return r.begin(name, line.Line)
	case line.Name == "END":
		r.end(name, line)
	case inner.Name == "":
		r.wrong(syntax(line.Line, "%s stands outside of BEGIN:VCALENDAR", line.Name))
	default:
		inner.Properties = append(inner.Properties, line.Property)
	}
	return nil
}

func (r *reader) begin(name string, line int) error {
	if name == "VCALENDAR" {
		r.closeTo(1)
	} else if slices.Contains(inCalendar, name) && len(r.open) > 2 {
		r.closeTo(2)
	}
	if len(r.open) > depthMax {
		return syntax(line, "components stand more than %d deep in each other", depthMax)
	}
	begun := &Component{Name: name, Line: line}
	if inner := r.innermost(); inner.Name != "" {
		inner.Components = append(inner.Components, begun)
	} else if name == "VCALENDAR" {
		r.stream.Calendars = append(r.stream.Calendars, begun)
	} else {
		r.wrong(syntax(line, "BEGIN:%s stands outside of BEGIN:VCALENDAR", name))
	}
	r.open = append(r.open, begun)
	return nil
}

func (r *reader) end(name string, line read) {
	for at := len(r.open) - 1; at > 0; at-- {
		if r.open[at].Name == name {
			r.closeTo(at + 1)
			r.innermost().End = line.End
			r.ended()
			return
		}
	}
	r.wrong(syntax(line.Line, "END:%s ends nothing that has begun here", name))
}

// closeTo closes what has no END, until so many are open.
func (r *reader) closeTo(count int) {
	for len(r.open) > count {
		unended := r.innermost()
		unended.Err = syntax(unended.Line, "BEGIN:%s has no END", unended.Name)
		r.ended()
	}
}

func (r *reader) ended() {
	ended := r.innermost()
	r.open = r.open[:len(r.open)-1]
	if ended.Name != "VCALENDAR" {
		return
	}
	// Versions are judged first: what another one means by its lines is not known.
	if version, found := ended.Get("VERSION"); found && !strings.Contains(version.Value, "2.0") {
		ended.Err = syntax(version.Line, "this is vCalendar %.20s, and no iCalendar (2.0): export it as that", strings.TrimSpace(version.Value))
	}
}

func (r *reader) wrong(err *SyntaxError) { r.stream.Wrong = append(r.stream.Wrong, err) }

// Get is the first property of this name.
func (c *Component) Get(name string) (Property, bool) {
	for _, property := range c.Properties {
		if property.Name == name {
			return property, true
		}
	}
	return Property{}, false
}

// All are the properties of this name.
func (c *Component) All(name string) []Property {
	var found []Property
	for _, property := range c.Properties {
		if property.Name == name {
			found = append(found, property)
		}
	}
	return found
}

// Named are the components of this name that stand directly in it.
func (c *Component) Named(name string) []*Component {
	var found []*Component
	for _, inner := range c.Components {
		if inner.Name == name {
			found = append(found, inner)
		}
	}
	return found
}

// Uninvited are those whom a message takes off the list of an event that takes place without them: METHOD:CANCEL says who, and no
// STATUS (RFC 5546, 3.2.5).
func Uninvited(calendar, event *Component) []Property {
	method, _ := calendar.Get("METHOD")
	status, _ := event.Get("STATUS")
	if !strings.EqualFold(strings.TrimSpace(method.Value), "CANCEL") || strings.TrimSpace(status.Value) != "" {
		return nil
	}
	return event.All("ATTENDEE")
}
