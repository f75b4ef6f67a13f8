//! The bus at work: worker threads, mailboxes, passes, and what operators order. Every decision is in
//! `core`; what a decision relies on is checked in the store, in the transaction that carries it out.
//!
//! This crate must not know an engine, the network or the system's clock.

mod alarm;
mod ask;
mod audit;
mod connectors;
mod content;
mod desk;
pub mod export;
mod failures;
mod known;
mod leases;
mod look;
mod mailbox;
mod missing;
mod numbers;
mod operations;
mod pass;
mod peers;
mod process;
mod rules;
mod standing;
#[cfg(any(test, feature = "testing"))]
mod steps;
mod submit;
mod tasks;
mod trial;
mod trouble;
mod worker;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

pub use connectors::{Added, Checked, ConnectorError, ConnectorStatus};
pub use content::{ApplyError, ModelPlan, ObjectQuery};
pub use failures::{FailureGroup, Failures};
pub use lockgate_core::operation::TaskAction;
pub use look::{Looked, Reach};
pub use missing::{Ignored, MissingThing, Waits};
pub use numbers::{BUCKETS_MS, Counted, Histogram};
pub use operations::Bulk;
pub use pass::Processed;
pub use peers::JoinError;
pub use process::{ProcessError, Started};
pub use standing::{Blocked, Followers, QueueStanding};
#[cfg(any(test, feature = "testing"))]
pub use steps::Stepped;
pub use submit::{Accepted, First};
pub use tasks::TaskError;
pub use trial::{TRIED_MAX, Tried, TryError, TryWith};

use known::Known;
use lockgate_core::audit::{Actor, AuditAction};
use lockgate_core::model::SharedModel;
use lockgate_core::names::ConnectorName;
pub use lockgate_core::ports::Force;
use lockgate_core::ports::{Clock, Counts, NodeName, Order, Randomness, Sandbox, Store, StoreError, Switches, Translator};
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
    /// Under which name this process holds leases.
    pub node: NodeName,
}

/// The bus. Cheap to clone; all clones are the same bus. Every method blocks and may be called
/// from many threads.
#[derive(Clone)]
pub struct Bus {
    inner: Arc<Inner>,
    /// Who gives orders by way of this handle.
    by: Option<Arc<Actor>>,
}

/// What of the parts stays as it is.
struct Working {
    store: Arc<dyn Store>,
    sandbox: Arc<dyn Sandbox>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    node: NodeName,
}

struct Inner {
    parts: Working,
    /// The operator's settings, replaced whole.
    rules: RwLock<Arc<rules::Rules>>,
    /// Orders that were written down.
    orders: AtomicU64,
    numbers: numbers::Numbers,
    /// A copy of what the store says, replaced whole.
    known: RwLock<Arc<Known>>,
    /// Connectors whose leases this process holds, as far as it knows.
    held: Mutex<BTreeSet<ConnectorName>>,
    workers: Mutex<BTreeMap<ConnectorName, worker::Worker>>,
    /// Workers of connectors that were removed, until their threads have ended. Locked after `workers`.
    leaving: Mutex<Vec<(ConnectorName, worker::Worker)>>,
    translators: Mutex<HashMap<Arc<str>, Arc<dyn Translator>>>,
    /// Whether the store knows what is granted by this process.
    announced: AtomicBool,
    auto: AtomicBool,
    clerk: operations::Clerk,
    peers: peers::Peers,
    stopping: AtomicBool,
    #[cfg(any(test, feature = "testing"))]
    steps: steps::Steps,
}

