package lockgate

import "slices"

// Object is an object of the content store. What is empty is left out.
type Object struct {
	// Type is one that the content model declares, for example "cms.user".
	Type string
	// CodeName is unique within site, parent and group, and found by them all.
	CodeName string
	// GUID is hexadecimal with hyphens, and wins over the code name; see [GUIDFromName] for a lasting one.
	GUID string
	// DisplayName is what people read; left out, it is the code name.
	DisplayName string
	// Site is the external id of the site; left out, it is the task's, where the type belongs to sites.
	Site string
	// Parent is the external id of the parent object.
	Parent string
	// Group is the external id of the group.
	Group string
	// Fields that are left out stay as they are.
	Fields Fields
	// Children and bindings; read for Snapshot only. A type of which none is listed is not stated: what is stored of it stays,
	// unless NoChildren says that there is none.
	Children []*Child
	// Types of children of which there is none.
	none []string
}

// NewObject begins an object of a type, under its code name.
func NewObject(objectType, codeName string) *Object {
	return &Object{Type: objectType, CodeName: codeName}
}

// Set sets a field, in place of a value that it has; [Null] clears it. It answers the object, so that calls can be joined.
func (o *Object) Set(name string, value Value) *Object {
	o.Fields.Set(name, value)
	return o
}

// SetText sets a field to a text, or leaves it as it is if the text is empty.
func (o *Object) SetText(name, text string) *Object {
	if text == "" {
		return o
	}
	return o.Set(name, Text(text))
}

// Add adds children or bindings.
func (o *Object) Add(children ...*Child) *Object {
	o.Children = append(o.Children, children...)
	return o
}

// Bind adds a binding with one reference, the common form. Others: Add(NewBinding(…).Set(…)).
func (o *Object) Bind(objectType, field, externalID string) *Object {
	return o.Add(NewBinding(objectType).Set(field, Reference(externalID)))
}

// NoChildren says that the object, or its children, have no children or bindings of this type but those that are added: what else is
// stored of a complete type is deleted. Without it, a type of which none is added is left as it is stored.
func (o *Object) NoChildren(objectType string) *Object {
	if !slices.Contains(o.none, objectType) {
		o.none = append(o.none, objectType)
	}
	return o
}

// LeaveChildren takes NoChildren back: children of this type stay as they are stored, if none is added.
func (o *Object) LeaveChildren(objectType string) *Object {
	o.none = slices.DeleteFunc(o.none, func(none string) bool { return none == objectType })
	return o
}

// None are the types that NoChildren was said of, for tests.
func (o *Object) None() []string {
	return slices.Clone(o.none)
}

// Child is a child object, or a binding, which has no code name.
type Child struct {
	Type        string
	CodeName    string
	GUID        string
	DisplayName string
	Fields      Fields
	Children    []*Child
}

// NewChild begins a child object under its code name.
func NewChild(objectType, codeName string) *Child {
	return &Child{Type: objectType, CodeName: codeName}
}

// NewBinding begins a binding, which is identified by what its fields refer to.
func NewBinding(objectType string) *Child {
	return &Child{Type: objectType}
}

// Set sets a field, in place of a value that it has; [Null] clears it.
func (c *Child) Set(name string, value Value) *Child {
	c.Fields.Set(name, value)
	return c
}

// Add adds children of this child.
func (c *Child) Add(children ...*Child) *Child {
	c.Children = append(c.Children, children...)
	return c
}

// Fields are in the order in which they were set.
type Fields []Field

// Field is a field and its value.
type Field struct {
	Name  string
	Value Value
}

// Set sets a field: where one of this name is set already, its value is replaced and its place kept. [References] with an id that
// is empty or there twice are a fault of the connector: it panics.
func (f *Fields) Set(name string, value Value) {
	if references, ok := value.(References); ok {
		references.check(name)
	}
	for at := range *f {
		if (*f)[at].Name == name {
			(*f)[at].Value = value
			return
		}
	}
	*f = append(*f, Field{Name: name, Value: value})
}

// Get answers the value of the field with this name; nil if there is none.
func (f Fields) Get(name string) Value {
	for _, field := range f {
		if field.Name == name {
			return field.Value
		}
	}
	return nil
}
