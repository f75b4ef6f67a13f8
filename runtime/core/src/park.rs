//! Waiting (§11): what is known of a task that a pass has come to and that has not ended, so that later
//! ones do not overtake it, what it waits for wakes it, and those that need it find it.

mod gather;

use std::sync::Arc;

pub use gather::{Ask, Gathering};

use crate::mark::Mark;
use crate::names::{ConnectorName, Culture, FieldName, TypeName};
use crate::rows::{BindingId, Fields, Links, LooseId, NodeId, ObjectId, Owner, Stated};
use crate::task::TaskId;

/// What is known of a task that a pass has come to and that has not ended, whatever it waits for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Waiting {
    /// Since when it has waited without a break, in ms since 1970.
    pub since_ms: i64,
    /// In which lines it stands (§11.5).
    pub lines: Vec<Line>,
    /// What it would bring: the GUID that it states, the name that it states.
    pub brings: Vec<Mark>,
    /// What a waiting task would bring that would help it (`plan::Unmet::helpers`). While nobody does, and nobody of its
    /// subject waits behind it, no group holds that it is in.
    pub helpers: Vec<Mark>,
    /// What it waits for: touched, it is tried again.
    pub wants: Vec<Want>,
    /// What a group that it was tried with failed by: touched, it is tried with a group again (§11.6).
    pub group_wants: Vec<Mark>,
    /// The task whose end it waits for; its mark is among `wants`.
    pub behind: Option<TaskId>,
}

/// One thing that is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// The question whose answer made it wait.
    pub mark: Mark,
    /// What is looked for, in the operator's words: names, paths and titles.
    pub what: Arc<str>,
    /// The external id by which it was looked for.
    pub external: Option<Arc<str>>,
}

/// A line: tasks of one connector that may not overtake each other (§11.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line {
    /// How a task stands in it.
    pub kind: LineKind,
    /// Whose line it is.
    pub mark: Mark,
}

/// How a task stands in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineKind {
    /// It writes this subject: behind and before every other that does.
    Subject = 0,
    /// It states all children of a type under this parent, or deletes the parent: behind and before those
    /// that write one.
    List = 1,
    /// It writes a child of a type under this parent: behind and before those that state all of them.
    Child = 2,
}

impl Line {
    /// The line in which those stand that it may not overtake.
    #[must_use]
    pub fn opposite(self) -> Self {
        let kind = match self.kind {
            LineKind::Subject => LineKind::Subject,
            LineKind::List => LineKind::Child,
            LineKind::Child => LineKind::List,
        };
        Self { kind, mark: self.mark }
    }
}

/// Something that is not as a task stated it, for want of what it points to (§11.4).
#[derive(Debug, Clone, PartialEq)]
pub struct LooseEnd {
    /// Its id, for ever.
    pub id: LooseId,
    /// Who wrote the row: the end is mended by its grants.
    pub connector: ConnectorName,
    /// The task that left it.
    pub task: TaskId,
    /// Since when, in ms since 1970.
    pub since_ms: i64,
    /// Where it is.
    pub at: LooseAt,
    /// The questions, as they were stated, that have no answer; for a field there is one.
    pub stated: Vec<Arc<Stated>>,
    /// What it waits for.
    pub wants: Vec<Want>,
}

/// Where a loose end is.
#[derive(Debug, Clone, PartialEq)]
pub enum LooseAt {
    /// A field of an object: empty, or its default.
    Object(ObjectId, FieldName),
    /// A field of a culture of a page.
    Page(NodeId, Culture, FieldName),
    /// A field of a binding, beside those that it binds.
    Binding(BindingId, FieldName),
    /// A binding that is not made.
    NotMade(NotMade),
}

/// A binding that is not made.
#[derive(Debug, Clone, PartialEq)]
pub struct NotMade {
    /// Its type.
    pub binding_type: TypeName,
    /// The first of what it would bind.
    pub owner: Owner,
    /// What its fields would hold, as far as it is known.
    pub fields: Fields,
    /// The questions of its references, those that have no answer included.
    pub links: Links,
}
