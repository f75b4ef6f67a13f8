package lockgate

// The connector of this component.
var exported Connector

// Export makes this connector the one that the component exports. Call it once, from an init function: main is not run.
func Export(connector Connector) {
	exported = connector
}

// answered is what a method answers when nothing was exported.
var errNothingExported = Internal("this component exports no connector: call lockgate.Export from an init function")

// prepare is PrepareInternalObject as the host's call comes to it, with every way to fail as an error.
func prepare(external External, task Task) (Prepared, *Error) {
	if exported == nil {
		return nil, errNothingExported
	}
	prepared, failed := guarded(func() (Prepared, error) {
		prepared, err := exported.PrepareInternalObject(external, task)
		if err == nil {
			err = answered(prepared)
		}
		return prepared, err
	})
	return prepared, failed
}

func objectParams(id, objectType string) (ObjectParams, *Error) {
	if exported == nil {
		return ObjectParams{}, errNothingExported
	}
	return guarded(func() (ObjectParams, error) {
		params, err := exported.InternalObjectParams(id, objectType)
		if err == nil && params.GUID != "" && params != (ObjectParams{GUID: params.GUID}) {
			err = Internal("InternalObjectParams answered more than a GUID: an object is found by its GUID alone")
		}
		return params, err
	})
}

func documentParams(id, className string) (DocumentParams, *Error) {
	if exported == nil {
		return DocumentParams{}, errNothingExported
	}
	return guarded(func() (DocumentParams, error) { return exported.InternalDocumentParams(id, className) })
}

// answered tells the connector's author of an answer that is none.
func answered(prepared Prepared) error {
	switch prepared := prepared.(type) {
	case *Object:
		if prepared != nil {
			return values(prepared.Fields, prepared.Children)
		}
	case *Page:
		if prepared != nil {
			return values(prepared.Fields, nil)
		}
	case Skip:
		return nil
	}
	return Internal("PrepareInternalObject answered neither an object, a page, a skip nor an error")
}

func values(fields Fields, children []*Child) error {
	for _, field := range fields {
		if field.Value == nil {
			return Internalf("field %q has no value: lockgate.Null clears it, leaving it out leaves it as it is", field.Name)
		}
	}
	for at, child := range children {
		if child == nil {
			return Internalf("child %d is nil", at)
		}
		if err := values(child.Fields, child.Children); err != nil {
			return err
		}
	}
	return nil
}
