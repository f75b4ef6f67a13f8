package ics

import "strings"

// Component is what stands between BEGIN and END.
type Component struct {
	// Name is in capitals.
	Name       string
	Line       int
	Properties []Property
	Components []*Component
}

// depthMax bounds how deep components stand in each other; RFC 5545 needs three.
const depthMax = 16

// Parse reads one calendar.
func Parse(body []byte) (*Component, error) {
	lines, err := Lines(body)
	if err != nil {
		return nil, err
	}
	root := &Component{}
	open := []*Component{root}
	for _, line := range lines {
		innermost := open[len(open)-1]
		name := strings.ToUpper(strings.TrimSpace(line.Value))
		switch line.Name {
		case "BEGIN":
			if len(open) > depthMax {
				return nil, syntax(line.Line, "components stand more than %d deep in each other", depthMax)
			}
			begun := &Component{Name: name, Line: line.Line}
			innermost.Components = append(innermost.Components, begun)
			open = append(open, begun)
		case "END":
			if innermost.Name != name || innermost == root {
				return nil, syntax(line.Line, "END:%s ends nothing that has begun here", name)
			}
			open = open[:len(open)-1]
		default:
			if innermost == root {
				return nil, syntax(line.Line, "%s stands outside of BEGIN:VCALENDAR", line.Name)
			}
			innermost.Properties = append(innermost.Properties, line)
		}
	}
	if len(open) > 1 {
		unended := open[len(open)-1]
		return nil, syntax(unended.Line, "BEGIN:%s has no END", unended.Name)
	}
	if len(root.Components) != 1 || root.Components[0].Name != "VCALENDAR" {
		return nil, syntax(1, "this is not one calendar, from BEGIN:VCALENDAR to END:VCALENDAR")
	}
	return root.Components[0], nil
}

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
