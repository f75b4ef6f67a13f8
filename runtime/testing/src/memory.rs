//! A store in memory: plain maps behind one lock. It is the simplest thing that keeps the port's
//! promises, and stricter than a real store: a commit that no correct plan makes is a panic.

mod history;
mod queue;
mod rows;
mod touches;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use history::Past;
use queue::Queues;
use rows::Rows;
use touches::Touches;

use lockgate_core::change::Change;
use lockgate_core::history::{Entry, LogLine};
use lockgate_core::key::{Key, Loaded};
use lockgate_core::model::ContentModel;
use lockgate_core::names::{ConnectorName, SiteName, TypeName};
use lockgate_core::ports::{
    Backup, Commit, ConnectorRecord, Counts, Fate, HistoryFilter, Lease, Standing, StateMap, Store, StoreError, Submitted, Switches,
    TaskFilter, VERSIONS_KEPT_MAX,
};
use lockgate_core::rows::{BindingId, BindingRow, NodeId, ObjectId, ObjectRow, PageRow};
use lockgate_core::task::{NewTask, Task, TaskId};

/// A store whose content ends with it.
#[derive(Debug)]
pub struct MemoryStore {
    state: Mutex<State>,
    loads: AtomicU64,
    secret_key: [u8; 32],
    refusal: Mutex<Option<StoreError>>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        let mut secret_key = [0; 32];
        for (at, eight) in secret_key.chunks_exact_mut(8).enumerate() {
            // The hasher is keyed by the system's randomness.
            eight.copy_from_slice(&RandomState::new().hash_one(at).to_le_bytes());
        }
        Self { state: Mutex::default(), loads: AtomicU64::default(), secret_key, refusal: Mutex::default() }
    }
}

#[derive(Debug, Default)]
struct State {
    queues: Queues,
    past: Past,
    rows: Rows,
    touches: Touches,
    /// Counts the commits that changed rows or what finds them.
    commits: u64,
    /// The last row id that was given out.
    last_id: u64,
    epochs: BTreeMap<ConnectorName, u64>,
    connectors: BTreeMap<ConnectorName, ConnectorRecord>,
    components: BTreeMap<Arc<str>, Vec<u8>>,
    /// What each connector keeps; those that keep nothing have no entry.
    kept: BTreeMap<ConnectorName, StateMap>,
    files: BTreeMap<String, String>,
    switches: Switches,
}

impl MemoryStore {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
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
    fn claim(&mut self, connector: &ConnectorName) -> Lease {
        let epoch = self.epochs.entry(connector.clone()).or_default();
        *epoch += 1;
        Lease { connector: connector.clone(), epoch: *epoch }
    }

    fn commit(&mut self, lease: &Lease, commit: &Commit, model: &ContentModel) -> Result<(), StoreError> {
        if self.epochs.get(&lease.connector) != Some(&lease.epoch) {
            return Err(StoreError::Fenced(lease.connector.clone()));
        }
        let all_queued = commit.tasks.iter().all(|task| self.queues.holds(&lease.connector, task.id));
        if !all_queued || self.touches.conflict(&commit.relied, commit.as_of, &lease.connector) {
            return Err(StoreError::Conflict);
        }
        if !commit.changes.is_empty() {
            let touched: Vec<Key> = commit.changes.iter().flat_map(|change| change.touched(model)).collect();
            self.commits += 1;
            self.touches.touch(&touched, self.commits, &lease.connector);
            self.rows.apply(&commit.changes, model);
        }
        self.keep(&lease.connector, &commit.state);
        for task in &commit.tasks {
            self.past.append(task.id, &task.log);
            match &task.fate {
                Fate::Removed(entry) => {
                    self.queues.take(&lease.connector, task.id);
                    self.past.add((**entry).clone());
                }
                Fate::Stays(standing) => {
                    self.queues.stand(task.id, standing);
                }
            }
        }
        Ok(())
    }

