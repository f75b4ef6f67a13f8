//! What a batch of tasks comes to: one value that a store carries out whole or not at all (promise 1).
//! Only a plan makes one, so whatever stands in it was decided here.

mod draft;
mod entry;
mod letting_go;
mod lines;
mod mending;
mod together;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use draft::{Draft, Drafted, Ids, Item, Missing, Terms, Work};
pub use entry::{deleted, given_up};
pub use letting_go::{let_go, row_of};
pub use mending::Mending;
pub use together::{Companion, NotNow, Open, Relied, Together, wait_on};

use crate::audit::AuditRow;
use crate::change::Change;
use crate::history::{Entry, LogLine};
use crate::key::{Key, Loaded};
use crate::mark::{Mark, ended};
use crate::model::{ContentModel, SharedModel};
use crate::names::ConnectorName;
use crate::operation::Step;
use crate::ports::{Generation, Standing};
use crate::task::{TaskId, TaskVersion};

/// What is planned in rounds: whatever it wants to know is asked for at once.
pub trait Rounds {
    /// Plans as far as what is known allows. `Ok`: it is through.
    fn go_on(&mut self) -> Result<(), Missing>;

    /// Takes in what the store answered.
    fn answered(&mut self, loaded: Loaded);

    /// Takes in row ids that were reserved.
    fn reserved(&mut self, first: u64, count: u64);
}

/// What a connector's tasks write to its state, by key; `None`: deleted.
pub type StateWrites = BTreeMap<Arc<str>, Option<Arc<[u8]>>>;

/// Everything that becomes of a batch of tasks.
#[derive(Debug, Clone)]
pub struct Effects {
    model: SharedModel,
    generation: Generation,
    tasks: Vec<TaskEnd>,
    changes: Vec<Change>,
    touched: Vec<Key>,
    stirs: Vec<Mark>,
    mends: Vec<Entry>,
    state: StateWrites,
    as_of: u64,
    relied: Vec<Key>,
    regroups: bool,
    /// Of what is touched, what wakes nobody: only stores that break on purpose have some.
    #[cfg(feature = "testing")]
    hushed: Vec<Mark>,
    step: Option<Step>,
    signed: Option<Box<AuditRow>>,
}

/// What becomes of one processed task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskEnd {
    /// Which task.
    pub id: TaskId,
    /// Whose it is: a group has tasks of several connectors (§11.6).
    pub connector: ConnectorName,
    /// As it was when it was decided about: when it is not so any more, the answer is `Conflict`.
    pub version: TaskVersion,
    /// Its place in the queue from now on.
    pub fate: Fate,
    /// Lines to append to its log.
    pub log: Vec<LogLine>,
}

/// A task's place in the queue.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// Out of the queue, with a history entry that says why.
    Removed(Box<Entry>),
    /// It stays, with these attributes.
    Stays(Standing),
}

/// What is touched and who ends, as effects say it: see [`Effects::wakes`].
#[derive(Debug)]
pub struct Waking {
    model: SharedModel,
    changes: Vec<Change>,
    ended: Vec<TaskId>,
    #[cfg(feature = "testing")]
    hushed: Vec<Mark>,
}

impl Waking {
    /// The marks, each once.
    pub fn marks(&self) -> Vec<Mark> {
        let ends = self.ended.iter().map(|task| ended(*task));
        let mut wakes: Vec<Mark> = self.changes.iter().flat_map(|change| change.wakes(&self.model)).chain(ends).collect();
        wakes.sort_unstable();
        wakes.dedup();
        #[cfg(feature = "testing")]
        wakes.retain(|mark| !self.hushed.contains(mark));
        wakes
    }
}

impl Effects {
    /// The content model by which everything was planned.
    pub fn model(&self) -> &ContentModel {
        &self.model
    }

    /// The configuration by which everything was planned: a newer one that concerns the connector
    /// makes the answer `Stale`.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// Ascending task ids; of whichever connector.
    pub fn tasks(&self) -> &[TaskEnd] {
        &self.tasks
    }

    /// In the order in which they were planned. The same row may be changed more than once.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Every question whose answer the changes may alter; some more than once.
    pub fn touched(&self) -> &[Key] {
        &self.touched
    }

    /// What was touched and may be waited for (§11): changes of who has a name, a GUID, a value or a place, and
    /// the ends of tasks. Whoever waits for one of these, those who begin to in the same commit included, is
    /// due. Each once.
    pub fn wakes(&self) -> Vec<Mark> {
        self.waking().marks()
    }

