//! What goes on by itself: tasks that are tried again, schedules, clocks that are set. On a simulated
//! clock, with workers that take their steps when the test lets them; nobody asks for anything.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

mod failures;

use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use lockgate_bus::{Bus, Parts, Stepped, TaskAction};
use lockgate_core::admit::Submission;
use lockgate_core::decide::BACKOFF_MS_MAX;
use lockgate_core::failure::{Code, Failure};
use lockgate_core::grants::Grant;
use lockgate_core::ports::{Clock, NodeName, Queue, Switches, TaskFilter};
use lockgate_core::settings::{BusSettings, ConnectorSettings, Processing};
use lockgate_core::task::{ProcessType, TaskId, TaskState, TaskType};
use lockgate_testing::{CountingRandomness, FixedClock, Script, ScriptedSandbox, TestBus, WatchedStore, model_files};

const DAY_MS: i64 = 86_400_000;
const BACKOFF_MS: u32 = 60_000;

/// A store with one connector, `a`, whose translations all fail.
struct Place {
    store: Arc<WatchedStore>,
    clock: Arc<FixedClock>,
    sandbox: Arc<ScriptedSandbox>,
    settings: BusSettings,
}

impl Place {
    fn new(processing: Processing, backoff_ms: Option<u64>) -> Self {
        let defaults = ConnectorSettings { processing, backoff_ms, grant: Grant::every_write(), ..ConnectorSettings::default() };
        let settings = BusSettings { defaults, lease_ms: 1_000, ..BusSettings::default() };
        let sandbox = Arc::new(ScriptedSandbox::new());
        sandbox.set(Script { prepare: Box::new(|_| Err(Failure::new(Code::Unavailable, "down"))), ..Script::default() });
        let place = Self { store: Arc::default(), clock: Arc::default(), sandbox, settings };
        let bus = place.open();
        bus.apply_model(&model_files()).unwrap();
        bus.add_connector(&TestBus::connector("a"), &TestBus::component("a")).unwrap();
        place
    }

    fn parts(&self, clock: Arc<dyn Clock>) -> Parts {
        Parts {
            store: self.store.clone(),
            sandbox: self.sandbox.clone(),
            clock,
            randomness: Arc::new(CountingRandomness::default()),
            settings: self.settings.clone(),
            node: NodeName::new("node"),
        }
    }

    /// A bus that has begun, without threads.
    fn open(&self) -> Bus {
        let bus = Bus::open_stepped(self.parts(self.clock.clone())).unwrap();
        bus.start().unwrap();
        bus
    }

    fn submit(bus: &Bus, process_type: ProcessType) -> TaskId {
        let submission = Submission { process_type, ..TestBus::submission("a", TaskType::CreateObject, "{}") };
        bus.submit(vec![submission]).unwrap().remove(0).unwrap().task
    }

    fn attempts(&self, task: TaskId) -> u32 {
        self.store.task(task).unwrap().unwrap().attempts
    }
}

/// Lets the worker work until it waits; until when.
fn settle(bus: &Bus) -> Option<i64> {
    for _ in 0..20 {
        match bus.step(&TestBus::connector("a")) {
            Stepped::Worked => {}
            Stepped::Waits(until_ms) => return until_ms,
            Stepped::NoWorker => return None,
        }
    }
    panic!("the worker does not come to rest");
}

const ONCE_A_YEAR: &str = "0 0 1 7 *";

fn every_way() -> [Processing; 3] {
    [Processing::Auto, Processing::OnRequest, Processing::Schedule(ONCE_A_YEAR.to_owned())]
}

/// Whether somebody waits for a back-off of so many ms: up to a quarter less, so that not everybody comes at once.
fn waits(bus: &Bus, until_ms: Option<i64>, backoff_ms: u32) -> bool {
    until_ms.is_some_and(|until_ms| {
        let wait_ms = until_ms - bus.now_ms();
        wait_ms <= i64::from(backoff_ms) && wait_ms > i64::from(backoff_ms) * 3 / 4
    })
}

/// A failed task waited for the next pass: only a waiting task that a pass met set the alarm.
#[test]
fn a_failed_task_is_tried_again_when_its_time_comes() {
    for processing in every_way() {
        let place = Place::new(processing.clone(), Some(BACKOFF_MS.into()));
        let bus = place.open();
        let task = Place::submit(&bus, ProcessType::SkipOnError);
        bus.request_processing(None).unwrap();
        assert!(waits(&bus, settle(&bus), BACKOFF_MS), "{processing:?}");
        assert_eq!(place.attempts(task), 1);
        place.clock.advance(BACKOFF_MS);
        assert!(waits(&bus, settle(&bus), 2 * BACKOFF_MS), "{processing:?}");
        assert_eq!(place.attempts(task), 2);
    }
}

