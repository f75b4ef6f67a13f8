// Articles become pages. The README shows parts of it.
package main

import (
	"encoding/json"
	"net/url"

	"lockgate.dev/lockgate"
	"lockgate.dev/lockgate/calls"
	"lockgate.dev/lockgate/state"
)

type article struct {
	ID      string   `json:"id"`
	Version string   `json:"version"`
	Title   string   `json:"title"`
	Body    string   `json:"body"`
	Section string   `json:"section"`
	Tags    []string `json:"tags"`
	Price   json.Number
}

type articles struct{}

func init() {
	lockgate.Export(articles{})
}

func (articles) PrepareInternalObject(external lockgate.External, task lockgate.Task) (lockgate.Prepared, error) {
	var article article
	if err := external.JSON(&article); err != nil {
		return nil, err
	}
	if article.ID == "" {
		return nil, lockgate.Invalid("an article needs an id").At("id")
	}
	if task.Type == lockgate.DeleteDocument {
		return deleted(article), nil
	}
	if isStored, err := remember(article); err != nil || isStored {
		return lockgate.Skip("this version is stored already"), err
	}
	return page(article), nil
}

// An article is a page below the page of its section.
func page(article article) *lockgate.Page {
	page := lockgate.NewPage("blog.post", culture(), article.Title).Set("body", lockgate.Text(article.Body))
	page.NodeGUID = lockgate.GUIDFromName("https://blog.example", "articles/"+article.ID)
	page.Parent = lockgate.ExternalPage{ID: article.Section, Class: "blog.section"}
	page.Published = new(true)
	if article.Tags != nil { // Not stated otherwise: the stored list stays.
		page.Set("tags", lockgate.References(article.Tags))
	}
	if article.Price != "" {
		page.Set("price", lockgate.Decimal(article.Price))
	}
	return page
}

// A delete names the page, and no more.
func deleted(article article) *lockgate.Page {
	page := lockgate.NewPage("blog.post", culture(), article.ID)
	page.NodeGUID = lockgate.GUIDFromName("https://blog.example", "articles/"+article.ID)
	return page
}

func culture() string {
	if culture, ok := lockgate.Setting("culture"); ok {
		return culture
	}
	lockgate.Warn("", "no setting culture: English is taken")
	return "en-US"
}

// remember says whether this version was stored by an earlier task. What it writes is kept if this task succeeds.
func remember(article article) (isStored bool, err error) {
	key := "version/" + article.ID
	if stored, ok := state.Get(key); ok && string(stored) == article.Version {
		return true, nil
	}
	return false, state.Set(key, []byte(article.Version))
}

// Tags are known by their GUID; the application says which.
func (articles) InternalObjectParams(id, objectType string) (lockgate.ObjectParams, error) {
	if objectType != "blog.tag" {
		return lockgate.ObjectParams{}, lockgate.Unsupportedf("no references to %s", objectType)
	}
	token, _ := lockgate.SecretNamed("token")
	answer, err := calls.Get("https://blog.example/tags/" + url.PathEscape(id)).Bearer(token).Do()
	if err != nil {
		return lockgate.ObjectParams{}, err
	}
	if err := answer.Check(); err != nil { // 404 is not found, 503 is unavailable, …
		return lockgate.ObjectParams{}, err
	}
	var tag struct {
		GUID string `json:"guid"`
	}
	err = answer.JSON(&tag)
	return lockgate.ObjectParams{GUID: tag.GUID}, err
}

// An empty culture finds the section's page in any.
func (articles) InternalDocumentParams(id, _ string) (lockgate.DocumentParams, error) {
	return lockgate.DocumentParams{NodeGUID: lockgate.GUIDFromName("https://blog.example", "sections/"+id), Site: "main"}, nil
}

func main() {} // Not run: the host calls the methods.
