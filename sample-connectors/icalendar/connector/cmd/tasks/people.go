package main

import (
	"strings"

	"icalendar/ics"
)

// people are those whom events name, each once, with a line that has a name if there is one.
type people struct {
	order []string
	lines map[string]personLine
}

type personLine struct {
	name, fetched string
	body          []byte
}

// add takes a line ATTENDEE or ORGANIZER as it stands.
func (p *people) add(property ics.Property, body []byte, fetched string) {
	address := strings.ToLower(strings.TrimSpace(property.Value))
	if !strings.ContainsAny(address, "@/") && !strings.HasPrefix(address, "urn:") {
		// The connector leaves it out and says so.
		return
	}
	if p.lines == nil {
		p.lines = map[string]personLine{}
	}
	known, found := p.lines[address]
	if !found {
		p.order = append(p.order, address)
	}
	if !found || known.name == "" && property.Param("CN") != "" {
		p.lines[address] = personLine{property.Param("CN"), fetched, body}
	}
}

func (p *people) tasks() []task {
	var all []task
	for _, address := range p.order {
		line := p.lines[address]
		title := line.name
		if title == "" {
			title = address
		}
		all = append(all, newTask("simple-snapshot", title, "person "+address, "", line.fetched, line.body))
	}
	return all
}
