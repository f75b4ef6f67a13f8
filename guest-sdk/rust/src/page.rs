//! Pages of a content tree.

use crate::value::find;
use crate::{ExternalPage, Field, Page, PageParent, Prepared, Value};

impl Page {
    /// A page of a page type that the content model declares, in one culture, such as `en-US`.
    pub fn new(class_name: impl Into<String>, culture: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            class_name: class_name.into(),
            node_guid: None,
            site: None,
            culture: culture.into(),
            name: name.into(),
            alias: None,
            parent: None,
            order: None,
            published: None,
            fields: Vec::new(),
        }
    }

    /// Identifies the page; see [`guid_from_name`](crate::guid_from_name) for a lasting one. Left
    /// out, the alias path identifies it.
    #[must_use]
    pub fn node_guid(mut self, guid: impl Into<String>) -> Self {
        self.node_guid = Some(guid.into());
        self
    }

    /// External id of the site. Left out, it is the task's.
    #[must_use]
    pub fn site(mut self, external_id: impl Into<String>) -> Self {
        self.site = Some(external_id.into());
        self
    }

    /// Last step of the page's path.
    #[must_use]
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.alias = Some(alias.into());
        self
    }

    /// Puts the page directly under the root. Without a parent, an existing page stays where it is.
    #[must_use]
    pub fn parent_root(self) -> Self {
        self.under(PageParent::Root)
    }

    /// Puts the page under another of the external application's; its external id is asked for
    /// with `get_internal_document_params`.
    #[must_use]
    pub fn parent_external(self, id: impl Into<String>, class_name: impl Into<String>) -> Self {
        let page = ExternalPage { id: id.into(), class_name: class_name.into() };
        self.under(PageParent::External(page))
    }

    /// Puts the page under the one with this node GUID.
    #[must_use]
    pub fn parent_guid(self, node_guid: impl Into<String>) -> Self {
        self.under(PageParent::NodeGuid(node_guid.into()))
    }

    /// Puts the page under the one with this alias path: `/about/team`.
    #[must_use]
    pub fn parent_path(self, alias_path: impl Into<String>) -> Self {
        self.under(PageParent::Path(alias_path.into()))
    }

    /// Position among its siblings, ascending.
    #[must_use]
    pub fn order(mut self, order: i32) -> Self {
        self.order = Some(order);
        self
    }

    /// Whether readers see it. Left out, it stays as it is; a new culture version is not published.
    #[must_use]
    pub fn published(mut self, published: bool) -> Self {
        self.published = Some(published);
        self
    }

    /// Sets a field; `None` clears it.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.push_field(name, value);
        self
    }

    /// Sets a field, or leaves it as it is when there is no value.
    #[must_use]
    pub fn field_opt(self, name: impl Into<String>, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// As [`Page::field`], for loops.
    pub fn push_field(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.fields.push(Field::new(name, value));
    }

    /// The value that was set for a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        find(&self.fields, name)
    }

    fn under(mut self, parent: PageParent) -> Self {
        self.parent = Some(parent);
        self
    }
}

impl From<Page> for Prepared {
    fn from(page: Page) -> Self {
        Self::Page(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_parent_named_counts() {
        let page = Page::new("blog.post", "en-US", "Hello").parent_root().parent_path("/blog");
        assert_eq!(page.parent, Some(PageParent::Path("/blog".into())));
    }

    #[test]
    fn what_is_not_said_stays_unchanged() {
        let page = Page::new("blog.post", "en-US", "Hello").field("body", "Hi");
        assert_eq!((page.order, page.published, page.alias.as_ref()), (None, None, None));
        assert_eq!(page.get("body"), Some(&Value::Text("Hi".into())));
        assert!(matches!(Prepared::from(page), Prepared::Page(_)));
    }
}
