//! What a connector answers, checked for form and not yet against the content model.

use std::sync::Arc;

use uuid::Uuid;

use crate::maps::HashSet;
use crate::names::{CodeName, Culture, ExternalId, FieldName, SiteName, TypeName};
use crate::value::Given;

/// What `prepare-internal-object` answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Prepared {
    /// An object, with children and bindings.
    Object(InfoObject),
    /// A page in one culture.
    Page(TreeNode),
    /// Nothing to do, and why.
    Skip(Arc<str>),
}

/// An object as the connector describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct InfoObject {
    /// The object itself: `site`, `parent` and `group` belong to it alone.
    pub row: InfoRow,
    /// External id of the site.
    pub site: Option<ExternalId>,
    /// External id of the parent.
    pub parent: Option<ExternalId>,
    /// External id of the group.
    pub group: Option<ExternalId>,
    /// Children and bindings.
    pub children: Vec<Child>,
    /// Types of which the connector says that the object has no children or bindings (contract 1.1). A type
    /// that is neither listed nor named here is not stated (§7.5).
    pub none_of: Vec<TypeName>,
}

/// Of which types an object states the children of which of its rows.
pub struct Lists<'a> {
    listed: HashSet<(Option<u32>, &'a TypeName)>,
    none_of: &'a [TypeName],
}

impl InfoObject {
    /// What its list of children states.
    pub fn lists(&self) -> Lists<'_> {
        let listed = self.children.iter().map(|child| (child.parent, &child.row.object_type)).collect();
        Lists { listed, none_of: &self.none_of }
    }
}

impl Lists<'_> {
    /// Whether the children of a type of a row (`None`: of the object itself) are stated: some are listed, or it
    /// is said that there are none. What is not stated is left alone (§7.5).
    pub fn state(&self, row: Option<u32>, child_type: &TypeName) -> bool {
        self.listed.contains(&(row, child_type)) || self.none_of.contains(child_type)
    }
}

/// What the main object and its children have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct InfoRow {
    /// An object type or binding type.
    pub object_type: TypeName,
    /// Absent for a binding.
    pub code_name: Option<CodeName>,
    /// Wins over the code name.
    pub guid: Option<Uuid>,
    /// For people.
    pub display_name: Option<Arc<str>>,
    /// In the connector's order; no name twice.
    pub fields: Vec<(FieldName, Given)>,
}

/// A child or binding.
#[derive(Debug, Clone, PartialEq)]
pub struct Child {
    /// Position in the list of the child that this one belongs to; always an earlier one.
    pub parent: Option<u32>,
    /// The row.
    pub row: InfoRow,
}

/// A page in one culture.
#[derive(Debug, Clone, PartialEq)]
pub struct TreeNode {
    /// A page type.
    pub class_name: TypeName,
    /// Identifies the page; absent: the path does.
    pub node_guid: Option<Uuid>,
    /// External id of the site; absent: the task's.
    pub site: Option<ExternalId>,
    /// Which culture.
    pub culture: Culture,
    /// Its name in this culture.
    pub name: Arc<str>,
    /// Last step of the path.
    pub alias: Option<CodeName>,
    /// Where in the tree.
    pub parent: Option<PageParent>,
    /// Position among siblings.
    pub order: Option<i32>,
    /// Published or not.
    pub published: Option<bool>,
    /// In the connector's order; no name twice.
    pub fields: Vec<(FieldName, Given)>,
}

/// How a page names its parent.
#[derive(Debug, Clone, PartialEq)]
pub enum PageParent {
    /// The root of the site's tree.
    Root,
    /// To be resolved by `get-internal-document-params`.
    External(ExternalId, TypeName),
    /// By GUID.
    Guid(Uuid),
    /// By alias path: the steps.
    Path(Vec<CodeName>),
}

/// Where to find an internal object.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectParams {
    /// Its GUID: then no name matters (contract 1.1).
    pub guid: Option<Uuid>,
    /// Its code name.
    pub code_name: CodeName,
    /// Its site; absent: global objects only.
    pub site: Option<SiteName>,
    /// External id of its parent.
    pub parent: Option<ExternalId>,
    /// External id of its group.
    pub group: Option<ExternalId>,
}

/// Where to find an internal page.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentParams {
    /// Its GUID.
    pub node_guid: Uuid,
    /// Which culture; `None`: any (contract 1.1).
    pub culture: Option<Culture>,
    /// Its site.
    pub site: SiteName,
}