impl Bus {
    /// Reads model, connectors and switches from the store, and writes nothing. Starts no thread:
    /// nothing is processed until `start` or a request.
    pub fn open(parts: Parts) -> Result<Self, StoreError> {
        let known = Known::read(parts.store.configuration()?, None)?;
        let Parts { store, sandbox, clock, randomness, settings, node } = parts;
        Ok(Self {
            by: None,
            inner: Arc::new(Inner {
                parts: Working { store, sandbox, clock, randomness, node },
                rules: RwLock::new(Arc::new(rules::Rules::new(settings))),
                orders: AtomicU64::new(0),
                numbers: numbers::Numbers::default(),
                known: RwLock::new(Arc::new(known)),
                held: Mutex::default(),
                workers: Mutex::default(),
                leaving: Mutex::default(),
                translators: Mutex::default(),
                announced: AtomicBool::new(false),
                auto: AtomicBool::new(false),
                clerk: operations::Clerk::default(),
                peers: peers::Peers::default(),
                stopping: AtomicBool::new(false),
                #[cfg(any(test, feature = "testing"))]
                steps: steps::Steps::default(),
            }),
        })
    }

    /// From now on submissions start passes where the settings say so; queues that wait are begun.
    pub fn start(&self) -> Result<(), StoreError> {
        self.inner.auto.store(true, Ordering::SeqCst);
        let known = self.inner.current()?;
        self.inner.begin_all(known.connectors.keys())?;
        // What became due in an earlier life, and what was ordered.
        self.inner.stir(None)?;
        self.resume_operations()
    }

    /// Ends every pass after the task in hand, commits, and waits for the threads. The bus takes no
    /// further work.
    pub fn stop(&self) {
        self.inner.stopping.store(true, Ordering::SeqCst);
        self.inner.end_beats();
        self.inner.clerk.join();
        let workers = std::mem::take(&mut *self.inner.lock_workers());
        for worker in workers.values() {
            worker.stop();
        }
        let leaving = std::mem::take(&mut *self.inner.lock_leaving());
        for worker in workers.into_values().chain(leaving.into_iter().map(|(_, worker)| worker)) {
            worker.join();
        }
        #[cfg(any(test, feature = "testing"))]
        self.leave_desks();
        self.inner.leave();
    }

    /// The operator's settings, as they are now.
    pub fn settings(&self) -> Arc<BusSettings> {
        self.inner.settings()
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
    pub fn switches(&self) -> Result<Switches, StoreError> {
        Ok(self.inner.current()?.switches)
    }

    /// Changes the operator's switches: what they are now in, what they are to be out; called again when
    /// somebody else has changed them meanwhile. Switching processing off ends passes after the task in
    /// hand.
    pub fn change_switches(&self, change: impl Fn(Switches) -> Switches) -> Result<Switches, StoreError> {
        self.inner.decide(|known| {
            let switches = change(known.switches);
            let order = Order::PutSwitches(known.generation, switches);
            let row = self.row(AuditAction::Switches, "switches").filter(|_| switches != known.switches);
            let row = row.map(|row| row.before(&told(known.switches)).after(&told(switches)));
            Ok(self.order(&order, row).map(|_| switches))
        })
    }

    /// The content model as it is now.
    pub fn model(&self) -> Result<SharedModel, StoreError> {
        Ok(self.inner.current()?.model.clone())
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

/// Switches as JSON.
fn told(switches: Switches) -> String {
    let Switches { bus, logging, processing } = switches;
    format!("{{\"bus\":{bus},\"logging\":{logging},\"processing\":{processing}}}")
}

impl Inner {
    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Begins what connectors do by themselves, as after a restart.
    fn begin_all<'n>(self: &Arc<Self>, names: impl Iterator<Item = &'n ConnectorName>) -> Result<(), StoreError> {
        let counts = self.parts.store.counts()?;
        for name in names {
            let has = |counted: &BTreeMap<ConnectorName, u64>| counted.get(name).is_some_and(|count| *count > 0);
            self.begin_here(name, has(&counts.queued) || has(&counts.failed));
            if has(&counts.failed) || has(&counts.parked) || has(&counts.behind) {
                self.begin_due(name);
            }
        }
        Ok(())
    }

    /// Whether workers have no threads.
    #[cfg(not(any(test, feature = "testing")))]
    fn is_stepped(&self) -> bool {
        false
    }

    fn lock_workers(&self) -> MutexGuard<'_, BTreeMap<ConnectorName, worker::Worker>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_leaving(&self) -> MutexGuard<'_, Vec<(ConnectorName, worker::Worker)>> {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_held(&self) -> MutexGuard<'_, BTreeSet<ConnectorName>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
