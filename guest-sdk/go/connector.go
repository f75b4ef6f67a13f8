package lockgate

import "fmt"

// Connector translates the objects of one external application.
type Connector interface {
	// PrepareInternalObject translates the external object: into an *[Object], a *[Page], or a [Skip]. Called once a task, deletes
	// included.
	PrepareInternalObject(external External, task Task) (Prepared, error)

	// InternalObjectParams says where the object with this external id is found. Called for each reference to an object type, and
	// with "cms.site" for a site.
	InternalObjectParams(id, objectType string) (ObjectParams, error)

	// InternalDocumentParams says where the page with this external id is found. Called for each reference to a page type.
	InternalDocumentParams(id, className string) (DocumentParams, error)
}

// NoReferences is embedded by connectors that refer to no objects, or to no pages: it answers that such references are not
// supported.
type NoReferences struct{}

// InternalObjectParams answers that no references to objects are translated.
func (NoReferences) InternalObjectParams(_, objectType string) (ObjectParams, error) {
	return ObjectParams{}, Unsupportedf("this connector translates no references to object type %q", objectType)
}

// InternalDocumentParams answers that no references to pages are translated.
func (NoReferences) InternalDocumentParams(_, className string) (DocumentParams, error) {
	return DocumentParams{}, Unsupportedf("this connector translates no references to page type %q", className)
}

// External is what the external application handed in, untouched; see [External.JSON].
type External struct {
	// MediaType is for example "application/json".
	MediaType string
	Body      []byte
}

// Task is what the external application wants done with the object that it handed in; see also [TaskTitle] and [TaskFileName].
type Task struct {
	// Type says what to do. Most connectors translate alike for all of them.
	Type TaskType
	// Data says how much of the object is meant; children and bindings are read for Snapshot only.
	Data DataType
	// Site is the external id of the site that the task belongs to; empty for global objects.
	Site string
}

// TaskType is what is asked to be done.
type TaskType uint8

// In the order of the contract.
const (
	CreateObject TaskType = iota
	UpdateObject
	DeleteObject
	AddToSite
	RemoveFromSite
	CreateDocument
	UpdateDocument
	DeleteDocument
	DeleteAllCultures
	PublishDocument
	ArchiveDocument
	MoveDocument
)

var taskTypes = [...]string{
	"create-object", "update-object", "delete-object", "add-to-site", "remove-from-site", "create-document", "update-document",
	"delete-document", "delete-all-cultures", "publish-document", "archive-document", "move-document",
}

// String is the type's word in the contract: "create-object".
func (t TaskType) String() string { return word(taskTypes[:], uint8(t), "task type") }

// DataType is how much of the data is meant.
type DataType uint8

// In the order of the contract.
const (
	// Simple is the object alone, with internal ids.
	Simple DataType = iota
	// SimpleSnapshot is the object with references that are translated.
	SimpleSnapshot
	// Snapshot has children and bindings too.
	Snapshot
)

var dataTypes = [...]string{"simple", "simple-snapshot", "snapshot"}

// String is the type's word in the contract: "simple-snapshot".
func (d DataType) String() string { return word(dataTypes[:], uint8(d), "data type") }

// word of an enumeration; one that a later contract brings has a number.
func word(words []string, at uint8, what string) string {
	if int(at) < len(words) {
		return words[at]
	}
	return fmt.Sprintf("%s %d", what, at)
}

// Prepared is what becomes of an external object: *[Object], *[Page] or [Skip].
type Prepared interface{ prepared() }

// Skip says that there is nothing to do, and why. The task is done.
type Skip string

func (Skip) prepared()    {}
func (*Object) prepared() {}
func (*Page) prepared()   {}

// ObjectParams says where an internal object is found: by its GUID alone, or by its code name with what that is unique within.
type ObjectParams struct {
	// GUID is hexadecimal with hyphens. Nothing else is given beside it.
	GUID     string
	CodeName string
	// Site is the code name of the site; empty for global objects.
	Site string
	// Parent is the external id of the parent object, resolved in turn.
	Parent string
	// Group is the external id of the group, resolved in turn.
	Group string
}

// DocumentParams says where an internal page is found. NodeGUID and Site are needed.
type DocumentParams struct {
	NodeGUID string
	// Culture: empty means in any, and the reference points to the page as a whole.
	Culture string
	// Site is a code name.
	Site string
}
