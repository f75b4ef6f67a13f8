// Package export_lockgate_connector_translator is what the generated exports call. It is written by hand: it hands the calls on to
// the package lockgate, which cannot be imported from here.
package export_lockgate_connector_translator

import (
	"lockgate.dev/lockgate/internal/bindings/lockgate_connector_types"
	wit_types "lockgate.dev/lockgate/internal/wit/types"
)

// The three methods, set by the package lockgate before the first call.
var (
	Prepare        func(lockgate_connector_types.ExternalObject, lockgate_connector_types.TaskType, lockgate_connector_types.DataType, wit_types.Option[string]) wit_types.Result[lockgate_connector_types.Prepared, lockgate_connector_types.ConnectorError]
	ObjectParams   func(id, objectType string) wit_types.Result[lockgate_connector_types.ObjectParams, lockgate_connector_types.ConnectorError]
	DocumentParams func(id, className string) wit_types.Result[lockgate_connector_types.DocumentParams, lockgate_connector_types.ConnectorError]
)

// PrepareInternalObject hands the call on.
func PrepareInternalObject(external lockgate_connector_types.ExternalObject, taskType lockgate_connector_types.TaskType, dataType lockgate_connector_types.DataType, siteName wit_types.Option[string]) wit_types.Result[lockgate_connector_types.Prepared, lockgate_connector_types.ConnectorError] {
	return Prepare(external, taskType, dataType, siteName)
}

// GetInternalObjectParams hands the call on.
func GetInternalObjectParams(id, objectType string) wit_types.Result[lockgate_connector_types.ObjectParams, lockgate_connector_types.ConnectorError] {
	return ObjectParams(id, objectType)
}

// GetInternalDocumentParams hands the call on.
func GetInternalDocumentParams(id, className string) wit_types.Result[lockgate_connector_types.DocumentParams, lockgate_connector_types.ConnectorError] {
	return DocumentParams(id, className)
}
