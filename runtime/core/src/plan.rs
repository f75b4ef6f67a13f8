//! Translated objects and loaded rows in, changes or typed failures out (§5, §7). Pure: what is not
//! loaded yet is asked for, and the plan of that task begins again when it is.
//!
//! A plan acts, then judges. To act is to write what each task says, one after the other. What other rows
//! have a say in (references, parents, names, values, paths, what a delete leaves behind) is judged when all
//! tasks of the plan have acted, whether they are one or a group (§11.6).

mod binding;
mod children;
mod delete;
mod depth;
mod existing;
mod fields;
mod former;
mod gone;
mod grant;
mod group;
mod hints;
mod identity;
mod judge;
mod loose;
mod mend;
mod net;
mod newer;
mod object;
mod open;
mod page;
mod page_delete;
mod page_place;
mod put;
mod references;
mod resolve;
mod rewrite;
mod scope;
mod stated;
mod step;
mod taken;
mod view;
mod words;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use group::{Apart, Member, plan_together};
pub use hints::hints;
pub use identity::{brings, lines};
pub use mend::mend;
pub use view::View;

use crate::change::Change;
use crate::failure::{Failure, sanitised};
use crate::grants::WriteGrant;
use crate::history::{Action, Outcome, Warning, Written};
use crate::key::Key;
use crate::mark::Mark;
use crate::model::ContentModel;
use crate::park::{Line, Want};
use crate::plan::step::{About, Step};
use crate::ports::{Clock, Randomness};
use crate::prepared::Prepared;
use crate::task::Task;
use crate::translate::Translated;

/// Where new rows get their ids and times.
pub struct Sources<'a> {
    /// The next row id; counted up by the plan, within what was reserved.
    pub next_id: u64,
    /// One past the last reserved row id.
    pub end_id: u64,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Randomness for GUIDs.
    pub randomness: &'a dyn Randomness,
}

/// Limits of one plan.
#[derive(Debug, Clone, Copy)]
pub struct PlanLimits<'a> {
    /// Most rows that one task may write or delete.
    pub rows_max: usize,
    /// Longest chain of parents that a reference may need.
    pub depth_max: usize,
    /// How many more loose ends the connector may leave; what goes beyond is only a warning.
    pub loose_ends_left: u64,
    /// Whether the store has any loose ends: where it has none, none is asked for (§11.9).
    pub loose_ends: bool,
    /// Most rows that a task may delete, unless an operator allows it more (§7.5).
    pub deletes_max: usize,
    /// For how long a delete of something that has a version is remembered (§7.4), in ms.
    pub tombstone_ms: i64,
    /// What the connector may write (promise 3).
    pub write: &'a WriteGrant,
}

/// What one task's plan came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Planned {
    /// What is to be written, in order; already applied to the view.
    pub changes: Vec<Change>,
    /// Every question whose answer they may alter; some more than once.
    pub touched: Vec<Key>,
    /// The same for people.
    pub written: Vec<Written>,
    /// What went less well than asked.
    pub warnings: Vec<Warning>,
    /// References that were resolved.
    pub references_resolved: u32,
    /// Something newer has written everything that the task says (§7.4).
    pub superseded: bool,
}

impl Planned {
    /// How a task ends that comes to this.
    pub fn outcome(&self, prepared: &Prepared) -> Outcome {
        if let Prepared::Skip(reason) = prepared {
            return Outcome::Skipped(sanitised(reason).into());
        }
        let all = |action| !self.written.is_empty() && self.written.iter().all(|row| row.action == action);
        match () {
            () if self.changes.iter().any(Change::is_row) => Outcome::Stored,
            () if self.superseded => Outcome::Superseded,
            () if all(Action::Absent) => Outcome::Absent,
            () if all(Action::Unchanged) => Outcome::Unchanged,
            () => Outcome::Stored,
        }
    }
}

/// Why a plan did not come to an end.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    /// The task fails for what it says itself.
    Fail(Failure),
    /// The task cannot be carried out for the moment (§11): other rows than its own must change.
    Unmet(Box<Unmet>),
    /// These must be loaded; then plan this task again.
    Load(Vec<Key>),
    /// An answer depends on changes that are planned and not committed: commit what was planned
    /// before this task, then plan it on a fresh view.
    Commit,
    /// More row ids must be reserved; then plan this task again.
    Ids,
}

/// What stands in the way of a task for the moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Unmet {
    /// The first of it, for people.
    pub failure: Failure,
    /// Everything that it waits for: touched, it is tried again.
    pub wants: Vec<Want>,
    /// What a waiting task would bring (`Waiting::brings`) that would help: the row that is missing; the rows that
    /// hold what is taken, point to what is to go, or lie where they may not.
    pub helpers: Vec<Mark>,
    /// What the task would touch if nothing stood in its way.
    pub would: Vec<Mark>,
    /// Lines beside those that the task states itself (§11.5): who deletes what its object lies under, as long as the
    /// task has not taken it elsewhere, waits behind it.
    pub lines: Vec<Line>,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Fail(failure)
    }
}

/// Plans one task on the view. On `Err` the view is as it was.
pub fn plan(
    task: &Task,
    translated: &Translated,
    model: &ContentModel,
    limits: PlanLimits<'_>,
    view: &mut View,
    sources: &mut Sources<'_>,
) -> Result<Planned, Stop> {
    let about = About::of(&Member { task, translated, limits });
    let mut step = Step::new(about, &[], model, view, sources);
    let result = step.act(&translated.prepared).and_then(|()| step.judge());
    step.finish_one(result)
}

/// A shared text.
fn shared(text: &str) -> Arc<str> {
    text.into()
}

/// What a step came to; what it wants loaded goes to the others' wants.
fn gathered<T>(to_load: &mut Vec<Key>, result: Result<T, Stop>) -> Result<Option<T>, Stop> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Stop::Load(keys)) => {
            to_load.extend(keys);
            Ok(None)
        }
        Err(stop) => Err(stop),
    }
}

/// Nothing is left to be loaded.
fn all_loaded(to_load: Vec<Key>) -> Result<(), Stop> {
    if to_load.is_empty() { Ok(()) } else { Err(Stop::Load(to_load)) }
}
