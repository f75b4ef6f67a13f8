//! Several processes on one store: who may process a connector's queue, and until when.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use lockgate_bus::{Bus, Parts, Stepped, TaskError};
use lockgate_core::grants::Grant;
use lockgate_core::ports::{Claim, Claimed, Clock, NodeName, Store, StoreError, TaskFilter};
use lockgate_core::settings::{BusSettings, ConnectorSettings};
use lockgate_core::task::TaskType;
use lockgate_testing::{CountingRandomness, FixedClock, MemoryStore, Script, ScriptedSandbox, TestBus, WatchedStore, model_files};

const LEASE_MS: u32 = 3_000;

struct Place<S> {
    store: Arc<S>,
    clock: Arc<FixedClock>,
    sandbox: Arc<ScriptedSandbox>,
}

impl<S: Store + Default + 'static> Place<S> {
    fn new() -> Self {
        let place = Self { store: Arc::default(), clock: Arc::default(), sandbox: Arc::default() };
        let bus = place.open("installs");
        bus.apply_model(&model_files()).unwrap();
        for name in ["a", "b"] {
            bus.add_connector(&TestBus::connector(name), &TestBus::component(name)).unwrap();
        }
        place
    }

    fn parts(&self, node: &str) -> Parts {
        let defaults = ConnectorSettings { grant: Grant::every_write(), ..ConnectorSettings::default() };
        Parts {
            store: self.store.clone(),
            sandbox: self.sandbox.clone(),
            clock: self.clock.clone(),
            randomness: Arc::new(CountingRandomness::default()),
            settings: BusSettings { defaults, batch_tasks_max: 1, lease_ms: LEASE_MS.into(), ..BusSettings::default() },
            node: NodeName::new(node),
        }
    }

    fn open(&self, node: &str) -> Bus {
        Bus::open_stepped(self.parts(node)).unwrap()
    }

    /// Another process claims connector `a` under this node's name, and knows of no lease.
    fn claim(&self, node: &str, lease_ms: u64) -> Claimed {
        let (node, held) = (NodeName::new(node), BTreeSet::new());
        let connector = TestBus::connector("a");
        self.store.claim(&Claim { connector: &connector, node: &node, held: &held, lease_ms, now_ms: self.clock.now_ms() }).unwrap()
    }

    /// Who holds a connector, by what a stranger is told.
    fn holder(&self, connector: &str) -> Option<String> {
        let (node, held) = (NodeName::new("a stranger"), BTreeSet::new());
        let claim = Claim { connector: &TestBus::connector(connector), node: &node, held: &held, lease_ms: 0, now_ms: self.clock.now_ms() };
        match self.store.claim(&claim).unwrap() {
            Claimed::Yes(_) => None,
            Claimed::HeldBy(node, _) => Some(node.to_string()),
        }
    }
}

