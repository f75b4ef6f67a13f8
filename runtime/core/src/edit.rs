//! Edits of queued tasks (§13): another external object takes the place of the one that came, which is kept.

use std::sync::Arc;

use crate::task::{ExternalObject, TaskId, TaskState, TaskVersion};

/// Edits of one task that are remembered, at most; the object as it came is kept whatever follows (promise 5).
pub const EDITS_KEPT_MAX: usize = 100;

/// An operator's replacement of one task's external object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Which task.
    pub id: TaskId,
    /// As the operator saw it.
    pub version: TaskVersion,
    /// What takes the place of what it has.
    pub external: ExternalObject,
    /// When, in ms since 1970.
    pub at_ms: i64,
    /// Who.
    pub who: Arc<str>,
}

/// What is remembered of a task that was edited, for as long as the task's log is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edits {
    /// What the external application handed in.
    pub original: ExternalObject,
    /// Who has replaced it and when, in ms since 1970; the newest last.
    pub edits: Vec<(i64, Arc<str>)>,
}

impl Edits {
    /// With one more; the oldest beyond [`EDITS_KEPT_MAX`] go.
    pub fn push(&mut self, edit: &Edit) {
        self.edits.push((edit.at_ms, edit.who.clone()));
        let beyond = self.edits.len().saturating_sub(EDITS_KEPT_MAX);
        self.edits.drain(..beyond);
    }
}

/// Whether a task that stands so may be edited: what it waits for was found out from the object that it has.
pub fn may_edit(state: TaskState) -> bool {
    matches!(state, TaskState::Queued | TaskState::Failed)
}
