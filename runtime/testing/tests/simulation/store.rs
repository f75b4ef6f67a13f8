//! The store of a simulation: it fails as told, lets others act at the moments at which they can, and
//! watches what is asked of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use lockgate_core::history::{Entry, LogLine};
use lockgate_core::key::{Key, Loaded};
use lockgate_core::model::ContentModel;
use lockgate_core::names::{ConnectorName, SiteName, TypeName};
use lockgate_core::ports::{
    Backup, Clock, Commit, ConnectorRecord, Counts, HistoryFilter, Lease, Standing, StateMap, Store, StoreError, Submitted, Switches,
    TaskFilter,
};
use lockgate_core::rows::{BindingId, BindingRow, NodeId, ObjectId, ObjectRow, PageRow};
use lockgate_core::task::{NewTask, Task, TaskId};
use lockgate_testing::FixedClock;

use super::docs::Sub;
use super::faulty::Faulty;
use super::journal::{Committed, Journal};
use super::setup::Setup;
use super::world::World;

/// Calls of one action, at most: a pass must end.
const CALLS_MAX: u64 = 20_000;

/// How a write fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is written.
    Full,
    Unavailable,
    /// So often.
    Conflict(u8),
    /// The answer is lost; before or after the write took effect.
    UnknownBefore,
    UnknownAfter,
    /// The process ends; before or after the write took effect.
    CrashBefore,
    CrashAfter,
}

/// Which write fails next.
#[derive(Debug, Clone, Copy)]
pub struct Armed {
    pub submit: bool,
    /// After so many that go well.
    pub after: u8,
    pub fault: Fault,
}

#[derive(Default)]
struct Ills {
    armed: Vec<Armed>,
    dead: bool,
    calls: u64,
}

pub struct SimStore {
    pub faulty: Faulty,
    pub world: OnceLock<Weak<World>>,
    pub setup: Arc<Setup>,
    pub clock: Arc<FixedClock>,
    /// Everything that was ever submitted, by serial.
    pub subs: Mutex<HashMap<u64, Sub>>,
    journal: Mutex<Journal>,
    ills: Mutex<Ills>,
}

impl SimStore {
    pub fn new(faulty: Faulty, setup: Arc<Setup>, clock: Arc<FixedClock>) -> Self {
        Self { faulty, world: OnceLock::new(), setup, clock, subs: Mutex::default(), journal: Mutex::default(), ills: Mutex::default() }
    }

    pub fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn subs(&self) -> MutexGuard<'_, HashMap<u64, Sub>> {
        self.subs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ills(&self) -> MutexGuard<'_, Ills> {
        self.ills.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn arm(&self, armed: Armed) {
        self.ills().armed.push(armed);
    }

    /// The process ends here: nothing can be asked any more.
    pub fn die(&self) {
        self.ills().dead = true;
    }

    pub fn is_dead(&self) -> bool {
        self.ills().dead
    }

    /// It is opened again; what was to fail does not fail any more.
    pub fn revive(&self) {
        *self.ills() = Ills::default();
    }

    /// A new action begins.
    pub fn begin_action(&self) {
        self.ills().calls = 0;
    }

    fn gate(&self) -> Result<(), StoreError> {
        let mut ills = self.ills();
        ills.calls += 1;
        if ills.calls == CALLS_MAX {
            self.journal().violations.push(format!("one action has asked the store {CALLS_MAX} times: it does not end"));
            ills.dead = true;
        }
        if ills.dead { Err(StoreError::Unavailable("the process has ended".to_owned())) } else { Ok(()) }
    }

    /// Others may act now: the caller holds nothing.
    fn point(&self, loaded: bool) -> Result<(), StoreError> {
        if let Some(world) = self.world.get().and_then(Weak::upgrade) {
            world.point(loaded);
        }
        self.gate()
    }