    /// What [`wakes`](Self::wakes) is worked out from, for a store that does so only where somebody waits.
    pub fn waking(&self) -> Waking {
        Waking {
            model: self.model.clone(),
            changes: self.changes.clone(),
            ended: self.tasks.iter().filter(|task| matches!(task.fate, Fate::Removed(_))).map(|task| task.id).collect(),
            #[cfg(feature = "testing")]
            hushed: self.hushed.clone(),
        }
    }

    /// What tasks that begin to wait would touch: whoever waits for one of these is due to be tried with a
    /// group (§11.6). Each once.
    pub fn stirs(&self) -> &[Mark] {
        &self.stirs
    }

    /// Whether its tasks wait as before, and only what groups failed by is another: one that is due alone stays so.
    pub fn regroups(&self) -> bool {
        self.regroups
    }

    /// What was mended: history entries of tasks that have ended long ago, or end here.
    pub fn mends(&self) -> &[Entry] {
        &self.mends
    }

    /// What the tasks wrote to their connector's state.
    pub fn state(&self) -> &StateWrites {
        &self.state
    }

    /// The store's counter when the first of `relied` was loaded.
    pub fn as_of(&self) -> u64 {
        self.as_of
    }

    /// Questions whose answers the plan relied on: when another connector's commit has touched one
    /// since `as_of`, the answer is `Conflict`.
    pub fn relied(&self) -> &[Key] {
        &self.relied
    }

    /// The operation that this is a part of moves on with it: see `Operations::carry_out`.
    pub fn step(&self) -> Option<&Step> {
        self.step.as_ref()
    }

    /// As a part of an operation.
    #[must_use]
    pub fn with_step(self, step: Step) -> Self {
        Self { step: Some(step), ..self }
    }

    /// Who has ordered it: the row is written with it.
    pub fn signed(&self) -> Option<&AuditRow> {
        self.signed.as_deref()
    }

    /// As somebody's order.
    #[must_use]
    pub fn signed_by(self, row: AuditRow) -> Self {
        Self { signed: Some(Box::new(row)), ..self }
    }
}

#[cfg(feature = "testing")]
impl Effects {
    /// The same, of which nobody is woken but by these marks: for stores that break on purpose.
    #[must_use]
    pub fn waking_only(mut self, keep: impl Fn(Mark) -> bool) -> Self {
        self.hushed = self.wakes().into_iter().filter(|mark| !keep(*mark)).collect();
        self
    }
}

/// Effects that no plan has made: for the suites that stores must pass, and for stores that break on
/// purpose.
#[cfg(feature = "testing")]
#[derive(Debug, Clone, Default)]
pub struct EffectsParts {
    /// As [`Effects::model`].
    pub model: SharedModel,
    /// As [`Effects::generation`].
    pub generation: Generation,
    /// As [`Effects::tasks`].
    pub tasks: Vec<TaskEnd>,
    /// As [`Effects::changes`].
    pub changes: Vec<Change>,
    /// As [`Effects::stirs`].
    pub stirs: Vec<Mark>,
    /// As [`Effects::mends`].
    pub mends: Vec<Entry>,
    /// As [`Effects::state`].
    pub state: StateWrites,
    /// As [`Effects::as_of`].
    pub as_of: u64,
    /// As [`Effects::relied`].
    pub relied: Vec<Key>,
    /// As [`Effects::step`].
    pub step: Option<Step>,
    /// As [`Effects::regroups`].
    pub regroups: bool,
}

#[cfg(feature = "testing")]
impl From<EffectsParts> for Effects {
    fn from(parts: EffectsParts) -> Self {
        let EffectsParts { model, generation, tasks, changes, stirs, mends, state, as_of, relied, step, regroups } = parts;
        let touched = changes.iter().flat_map(|change| change.touched(&model)).collect();
        Self {
            model,
            generation,
            tasks,
            changes,
            touched,
            stirs,
            mends,
            state,
            as_of,
            relied,
            step,
            signed: None,
            regroups,
            hushed: Vec::new(),
        }
    }
}

#[cfg(feature = "testing")]
impl From<Effects> for EffectsParts {
    fn from(effects: Effects) -> Self {
        let Effects {
            model,
            generation,
            tasks,
            changes,
            touched: _,
            stirs,
            mends,
            state,
            as_of,
            relied,
            step,
            signed: _,
            regroups,
            hushed: _,
        } = effects;
        Self { model, generation, tasks, changes, stirs, mends, state, as_of, relied, step, regroups }
    }
}