    fn keep(&mut self, connector: &ConnectorName, writes: &BTreeMap<Arc<str>, Option<Arc<[u8]>>>) {
        let mut kept = self.kept.remove(connector).unwrap_or_default();
        for (key, value) in writes {
            match value {
                Some(value) => drop(kept.insert(key.clone(), value.clone())),
                None => drop(kept.remove(key)),
            }
        }
        if !kept.is_empty() {
            self.kept.insert(connector.clone(), kept);
        }
    }

    fn drop_unused_components(&mut self) {
        let versions = self.connectors.values().flat_map(|record| &record.versions);
        let used: BTreeSet<Arc<str>> = versions.map(|version| version.digest.clone()).collect();
        self.components.retain(|digest, _| used.contains(digest));
    }
}

impl Store for MemoryStore {
    fn submit(&self, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Result<Vec<Submitted>, StoreError> {
        self.can_write()?;
        let mut state = self.lock();
        Ok(tasks.into_iter().map(|task| state.queues.submit(task, queue_tasks_max)).collect())
    }

    fn claim(&self, connector: &ConnectorName) -> Result<Lease, StoreError> {
        Ok(self.lock().claim(connector))
    }

    fn fetch(&self, connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Result<Vec<Task>, StoreError> {
        Ok(self.lock().queues.fetch(connector, after, tasks_max, bytes_max))
    }

    fn load(&self, keys: &[Key]) -> Result<Loaded, StoreError> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        let state = self.lock();
        Ok(Loaded { as_of: state.commits, answers: keys.iter().map(|key| (key.clone(), state.rows.answer(key))).collect() })
    }

    fn reserve_ids(&self, count: u64) -> Result<u64, StoreError> {
        let mut state = self.lock();
        let first = state.last_id + 1;
        state.last_id += count;
        Ok(first)
    }

    fn commit(&self, lease: &Lease, commit: &Commit, model: &ContentModel) -> Result<(), StoreError> {
        self.lock().commit(lease, commit, model)
    }

    fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        Ok(self.lock().queues.all().find(|task| task.id == id).cloned())
    }

