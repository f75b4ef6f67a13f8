package lockgate

import (
	"bytes"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"

	translator "lockgate.dev/lockgate/internal/bindings/export_lockgate_connector_translator"
	"lockgate.dev/lockgate/internal/bindings/lockgate_connector_children"
	"lockgate.dev/lockgate/internal/bindings/lockgate_connector_identity"
	contract "lockgate.dev/lockgate/internal/bindings/lockgate_connector_types"
	_ "lockgate.dev/lockgate/internal/bindings/wit_exports" // the exports themselves
	"lockgate.dev/lockgate/internal/host"
	"lockgate.dev/lockgate/internal/wit/runtime"
	types "lockgate.dev/lockgate/internal/wit/types"
)

func init() {
	slog.SetDefault(slog.New(LogHandler()))
	translator.Prepare = func(external contract.ExternalObject, taskType, dataType uint8, site types.Option[string]) types.Result[contract.Prepared, contract.ConnectorError] {
		body := External{MediaType: strings.Clone(external.MediaType), Body: bytes.Clone(external.Body)}
		task := Task{Type: TaskType(taskType), Data: DataType(dataType), Site: strings.Clone(site.SomeOr(""))}
		return called(func() (Prepared, *Error) { return prepare(body, task) }, preparedOut)
	}
	translator.ObjectParams = func(id, objectType string) types.Result[contract.ObjectParams, contract.ConnectorError] {
		id, objectType = strings.Clone(id), strings.Clone(objectType)
		return called(func() (ObjectParams, *Error) { return objectParams(id, objectType) }, objectParamsOut)
	}
	translator.DocumentParams = func(id, className string) types.Result[contract.DocumentParams, contract.ConnectorError] {
		id, className = strings.Clone(id), strings.Clone(className)
		return called(func() (DocumentParams, *Error) { return documentParams(id, className) }, documentParamsOut)
	}
}

// called gives back the memory of the arguments, which have been copied and were held since they came in, calls, and hands the answer
// over.
func called[A, B any](method func() (A, *Error), out func(A) B) types.Result[B, contract.ConnectorError] {
	runtime.Release()
	answer, failed := method()
	host.Flush()
	if failed != nil {
		return types.Err[B](errorOut(failed))
	}
	return types.Ok[B, contract.ConnectorError](out(answer))
}

func preparedOut(prepared Prepared) contract.Prepared {
	switch prepared := prepared.(type) {
	case *Object:
		for _, none := range prepared.none {
			lockgate_connector_children.None(valid(none))
		}
		return contract.MakePreparedObject(objectOut(prepared))
	case *Page:
		return contract.MakePreparedPage(pageOut(prepared))
	case Skip:
		return contract.MakePreparedSkip(valid(string(prepared)))
	}
	panic("checked in answered")
}

func objectOut(object *Object) contract.InfoObject {
	return contract.InfoObject{
		ObjectType:  valid(object.Type),
		CodeName:    valid(object.CodeName),
		Guid:        optional(object.GUID),
		DisplayName: optional(object.DisplayName),
		Site:        optional(object.Site),
		Parent:      optional(object.Parent),
		Group:       optional(object.Group),
		Fields:      fieldsOut(object.Fields),
		Children:    childrenOut(nil, types.None[uint32](), object.Children),
	}
}

// childrenOut flattens them, each before its own children.
func childrenOut(flat []contract.Child, parent types.Option[uint32], children []*Child) []contract.Child {
	for _, child := range children {
		own := types.Some(uint32(len(flat)))
		flat = append(flat, contract.Child{
			Parent:      parent,
			ObjectType:  valid(child.Type),
			CodeName:    valid(child.CodeName),
			Guid:        optional(child.GUID),
			DisplayName: optional(child.DisplayName),
			Fields:      fieldsOut(child.Fields),
		})
		flat = childrenOut(flat, own, child.Children)
	}
	return flat
}

func pageOut(page *Page) contract.TreeNode {
	return contract.TreeNode{
		ClassName: valid(page.Class),
		NodeGuid:  optional(page.NodeGUID),
		Site:      optional(page.Site),
		Culture:   valid(page.Culture),
		Name:      valid(page.Name),
		Alias:     optional(page.Alias),
		Parent:    parentOut(page.Parent),
		Order:     pointed(page.Order),
		Published: pointed(page.Published),
		Fields:    fieldsOut(page.Fields),
	}
}