fn submit(bus: &Bus, at: usize) {
    let body = format!(r#"{{"object": {{"type": "shop.brand", "code_name": "brand-{at}"}}}}"#);
    bus.submit(vec![TestBus::submission("a", TaskType::CreateObject, body)]).unwrap().remove(0).unwrap();
}

fn pass(bus: &Bus) {
    bus.request_processing(Some(&TestBus::connector("a"))).unwrap();
    assert_eq!(bus.step(&TestBus::connector("a")), Stepped::Worked);
}

fn trouble(bus: &Bus) -> Option<String> {
    bus.connectors().unwrap().remove(0).trouble
}

/// Does something once, in the midst of a translation.
fn once(place: &Place<MemoryStore>, act: impl Fn() + Send + Sync + 'static) {
    let (first, read) = (AtomicBool::new(true), Script::default().prepare);
    place.sandbox.set(Script {
        prepare: Box::new(move |task| {
            if first.swap(false, Ordering::SeqCst) {
                act();
            }
            read(task)
        }),
        ..Script::default()
    });
}

/// A node stood still while it was started anew under its name. When it went on, it was given the lease of
/// its later life, and both worked by it.
#[test]
fn an_earlier_life_of_a_node_does_not_work_by_the_lease_of_a_later_one() {
    let place = Place::<MemoryStore>::new();
    let earlier = place.open("node");
    submit(&earlier, 0);
    pass(&earlier);
    place.clock.advance(LEASE_MS);
    let later = place.open("node");
    submit(&later, 1);
    let goes_on = earlier.clone();
    once(&place, move || pass(&goes_on));
    pass(&later);
    assert!(trouble(&later).is_some_and(|why| why.contains("another process has taken over")), "{:?}", trouble(&later));
    assert_eq!(earlier.counts().unwrap().history, 2, "each task is stored once");
}

/// Each of two lives of a node gave back the lease of the other and claimed anew, at once and for ever:
/// whatever one had translated was fenced by the other.
#[test]
fn two_lives_of_a_node_do_not_fence_each_other_without_end() {
    let place = Arc::new(Place::<MemoryStore>::new());
    let bus = place.open("node");
    let (other_lives, read) = (Arc::new(AtomicBool::new(true)), Script::default().prepare);
    let (lives, other) = (other_lives.clone(), Arc::downgrade(&place));
    place.sandbox.set(Script {
        prepare: Box::new(move |task| {
            if lives.load(Ordering::SeqCst) {
                other.upgrade().unwrap().claim("node", LEASE_MS.into());
            }
            read(task)
        }),
        ..Script::default()
    });
    submit(&bus, 0);
    pass(&bus);
    let connector = TestBus::connector("a");
    let until_ms = (0..5).find_map(|_| match bus.step(&connector) {
        Stepped::Waits(until_ms) => until_ms,
        _ => None,
    });
    assert!(until_ms.is_some_and(|until_ms| until_ms > bus.now_ms()), "it leaves the other one time: {until_ms:?}");
    assert_eq!(bus.counts().unwrap().history, 0);
    let task = bus.tasks(&TaskFilter::default(), None, 1).unwrap().remove(0).id;
    let answer = bus.put_retry(task).unwrap();
    assert_eq!(bus.step(&connector), Stepped::Worked);
    assert!(matches!(answer.try_recv(), Ok(Err(TaskError::Store(StoreError::Fenced(_))))), "and nobody waits for ever");
    other_lives.store(false, Ordering::SeqCst);
    place.clock.advance(u32::try_from(until_ms.unwrap() - bus.now_ms()).unwrap());
    assert_eq!(bus.step(&connector), Stepped::Worked);
    assert_eq!((trouble(&bus), bus.counts().unwrap().history), (None, 1));
}

/// The operator was told `store-unavailable`, and a moment later the node had the connector again.
#[test]
fn a_retry_in_the_midst_of_a_pass_that_is_fenced_is_run_by_the_next_lease() {
    let place = Arc::new(Place::<MemoryStore>::new());
    let bus = place.open("one");
    submit(&bus, 0);
    submit(&bus, 1);
    let last = bus.tasks(&TaskFilter::default(), None, 9).unwrap().remove(1).id;
    let answer = Arc::new(Mutex::new(None));
    let (asks, other, kept, fenced) = (bus.clone(), Arc::downgrade(&place), answer.clone(), AtomicBool::new(false));
    let read = Script::default().prepare;
    place.sandbox.set(Script {
        prepare: Box::new(move |task| {
            let mut answer = kept.lock().unwrap();
            if answer.is_none() {
                *answer = Some(asks.put_retry(last).unwrap());
            } else if !fenced.swap(true, Ordering::SeqCst) {
                let place = other.upgrade().unwrap();
                place.clock.advance(LEASE_MS);
                assert!(matches!(place.claim("other", 0), Claimed::Yes(_)));
            }
            read(task)
        }),
        ..Script::default()
    });
    pass(&bus);
    assert_eq!(bus.step(&TestBus::connector("a")), Stepped::Worked);
    let answer = answer.lock().unwrap().take().unwrap().try_recv();
    assert_eq!(answer.unwrap().unwrap().unwrap().outcome, "stored");
    assert_eq!(bus.counts().unwrap().history, 2);
}

/// A lease was claimed at the beginning of a pass only: one that took longer was fenced in its midst by
/// whoever waited, and the work in hand was done in vain.
#[test]
fn a_pass_that_takes_long_keeps_its_lease() {
    let place = Place::<MemoryStore>::new();
    let (one, other) = (place.open("one"), place.open("other"));
    for at in 0..10 {
        submit(&one, at);
    }
    let (clock, waits, seen) = (place.clock.clone(), other.clone(), Arc::new(Mutex::new(Vec::new())));
    let (read, told) = (Script::default().prepare, seen.clone());
    place.sandbox.set(Script {
        prepare: Box::new(move |task| {
            clock.advance(LEASE_MS / 2);
            pass(&waits);
            told.lock().unwrap().push(trouble(&waits));
            read(task)
        }),
        ..Script::default()
    });
    pass(&one);
    assert_eq!(*seen.lock().unwrap(), vec![Some("node one processes it".to_owned()); 10]);
    assert_eq!((trouble(&one), one.counts().unwrap().history), (None, 10));
}

/// Whoever took over waited for the end of the lease, although its holder had ended in good order.
#[test]
fn a_bus_that_stops_gives_its_leases_back() {
    let place = Place::<MemoryStore>::new();
    let threads = Bus::open(place.parts("threads")).unwrap();
    threads.request_processing(Some(&TestBus::connector("a"))).unwrap();
    while !threads.busy().is_empty() {
        std::thread::yield_now();
    }
    assert_eq!(place.holder("a").as_deref(), Some("threads"));
    threads.stop();
    assert_eq!(place.holder("a"), None);
    let steps = place.open("steps");
    pass(&steps);
    assert_eq!(place.holder("a").as_deref(), Some("steps"));
    steps.stop();
    assert_eq!(place.holder("a"), None);
}

/// One worker of a node claimed by an older list of what the node holds, and gave back what another one had
/// just claimed.
#[test]
fn two_workers_of_a_node_do_not_give_back_each_others_leases() {
    let place = Place::<WatchedStore>::new();
    let bus = Bus::open(place.parts("node")).unwrap();
    let (claimed, is_claimed) = mpsc::channel();
    let (others, is_claimed, first) = (bus.clone(), Mutex::new(is_claimed), AtomicBool::new(true));
    place.store.before(move |method| {
        match method {
            "claim" if first.swap(false, Ordering::SeqCst) => {
                others.request_processing(Some(&TestBus::connector("b"))).unwrap();
                // Time for the other one, if it can claim now; it may as well wait until this one has.
                let _ = is_claimed.lock().unwrap().recv_timeout(Duration::from_millis(200));
            }
            // The first thing that a pass does by its lease.
            "fetch" => drop(claimed.send(())),
            _ => {}
        }
        Ok(())
    });
    bus.request_processing(Some(&TestBus::connector("a"))).unwrap();
    while !bus.busy().is_empty() {
        std::thread::yield_now();
    }
    place.store.before(|_| Ok(()));
    assert_eq!((place.holder("a").as_deref(), place.holder("b").as_deref()), (Some("node"), Some("node")));
    bus.stop();
}

/// A commit that met others again and again was planned anew for longer than the lease lasted.
#[test]
fn a_commit_that_is_planned_again_and_again_keeps_its_lease() {
    let place = Arc::new(Place::<WatchedStore>::new());
    let bus = place.open("one");
    submit(&bus, 0);
    let (other, conflicts) = (Arc::downgrade(&place), AtomicUsize::new(0));
    place.store.before(move |method| {
        if method != "commit" || conflicts.fetch_add(1, Ordering::SeqCst) >= 6 {
            return Ok(());
        }
        let place = other.upgrade().unwrap();
        place.clock.advance(LEASE_MS / 2);
        assert!(matches!(place.claim("other", 0), Claimed::HeldBy(..)));
        Err(StoreError::Conflict)
    });
    pass(&bus);
    assert_eq!((trouble(&bus), bus.counts().unwrap().history), (None, 1));
}