    fn tasks(&self, filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Result<Vec<Task>, StoreError> {
        let state = self.lock();
        let mut meant: Vec<&Task> =
            state.queues.all().filter(|task| after.is_none_or(|after| task.id > after) && filter.matches(task)).collect();
        meant.sort_by_key(|task| task.id);
        Ok(meant.into_iter().take(limit).cloned().collect())
    }

    fn stand(&self, id: TaskId, standing: &Standing) -> Result<bool, StoreError> {
        Ok(self.lock().queues.stand(id, standing))
    }

    fn remove(&self, entries: Vec<Entry>) -> Result<u64, StoreError> {
        let mut state = self.lock();
        let mut removed = 0;
        for entry in entries {
            if state.queues.take(&entry.connector, entry.task) {
                state.past.add(entry);
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn log(&self, id: TaskId, limit: usize) -> Result<Vec<LogLine>, StoreError> {
        Ok(self.lock().past.log(id).iter().take(limit).cloned().collect())
    }

    fn history(&self, filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Entry)>, StoreError> {
        Ok(self.lock().past.entries(filter, before, limit))
    }

    fn trim_history(&self, entries_max: u64) -> Result<u64, StoreError> {
        let mut state = self.lock();
        let trimmed = state.past.trim(entries_max);
        for task in &trimmed {
            state.queues.forget_key(*task);
        }
        Ok(trimmed.len() as u64)
    }

    fn connectors(&self) -> Result<Vec<ConnectorRecord>, StoreError> {
        Ok(self.lock().connectors.values().cloned().collect())
    }

    fn put_connector(&self, record: &ConnectorRecord, component: Option<&[u8]>) -> Result<(), StoreError> {
        assert!(record.active().is_some(), "the version that runs is among the versions: {record:?}");
        assert!(record.versions.len() <= VERSIONS_KEPT_MAX, "too many versions: {record:?}");
        let mut state = self.lock();
        if let (Some(component), Some(newest)) = (component, record.versions.first()) {
            state.components.insert(newest.digest.clone(), component.to_vec());
        }
        state.connectors.insert(record.name.clone(), record.clone());
        state.drop_unused_components();
        Ok(())
    }

    fn delete_connector(&self, name: &ConnectorName) -> Result<u64, StoreError> {
        let mut state = self.lock();
        // A pass that is still running is fenced.
        state.claim(name);
        state.connectors.remove(name);
        state.kept.remove(name);
        state.drop_unused_components();
        let tasks = state.queues.clear(name);
        for task in &tasks {
            state.past.forget_log(*task);
        }
        Ok(tasks.len() as u64)
    }

    fn component(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.lock().components.get(digest).cloned())
    }

    fn state(&self, connector: &ConnectorName) -> Result<StateMap, StoreError> {
        Ok(self.lock().kept.get(connector).cloned().unwrap_or_default())
    }

    fn clear_state(&self, connector: &ConnectorName) -> Result<u64, StoreError> {
        Ok(self.lock().kept.remove(connector).map_or(0, |kept| kept.len() as u64))
    }

    fn secret_key(&self) -> Result<[u8; 32], StoreError> {
        Ok(self.secret_key)
    }

    fn model(&self) -> Result<BTreeMap<String, String>, StoreError> {
        Ok(self.lock().files.clone())
    }

    fn put_model(&self, files: &BTreeMap<String, String>, model: &ContentModel) -> Result<(), StoreError> {
        let mut state = self.lock();
        state.files = files.clone();
        state.rows.index_again(model);
        // What was planned with the old index must be planned again.
        state.commits += 1;
        let commits = state.commits;
        state.touches.touch_all(commits);
        Ok(())
    }

    fn switches(&self) -> Result<Switches, StoreError> {
        Ok(self.lock().switches)
    }

    fn put_switches(&self, switches: Switches) -> Result<(), StoreError> {
        self.lock().switches = switches;
        Ok(())
    }

    fn objects(&self, object_type: Option<&TypeName>, after: Option<ObjectId>, limit: usize) -> Result<Vec<Arc<ObjectRow>>, StoreError> {
        let state = self.lock();
        let rows = state.rows.objects().filter(|row| after.is_none_or(|after| row.id > after));
        Ok(rows.filter(|row| object_type.is_none_or(|t| row.object_type == *t)).take(limit).cloned().collect())
    }

    fn pages_under(&self, site: &SiteName, parent: Option<NodeId>) -> Result<Vec<Arc<PageRow>>, StoreError> {
        let state = self.lock();
        let mut pages: Vec<_> = state.rows.pages().filter(|row| row.site == *site && row.parent == parent).cloned().collect();
        pages.sort_by(|one, other| {
            let place = |row: &PageRow| (row.order.is_none(), row.order);
            place(one).cmp(&place(other)).then_with(|| one.alias.key().cmp(other.alias.key()))
        });
        Ok(pages)
    }

    fn pages(&self, after: Option<NodeId>, limit: usize) -> Result<Vec<Arc<PageRow>>, StoreError> {
        let state = self.lock();
        Ok(state.rows.pages().filter(|row| after.is_none_or(|after| row.id > after)).take(limit).cloned().collect())
    }

    fn bindings(&self, after: Option<BindingId>, limit: usize) -> Result<Vec<Arc<BindingRow>>, StoreError> {
        let state = self.lock();
        Ok(state.rows.bindings().filter(|row| after.is_none_or(|after| row.id > after)).take(limit).cloned().collect())
    }

    fn can_write(&self) -> Result<(), StoreError> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone().map_or(Ok(()), Err)
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        let state = self.lock();
        let mut counts = Counts { history: state.past.len(), ..Counts::default() };
        state.queues.count(&mut counts);
        state.rows.count(&mut counts);
        Ok(counts)
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
