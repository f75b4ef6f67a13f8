//! Who changes rows the way a bus does: load, decide, commit, and load again on a conflict.

use std::sync::Arc;

use crate::suite::bench::{removed, stays};
use lockgate_core::change::Change;
use lockgate_core::effects::{Effects, EffectsParts, TaskEnd};
use lockgate_core::key::{Answers, Key, Question};
use lockgate_core::model::SharedModel;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Generation, Lease, Standing, Store, StoreError};
use lockgate_core::task::Task;

/// Tries of one change: who needs more makes no progress.
const TRIES_MAX: u32 = 500;

/// A connector with its lease, and a handle of its own.
pub(super) struct Owner {
    pub(super) store: Arc<dyn Store>,
    pub(super) lease: Lease,
    model: SharedModel,
}

impl Owner {
    pub(super) fn new(store: Arc<dyn Store>, lease: Lease, model: SharedModel) -> Self {
        Self { store, lease, model }
    }

    pub(super) fn connector(&self) -> &ConnectorName {
        &self.lease.connector
    }

    pub(super) fn look(&self) -> Look<'_> {
        Look { store: &*self.store, generation: self.store.generation().expect("generation"), as_of: None, relied: Vec::new() }
    }

    pub(super) fn new_id(&self) -> u64 {
        self.store.reserve_ids(1).expect("reserve_ids")
    }

    /// Looks and decides; nothing is written yet.
    pub(super) fn plan(&self, decide: impl FnOnce(&mut Look<'_>) -> Vec<Change>) -> Effects {
        self.plan_with(Vec::new(), decide)
    }

    /// The same, with the ends of tasks.
    pub(super) fn plan_with(&self, tasks: Vec<TaskEnd>, decide: impl FnOnce(&mut Look<'_>) -> Vec<Change>) -> Effects {
        let mut look = self.look();
        let changes = decide(&mut look);
        look.effects(&self.model, tasks, changes)
    }

    pub(super) fn commit(&self, effects: &Effects) -> Result<(), StoreError> {
        self.store.commit(&self.lease, effects)
    }

    /// Looks, decides and commits until it is done; how many conflicts there were.
    pub(super) fn change(&self, mut decide: impl FnMut(&mut Look<'_>) -> Vec<Change>) -> u32 {
        for conflicts in 0..TRIES_MAX {
            match self.commit(&self.plan(&mut decide)) {
                Ok(()) => return conflicts,
                Err(StoreError::Conflict | StoreError::Stale) => {}
                Err(error) => panic!("commit of {}: {error:?}", self.connector()),
            }
        }
        panic!("{} made no progress in {TRIES_MAX} tries", self.connector());
    }

    /// Writes what nobody else touches.
    pub(super) fn write(&self, changes: Vec<Change>) {
        self.change(|_| changes.clone());
    }
}

/// What somebody looks at before deciding: each question is a load of its own, and what is relied on
/// is as of the first.
pub(super) struct Look<'o> {
    store: &'o dyn Store,
    generation: Generation,
    as_of: Option<u64>,
    relied: Vec<Key>,
}

impl Look<'_> {
    pub(super) fn ask<Q: Question>(&mut self, question: &Q) -> Q::Answer {
        let mut answers = self.ask_all(&[question.clone().into()]);
        answers.remove(question).unwrap_or_else(|| panic!("{question:?} was not answered"))
    }

    /// Several questions in one load.
    pub(super) fn ask_all(&mut self, keys: &[Key]) -> Answers {
        let loaded = self.store.load(keys).expect("load");
        self.as_of.get_or_insert(loaded.as_of);
        self.relied.extend_from_slice(keys);
        loaded.answers
    }

    fn effects(self, model: &SharedModel, tasks: Vec<TaskEnd>, changes: Vec<Change>) -> Effects {
        let as_of = self.as_of.unwrap_or(0);
        let (generation, relied) = (self.generation, self.relied);
        EffectsParts { model: model.clone(), generation, tasks, changes, as_of, relied, ..EffectsParts::default() }.into()
    }
}

/// The task's end, as it was seen.
pub(super) fn ends(task: &Task) -> TaskEnd {
    TaskEnd { version: task.version, ..removed(task, Vec::new()) }
}

/// The task stays, as it was seen.
pub(super) fn remains(task: &Task, standing: Standing) -> TaskEnd {
    TaskEnd { connector: task.connector.clone(), version: task.version, ..stays(task.id, standing) }
}