    /// The fault of this write; one that comes before it is the answer.
    fn fault(&self, submit: bool) -> Result<Option<Fault>, StoreError> {
        self.gate()?;
        let mut ills = self.ills();
        let Some(at) = ills.armed.iter().position(|armed| armed.submit == submit) else { return Ok(None) };
        if ills.armed[at].after > 0 {
            ills.armed[at].after -= 1;
            return Ok(None);
        }
        let fault = ills.armed[at].fault;
        match fault {
            Fault::Conflict(more) if more > 0 => ills.armed[at].fault = Fault::Conflict(more - 1),
            _ => drop(ills.armed.remove(at)),
        }
        match fault {
            Fault::Full => Err(StoreError::Full("no space".to_owned())),
            Fault::Unavailable => Err(StoreError::Unavailable("no answer".to_owned())),
            Fault::Conflict(_) if submit => Ok(None),
            Fault::Conflict(_) => Err(StoreError::Conflict),
            Fault::UnknownBefore => Err(StoreError::Unknown("before".to_owned())),
            Fault::CrashBefore => {
                ills.dead = true;
                Err(StoreError::Unknown("the process has ended".to_owned()))
            }
            Fault::UnknownAfter | Fault::CrashAfter => Ok(Some(fault)),
        }
    }

    /// What is said when the write took effect.
    fn afterwards<T>(&self, fault: Option<Fault>, result: Result<T, StoreError>) -> Result<T, StoreError> {
        match fault {
            Some(Fault::CrashAfter) => self.die(),
            Some(_) => {}
            None => return result,
        }
        Err(StoreError::Unknown("after".to_owned()))
    }

    fn tasks_of(&self, name: &ConnectorName) -> Vec<Task> {
        self.faulty.inner.fetch(name, None, usize::MAX, usize::MAX).unwrap()
    }
}

