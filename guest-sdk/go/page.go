package lockgate

// Page is a page of a content tree, in one culture. What is empty or nil is left out.
type Page struct {
	// Class is a page type that the content model declares, for example "blog.post".
	Class string
	// NodeGUID identifies the page; left out, the alias path does.
	NodeGUID string
	// Site is the external id of the site; left out, it is the task's.
	Site string
	// Culture is for example "en-US".
	Culture string
	// Name is the page's name in this culture.
	Name string
	// Alias is the last step of the page's path; left out, it is made from the name for a new page, else unchanged.
	Alias string
	// Parent: nil leaves an existing page where it is, and puts a new one under the root.
	Parent PageParent
	// Order is the position among its siblings, ascending; nil: unchanged, and last for a new page.
	Order *int32
	// Published: nil leaves it unchanged, and a new culture version not published.
	Published *bool
	Fields    Fields
}

// NewPage begins a page of a page type, in one culture.
func NewPage(class, culture, name string) *Page {
	return &Page{Class: class, Culture: culture, Name: name}
}

// Set sets a field, in place of a value that it has; [Null] clears it.
func (p *Page) Set(name string, value Value) *Page {
	p.Fields.Set(name, value)
	return p
}

// PageParent is how a page names its parent: [Root], [ExternalPage], [NodeGUID] or [Path].
type PageParent interface{ pageParent() }

// Root puts the page directly under the root.
type Root struct{}

// ExternalPage is another page of the external application; InternalDocumentParams is asked where it is.
type ExternalPage struct{ ID, Class string }

// NodeGUID is the parent's node GUID.
type NodeGUID string

// Path is the parent's alias path: "/about/team".
type Path string

func (Root) pageParent()         {}
func (ExternalPage) pageParent() {}
func (NodeGUID) pageParent()     {}
func (Path) pageParent()         {}
