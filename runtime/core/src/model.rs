//! The content model: which sites, object types, binding types and page types there are.

mod check;
mod diff;
mod form;
mod parse;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use diff::{ModelChange, Unused, diff, still_used, unused};
pub use parse::{ModelError, parse};

use crate::names::{CodeName, Culture, FieldName, SiteName, TypeName};

/// The type by which `get-internal-object-params` is asked for a site.
pub const SITE_TYPE: &str = "cms.site";
/// What a reference that may point to any page has as its type.
pub const ANY_PAGE: &str = "cms.node";

/// Everything that is declared. Consistent: every type that is named exists.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContentModel {
    /// Sites by name.
    pub sites: BTreeMap<SiteName, Site>,
    /// Object types and binding types by name.
    pub object_types: BTreeMap<TypeName, ObjectType>,
    /// Page types by name.
    pub page_types: BTreeMap<TypeName, PageType>,
}

/// A site with its content tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Its code name.
    pub name: SiteName,
    /// Cultures that its pages may have; the first is the default one.
    pub cultures: Vec<Culture>,
}

/// A declared object type, or a binding type.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectType {
    /// For example `cms.user`.
    pub name: TypeName,
    /// Whether its objects belong to a site.
    pub site_bound: bool,
    /// The type of its parents. A tree's type is its own parent type.
    pub parent: Option<TypeName>,
    /// Whether an object must have a parent.
    pub parent_required: bool,
    /// The type of the groups that its objects belong to.
    pub group: Option<TypeName>,
    /// In declared order.
    pub fields: Vec<Field>,
    /// Types of its children and bindings in a `snapshot`.
    pub children: Vec<ChildType>,
    /// For a binding type: the fields that identify a binding, the owner first. Empty for objects.
    pub binds: Vec<FieldName>,
    /// Within what its code names are unique (§7.3).
    pub unique_within: Within,
    /// How its code names compare (§7.2).
    pub names: Names,
    /// The field that says how new an object is (§7.4).
    pub newer_by: Option<FieldName>,
}

/// Within what the code names of a type are unique (§7.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Within {
    /// Site, parent and group.
    #[default]
    Scope,
    /// The site: parent and group are references that may change.
    Site,
    /// Everything.
    All,
}

/// How the code names of a type compare (§7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Names {
    /// Unicode NFC, trimmed, case-insensitive.
    #[default]
    Folded,
    /// As given: ids of applications that tell AbC from abC.
    Exact,
}

impl Within {
    /// As model files say it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scope => "scope",
            Self::Site => "site",
            Self::All => "all",
        }
    }
}

impl Names {
    /// As model files say it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Folded => "folded",
            Self::Exact => "exact",
        }
    }
}

impl ObjectType {
    /// Whether its rows are bindings.
    pub fn is_binding(&self) -> bool {
        !self.binds.is_empty()
    }

    /// A code name of this type, which compares as the type's names do (§7.2), whatever it was read as.
    pub fn named(&self, name: CodeName) -> CodeName {
        match self.names {
            Names::Folded => name.folded(),
            Names::Exact => name.into_exact(),
        }
    }

    /// The declaration of a field.
    pub fn field(&self, name: &FieldName) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == *name)
    }
}

/// A declared page type.
#[derive(Debug, Clone, PartialEq)]
pub struct PageType {
    /// For example `blog.post`.
    pub name: TypeName,
    /// In declared order.
    pub fields: Vec<Field>,
    /// The field that says how new a culture of a page is (§7.4).
    pub newer_by: Option<FieldName>,
}

/// How a child type is treated in a `snapshot` (§6).
#[derive(Debug, Clone, PartialEq)]
pub struct ChildType {
    /// An object type whose parent type this is, or a binding type whose owner this is.
    pub name: TypeName,
    /// What becomes of stored children that the data does not have.
    pub completeness: Completeness,
}

/// What becomes of stored children that a `snapshot` does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// They are deleted.
    Complete,
    /// They stay.
    Incremental,
    /// Children of this type are not written at all.
    None,
}

/// A declared field.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Unique within its type.
    pub name: FieldName,
    /// Which values it takes.
    pub kind: Kind,
    /// Whether a new object must have a value, and an old one may not lose it.
    pub required: bool,
    /// Whether no two objects of the type may have the same value.
    pub unique: bool,
    /// Longest text in characters, or bytes for binary.
    pub length_max: Option<usize>,
}

/// Which values a field takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// True or false.
    Boolean,
    /// 64 bits with sign.
    Integer,
    /// Exact decimal.
    Decimal,
    /// Finite floating point.
    Real,
    /// Text.
    Text,
    /// RFC 3339.
    Timestamp,
    /// GUID.
    Guid,
    /// Bytes.
    Binary,
    /// One JSON document.
    Json,
    /// A reference to another object or page, or a list of them.
    Reference(Reference),
}

/// Where a reference field points, and how much it is needed.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// An object type, a page type, or [`ANY_PAGE`].
    pub to: TypeName,
    /// Whether `to` is a page type or [`ANY_PAGE`].
    pub to_page: bool,
    /// What happens when it does not resolve (§7.2).
    pub need: Need,
    /// Whether the field holds a list of references. Each has this need.
    pub many: bool,
}

/// What happens when a reference does not resolve (§7.2).
#[derive(Debug, Clone, PartialEq)]
pub enum Need {
    /// The task fails.
    Required,
    /// The object with this code name is taken: a global one, or one of the task's site.
    RequiredWithDefault(CodeName),
    /// Null, and a warning.
    Optional,
    /// The row is not made, and a warning. For fields of binding types.
    Binding,
}

impl ContentModel {
    /// An object type or binding type.
    pub fn object_type(&self, name: &TypeName) -> Option<&ObjectType> {
        self.object_types.get(name)
    }

    /// A page type.
    pub fn page_type(&self, name: &TypeName) -> Option<&PageType> {
        self.page_types.get(name)
    }

    /// The declared fields of a type of either kind.
    pub fn fields_of(&self, name: &TypeName) -> &[Field] {
        self.object_type(name)
            .map(|t| t.fields.as_slice())
            .or_else(|| self.page_type(name).map(|t| t.fields.as_slice()))
            .unwrap_or_default()
    }

    /// Types whose objects have this type as parent.
    pub fn child_types<'a>(&'a self, parent: &'a TypeName) -> impl Iterator<Item = &'a ObjectType> {
        self.object_types.values().filter(move |t| t.parent.as_ref() == Some(parent))
    }
}

/// Shared by everything that runs at one moment; replaced whole when the model changes.
pub type SharedModel = Arc<ContentModel>;
