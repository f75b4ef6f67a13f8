//! What the store keeps: objects, pages, bindings.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, LazyLock};

use uuid::Uuid;

use crate::names::{CodeName, ConnectorName, Culture, FieldName, SiteName, TypeName};
use crate::newer::Version;
use crate::value::Stored;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// An object, for ever: never reused.
    ObjectId
);
id!(
    /// A page (the node, with all its cultures), for ever.
    NodeId
);
id!(
    /// A binding, for ever.
    BindingId
);
id!(
    /// A loose end (§11.4), for ever.
    LooseId
);

/// Something that a reference points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// An object.
    Object(ObjectId),
    /// A page.
    Page(NodeId),
}

/// Something that holds a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowId {
    /// An object.
    Object(ObjectId),
    /// A page.
    Page(NodeId),
    /// A binding.
    Binding(BindingId),
}

/// A field of a row that points to something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Referrer {
    /// Whose field it is.
    pub row: RowId,
    /// Which field.
    pub field: FieldName,
}

/// The name under which an object refers to its group. No declared field begins with a dot.
pub fn group_field() -> Option<&'static FieldName> {
    static GROUP: LazyLock<Option<FieldName>> = LazyLock::new(|| FieldName::new(".group").ok());
    GROUP.as_ref()
}

/// Fields by name. A field without a value has no entry.
pub type Fields = BTreeMap<FieldName, Stored>;

/// Within what a code name is unique, besides its type (§7.2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Scope {
    /// The site, for objects that belong to one.
    pub site: Option<SiteName>,
    /// The parent object.
    pub parent: Option<ObjectId>,
    /// The group object.
    pub group: Option<ObjectId>,
}

/// What a reference means, as a connector stated it (§7.2). Kept beside the reference: what it points to
/// is looked up again when that goes, and when what is missing comes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Stated {
    /// An object.
    Object(StatedObject),
    /// A page.
    Page(StatedPage),
}

/// An object, as a connector states which one it means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StatedObject {
    /// By type and GUID.
    Guid(TypeName, Uuid),
    /// By its code name, within site, parent and group as given.
    Named {
        /// Its type.
        object_type: TypeName,
        /// Its code name.
        name: CodeName,
        /// Its site.
        site: Option<SiteName>,
        /// Its parent.
        parent: Option<Arc<StatedObject>>,
        /// Its group.
        group: Option<Arc<StatedObject>>,
    },
}

/// A page, as a connector states which one it means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StatedPage {
    /// A page type, or `model::ANY_PAGE`.
    pub class_name: TypeName,
    /// Its site.
    pub site: SiteName,
    /// Its node GUID.
    pub guid: Uuid,
    /// The culture that it must have; `None`: any.
    pub culture: Option<Culture>,
}

/// The first of what a binding binds: the row, or the question while there is none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Owner {
    /// It is there.
    Row(Target),
    /// It is not there.
    Stated(Arc<Stated>),
}

/// The question of one reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// As it was stated.
    pub stated: Arc<Stated>,
    /// The external id that it was stated for.
    pub external: Arc<str>,
    /// Who stated it: it is mended by this connector's grants, whoever's delete left it loose.
    pub by: ConnectorName,
    /// The field is not as stated: it is empty or has its default, and this loose end waits.
    pub loose: Option<LooseId>,
}

/// Questions of a row's references by field. A reference by an internal id (`simple`) has none.
pub type Links = BTreeMap<FieldName, Link>;

/// How new what a row holds is, where its type says `newer_by` (§7.4). Empty elsewhere.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Newer {
    /// Of the newest task that wrote the row.
    pub row: Option<Version>,
    /// Of the newest task that wrote a field; a list of bindings or children counts as one, under
    /// its type's name.
    pub fields: BTreeMap<Arc<str>, Version>,
}

/// One object.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectRow {
    /// Its id in this store.
    pub id: ObjectId,
    /// A declared object type.
    pub object_type: TypeName,
    /// Site, parent and group.
    pub scope: Scope,
    /// Unique within type and scope.
    pub code_name: CodeName,
    /// Unique within the type.
    pub guid: Uuid,
    /// Whether the connector gave the GUID; one that the store made is left out of canonical exports.
    pub guid_given: bool,
    /// For people.
    pub display_name: Arc<str>,
    /// Sites that a global object is bound to (`add-to-site`).
    pub sites: BTreeSet<SiteName>,
    /// Declared fields that have a value.
    pub fields: Fields,
    /// The questions of its references; that of the group under [`group_field`].
    pub links: Links,
    /// How new it is.
    pub newer: Newer,
    /// When it was first written, in ms since 1970.
    pub created_ms: i64,
    /// When it was last changed, in ms since 1970.
    pub modified_ms: i64,
}

/// One page with all its cultures. The root of a site has no row: it always exists.
#[derive(Debug, Clone, PartialEq)]
pub struct PageRow {
    /// Its id in this store.
    pub id: NodeId,
    /// The site whose tree it is in.
    pub site: SiteName,
    /// A declared page type.
    pub class_name: TypeName,
    /// Unique within the site.
    pub guid: Uuid,
    /// Whether the connector gave the GUID.
    pub guid_given: bool,
    /// `None`: under the root.
    pub parent: Option<NodeId>,
    /// Last step of the path, unique among siblings.
    pub alias: CodeName,
    /// Position among its siblings; those without come last, by alias.
    pub order: Option<i32>,
    /// At least one.
    pub cultures: BTreeMap<Culture, CultureVersion>,
    /// When it was first written, in ms since 1970.
    pub created_ms: i64,
    /// When it was last changed, in ms since 1970.
    pub modified_ms: i64,
}

/// One culture of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct CultureVersion {
    /// The page's name in this culture.
    pub name: Arc<str>,
    /// Whether it is published.
    pub published: bool,
    /// Whether it was archived.
    pub archived: bool,
    /// Declared fields that have a value.
    pub fields: Fields,
    /// The questions of its references.
    pub links: Links,
    /// How new it is.
    pub newer: Newer,
}

/// A row that binds things to each other: identified by what it binds.
#[derive(Debug, Clone, PartialEq)]
pub struct BindingRow {
    /// Its id in this store.
    pub id: BindingId,
    /// A declared binding type.
    pub binding_type: TypeName,
    /// What it binds: the type's key fields, in declared order. The first is the owner.
    pub binds: Vec<Target>,
    /// All fields, those in `binds` included.
    pub fields: Fields,
    /// The questions of its references, those of `binds` included.
    pub links: Links,
}

impl ObjectRow {
    /// Every reference in its fields, and its group under [`group_field`]. The parent is not among
    /// them: see `Key::Children`.
    pub fn references(&self) -> impl Iterator<Item = (&FieldName, Target)> {
        let group = self.scope.group.map(Target::Object);
        references(&self.fields).chain(group_field().zip(group))
    }
}

impl PageRow {
    /// Every reference in its fields, over all cultures; a pair may come twice.
    pub fn references(&self) -> impl Iterator<Item = (&FieldName, Target)> {
        self.cultures.values().flat_map(|culture| references(&culture.fields))
    }
}

impl BindingRow {
    /// Every reference in its fields.
    pub fn references(&self) -> impl Iterator<Item = (&FieldName, Target)> {
        references(&self.fields)
    }
}

fn references(fields: &Fields) -> impl Iterator<Item = (&FieldName, Target)> {
    fields.iter().filter_map(|(name, value)| Some((name, value.target()?)))
}