#[test]
fn a_task_that_failed_out_of_turn_is_tried_again_too() {
    for process_type in [ProcessType::SkipOnError, ProcessType::Default] {
        let place = Place::new(Processing::OnRequest, Some(BACKOFF_MS.into()));
        let bus = place.open();
        let task = Place::submit(&bus, process_type);
        let answer = bus.put_retry(task).unwrap();
        settle(&bus);
        assert!(waits(&bus, answer.recv().unwrap().unwrap().unwrap().due_ms, BACKOFF_MS));
        place.clock.advance(BACKOFF_MS);
        settle(&bus);
        assert_eq!(place.attempts(task), 2, "{process_type}");
    }
}

/// A connector that works on request or by a schedule forgot its back-offs with the process.
#[test]
fn a_failed_task_is_tried_again_after_the_bus_was_started_anew() {
    for processing in every_way() {
        let place = Place::new(processing.clone(), Some(BACKOFF_MS.into()));
        let before = place.open();
        let task = Place::submit(&before, ProcessType::SkipOnError);
        before.request_processing(None).unwrap();
        settle(&before);
        before.stop();
        let bus = place.open();
        assert!(waits(&bus, settle(&bus), BACKOFF_MS), "{processing:?}");
        assert_eq!(place.attempts(task), 1, "it is not due yet");
        place.clock.advance(BACKOFF_MS);
        settle(&bus);
        assert_eq!(place.attempts(task), 2, "{processing:?}");
    }
}

/// The time came while processing was off, and passed.
#[test]
fn a_failed_task_is_tried_again_when_processing_is_switched_on() {
    for processing in every_way() {
        let place = Place::new(processing.clone(), Some(BACKOFF_MS.into()));
        let bus = place.open();
        let task = Place::submit(&bus, ProcessType::SkipOnError);
        bus.request_processing(None).unwrap();
        settle(&bus);
        bus.change_switches(|switches| Switches { processing: false, ..switches }).unwrap();
        place.clock.advance(BACKOFF_MS);
        settle(&bus);
        assert_eq!(place.attempts(task), 1, "processing is off");
        bus.change_switches(|_| Switches::default()).unwrap();
        settle(&bus);
        assert_eq!(place.attempts(task), 2, "{processing:?}");
    }
}

/// The same on a thread and with real time: the connector tells that it is asked again.
#[test]
fn a_failed_task_is_tried_again_by_its_thread() {
    struct RealClock(Instant);
    impl Clock for RealClock {
        fn now_ms(&self) -> i64 {
            FixedClock::START_MS + i64::try_from(self.0.elapsed().as_millis()).unwrap()
        }
        fn monotonic_us(&self) -> u64 {
            u64::try_from(self.0.elapsed().as_micros()).unwrap()
        }
    }
    let place = Place::new(Processing::OnRequest, Some(20));
    let (told, tries) = mpsc::channel();
    place.sandbox.set(Script {
        prepare: Box::new(move |_| {
            let _ = told.send(());
            Err(Failure::new(Code::Unavailable, "down"))
        }),
        ..Script::default()
    });
    let bus = Bus::open(place.parts(Arc::new(RealClock(Instant::now())))).unwrap();
    bus.start().unwrap();
    Place::submit(&bus, ProcessType::SkipOnError);
    bus.request_processing(None).unwrap();
    for attempt in 1..=3 {
        assert_eq!(tries.recv_timeout(Duration::from_secs(20)), Ok(()), "try {attempt}");
    }
    bus.stop();
}

/// What was due by a clock that was three days ahead was waited for three days.
#[test]
fn a_clock_that_is_set_back_holds_up_no_back_off() {
    for process_type in [ProcessType::SkipOnError, ProcessType::Default] {
        let place = Place::new(Processing::Auto, Some(BACKOFF_MS.into()));
        let bus = place.open();
        let task = Place::submit(&bus, process_type);
        settle(&bus);
        place.clock.set(bus.now_ms() - 3 * DAY_MS);
        let until_ms = settle(&bus).unwrap();
        assert!(until_ms <= bus.now_ms() + i64::from(BACKOFF_MS), "it waits {} ms", until_ms - bus.now_ms());
        place.clock.advance(BACKOFF_MS);
        settle(&bus);
        assert_eq!(place.attempts(task), 2, "{process_type}");
        // By a process that knows nothing of the time before.
        place.clock.set(bus.now_ms() - 3 * DAY_MS);
        let bus = place.open();
        settle(&bus);
        assert_eq!(place.attempts(task), 3, "{process_type}");
    }
}

