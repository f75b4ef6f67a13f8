//! §9: operations over many tasks. Each task that is meant is dealt with once, others not at all, whatever happens
//! meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use lockgate_bus::{Bus, Force, Parts, Stepped, TaskAction, TaskError};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::grants::Grant;
use lockgate_core::operation::{Came, Operation, OperationState, Reason};
use lockgate_core::ports::{LastOutcome, NodeName, StoreError, TaskFilter};
use lockgate_core::settings::{BusSettings, ConnectorSettings, OnFailure, Processing};
use lockgate_core::task::{ProcessType, TaskId, TaskState, TaskType};
use lockgate_testing::{CountingRandomness, FixedClock, Script, ScriptedSandbox, TestBus, WatchedStore, model_files};

const NONSENSE: &str = "not an object";
const SOON: Duration = Duration::from_secs(10);

fn brand(at: usize) -> String {
    format!(r#"{{"object": {{"type": "shop.brand", "code_name": "brand-{at}"}}}}"#)
}

fn at_once() -> BusSettings {
    BusSettings { defaults: ConnectorSettings { backoff_ms: None, ..ConnectorSettings::default() }, ..BusSettings::default() }
}

fn submit(bus: &Bus, body: &str, process_type: ProcessType) -> TaskId {
    let submission = lockgate_core::admit::Submission { process_type, ..TestBus::submission("a", TaskType::CreateObject, body) };
    bus.submit(vec![submission]).unwrap().remove(0).unwrap().task
}

/// So many tasks that have failed once and stay.
fn failing(test: &TestBus, count: usize) -> Vec<TaskId> {
    let ids = (0..count).map(|_| submit(&test.bus, NONSENSE, ProcessType::SkipOnError)).collect();
    test.process("a");
    ids
}

fn attempts(bus: &Bus, ids: &[TaskId]) -> Vec<u32> {
    bus.store().heads(ids).unwrap().iter().map(|head| head.attempts).collect()
}

fn all() -> TaskFilter {
    TaskFilter::default()
}

fn retried(test: &TestBus, filter: &TaskFilter) -> Operation {
    let begun = test.bus.begin_operation(filter, TaskAction::Retry).unwrap();
    let ended = test.bus.wait_for_operation(begun.id).unwrap();
    test.wait_idle();
    assert_eq!((ended.state, ended.meant, ended.left()), (OperationState::Done, begun.meant, 0));
    ended
}

/// A retry of one of 20 tried it twice, and each of the others once.
#[test]
fn a_retry_of_one_tries_no_other() {
    let test = TestBus::with_settings(at_once());
    let ids = failing(&test, 20);
    test.bus.start().unwrap();
    test.wait_idle();
    let before = attempts(&test.bus, &ids);
    test.bus.act(ids[7], TaskAction::Retry).unwrap();
    test.wait_idle();
    let after = attempts(&test.bus, &ids);
    let tries: Vec<u32> = before.iter().zip(&after).map(|(before, after)| after - before).collect();
    assert_eq!(tries, (0..20).map(|at| u32::from(at == 7)).collect::<Vec<_>>());
}

/// A bulk retry of 200 under `attempts_max = 10` tried each until it was given up.
#[test]
fn a_bulk_retry_tries_each_task_that_is_meant_once() {
    let defaults = ConnectorSettings { backoff_ms: None, attempts_max: Some(10), ..ConnectorSettings::default() };
    let test = TestBus::with_settings(BusSettings { defaults, batch_tasks_max: 7, ..BusSettings::default() });
    let ids = failing(&test, 200);
    test.bus.start().unwrap();
    test.wait_idle();
    let before = attempts(&test.bus, &ids);
    let ended = retried(&test, &TaskFilter { ids: Some(ids[..150].to_vec()), ..all() });
    let by_code = BTreeMap::from([(Code::Invalid, 150)]);
    assert_eq!(ended.came, Came { failed: 150, by_code, ..Came::default() });
    let tries = |range: std::ops::Range<usize>| -> Vec<u32> {
        attempts(&test.bus, &ids[range.clone()]).iter().zip(&before[range]).map(|(after, before)| after - before).collect()
    };
    assert_eq!((tries(0..150), tries(150..200)), (vec![1; 150], vec![0; 50]));
}

#[test]
fn what_is_cured_is_done_and_what_is_not_has_failed_under_every_process_type() {
    let defaults = ConnectorSettings { on_failure: OnFailure::SetAside, ..ConnectorSettings::default() };
    let test = TestBus::with_settings(BusSettings { defaults, ..BusSettings::default() });
    test.sandbox.set(Script { prepare: Box::new(|_| Err(Failure::new(Code::Invalid, "all"))), ..Script::default() });
    let types = [ProcessType::Default, ProcessType::SkipOnError];
    let ids: Vec<TaskId> =
        (0..40).map(|at| submit(&test.bus, &if at % 3 == 0 { NONSENSE.to_owned() } else { brand(at) }, types[at % 2])).collect();
    test.process("a");
    test.sandbox.set(Script::default());
    let ended = retried(&test, &TaskFilter { last: Some(LastOutcome::Failed), ..all() });
    assert_eq!((ended.came.done, ended.came.failed, ended.meant), (26, 14, 40));
    assert!(attempts(&test.bus, &ids).iter().all(|attempts| *attempts == 2));
}

/// A failed head that a retry cures lets the rest go on; one that a retry does not cure tries nothing else.
#[test]
fn what_waits_behind_a_task_that_a_retry_cures_goes_on() {
    for bulk in [true, false] {
        let test = TestBus::new();
        test.bus.start().unwrap();
        test.sandbox.set(Script { prepare: Box::new(|_| Err(Failure::new(Code::Invalid, "all"))), ..Script::default() });
        let ids: Vec<TaskId> = (0..5).map(|at| submit(&test.bus, &brand(at), ProcessType::Default)).collect();
        test.wait_idle();
        let retry = || {
            match bulk {
                true => drop(retried(&test, &TaskFilter { state: Some(TaskState::Failed), ..all() })),
                false => drop(test.bus.act(ids[0], TaskAction::Retry).unwrap()),
            }
            test.wait_idle();
        };
        retry();
        assert_eq!(attempts(&test.bus, &ids), [2, 0, 0, 0, 0], "bulk: {bulk}");
        test.sandbox.set(Script::default());
        retry();
        assert_eq!(test.bus.counts().unwrap().history, 5, "bulk: {bulk}");
    }
}

/// `skip` on several wrong heads counted in binary: 70 skips, and nothing was stored.
#[test]
fn skip_gets_past_everything_that_stands_failed() {
    for bulk in [true, false] {
        let test = TestBus::new();
        test.bus.start().unwrap();
        for at in 0..12 {
            submit(&test.bus, &if at < 6 { NONSENSE.to_owned() } else { brand(at) }, ProcessType::Default);
        }
        test.wait_idle();
        for _ in 0..6 {
            let failed = TaskFilter { state: Some(TaskState::Failed), ..all() };
            let head = test.bus.tasks(&failed, None, 9).unwrap().remove(0);
            match bulk {
                true => drop(test.bus.act_on_all(&failed, TaskAction::Skip).unwrap()),
                false => drop(test.bus.act(head.id, TaskAction::Skip).unwrap()),
            }
            test.wait_idle();
        }
        assert_eq!(test.bus.counts().unwrap().history, 6, "bulk: {bulk}");
        assert!(test.bus.tasks(&all(), None, 99).unwrap().iter().all(|head| head.process_type == ProcessType::Default));
    }
}

#[test]
fn a_preview_tells_which_tasks_are_meant_and_why_and_changes_nothing() {
    let test = TestBus::with_settings(at_once());
    let ids = failing(&test, 3);
    submit(&test.bus, &brand(1), ProcessType::Default);
    let before = test.bus.tasks(&all(), None, 99).unwrap();
    let preview = test.bus.preview(&all(), Some(TaskAction::Delete)).unwrap();
    let reason = |code| Reason { connector: TestBus::connector("a"), state: TaskState::Queued, code, path: None };
    assert_eq!(preview.meant, 4);
    assert_eq!(preview.reasons, BTreeMap::from([(reason(None), 1), (reason(Some(Code::Invalid)), 3)]));
    assert_eq!(test.bus.tasks(&all(), None, 99).unwrap(), before);
    for (filter, meant) in [
        (TaskFilter { code: Some(Code::Invalid), ..all() }, 3),
        (TaskFilter { code: Some(Code::Trap), ..all() }, 0),
        (TaskFilter { last: Some(LastOutcome::NotFailed), ..all() }, 1),
        (TaskFilter { process_type: Some(ProcessType::SkipOnError), ..all() }, 3),
        (TaskFilter { attempts_min: Some(1), ..all() }, 3),
        (TaskFilter { attempts_min: Some(2), ..all() }, 0),
        (TaskFilter { path: Some("nowhere".to_owned()), ..all() }, 0),
        (TaskFilter { state: Some(TaskState::Parked), ..all() }, 0),
        (TaskFilter { ids: Some(vec![ids[1]]), ..all() }, 1),
    ] {
        assert_eq!(test.bus.preview(&filter, None).unwrap().meant, meant, "{filter:?}");
    }
    let nobody = TaskFilter { connector: Some(TestBus::connector("nobody")), ..all() };
    assert!(matches!(test.bus.preview(&nobody, None), Err(TaskError::UnknownConnector(_))));
}

#[test]
fn a_cancelled_operation_stops_after_the_batch_in_hand() {
    let settings = BusSettings { batch_tasks_max: 5, ..at_once() };
    let test = TestBus::with_settings(settings);
    let ids = failing(&test, 50);
    let (begun, is_begun) = mpsc::channel();
    let (go, may_go) = mpsc::channel::<()>();
    let (may_go, seen) = (Mutex::new(may_go), AtomicU64::new(0));
    test.sandbox.set(Script {
        prepare: Box::new(move |_| {
            if seen.fetch_add(1, Ordering::SeqCst) == 12 {
                begun.send(()).unwrap();
                may_go.lock().unwrap().recv_timeout(SOON).unwrap();
            }
            Err(Failure::new(Code::Invalid, "still"))
        }),
        ..Script::default()
    });
    let operation = test.bus.begin_operation(&all(), TaskAction::Retry).unwrap();
    is_begun.recv_timeout(SOON).unwrap();
    let cancelled = test.bus.cancel_operation(operation.id).unwrap();
    assert_eq!((cancelled.state, cancelled.came.failed), (OperationState::Cancelled, 10));
    go.send(()).unwrap();
    test.wait_idle();
    let ended = test.bus.operation(operation.id).unwrap();
    assert_eq!((ended.state, ended.came.failed, ended.left()), (OperationState::Cancelled, 15, 35));
    let tries = attempts(&test.bus, &ids);
    assert_eq!(tries.iter().filter(|tries| **tries == 2).count(), 15);
    assert_eq!(test.bus.cancel_operation(operation.id).unwrap(), ended, "it has ended");
}

#[test]
fn a_connector_that_is_gone_takes_its_part_of_an_operation_with_it() {
    let test = TestBus::with_settings(at_once());
    failing(&test, 3);
    let name = TestBus::connector("a");
    test.bus.enable_connector(&name, false).unwrap();
    assert!(matches!(test.bus.begin_operation(&all(), TaskAction::Retry), Err(TaskError::CannotProcess(..))));
    test.bus.enable_connector(&name, true).unwrap();
    let (begun, is_begun) = mpsc::channel();
    let (go, may_go) = mpsc::channel::<()>();
    let may_go = Mutex::new(may_go);
    test.sandbox.set(Script {
        prepare: Box::new(move |_| {
            let _ = begun.send(());
            let _ = may_go.lock().unwrap().recv_timeout(SOON);
            Err(Failure::new(Code::Invalid, "still"))
        }),
        ..Script::default()
    });
    let operation = test.bus.begin_operation(&all(), TaskAction::Retry).unwrap();
    is_begun.recv_timeout(SOON).unwrap();
    let bus = test.bus.clone();
    let removing = std::thread::spawn(move || bus.remove_connector(&TestBus::connector("a"), Force::Yes).unwrap());
    while test.bus.connectors().unwrap().iter().any(|connector| connector.record.name == name) {
        std::thread::yield_now();
    }
    drop(go);
    removing.join().unwrap();
    let ended = test.bus.wait_for_operation(operation.id).unwrap();
    assert_eq!((ended.state, ended.came.passed_over), (OperationState::Done, 3));
}

/// A bus whose workers take steps, on a store that tells every call.
struct Place {
    store: Arc<WatchedStore>,
    sandbox: Arc<ScriptedSandbox>,
    clock: Arc<FixedClock>,
}

impl Place {
    fn new() -> Self {
        Self { store: Arc::new(WatchedStore::new()), sandbox: Arc::new(ScriptedSandbox::new()), clock: Arc::default() }
    }

    fn open(&self, batch_tasks_max: usize) -> Bus {
        let defaults = ConnectorSettings {
            processing: Processing::OnRequest,
            grant: Grant::every_write(),
            backoff_ms: None,
            translators: 1,
            ..ConnectorSettings::default()
        };
        let bus = Bus::open_stepped(Parts {
            store: self.store.clone(),
            sandbox: self.sandbox.clone(),
            clock: self.clock.clone(),
            randomness: Arc::new(CountingRandomness::default()),
            settings: BusSettings { defaults, batch_tasks_max, ..BusSettings::default() },
            node: NodeName::new("test"),
        })
        .unwrap();
        bus.apply_model(&model_files()).unwrap();
        bus.add_connector(&TestBus::connector("a"), &TestBus::component("a")).unwrap();
        bus
    }

    fn failing(&self, bus: &Bus, count: usize) -> Vec<TaskId> {
        self.sandbox.set(Script { prepare: Box::new(|_| Err(Failure::new(Code::Invalid, "no"))), ..Script::default() });
        let ids = (0..count).map(|_| submit(bus, NONSENSE, ProcessType::SkipOnError)).collect();
        bus.request_processing(None).unwrap();
        settle(bus);
        ids
    }
}

fn settle(bus: &Bus) {
    while bus.step(&TestBus::connector("a")) == Stepped::Worked {}
}

/// Each try was counted with the transaction that carried it out, so whoever begins again goes on behind it.
#[test]
fn an_operation_goes_on_where_an_earlier_process_was_killed() {
    let place = Place::new();
    let bus = place.open(4);
    let ids = place.failing(&bus, 30);
    let operation = bus.begin_operation(&all(), TaskAction::Retry).unwrap();
    let commits = AtomicU64::new(0);
    place.store.before(move |method| match method == "commit" && commits.fetch_add(1, Ordering::SeqCst) >= 3 {
        true => Err(StoreError::Unavailable("killed".to_owned())),
        false => Ok(()),
    });
    settle(&bus);
    assert_eq!(bus.operation(operation.id).unwrap().came.failed, 12);
    drop(bus);
    place.store.before(|_| Ok(()));
    let bus = place.open(4);
    bus.start().unwrap();
    settle(&bus);
    let ended = bus.operation(operation.id).unwrap();
    assert_eq!((ended.state, ended.came.failed, ended.left()), (OperationState::Done, 30, 0));
    assert!(attempts(&bus, &ids).iter().all(|tries| *tries == 2), "{:?}", attempts(&bus, &ids));
}

/// 800 tasks took 96,000 tries.
#[test]
fn a_bulk_retry_takes_a_commit_for_a_thousand_tasks() {
    let place = Place::new();
    let bus = place.open(4_000);
    place.failing(&bus, 2_500);
    place.store.calls("commit");
    let operation = bus.begin_operation(&all(), TaskAction::Retry).unwrap();
    settle(&bus);
    assert_eq!(bus.operation(operation.id).unwrap().came.failed, 2_500);
    assert_eq!(place.store.calls("commit"), 3);
}

#[test]
fn an_operation_rests_with_its_connector_and_goes_on_with_it() {
    let place = Place::new();
    let bus = place.open(4);
    place.failing(&bus, 10);
    let operation = bus.begin_operation(&all(), TaskAction::Retry).unwrap();
    bus.enable_connector(&TestBus::connector("a"), false).unwrap();
    settle(&bus);
    assert_eq!(bus.operation(operation.id).unwrap().came.tasks(), 0);
    assert!(bus.busy().is_empty());
    bus.enable_connector(&TestBus::connector("a"), true).unwrap();
    bus.step_operations().unwrap();
    settle(&bus);
    assert_eq!(bus.operation(operation.id).unwrap().came.failed, 10);
}

/// §12: it takes tasks in meanwhile, and another version of it is as paused as the one before.
#[test]
fn a_paused_connector_goes_on_when_it_is_resumed() {
    let test = TestBus::new();
    let name = TestBus::connector("a");
    test.bus.start().unwrap();
    test.bus.pause_connector(&name, true).unwrap();
    let task = submit(&test.bus, &brand(1), ProcessType::Default);
    test.wait_idle();
    assert_eq!(attempts(&test.bus, &[task]), [0]);
    let trouble = test.bus.connectors().unwrap().into_iter().find(|connector| connector.record.name == name).unwrap().trouble;
    assert!(trouble.unwrap().contains("is paused"));
    assert!(test.bus.add_connector(&name, &TestBus::component("another")).unwrap().record.paused);
    test.wait_idle();
    assert!(matches!(test.bus.act(task, TaskAction::Retry), Err(TaskError::CannotProcess(..))));
    test.bus.pause_connector(&name, false).unwrap();
    test.wait_idle();
    assert_eq!(test.bus.counts().unwrap().history, 1);
}

#[test]
fn operations_that_ended_are_kept_up_to_a_limit() {
    let settings = BusSettings { operations_kept_max: 3, ..at_once() };
    let test = TestBus::with_settings(settings);
    let ids: Vec<_> = (0..6).map(|_| test.bus.begin_operation(&all(), TaskAction::Skip).unwrap().id).collect();
    let kept: Vec<_> = test.bus.operations(None, 99).unwrap().iter().map(|operation| operation.id).collect();
    assert_eq!(kept, [ids[5], ids[4], ids[3]]);
    assert!(matches!(test.bus.operation(ids[0]), Err(TaskError::NoOperation(_))));
}
