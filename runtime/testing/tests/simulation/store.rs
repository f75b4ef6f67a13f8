//! The store of a simulation, as one process sees it: it fails as told, lets others act at the moments at
//! which they can, and watches what is asked of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Queue, Registry, StoreError, TaskFilter};
use lockgate_core::task::Task;
use lockgate_testing::FixedClock;

use super::docs::Sub;
use super::faulty::Faulty;
use super::journal::{Journal, Life};
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
    calls: u64,
    lives: Life,
}

/// What all processes share.
pub struct Shared {
    pub faulty: Faulty,
    pub world: OnceLock<Weak<World>>,
    pub setup: Arc<Setup>,
    pub clock: Arc<FixedClock>,
    /// Everything that was ever submitted, by serial.
    subs: Mutex<HashMap<u64, Sub>>,
    journal: Mutex<Journal>,
    ills: Mutex<Ills>,
}

/// One process's handle on the store.
pub struct SimStore {
    pub shared: Arc<Shared>,
    pub life: Life,
    dead: Mutex<bool>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub fn new(faulty: Faulty, setup: Arc<Setup>, clock: Arc<FixedClock>) -> Self {
        Self { faulty, world: OnceLock::new(), setup, clock, subs: Mutex::default(), journal: Mutex::default(), ills: Mutex::default() }
    }

    /// A handle for a process that begins.
    pub fn handle(self: &Arc<Self>) -> Arc<SimStore> {
        let mut ills = lock(&self.ills);
        ills.lives += 1;
        Arc::new(SimStore { shared: self.clone(), life: ills.lives, dead: Mutex::default() })
    }

    pub fn journal(&self) -> MutexGuard<'_, Journal> {
        lock(&self.journal)
    }

    pub fn subs(&self) -> MutexGuard<'_, HashMap<u64, Sub>> {
        lock(&self.subs)
    }

    pub fn arm(&self, armed: Armed) {
        lock(&self.ills).armed.push(armed);
    }

    /// What was to fail does not fail any more.
    pub fn disarm(&self) {
        lock(&self.ills).armed.clear();
    }

    /// A new action begins.
    pub fn begin_action(&self) {
        lock(&self.ills).calls = 0;
    }

    /// Every task that is queued.
    pub(super) fn tasks(&self) -> Vec<Task> {
        let heads = self.faulty.inner.tasks(&TaskFilter::default(), None, usize::MAX).unwrap();
        heads.into_iter().filter_map(|head| self.faulty.inner.task(head.id).unwrap()).collect()
    }
}

impl SimStore {
    pub fn journal(&self) -> MutexGuard<'_, Journal> {
        self.shared.journal()
    }

    /// The process ends here: nothing can be asked any more.
    pub fn die(&self) {
        *lock(&self.dead) = true;
    }

    pub fn is_dead(&self) -> bool {
        *lock(&self.dead)
    }

    pub(super) fn gate(&self) -> Result<(), StoreError> {
        let mut ills = lock(&self.shared.ills);
        ills.calls += 1;
        if ills.calls == CALLS_MAX {
            self.journal().violations.push(format!("one action has asked the store {CALLS_MAX} times: it does not end"));
        }
        if ills.calls >= CALLS_MAX || self.is_dead() { Err(StoreError::Unavailable("the process has ended".to_owned())) } else { Ok(()) }
    }

    /// Others may act now: the caller holds nothing.
    pub(super) fn point(&self, loaded: bool) -> Result<(), StoreError> {
        if let Some(world) = self.shared.world.get().and_then(Weak::upgrade)
            && !self.is_dead()
        {
            world.point(loaded);
        }
        self.gate()
    }

    /// The fault of this write; one that comes before it is the answer.
    pub(super) fn fault(&self, submit: bool) -> Result<Option<Fault>, StoreError> {
        self.point(false)?;
        let mut ills = lock(&self.shared.ills);
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
                self.die();
                Err(StoreError::Unknown("the process has ended".to_owned()))
            }
            Fault::UnknownAfter | Fault::CrashAfter => Ok(Some(fault)),
        }
    }

    /// What is said when the write took effect.
    pub(super) fn afterwards<T>(&self, fault: Option<Fault>, result: Result<T, StoreError>) -> Result<T, StoreError> {
        match fault {
            Some(Fault::CrashAfter) => self.die(),
            Some(_) => {}
            None => return result,
        }
        Err(StoreError::Unknown("after".to_owned()))
    }

    /// The configuration may have changed.
    pub(super) fn configured(&self, connector: Option<&ConnectorName>) {
        let configuration = self.shared.faulty.inner.configuration().unwrap();
        self.journal().rights.configured(connector, configuration);
    }
}
