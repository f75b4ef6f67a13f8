//! Pages of a content tree.

use crate::value::{find, set};
use crate::{Field, Prepared, Value};

/// A page of a content tree, in one culture.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page {
    /// A page type that the content model declares, for example `blog.post`.
    pub class_name: String,
    /// Identifies the page. Absent: the alias path does.
    pub node_guid: Option<String>,
    /// External id of the site. Absent: the task's site.
    pub site: Option<String>,
    /// For example `en-US`.
    pub culture: String,
    /// The page's name in this culture.
    pub name: String,
    /// Last step of the page's path.
    pub alias: Option<String>,
    /// Absent: an existing page stays where it is; a new one goes under the root.
    pub parent: Option<PageParent>,
    /// Position among its siblings.
    pub order: Option<i32>,
    /// Whether readers see it.
    pub published: Option<bool>,
    /// No name twice.
    pub fields: Vec<Field>,
}

/// How a page names its parent.
#[derive(Clone, Debug, PartialEq)]
pub enum PageParent {
    /// The root of the site's tree.
    Root,
    /// Another page of the external application.
    External(ExternalPage),
    /// The parent's node GUID.
    NodeGuid(String),
    /// The parent's alias path: `/about/team`.
    Path(String),
}

/// A page of the external application.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ExternalPage {
    /// Its external id.
    pub id: String,
    /// Its page type.
    pub class_name: String,
}

impl ExternalPage {
    /// The page with this external id, of this type.
    pub fn new(id: impl Into<String>, class_name: impl Into<String>) -> Self {
        Self { id: id.into(), class_name: class_name.into() }
    }
}

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
        let page = ExternalPage::new(id, class_name);
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

    /// Sets a field, also one that was set before; `None` clears it.
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
        set(&mut self.fields, name.into(), value.into());
    }

    /// The value that was set for a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        find(&self.fields, name)
    }

    /// Puts the page there.
    #[must_use]
    pub fn under(mut self, parent: PageParent) -> Self {
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
