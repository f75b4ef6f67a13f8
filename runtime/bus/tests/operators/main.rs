//! §9 beside a pass: what operators want of tasks is answered soon, with what was stored, and in few calls.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

mod workers;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use lockgate_bus::{Bus, Parts, Stepped, TaskAction};
use lockgate_core::admit::Submission;
use lockgate_core::failure::{Code, Failure};
use lockgate_core::grants::Grant;
use lockgate_core::operation::OperationState;
use lockgate_core::ports::{NodeName, Queue, Stand, Standing, Stood, StoreError, TaskFilter};
use lockgate_core::settings::{BusSettings, ConnectorSettings, Processing};
use lockgate_core::task::{ProcessType, TaskHead, TaskId, TaskState, TaskType};
use lockgate_testing::{CountingRandomness, FixedClock, Script, ScriptedSandbox, TestBus, WatchedStore, model_files};

const BRAND: &str = r#"{"object": {"type": "shop.brand", "code_name": "acme"}}"#;
/// Much longer than anything here takes.
const SOON: Duration = Duration::from_secs(10);

fn body(at: u64) -> String {
    format!(r#"{{"object": {{"type": "shop.brand", "code_name": "brand-{at}"}}}}"#)
}

/// A pass of so many tasks, of which one, once it is begun, ends only when a retry of the last one is
/// answered.
fn a_retry_is_answered_in_the_midst(settings: BusSettings, tasks: u64, blocks: u64) {
    let test = TestBus::with_settings(settings);
    let (begun, is_begun) = mpsc::channel();
    let (answered, is_answered) = mpsc::channel();
    let (is_answered, in_time) = (Mutex::new(is_answered), Arc::new(AtomicBool::new(false)));
    let (read, seen) = (Script::default().prepare, in_time.clone());
    test.sandbox.set(Script {
        prepare: Box::new(move |task| {
            let is = |at: u64| &*task.external.body == body(at).as_bytes();
            if is(blocks) {
                begun.send(()).unwrap();
                seen.store(is_answered.lock().unwrap().recv_timeout(SOON).is_ok(), Ordering::SeqCst);
            }
            read(task)
        }),
        ..Script::default()
    });
    let ids: Vec<TaskId> = (0..tasks).map(|at| test.submit(TestBus::submission("a", TaskType::CreateObject, body(at)))).collect();
    test.bus.request_processing(None).unwrap();
    let last = *ids.last().unwrap();
    is_begun.recv_timeout(SOON).unwrap();
    let answer = test.bus.put_retry(last).unwrap().recv_timeout(SOON);
    let _ = answered.send(());
    test.wait_idle();
    assert!(in_time.load(Ordering::SeqCst), "the retry was answered after the pass: {answer:?}");
    assert_eq!(answer.unwrap().unwrap().unwrap().outcome, "stored");
    assert_eq!(test.bus.counts().unwrap().history, tasks, "every task was stored once");
}

fn translators(translators: usize, batch_tasks_max: usize) -> BusSettings {
    let defaults = ConnectorSettings { translators, ..ConnectorSettings::default() };
    BusSettings { defaults, batch_tasks_max, ..BusSettings::default() }
}

/// Nothing came out of the translating threads, and the one that applies waited for them with the operator.
#[test]
fn a_retry_does_not_wait_for_tasks_that_are_translated_ahead() {
    a_retry_is_answered_in_the_midst(translators(2, 100), 300, 100);
    a_retry_is_answered_in_the_midst(translators(2, 64), 64, 0);
}

/// A retry waited for the end of the pass.
#[test]
fn a_retry_is_answered_between_two_batches() {
    let test = TestBus::with_settings(translators(1, 1));
    let (begun, is_begun) = mpsc::channel();
    let (go, wait) = mpsc::channel();
    let (answered, is_answered) = mpsc::channel();
    let (wait, is_answered) = (Mutex::new(wait), Mutex::new(is_answered));
    let in_time = Arc::new(AtomicBool::new(false));
    let (read, seen) = (Script::default().prepare, in_time.clone());
    test.sandbox.set(Script {
        prepare: Box::new(move |task| {
            if &*task.external.body == body(0).as_bytes() {
                begun.send(()).unwrap();
                wait.lock().unwrap().recv_timeout(SOON).unwrap();
            }
            if &*task.external.body == body(1).as_bytes() {
                seen.store(is_answered.lock().unwrap().recv_timeout(SOON).is_ok(), Ordering::SeqCst);
            }
            read(task)
        }),
        ..Script::default()
    });
    let ids: Vec<TaskId> = (0..4).map(|at| test.submit(TestBus::submission("a", TaskType::CreateObject, body(at)))).collect();
    test.bus.request_processing(None).unwrap();
    is_begun.recv_timeout(SOON).unwrap();
    let answer = test.bus.put_retry(ids[3]).unwrap();
    go.send(()).unwrap();
    let answer = answer.recv_timeout(SOON);
    let _ = answered.send(());
    test.wait_idle();
    assert!(in_time.load(Ordering::SeqCst), "the retry was answered after the pass: {answer:?}");
    assert_eq!(answer.unwrap().unwrap().unwrap().outcome, "stored");
    assert_eq!(test.bus.counts().unwrap().history, 4);
}

/// What was translated ahead before the retry failed was counted as a further try, at once.
#[test]
fn a_retry_that_failed_is_not_tried_again_by_the_pass_that_had_translated_it() {
    let mut settings = translators(2, 100);
    settings.defaults.backoff_ms = Some(60_000);
    let test = TestBus::with_settings(settings);
    let (go, wait) = mpsc::channel();
    let (translated, is_translated) = mpsc::channel();
    let wait = Mutex::new(wait);
    let read = Script::default().prepare;
    test.sandbox.set(Script {
        prepare: Box::new(move |task| match &*task.external.body {
            b"first" => {
                wait.lock().unwrap().recv_timeout(SOON).unwrap();
                Ok(lockgate_core::prepared::Prepared::Skip("nothing to do".into()))
            }
            b"fails" => Err(Failure::new(Code::Invalid, "no")),
            // It lies behind the one that fails, in the same chunk.
            b"behind" => {
                let _ = translated.send(());
                read(task)
            }
            _ => read(task),
        }),
        ..Script::default()
    });
    let submit = |text: &str| {
        let submission = TestBus::submission("a", TaskType::CreateObject, text);
        test.submit(Submission { process_type: ProcessType::SkipOnError, ..submission })
    };
    submit("first");
    for at in 1..40 {
        submit(&body(at));
    }
    let fails = submit("fails");
    submit("behind");
    for at in 50..200 {
        submit(&body(at));
    }
    test.bus.request_processing(None).unwrap();
    is_translated.recv_timeout(SOON).unwrap();
    let answer = test.bus.put_retry(fails).unwrap();
    go.send(()).unwrap();
    assert!(answer.recv_timeout(SOON).unwrap().unwrap().unwrap().failure.is_some());
    test.wait_idle();
    let task = test.bus.task(fails).unwrap().unwrap();
    assert_eq!(task.attempts, 1);
    assert!((45_001..=60_000).contains(&(task.not_before_ms.unwrap() - test.bus.now_ms())));
}

/// The operator was told that the store does not work, and the task was not run.
#[test]
fn a_retry_while_the_model_is_replaced_is_run_by_the_new_one() {
    let test = TestBus::with_settings(translators(1, 1));
    let (bus, tries) = (test.bus.clone(), AtomicU64::new(0));
    let (put, answer) = (Mutex::new(None), Arc::new(Mutex::new(None)));
    let (read, kept) = (Script::default().prepare, answer.clone());
    let last = Arc::new(Mutex::new(TaskId(0)));
    let which = last.clone();
    test.sandbox.set(Script {
        prepare: Box::new(move |task| {
            if &*task.external.body == body(0).as_bytes() && put.lock().unwrap().replace(()).is_none() {
                *kept.lock().unwrap() = Some(bus.put_retry(*which.lock().unwrap()).unwrap());
            }
            if &*task.external.body == body(2).as_bytes() && tries.fetch_add(1, Ordering::SeqCst) == 0 {
                bus.apply_model(&[("more.toml".to_owned(), "[[object_type]]\nname = \"shop.more\"\n".to_owned())].into()).unwrap();
            }
            read(task)
        }),
        ..Script::default()
    });
    for at in 0..3 {
        *last.lock().unwrap() = test.submit(TestBus::submission("a", TaskType::CreateObject, body(at)));
    }
    test.process("a");
    let answer = answer.lock().unwrap().take().unwrap();
    assert_eq!(answer.recv_timeout(SOON).unwrap().unwrap().unwrap().outcome, "stored");
    assert_eq!(test.bus.counts().unwrap().history, 3, "and the pass goes on, too");
}

fn parts(store: &Arc<WatchedStore>, settings: BusSettings, node: &str) -> Parts {
    let defaults = ConnectorSettings { grant: Grant::every_write(), ..settings.defaults };
    Parts {
        store: store.clone(),
        sandbox: Arc::new(ScriptedSandbox::new()),
        clock: Arc::new(FixedClock::default()),
        randomness: Arc::new(CountingRandomness::default()),
        settings: BusSettings { defaults, ..settings },
        node: NodeName::new(node),
    }
}

fn another_process(store: &Arc<WatchedStore>) -> Bus {
    Bus::open_stepped(parts(store, BusSettings::default(), "another")).unwrap()
}

fn watched(settings: BusSettings) -> (Arc<WatchedStore>, Bus) {
    let store = Arc::new(WatchedStore::new());
    let bus = Bus::open_stepped(parts(&store, settings, "node")).unwrap();
    bus.apply_model(&model_files()).unwrap();
    bus.add_connector(&TestBus::connector("a"), &TestBus::component("a")).unwrap();
    (store, bus)
}

fn submit(bus: &Bus) -> TaskId {
    bus.submit(vec![TestBus::submission("a", TaskType::CreateObject, BRAND)]).unwrap().remove(0).unwrap().task
}

/// The task was stored, and the operator was told `store-unavailable`.
#[test]
fn a_retry_that_was_stored_says_so_when_the_history_cannot_be_trimmed() {
    for fails in ["trim_history", "counts"] {
        let (store, bus) = watched(BusSettings { history_entries_max: 0, ..BusSettings::default() });
        let task = submit(&bus);
        let answer = bus.put_retry(task).unwrap();
        store.before(move |method| if method == fails { Err(StoreError::Full("no space".to_owned())) } else { Ok(()) });
        bus.step(&TestBus::connector("a"));
        assert_eq!(answer.recv().unwrap().unwrap().unwrap().outcome, "stored", "{fails} fails");
        assert!(store.calls(fails) > 0, "{fails} was asked");
    }
}

/// A pass that was asked for ended because its component was replaced between two batches, and nobody went
/// on.
#[test]
fn a_requested_pass_goes_on_with_the_component_that_replaced_its_own() {
    let defaults = ConnectorSettings { processing: Processing::OnRequest, ..ConnectorSettings::default() };
    let (store, bus) = watched(BusSettings { defaults, batch_tasks_max: 1, ..BusSettings::default() });
    let tasks: Vec<TaskId> = (0..3).map(|_| submit(&bus)).collect();
    let (operator, fetches) = (bus.clone(), AtomicU64::new(0));
    store.before(move |method| {
        if method == "fetch" && fetches.fetch_add(1, Ordering::SeqCst) == 1 {
            operator.add_connector(&TestBus::connector("a"), &TestBus::component("another")).unwrap();
        }
        Ok(())
    });
    bus.request_processing(None).unwrap();
    while bus.step(&TestBus::connector("a")) == Stepped::Worked {}
    assert_eq!(store.inner.heads(&tasks).unwrap(), [], "all are processed");
}

const MANY: u64 = 2_000;
const PAGE: u64 = 1_000;

fn many() -> (Arc<WatchedStore>, Bus) {
    let (store, bus) = watched(BusSettings::default());
    bus.submit((0..MANY).map(|_| TestBus::submission("a", TaskType::CreateObject, BRAND)).collect()).unwrap();
    for method in ["tasks", "heads", "task", "carry_out"] {
        store.calls(method);
    }
    (store, bus)
}

/// Each task was a transaction of its own: 2,000 fsyncs.
#[test]
fn many_tasks_are_changed_a_page_at_a_time() {
    for action in [TaskAction::Skip, TaskAction::SetProcessType(ProcessType::DeleteOnError), TaskAction::Delete] {
        let (store, bus) = many();
        assert_eq!(bus.act_on_all(&TaskFilter::default(), action).unwrap().done, MANY);
        assert_eq!(store.calls("carry_out"), MANY / PAGE, "{action:?}");
        assert_eq!(store.calls("tasks"), 2, "{action:?}: a page of all, and that there are no more");
        assert_eq!((store.calls("heads"), store.calls("task")), (MANY / PAGE, 0), "{action:?}");
    }
}

/// A task that a pass, or somebody else, changed after it was looked at is acted on all the same; one that
/// is gone is not counted.
#[test]
fn what_changes_while_many_tasks_are_changed_is_acted_on_all_the_same() {
    for action in [TaskAction::SetProcessType(ProcessType::SkipOnError), TaskAction::Delete] {
        let (store, bus) = many();
        let heads = store.inner.tasks(&TaskFilter::default(), None, 20).unwrap();
        let (other, first) = (Arc::downgrade(&store), AtomicBool::new(true));
        store.before(move |called| {
            if called == "carry_out" && first.swap(false, Ordering::SeqCst) {
                let store = other.upgrade().unwrap();
                let standing = |task: &lockgate_core::task::TaskHead| Standing {
                    process_type: ProcessType::Default,
                    state: TaskState::Failed,
                    attempts: 1,
                    not_before_ms: None,
                    failure: Some(Failure::new(Code::Invalid, format!("task {}", task.id))),
                    aside: false,
                    failed_by: None,
                    deletes_allowed: false,
                    waiting: None,
                };
                let stands: Vec<Stand> =
                    heads.iter().map(|task| Stand { id: task.id, version: task.version, standing: standing(task) }).collect();
                assert!(store.inner.stand(&stands)?.iter().all(|stood| *stood == Stood::Done));
            }
            Ok(())
        });
        assert_eq!(bus.act_on_all(&TaskFilter::default(), action).unwrap().done, MANY, "{action:?}");
        assert_eq!(store.calls("carry_out"), MANY / PAGE + 1, "once more, for those that had changed");
        let left = store.inner.tasks(&TaskFilter::default(), None, usize::MAX).unwrap();
        match action {
            TaskAction::Delete => assert!(left.is_empty()),
            _ => {
                assert!(left.iter().all(|task| task.process_type == ProcessType::SkipOnError && task.state == TaskState::Queued));
                assert_eq!((left[0].attempts, left[0].failure.is_some()), (1, true), "what the other has written is kept");
            }
        }
    }
}

/// Who deleted the tasks that had failed deleted one, too, that somebody had just let be tried again.
#[test]
fn a_task_that_is_not_among_those_meant_by_now_is_left_alone() {
    let failed = |head: &TaskHead| Standing {
        process_type: ProcessType::Default,
        state: TaskState::Failed,
        attempts: 1,
        not_before_ms: None,
        failure: Some(Failure::new(Code::Invalid, format!("task {}", head.id))),
        aside: false,
        failed_by: None,
        deletes_allowed: false,
        waiting: None,
    };
    let stand = |store: &WatchedStore, head: &TaskHead, standing| {
        let stood = store.inner.stand(&[Stand { id: head.id, version: head.version, standing }]).unwrap();
        assert_eq!(stood, [Stood::Done]);
    };
    let meant = TaskFilter { state: Some(TaskState::Failed), ..TaskFilter::default() };
    for action in [TaskAction::Delete, TaskAction::SetProcessType(ProcessType::SkipOnError), TaskAction::Retry] {
        let (store, bus) = watched(BusSettings::default());
        let (one, other) = (submit(&bus), submit(&bus));
        for head in store.inner.heads(&[one, other]).unwrap() {
            stand(&store, &head, failed(&head));
        }
        let hook = if action == TaskAction::Retry { "commit" } else { "carry_out" };
        let (others, first) = (Arc::downgrade(&store), AtomicBool::new(true));
        store.before(move |called| {
            if called == hook && first.swap(false, Ordering::SeqCst) {
                let store = others.upgrade().unwrap();
                for head in store.inner.heads(&[one])? {
                    stand(&store, &head, Standing { state: TaskState::Queued, failure: None, ..failed(&head) });
                }
            }
            Ok(())
        });
        let id = bus.begin_operation(&meant, action).unwrap().id;
        bus.step(&TestBus::connector("a"));
        let operation = bus.operation(id).unwrap();
        assert_eq!((operation.state, operation.came.passed_over, operation.came.done), (OperationState::Done, 1, 1), "{action:?}");
        let left = store.inner.heads(&[one]).unwrap().remove(0);
        assert_eq!((left.process_type, left.state), (ProcessType::Default, TaskState::Queued), "{action:?}");
    }
}