/// By less than the longest back-off it cannot be told from one. No wait is longer than that.
#[test]
fn a_clock_that_is_set_back_a_little_makes_no_wait_longer_than_the_longest_back_off() {
    for back_min in [1, 50, 59, 61, 90] {
        let place = Place::new(Processing::Auto, Some(BACKOFF_MS.into()));
        let bus = place.open();
        let task = Place::submit(&bus, ProcessType::SkipOnError);
        settle(&bus);
        place.clock.set(bus.now_ms() - back_min * 60_000);
        let mut waited_ms = 0;
        while place.attempts(task) == 1 {
            let wait_ms = u32::try_from(settle(&bus).unwrap() - bus.now_ms()).unwrap();
            assert!(u64::from(wait_ms) <= BACKOFF_MS_MAX, "{back_min} min back: it waits {wait_ms} ms");
            waited_ms += wait_ms;
            assert!(u64::from(waited_ms) <= BACKOFF_MS_MAX + u64::from(BACKOFF_MS), "{back_min} min back: it has waited {waited_ms} ms");
            place.clock.advance(wait_ms);
            settle(&bus);
        }
    }
}

fn scheduled() -> (Place, Bus) {
    let place = Place::new(Processing::Schedule("*/5 * * * *".to_owned()), None);
    let bus = place.open();
    assert_eq!(settle(&bus), Some(FixedClock::START_MS + 300_000));
    (place, bus)
}

#[test]
fn a_schedule_goes_on_when_the_clock_is_set_back() {
    let (place, bus) = scheduled();
    let task = Place::submit(&bus, ProcessType::SkipOnError);
    for attempt in 1..4 {
        place.clock.set(bus.now_ms() - 3 * DAY_MS);
        assert_eq!(settle(&bus), Some(bus.now_ms() + 300_000));
        place.clock.advance(300_000);
        settle(&bus);
        assert_eq!(place.attempts(task), attempt);
    }
}

#[test]
fn a_schedule_makes_one_pass_when_the_clock_is_set_forward() {
    let (place, bus) = scheduled();
    let task = Place::submit(&bus, ProcessType::SkipOnError);
    place.clock.set(bus.now_ms() + 3 * DAY_MS);
    assert_eq!(settle(&bus), Some(bus.now_ms() + 300_000), "what the clock has passed over is done once");
    assert_eq!(place.attempts(task), 1);
}

#[test]
fn a_clock_that_is_set_forward_neither_skips_nor_repeats_a_try() {
    let place = Place::new(Processing::Auto, Some(BACKOFF_MS.into()));
    let bus = place.open();
    let task = Place::submit(&bus, ProcessType::SkipOnError);
    settle(&bus);
    place.clock.set(bus.now_ms() + 3 * DAY_MS);
    settle(&bus);
    place.clock.advance(BACKOFF_MS);
    let until_ms = settle(&bus).unwrap();
    assert_eq!(place.attempts(task), 2, "once, when its time had come");
    assert!(waits(&bus, Some(until_ms), 2 * BACKOFF_MS));
    place.clock.advance(2 * BACKOFF_MS);
    settle(&bus);
    assert_eq!(place.attempts(task), 3);
}

/// A task had failed in front of one that waited for its time. When it was deleted, a connector that works on
/// request or by a schedule did not look at what was behind it.
#[test]
fn a_task_whose_time_came_behind_a_failed_one_is_tried_when_that_one_is_dealt_with() {
    for processing in every_way() {
        for bulk in [false, true] {
            let place = Place::new(processing.clone(), Some(BACKOFF_MS.into()));
            place.sandbox.set(Script { prepare: Box::new(|_| Err(Failure::new(Code::Invalid, "no good"))), ..Script::default() });
            let bus = place.open();
            let (first, behind) = (Place::submit(&bus, ProcessType::SkipOnError), Place::submit(&bus, ProcessType::SkipOnError));
            bus.request_processing(None).unwrap();
            settle(&bus);
            bus.act(first, TaskAction::SetProcessType(ProcessType::Default)).unwrap();
            place.clock.advance(BACKOFF_MS);
            settle(&bus);
            assert_eq!(place.store.task(first).unwrap().unwrap().state, TaskState::Failed);
            assert_eq!(place.attempts(behind), 1, "it waits behind the failed one");
            match bulk {
                true => drop(bus.act_on_all(&TaskFilter { ids: Some(vec![first]), ..TaskFilter::default() }, TaskAction::Delete).unwrap()),
                false => drop(bus.act(first, TaskAction::Delete).unwrap()),
            }
            settle(&bus);
            assert_eq!(place.attempts(behind), 2, "{processing:?}");
        }
    }
}