impl Store for SimStore {
    fn submit(&self, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Result<Vec<Submitted>, StoreError> {
        let fault = self.fault(true)?;
        let result = self.faulty.inner.submit(tasks.clone(), queue_tasks_max);
        let mut journal = self.journal();
        for (task, submitted) in tasks.iter().zip(result.iter().flatten()) {
            let key = task.idempotency().map(|known| ((task.connector().clone(), known.key.to_string()), known.digest));
            let known = key.as_ref().and_then(|(key, _)| journal.keys.get(key).copied());
            let digest = key.as_ref().map(|(_, digest)| *digest);
            let right = match (*submitted, known) {
                (Submitted::Queued(_), None) => true,
                (Submitted::Repeated(id), Some((before, first))) => id == first && Some(before) == digest,
                (Submitted::KeyReused(id), Some((before, first))) => id == first && Some(before) != digest,
                (Submitted::QueueFull, None) => queue_tasks_max < 1_000,
                _ => false,
            };
            if !right {
                journal.violations.push(format!("a submission with key {key:?}, known as {known:?}, was answered {submitted:?}"));
            }
            if let Submitted::Queued(id) = submitted {
                journal.queued.insert(*id, task.connector().clone());
                journal.keys.extend(key.map(|(key, digest)| (key, (digest, *id))));
            }
        }
        drop(journal);
        self.afterwards(fault, result)
    }

    fn claim(&self, connector: &ConnectorName) -> Result<Lease, StoreError> {
        self.gate()?;
        let lease = self.faulty.inner.claim(connector)?;
        self.journal().newest.insert(connector.clone(), lease.epoch);
        Ok(lease)
    }

    fn fetch(&self, connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Result<Vec<Task>, StoreError> {
        self.point(false)?;
        if after.is_none() {
            self.journal().begin_pass(connector, self.clock.now_ms());
        }
        self.faulty.fetch(connector, after, tasks_max, bytes_max)
    }

    fn load(&self, keys: &[Key]) -> Result<Loaded, StoreError> {
        self.point(false)?;
        let loaded = self.faulty.inner.load(keys);
        self.point(true)?;
        loaded
    }

    fn reserve_ids(&self, count: u64) -> Result<u64, StoreError> {
        self.point(false)?;
        self.faulty.inner.reserve_ids(count)
    }

    fn commit(&self, lease: &Lease, commit: &Commit, model: &ContentModel) -> Result<(), StoreError> {
        let fault = self.fault(false)?;
        let before = self.tasks_of(&lease.connector);
        let result = self.faulty.commit(lease, commit, model);
        if let Err(error) = result {
            self.journal().refused(&error);
            return Err(error);
        }
        let (subs, now_ms) = (self.subs(), self.clock.now_ms());
        self.journal().committed(&Committed { setup: &self.setup, subs: &subs, lease, commit, before: &before, now_ms });
        drop(subs);
        self.afterwards(fault, result)
    }

    fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.gate()?;
        self.faulty.inner.task(id)
    }

    fn tasks(&self, filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Result<Vec<Task>, StoreError> {
        self.gate()?;
        self.faulty.inner.tasks(filter, after, limit)
    }

    fn stand(&self, id: TaskId, standing: &Standing) -> Result<bool, StoreError> {
        self.gate()?;
        self.journal().touched(id);
        self.faulty.inner.stand(id, standing)
    }

    fn remove(&self, entries: Vec<Entry>) -> Result<u64, StoreError> {
        self.gate()?;
        let there: Vec<bool> = entries.iter().map(|entry| matches!(self.faulty.inner.task(entry.task), Ok(Some(_)))).collect();
        let removed = self.faulty.inner.remove(entries.clone())?;
        let subs = self.subs();
        for (entry, _) in entries.iter().zip(there).filter(|(_, there)| *there) {
            self.journal().enter(&self.setup, &subs, entry, false);
        }
        Ok(removed)
    }

    fn log(&self, id: TaskId, limit: usize) -> Result<Vec<LogLine>, StoreError> {
        self.gate()?;
        self.faulty.inner.log(id, limit)
    }

    fn history(&self, filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Entry)>, StoreError> {
        self.gate()?;
        self.faulty.inner.history(filter, before, limit)
    }

    fn trim_history(&self, entries_max: u64) -> Result<u64, StoreError> {
        self.gate()?;
        let trimmed = self.faulty.inner.trim_history(entries_max)?;
        self.journal().trim(trimmed as usize);
        Ok(trimmed)
    }

    fn connectors(&self) -> Result<Vec<ConnectorRecord>, StoreError> {
        self.gate()?;
        self.faulty.inner.connectors()
    }

    fn put_connector(&self, record: &ConnectorRecord, component: Option<&[u8]>) -> Result<(), StoreError> {
        self.gate()?;
        self.faulty.inner.put_connector(record, component)
    }

    fn delete_connector(&self, name: &ConnectorName) -> Result<u64, StoreError> {
        self.gate()?;
        let tasks = self.tasks_of(name);
        let count = self.faulty.inner.delete_connector(name)?;
        self.journal().connector_removed(name, tasks.into_iter().map(|task| task.id));
        Ok(count)
    }

    fn component(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.gate()?;
        self.faulty.inner.component(digest)
    }

    fn state(&self, connector: &ConnectorName) -> Result<StateMap, StoreError> {
        self.gate()?;
        self.faulty.inner.state(connector)
    }

    fn clear_state(&self, connector: &ConnectorName) -> Result<u64, StoreError> {
        self.gate()?;
        self.journal().fold.state.remove(connector);
        self.faulty.inner.clear_state(connector)
    }

    fn secret_key(&self) -> Result<[u8; 32], StoreError> {
        self.faulty.inner.secret_key()
    }

    fn model(&self) -> Result<BTreeMap<String, String>, StoreError> {
        self.gate()?;
        self.faulty.inner.model()
    }

    fn put_model(&self, files: &BTreeMap<String, String>, model: &ContentModel) -> Result<(), StoreError> {
        self.gate()?;
        self.faulty.inner.put_model(files, model)
    }

    fn switches(&self) -> Result<Switches, StoreError> {
        self.gate()?;
        self.faulty.inner.switches()
    }

    fn put_switches(&self, switches: Switches) -> Result<(), StoreError> {
        self.gate()?;
        self.faulty.inner.put_switches(switches)
    }

    fn objects(&self, object_type: Option<&TypeName>, after: Option<ObjectId>, limit: usize) -> Result<Vec<Arc<ObjectRow>>, StoreError> {
        self.faulty.inner.objects(object_type, after, limit)
    }

    fn pages_under(&self, site: &SiteName, parent: Option<NodeId>) -> Result<Vec<Arc<PageRow>>, StoreError> {
        self.faulty.inner.pages_under(site, parent)
    }

    fn pages(&self, after: Option<NodeId>, limit: usize) -> Result<Vec<Arc<PageRow>>, StoreError> {
        self.faulty.inner.pages(after, limit)
    }

    fn bindings(&self, after: Option<BindingId>, limit: usize) -> Result<Vec<Arc<BindingRow>>, StoreError> {
        self.faulty.inner.bindings(after, limit)
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        self.gate()?;
        self.faulty.inner.counts()
    }

    fn backup(&self) -> Result<Backup, StoreError> {
        self.faulty.inner.backup()
    }
}