func parentOut(parent PageParent) types.Option[contract.PageParent] {
	switch parent := parent.(type) {
	case Root:
		return types.Some(contract.MakePageParentRoot())
	case ExternalPage:
		return types.Some(contract.MakePageParentExternal(contract.ExternalPage{Id: valid(parent.ID), ClassName: valid(parent.Class)}))
	case NodeGUID:
		return types.Some(contract.MakePageParentNodeGuid(valid(string(parent))))
	case Path:
		return types.Some(contract.MakePageParentPath(valid(string(parent))))
	}
	return types.None[contract.PageParent]()
}

func fieldsOut(fields Fields) []contract.Field {
	out := make([]contract.Field, 0, len(fields))
	for _, field := range fields {
		name := valid(field.Name)
		// A list is as many fields of one name; one without a value is empty.
		if references, ok := field.Value.(References); ok && len(references) > 0 {
			for _, id := range references {
				out = append(out, contract.Field{Name: name, Value: contract.MakeValueReference(valid(id))})
			}
			continue
		}
		out = append(out, contract.Field{Name: name, Value: valueOut(field.Value)})
	}
	return out
}

func valueOut(value Value) contract.Value {
	switch value := value.(type) {
	case Boolean:
		return contract.MakeValueBoolean(bool(value))
	case Integer:
		return contract.MakeValueInteger(strconv.FormatInt(int64(value), 10))
	case Decimal:
		return contract.MakeValueDecimal(valid(string(value)))
	case Real:
		return contract.MakeValueReal(float64(value))
	case Text:
		return contract.MakeValueText(valid(string(value)))
	case Timestamp:
		return contract.MakeValueTimestamp(valid(string(value)))
	case GUID:
		return contract.MakeValueGuid(valid(string(value)))
	case Binary:
		return contract.MakeValueBinary(value)
	case JSON:
		return contract.MakeValueJson(valid(string(value)))
	case Reference:
		return contract.MakeValueReference(valid(string(value)))
	}
	return contract.MakeValueNull()
}

func objectParamsOut(params ObjectParams) contract.ObjectParams {
	if params.GUID != "" {
		lockgate_connector_identity.ByGuid(valid(params.GUID))
	}
	return contract.ObjectParams{
		CodeName: valid(params.CodeName),
		Site:     optional(params.Site),
		Parent:   optional(params.Parent),
		Group:    optional(params.Group),
	}
}

func documentParamsOut(params DocumentParams) contract.DocumentParams {
	return contract.DocumentParams{NodeGuid: valid(params.NodeGUID), Culture: valid(params.Culture), Site: valid(params.Site)}
}

func errorOut(err *Error) contract.ConnectorError {
	problem := contract.Problem{Message: valid(err.Message), Path: optional(err.Path)}
	switch err.Kind {
	case KindInvalid:
		return contract.MakeConnectorErrorInvalid(problem)
	case KindNotFound:
		return contract.MakeConnectorErrorNotFound(problem)
	case KindUnavailable:
		outage := contract.Outage{Message: valid(err.Message), RetryAfterMs: types.None[uint32]()}
		if err.RetryAfter > 0 {
			outage.RetryAfterMs = types.Some(uint32(min(err.RetryAfter/time.Millisecond, math.MaxUint32)))
		}
		return contract.MakeConnectorErrorUnavailable(outage)
	case KindUnsupported:
		return contract.MakeConnectorErrorUnsupported(problem)
	default:
		return contract.MakeConnectorErrorInternal(problem)
	}
}

func optional(text string) types.Option[string] {
	if text == "" {
		return types.None[string]()
	}
	return types.Some(valid(text))
}

func pointed[T any](value *T) types.Option[T] {
	if value == nil {
		return types.None[T]()
	}
	return types.Some(*value)
}

// valid: Go's strings may hold any bytes, the contract's only UTF-8; a string that is none would trap.
func valid(text string) string {
	return strings.ToValidUTF8(text, "\uFFFD")
}
