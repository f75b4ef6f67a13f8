//! Translated objects and loaded rows in, changes or typed failures out (§5, §7). Pure: what is not
//! loaded yet is asked for, and the plan of that task begins again when it is.

mod binding;
mod delete;
mod depth;
mod fields;
mod grant;
mod group;
mod hints;
mod identity;
mod mend;
mod object;
mod page;
mod page_delete;
mod put;
mod resolve;
mod view;

use std::sync::Arc;

pub use group::{Apart, Member, plan_together};
pub use hints::hints;
pub use identity::{brings, lines};
pub use mend::mend;
pub use view::View;

use crate::change::Change;
use crate::failure::Failure;
use crate::grants::WriteGrant;
use crate::history::{Action, Warning, Written};
use crate::key::{Key, Question};
use crate::maps::HashMap;
use crate::mark::Mark;
use crate::model::ContentModel;
use crate::names::SiteName;
use crate::park::Want;
use crate::plan::grant::Because;
use crate::ports::{Clock, Randomness};
use crate::prepared::Prepared;
use crate::rows::ObjectId;
use crate::task::{DataType, Task, TaskType};
use crate::translate::{Asked, Params, Translated};
use crate::validate::invalid;

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
    /// Something newer had written everything that the task says (§7.4).
    pub superseded: bool,
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
    let now_ms = sources.clock.now_ms();
    let mut step = Step { task, translated, model, limits, view, sources, now_ms, planned: Planned::default(), found: HashMap::default() };
    let result = match &translated.prepared {
        Prepared::Skip(_) => Ok(()),
        Prepared::Object(object) => step.object_task(object),
        Prepared::Page(page) => step.page_task(page),
    };
    let Step { planned, view, .. } = step;
    match result {
        Ok(()) => Ok(planned),
        Err(stop) => {
            for change in planned.changes.into_iter().rev() {
                view.take_back(&change, model);
            }
            Err(stop)
        }
    }
}

/// One task's plan under way.
struct Step<'a, 's> {
    task: &'a Task,
    translated: &'a Translated,
    model: &'a ContentModel,
    limits: PlanLimits<'a>,
    view: &'a mut View,
    sources: &'a mut Sources<'s>,
    now_ms: i64,
    planned: Planned,
    /// Objects that were found, so that a chain of parents and groups is walked once.
    found: HashMap<Asked, ObjectId>,
}

impl Step<'_, '_> {
    fn object_task(&mut self, object: &crate::prepared::InfoObject) -> Result<(), Stop> {
        let Some(declared) = self.model.object_type(&object.row.object_type) else {
            return Err(invalid(format!("the content model declares no object type {}", object.row.object_type)).into());
        };
        self.may_write_type(&declared.name)?;
        let binds_to_site = matches!(self.task.task_type, TaskType::AddToSite | TaskType::RemoveFromSite);
        if binds_to_site && (declared.is_binding() || declared.site_bound) {
            return Err(invalid(format!("objects of type {} cannot be bound to a site: only global ones can", declared.name)).into());
        }
        match self.task.task_type {
            TaskType::DeleteObject if declared.is_binding() => self.delete_binding_task(declared, object),
            TaskType::DeleteObject => self.delete_object_task(declared, object),
            TaskType::RemoveFromSite => self.remove_from_site_task(declared, object),
            _ if declared.is_binding() => self.binding_task(declared, object),
            _ => self.upsert_object_task(declared, object),
        }
    }

    /// Records a change and applies it to the view, if it is granted: nothing is written past this.
    fn change(&mut self, change: Change, because: Because) -> Result<(), Stop> {
        if because == Because::Asked {
            self.may_change(&change)?;
        }
        if self.planned.changes.len() >= self.limits.rows_max {
            let message = format!("one task may write {} rows, and this one would write more", self.limits.rows_max);
            return Err(Failure::new(crate::failure::Code::TooManyRows, message).into());
        }
        let touched = change.touched(self.model);
        self.view.apply(&change, &touched, self.model);
        self.planned.touched.extend(touched);
        self.planned.changes.push(change);
        Ok(())
    }

    fn written(&mut self, type_name: &str, name: impl AsRef<str>, action: Action) {
        self.planned.written.push(Written { type_name: type_name.into(), name: crate::failure::sanitised(name.as_ref()).into(), action });
    }

    fn warn(&mut self, code: &str, message: impl AsRef<str>) {
        self.planned.warnings.push(Warning { code: code.into(), message: crate::failure::sanitised(message.as_ref()).into() });
    }

    fn new_id(&mut self) -> Result<u64, Stop> {
        let id = self.sources.next_id;
        if id >= self.sources.end_id {
            return Err(Stop::Ids);
        }
        self.sources.next_id += 1;
        Ok(id)
    }

    /// The answer to a question; it is to be loaded, or to be asked after a commit.
    fn ask<Q: Question>(&mut self, question: &Q) -> Result<Q::Answer, Stop> {
        self.view.ask(question, self.model)
    }

    /// Has all of these loaded at once, so that they can be asked.
    fn want(&mut self, keys: &[Key]) -> Result<(), Stop> {
        self.view.want(keys)
    }

    fn new_guid(&mut self) -> uuid::Uuid {
        crate::ports::new_guid(self.sources.clock, self.sources.randomness)
    }

    fn is_simple(&self) -> bool {
        self.task.data_type == DataType::Simple
    }

    fn asked(&self, asked: &crate::translate::Asked) -> Option<&Params> {
        self.translated.params.get(asked)
    }

    fn task_site(&self) -> Option<&SiteName> {
        self.task.site.as_ref()
    }
}

/// A shared text.
fn shared(text: &str) -> Arc<str> {
    text.into()
}
