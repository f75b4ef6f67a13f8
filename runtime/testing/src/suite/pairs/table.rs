//! Where checks with several handles take place: rounds, threads that begin together, dice.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Handles;
use super::owner::Owner;
use crate::Dice;
use crate::short::Short;
use crate::suite::bench::{QUEUE_MAX, connector, record};
use crate::{model, model_files, new_task};
use lockgate_core::model::SharedModel;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Claim, Claimed, NodeName, Store, StoreError, Submitted};
use lockgate_core::task::{Task, TaskId};

/// Rounds of a race, and for how long, unless somebody asks for a number.
const ROUNDS: u64 = 200;
const ROUNDS_MAX: Duration = Duration::from_millis(150);
/// Fewer are no race.
const ROUNDS_MIN: u64 = 12;

/// How long leases hold, in ms, when no check is about that.
pub(super) const LEASE_MS: u64 = 3_600_000;
/// What every claimer's clock shows.
pub(super) const NOW_MS: i64 = 1_000_000;

/// By which dice: told with every failure.
pub(super) fn seed() -> u64 {
    let asked = std::env::var("LOCKGATE_PAIRS_SEED").ok();
    asked.map_or_else(|| RandomState::new().hash_one(0) >> 16, |text| text.parse().expect("LOCKGATE_PAIRS_SEED is a number"))
}

/// How often each race is run, when somebody asks for a number.
pub(super) fn rounds_asked() -> Option<u64> {
    std::env::var("LOCKGATE_PAIRS_ROUNDS").ok().map(|text| text.parse().expect("LOCKGATE_PAIRS_ROUNDS is a number"))
}

/// An engine with the tests' model, and what checks need beside it.
pub struct Table {
    pub(super) engine: Arc<dyn Handles>,
    /// For what a check prepares.
    admin: Arc<dyn Store>,
    pub(super) model: SharedModel,
    dice: Mutex<Dice>,
}

impl Table {
    /// Puts the model into the engine's empty store.
    pub(super) fn new(engine: Arc<dyn Handles>, seed: u64) -> Self {
        let model = Arc::new(model());
        let admin = engine.handle();
        admin.put_model_now(&model_files(), &model).expect("the model is stored");
        Self { engine, admin, model, dice: Mutex::new(Dice::new(seed)) }
    }

    pub(super) fn handle(&self) -> Arc<dyn Store> {
        self.engine.handle()
    }

    /// Rounds of a race, numbered.
    pub(super) fn rounds(&self) -> impl Iterator<Item = u64> + use<> {
        let (asked, begun) = (rounds_asked(), Instant::now());
        (0..asked.unwrap_or(ROUNDS)).take_while(move |round| asked.is_some() || *round < ROUNDS_MIN || begun.elapsed() < ROUNDS_MAX)
    }

    /// From 0 to `below` - 1.
    pub(super) fn roll(&self, below: usize) -> usize {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner).index(below)
    }

    /// An installed connector with a handle and a lease of its own.
    pub(super) fn owner(&self, name: &str) -> Owner {
        let (store, connector) = (self.handle(), connector(name));
        store.install([&connector]);
        let node = NodeName::new(&format!("node of {name}"));
        let claim = Claim { connector: &connector, node: &node, held: &BTreeSet::new(), lease_ms: LEASE_MS, now_ms: NOW_MS };
        match store.claim(&claim).expect("claim") {
            Claimed::Yes(lease) => Owner::new(store, lease, self.model.clone()),
            Claimed::HeldBy(node, _) => panic!("{node} holds {connector}"),
        }
    }

    /// Three of them.
    pub(super) fn three(&self) -> [Owner; 3] {
        ["a", "b", "c"].map(|name| self.owner(name))
    }

    /// Queues so many tasks of a connector, which is installed for it.
    pub(super) fn queue(&self, name: &str, count: usize) -> Vec<Task> {
        let (store, connector) = (&self.admin, connector(name));
        let tasks = (0..count).map(|n| new_task(&connector, n.to_string().as_bytes())).collect();
        let submitted = store.submit_now(tasks, QUEUE_MAX).expect("submit");
        submitted.into_iter().map(|one| store.task(queued(one)).expect("task").expect("it is queued")).collect()
    }

    /// Installs a connector, or enables it again.
    pub(super) fn put(&self, name: &str) {
        self.admin.put_connector_now(&record(name, "d1"), None).expect("put_connector");
    }
}

/// Everything, in lists.
pub(super) const EVERY: usize = 1_000_000;

/// Tells the others that it is over, also when a check fails.
pub(super) struct Over<'o>(pub(super) &'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

pub(super) fn queued(submitted: Submitted) -> TaskId {
    match submitted {
        Submitted::Queued(id) => id,
        other => panic!("the task was not queued: {other:?}"),
    }
}

/// Queued tasks of a connector, failed ones too: those that are there, and as the store counts them.
pub(super) fn waiting(store: &dyn Store, connector: &ConnectorName) -> u64 {
    let there = store.fetch(connector, None, usize::MAX, usize::MAX).expect("fetch").len() as u64;
    let counts = store.counts().expect("counts");
    let counted = [&counts.queued, &counts.failed].map(|by| by.get(connector).copied().unwrap_or(0)).iter().sum::<u64>();
    assert_eq!(there, counted, "tasks of {connector} that are there, and as counted");
    there
}

/// Acts on so many threads, which begin together.
pub(super) fn all<R: Send>(threads: usize, act: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let barrier = Barrier::new(threads);
    thread::scope(|scope| {
        let started: Vec<_> = (0..threads)
            .map(|n| {
                let (act, barrier) = (&act, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    act(n)
                })
            })
            .collect();
        started.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

/// Two acts, which begin together.
pub(super) fn both<A: Send, B: Send>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            barrier.wait();
            b()
        });
        barrier.wait();
        let a = a();
        (a, other.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Exactly one was carried out, and the others had relied on what it changed.
pub(super) fn one_wins(what: &str, outcomes: &[Result<(), StoreError>]) {
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let conflicts = outcomes.iter().filter(|outcome| matches!(outcome, Err(StoreError::Conflict))).count();
    assert!(won == 1 && conflicts == outcomes.len() - 1, "{what}: one wins, the others conflict: {outcomes:?}");
}

/// The same of what was decided by a copy of the configuration.
pub(super) fn one_is_in_time(what: &str, outcomes: &[Result<(), StoreError>]) {
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let stale = outcomes.iter().filter(|outcome| matches!(outcome, Err(StoreError::Stale))).count();
    assert!(won == 1 && stale == outcomes.len() - 1, "{what}: one wins, the others are stale: {outcomes:?}");
}
