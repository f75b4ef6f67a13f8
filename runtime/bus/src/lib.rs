//! The bus: what the server and the command line talk to. It owns the worker threads and nothing
//! else that acts; every decision is in the pure modules beside it.

mod connectors;
mod content;
mod desk;
pub mod export;
mod mailbox;
pub mod pass;
mod process;
#[cfg(any(test, feature = "testing"))]
mod steps;
mod submit;
mod tasks;
mod worker;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

pub use connectors::{Added, Checked, ConnectorError, ConnectorStatus, Force};
pub use content::{ApplyError, ModelPlan, ObjectQuery};
pub use process::{ProcessError, Started};
#[cfg(any(test, feature = "testing"))]
pub use steps::Stepped;
pub use submit::Accepted;
pub use tasks::{Bulk, TaskAction, TaskError};

use lockgate_core::model::{ContentModel, SharedModel};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Clock, ConnectorRecord, Counts, Randomness, Sandbox, Store, StoreError, Switches, Translator};
use lockgate_core::settings::BusSettings;

/// Everything that the bus is made of.
pub struct Parts {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Where connectors run.
    pub sandbox: Arc<dyn Sandbox>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub randomness: Arc<dyn Randomness>,
    /// The operator's settings.
    pub settings: BusSettings,
}

/// The bus. Cheap to clone; all clones are the same bus. Every method blocks and may be called
/// from many threads.
#[derive(Clone)]
pub struct Bus {
    inner: Arc<Inner>,
}

struct Inner {
    parts: Parts,
    state: RwLock<State>,
    workers: Mutex<BTreeMap<ConnectorName, worker::Worker>>,
    translators: Mutex<HashMap<Arc<str>, Arc<dyn Translator>>>,
    /// Held while connectors or the model change, so that two changes do not cross.
    changing: Mutex<()>,
    /// Counts the operator's changes to queued tasks. Read-locked while a pass commits, so that no
    /// change falls between what the pass knows of a task and what it writes of it.
    standing: RwLock<u64>,
    auto: AtomicBool,
    stopping: AtomicBool,
    #[cfg(any(test, feature = "testing"))]
    steps: steps::Steps,
}

/// What is asked at every submission, kept in memory.
struct State {
    model: SharedModel,
    connectors: BTreeMap<ConnectorName, ConnectorRecord>,
    switches: Switches,
}

impl Bus {
    /// Reads model, connectors and switches from the store. Starts no thread: nothing is processed
    /// until `start` or a request.
    pub fn open(parts: Parts) -> Result<Self, StoreError> {
        let model = stored_model(&*parts.store)?;
        let connectors = parts.store.connectors()?.into_iter().map(|record| (record.name.clone(), record)).collect();
        let switches = parts.store.switches()?;
        Ok(Self {
            inner: Arc::new(Inner {
                parts,
                state: RwLock::new(State { model: Arc::new(model), connectors, switches }),
                workers: Mutex::default(),
                translators: Mutex::default(),
                changing: Mutex::default(),
                standing: RwLock::default(),
                auto: AtomicBool::new(false),
                stopping: AtomicBool::new(false),
                #[cfg(any(test, feature = "testing"))]
                steps: steps::Steps::default(),
            }),
        })
    }

    /// From now on submissions start passes where the settings say so; queues that wait are begun.
    pub fn start(&self) -> Result<(), StoreError> {
        self.inner.auto.store(true, Ordering::SeqCst);
        let counts = self.inner.parts.store.counts()?;
        let names: Vec<ConnectorName> = self.inner.read_state().connectors.keys().cloned().collect();
        for name in names {
            let waiting = counts.queued.get(&name).is_some_and(|count| *count > 0);
            self.inner.begin(&name, waiting);
        }
        Ok(())
    }

    /// Ends every pass after the task in hand, commits, and waits for the threads. The bus takes no
    /// further work.
    pub fn stop(&self) {
        self.inner.stopping.store(true, Ordering::SeqCst);
        let workers = std::mem::take(&mut *self.inner.lock_workers());
        for worker in workers.values() {
            worker.stop();
        }
        for worker in workers.into_values() {
            worker.join();
        }
    }

    /// The operator's settings.
    pub fn settings(&self) -> &BusSettings {
        &self.inner.parts.settings
    }

    /// Numbers for the operator.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        self.inner.parts.store.counts()
    }

    /// Why the store writes nothing at the moment.
    pub fn can_write(&self) -> Result<(), StoreError> {
        self.inner.parts.store.can_write()
    }

    /// The operator's switches.
    pub fn switches(&self) -> Switches {
        self.inner.read_state().switches
    }

    /// Sets the operator's switches. Switching processing off ends passes after the task in hand.
    pub fn put_switches(&self, switches: Switches) -> Result<(), StoreError> {
        let _changing = self.inner.lock_changing();
        self.inner.parts.store.put_switches(switches)?;
        let before = std::mem::replace(&mut self.inner.write_state().switches, switches);
        if switches.bus && switches.processing && !(before.bus && before.processing) {
            let names: Vec<ConnectorName> = self.inner.read_state().connectors.keys().cloned().collect();
            names.iter().for_each(|name| self.inner.begin(name, true));
        }
        Ok(())
    }

    /// The content model as it is now.
    pub fn model(&self) -> SharedModel {
        self.inner.read_state().model.clone()
    }

    /// The port, for tests and for exports.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.parts.store
    }

    /// Now, by the bus's clock, in ms since 1970.
    pub fn now_ms(&self) -> i64 {
        self.inner.parts.clock.now_ms()
    }
}

impl Inner {
    fn read_state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_state(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_workers(&self) -> MutexGuard<'_, BTreeMap<ConnectorName, worker::Worker>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The model in the store. Files that an older version accepted and this one does not are a
/// damaged store, not an empty model.
fn stored_model(store: &dyn Store) -> Result<ContentModel, StoreError> {
    let files = store.model()?;
    lockgate_core::model::parse(&files).map_err(|errors| {
        let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
        StoreError::Unreadable(format!("content model: {}", all.join("; ")))
    })
}
