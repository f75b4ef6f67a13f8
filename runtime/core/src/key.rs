//! Questions to the store, and its answers.

use std::sync::Arc;

use uuid::Uuid;

pub use crate::unique::unique_key;

use crate::maps::HashMap;
use crate::names::{FieldName, SiteName, TypeName};
use crate::rows::{BindingId, BindingRow, NodeId, ObjectId, ObjectRow, PageRow, Referrer, Scope, Target};

/// Most rows that one answer holds. A store answers with one more when there are more, so that
/// the plan can tell.
pub const ANSWER_ROWS_MAX: usize = 10_000;

/// The same of an answer of ids alone.
pub const ANSWER_IDS_MAX: usize = 100_000;

/// One question. The plan asks in terms of the bus; how a store finds the answer is its own affair.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// The object with this id. Answer: `Object`.
    Object(ObjectId),
    /// The object with exactly this scope and code name. Answer: `Object`.
    Name(TypeName, Scope, Arc<str>),
    /// The object with exactly this scope and GUID. Answer: `Object`.
    Guid(TypeName, Scope, Uuid),
    /// Objects of this type, site and code name under any parent and group, two at most.
    /// Answer: `Objects`.
    AnyNamed(TypeName, Option<SiteName>, Arc<str>),
    /// The object whose unique field has this value (as [`unique_key`] writes it). Answer: `Object`.
    Unique(TypeName, FieldName, Arc<str>),
    /// Objects of a type with this parent, ascending id. Answer: `Objects`.
    Children(ObjectId, TypeName),
    /// The page with this id. Answer: `Page`.
    Page(NodeId),
    /// The page of this site with this GUID. Answer: `Page`.
    PageGuid(SiteName, Uuid),
    /// The page with this parent (`None`: the root) and alias key. Answer: `Page`.
    PageAlias(SiteName, Option<NodeId>, Arc<str>),
    /// One page under this one, whichever. Answer: `Page`.
    PageChild(NodeId),
    /// Pages directly under this one, ascending id. Answer: `PageIds`.
    PageChildren(NodeId),
    /// The binding with this id. Answer: `Binding`.
    Binding(BindingId),
    /// The binding of this type that binds exactly these. Answer: `Binding`.
    Binds(TypeName, Vec<Target>),
    /// Bindings of a type whose first bound thing is this, ascending id. Answer: `Bindings`.
    BindingsOf(TypeName, Target),
    /// Who points to this, with a field or as its group (bindings included, parents not). Answer: `Referrers`.
    Referrers(Target),
}

/// One answer. `None` and empty lists mean: looked for and not there.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// An object, or none.
    Object(Option<Arc<ObjectRow>>),
    /// Objects, ascending id.
    Objects(Vec<Arc<ObjectRow>>),
    /// A page, or none.
    Page(Option<Arc<PageRow>>),
    /// Pages' ids, ascending.
    PageIds(Vec<NodeId>),
    /// A binding, or none.
    Binding(Option<Arc<BindingRow>>),
    /// Bindings, ascending id.
    Bindings(Vec<Arc<BindingRow>>),
    /// Referrers, ascending and without repeats.
    Referrers(Vec<Referrer>),
}

/// Answers to a set of questions, all as of one moment.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The store's commit counter at that moment.
    pub as_of: u64,
    /// One answer for each question.
    pub answers: HashMap<Key, Answer>,
}
