//! A store in memory: plain maps behind one lock. It is the simplest thing that keeps the port's
//! promises, and stricter than a real store: a commit that no correct plan makes is a panic.

mod audit;
mod configured;
mod content;
mod history;
mod leases;
mod lines;
mod loose;
mod operations;
mod parking;
mod queue;
mod queueing;
mod registry;
mod rows;
mod touches;
mod waiting;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use configured::Configured;
use history::Past;
use leases::Leases;
use lines::Lines;
use operations::AllOperations;
use queue::Queues;
use rows::Rows;
use touches::Touches;
pub use waiting::Forgets;
use waiting::Waiters;

use lockgate_core::change::Change;
use lockgate_core::edit::Edits;
use lockgate_core::history::{Entry, LogLine, Outcome};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Backup, Counts, HistoryFilter, Journal, StateMap, StoreError, Upkeep};
use lockgate_core::task::TaskId;

/// A store whose content ends with it. Two handles on one store are two references to it.
#[derive(Debug)]
pub struct MemoryStore {
    state: Mutex<State>,
    loads: AtomicU64,
    secret_key: [u8; 32],
    refusal: Mutex<Option<StoreError>>,
    audit: Mutex<audit::Rows>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        let mut secret_key = [0; 32];
        for (at, eight) in secret_key.chunks_exact_mut(8).enumerate() {
            // The hasher is keyed by the system's randomness.
            eight.copy_from_slice(&RandomState::new().hash_one(at).to_le_bytes());
        }
        Self { state: Mutex::default(), loads: AtomicU64::default(), secret_key, refusal: Mutex::default(), audit: Mutex::default() }
    }
}

#[derive(Debug, Default)]
struct State {
    queues: Queues,
    lines: Lines,
    waiters: Waiters,
    past: Past,
    rows: Rows,
    touches: Touches,
    /// Counts the commits that changed rows or what finds them.
    commits: u64,
    /// The last row id that was given out.
    last_id: u64,
    leases: Leases,
    configured: Configured,
    operations: AllOperations,
    /// What each connector keeps; those that keep nothing have no entry.
    kept: BTreeMap<ConnectorName, StateMap>,
    /// What is remembered of tasks that were edited.
    edits: BTreeMap<TaskId, Edits>,
}

impl MemoryStore {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty one that is broken on purpose, so that suites have something to find.
    pub fn forgetting(forgets: Forgets) -> Self {
        let store = Self::new();
        store.lock().waiters.forgets = Some(forgets);
        store
    }

    /// As if the process had ended and begun again: nothing is lost, unless it is broken on purpose.
    pub fn restart(&self) {
        self.lock().waiters.restart();
    }

    /// From now on takes no tasks, and says why (`None`: takes them again).
    pub fn refuse(&self, refusal: Option<StoreError>) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
    }

    /// How often `load` was called.
    pub fn loads(&self) -> u64 {
        self.loads.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn counts(&self) -> Counts {
        let mut counts = Counts { history: self.past.len(), ..Counts::default() };
        self.queues.count(&mut counts);
        self.rows.count(&mut counts);
        counts.waits_for = self.waiters.missing(None).count() as u64;
        counts
    }
}

impl Journal for MemoryStore {
    fn log(&self, id: TaskId, limit: usize) -> Result<Vec<LogLine>, StoreError> {
        Ok(self.lock().past.log(id).iter().take(limit).cloned().collect())
    }

    fn history(&self, filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Entry)>, StoreError> {
        Ok(self.lock().past.entries(filter, before, limit))
    }

    fn trim_history(&self, entries_max: u64) -> Result<u64, StoreError> {
        let mut state = self.lock();
        if let Some(now_ms) = state.past.newest_ms() {
            state.rows.beside.sweep(now_ms);
        }
        let trimmed = state.past.trim(entries_max);
        for entry in trimmed.iter().filter(|entry| entry.outcome != Outcome::Mended) {
            state.queues.forget_key(entry.task);
            state.edits.remove(&entry.task);
        }
        if let Some(now_ms) = state.past.newest_ended_ms() {
            state.rows.beside.trim(now_ms);
        }
        Ok(trimmed.len() as u64)
    }
}

impl Upkeep for MemoryStore {
    fn counts(&self) -> Result<Counts, StoreError> {
        Ok(self.lock().counts())
    }

    fn can_write(&self) -> Result<(), StoreError> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone().map_or(Ok(()), Err)
    }

    fn backup(&self) -> Result<Backup, StoreError> {
        Err(StoreError::Unavailable("a store in memory has no file".to_owned()))
    }
}

/// Whether a change is one that can be: never nothing to nothing, and one row only.
fn assert_possible(change: &Change) {
    let possible = match change {
        Change::Object(before, after) => one_row(before.as_ref().map(|row| row.id), after.as_ref().map(|row| row.id)),
        Change::Page(before, after) => one_row(before.as_ref().map(|row| row.id), after.as_ref().map(|row| row.id)),
        Change::Binding(before, after) => one_row(before.as_ref().map(|row| row.id), after.as_ref().map(|row| row.id)),
        Change::Loose(before, after) => one_row(before.as_ref().map(|end| end.id), after.as_ref().map(|end| end.id)),
        Change::Former(_, before, after) => before.is_some() || after.is_some(),
        Change::Tomb(_, before, after) => before.is_some() || after.is_some(),
    };
    assert!(possible, "a change is about one row: {change:?}");
}

fn one_row<I: PartialEq>(before: Option<I>, after: Option<I>) -> bool {
    match (before, after) {
        (None, None) => false,
        (Some(before), Some(after)) => before == after,
        _ => true,
    }
}
