//! §2 to §4 and §9 on a simulated clock: what is refused, how tasks behave when they fail, and what
//! operators do with them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lockgate_bus::{ConnectorError, First, Force, TaskAction, TaskError};
use lockgate_core::admit::Submission;
use lockgate_core::failure::{Code, Failure};
use lockgate_core::history::Outcome;
use lockgate_core::names::{ConnectorName, SiteName};
use lockgate_core::ports::{HistoryFilter, Switches, TaskFilter};
use lockgate_core::settings::{BusSettings, ConnectorSettings};
use lockgate_core::task::{INTERNAL_MEDIA_TYPE, ProcessType, TaskId, TaskState, TaskType};
use lockgate_testing::{Asked, Script, TestBus};

const BRAND: &str = r#"{"object": {"type": "shop.brand", "code_name": "acme"}}"#;
const NONSENSE: &str = "nonsense";

fn submit(test: &TestBus, body: &str, process_type: ProcessType) -> TaskId {
    test.submit(Submission { process_type, ..TestBus::submission("a", TaskType::CreateObject, body) })
}

fn refusal(test: &TestBus, change: impl FnOnce(&mut Submission)) -> &'static str {
    let mut submission = TestBus::submission("a", TaskType::CreateObject, BRAND);
    change(&mut submission);
    let code = test.bus.submit(vec![submission]).unwrap().remove(0).unwrap_err().code();
    assert!(test.bus.tasks(&TaskFilter::default(), None, 10).unwrap().is_empty(), "nothing is stored");
    code
}

fn outcome(test: &TestBus, task: TaskId) -> Outcome {
    let filter = HistoryFilter { task: Some(task), ..HistoryFilter::default() };
    test.bus.history(&filter, None, 1).unwrap().remove(0).1.outcome
}

#[test]
fn section_2_refuses_with_a_code_and_stores_nothing() {
    let settings = BusSettings { payload_bytes_max: 100, ..BusSettings::default() };
    let test = TestBus::with_settings(settings);
    assert_eq!(refusal(&test, |s| s.connector = ConnectorName::new("nobody").unwrap()), "unknown-connector");
    assert_eq!(refusal(&test, |s| s.site = Some(SiteName::new("nowhere").unwrap())), "unknown-site");
    assert_eq!(refusal(&test, |s| s.task_type = TaskType::CreateDocument), "site-missing");
    assert_eq!(refusal(&test, |s| s.external.body = vec![b'x'; 101].into()), "too-large");
    assert_eq!(refusal(&test, |s| s.idempotency_key = Some(String::new())), "bad-idempotency-key");
    assert_eq!(
        refusal(&test, |s| {
            s.external.media_type = INTERNAL_MEDIA_TYPE.into();
            s.external.body = NONSENSE.as_bytes().into();
        }),
        "bad-internal-object"
    );
    test.bus.enable_connector(&TestBus::connector("a"), false).unwrap();
    assert_eq!(refusal(&test, |_| ()), "connector-disabled");
    test.bus.change_switches(|switches| Switches { bus: false, ..switches }).unwrap();
    assert_eq!(refusal(&test, |_| ()), "logging-off");
}

#[test]
fn section_2_a_full_queue_refuses_and_the_same_key_gives_the_first_task() {
    let test = TestBus::with_settings(BusSettings { queue_tasks_max: 2, ..BusSettings::default() });
    let keyed = |body: &str| Submission { idempotency_key: Some("k".into()), ..TestBus::submission("a", TaskType::CreateObject, body) };
    let first = test.bus.submit(vec![keyed(BRAND)]).unwrap().remove(0).unwrap();
    let again = test.bus.submit(vec![keyed(BRAND)]).unwrap().remove(0).unwrap();
    assert_eq!((again.task, first.repeated, again.repeated), (first.task, None, Some(First::Queued(TaskState::Queued))));
    assert_eq!(test.bus.submit(vec![keyed(NONSENSE)]).unwrap().remove(0).unwrap_err().code(), "idempotency-key-reused");
    submit(&test, BRAND, ProcessType::Default);
    let full = TestBus::submission("a", TaskType::CreateObject, BRAND);
    assert_eq!(test.bus.submit(vec![full]).unwrap().remove(0).unwrap_err().code(), "queue-full");
}

/// What a replay gives the guest again (§13).
#[test]
fn section_13_each_run_begins_at_the_buss_time_with_a_seed_of_its_own() {
    let test = TestBus::new();
    let begun_ms = test.bus.now_ms();
    submit(&test, BRAND, ProcessType::Default);
    test.process("a");
    test.clock.advance(5_000);
    submit(&test, BRAND, ProcessType::Default);
    submit(&test, BRAND, ProcessType::Default);
    test.process("a");
    let begun = test.sandbox.begun();
    assert_eq!(begun.iter().map(|run| run.now_ms - begun_ms).collect::<Vec<_>>(), [0, 5_000, 5_000]);
    let seeds: std::collections::BTreeSet<_> = begun.iter().map(|run| run.seed).collect();
    assert_eq!(seeds.len(), 3);
}

#[test]
fn section_4_back_off_doubles_and_the_last_attempt_gives_up() {
    let defaults = ConnectorSettings { attempts_max: Some(3), backoff_ms: Some(1_000), ..ConnectorSettings::default() };
    let test = TestBus::with_settings(BusSettings { defaults, ..BusSettings::default() });
    let task = submit(&test, NONSENSE, ProcessType::SkipOnError);
    let later = submit(&test, BRAND, ProcessType::SkipOnError);
    test.process("a");
    assert_eq!(outcome(&test, later), Outcome::Stored);
    let waiting = test.bus.task(task).unwrap().unwrap();
    // Up to a quarter less, so that not everybody comes at once.
    let waits = |task: &lockgate_core::task::Task| task.not_before_ms.unwrap() - test.bus.now_ms();
    assert_eq!(waiting.attempts, 1);
    assert!((751..=1_000).contains(&waits(&waiting)));
    test.process("a");
    assert_eq!(test.bus.task(task).unwrap().unwrap().attempts, 1, "it is not due yet");
    test.clock.advance(1_001);
    test.process("a");
    let waiting = test.bus.task(task).unwrap().unwrap();
    assert_eq!(waiting.attempts, 2);
    assert!((1_501..=2_000).contains(&waits(&waiting)));
    test.clock.advance(2_001);
    test.process("a");
    // §12: it is set aside, and stays.
    let given_up = test.bus.task(task).unwrap().unwrap();
    assert_eq!((given_up.state, given_up.aside, given_up.attempts), (TaskState::Failed, true, 3));
    assert_eq!(given_up.failure.as_ref().unwrap().code, Code::Invalid);
}

#[test]
fn section_4_a_transient_failure_of_a_default_task_waits_and_later_tasks_wait_behind_it() {
    let defaults = ConnectorSettings { backoff_ms: Some(1_000), ..ConnectorSettings::default() };
    let test = TestBus::with_settings(BusSettings { defaults, ..BusSettings::default() });
    let down = Arc::new(AtomicBool::new(true));
    let is_down = down.clone();
    test.script(
        "a",
        Script {
            prepare: Box::new(move |task| {
                if is_down.load(Ordering::SeqCst) {
                    return Err(Failure { retry_after_ms: Some(5_000), ..Failure::new(Code::Unavailable, "out for lunch") });
                }
                (Script::default().prepare)(task)
            }),
            ..Script::default()
        },
    );
    let task = submit(&test, BRAND, ProcessType::Default);
    let behind = submit(&test, BRAND, ProcessType::Default);
    test.process("a");
    let waiting = test.bus.task(task).unwrap().unwrap();
    assert_eq!((waiting.state, waiting.not_before_ms), (TaskState::Queued, Some(test.bus.now_ms() + 5_000)));
    down.store(false, Ordering::SeqCst);
    test.process("a");
    assert!(test.bus.task(behind).unwrap().is_some(), "it waits behind the first");
    test.clock.advance(5_001);
    test.process("a");
    assert_eq!(outcome(&test, behind), Outcome::Unchanged);
}

#[test]
fn section_4_a_retry_runs_one_task_out_of_turn_and_keeps_its_process_type() {
    let test = TestBus::new();
    let first = submit(&test, NONSENSE, ProcessType::Default);
    let second = submit(&test, BRAND, ProcessType::SkipOnce);
    let third = submit(&test, NONSENSE, ProcessType::SkipOnce);
    test.process("a");
    let processed = test.bus.act(second, TaskAction::Retry).unwrap().unwrap();
    assert_eq!(processed.outcome, "stored");
    let processed = test.bus.act(third, TaskAction::Retry).unwrap().unwrap();
    assert_eq!(processed.failure.unwrap().code, Code::Invalid);
    let task = test.bus.task(third).unwrap().unwrap();
    assert_eq!((task.process_type, task.state, task.attempts), (ProcessType::SkipOnce, TaskState::Queued, 1));
    assert_eq!(test.bus.act(first, TaskAction::Retry).unwrap().unwrap().outcome, "failed");
    assert!(matches!(test.bus.act(second, TaskAction::Retry), Err(TaskError::NotQueued(_))));
}

#[test]
fn section_9_skip_delete_and_another_process_type() {
    let test = TestBus::new();
    let first = submit(&test, NONSENSE, ProcessType::Default);
    let second = submit(&test, NONSENSE, ProcessType::Default);
    let third = submit(&test, BRAND, ProcessType::Default);
    test.process("a");
    test.bus.act(first, TaskAction::Skip).unwrap();
    test.bus.act(second, TaskAction::SetProcessType(ProcessType::DeleteOnError)).unwrap();
    test.process("a");
    assert_eq!(outcome(&test, third), Outcome::Stored);
    assert!(matches!(outcome(&test, second), Outcome::Failed(_)));
    assert_eq!(test.bus.task(first).unwrap().unwrap().process_type, ProcessType::Default);
    let done = test.bus.act_on_all(&TaskFilter::default(), TaskAction::Delete).unwrap();
    assert_eq!(done.done, 1);
    assert!(matches!(outcome(&test, first), Outcome::Deleted(Some(failure)) if failure.code == Code::Invalid));
}

#[test]
fn section_9_a_connector_with_tasks_is_removed_by_force_only() {
    let test = TestBus::new();
    submit(&test, BRAND, ProcessType::Default);
    let name = TestBus::connector("a");
    assert!(matches!(test.bus.remove_connector(&name, Force::No), Err(ConnectorError::HasTasks(_, 1))));
    assert_eq!(test.bus.remove_connector(&name, Force::Yes).unwrap(), 1);
    assert!(matches!(test.bus.remove_connector(&name, Force::Yes), Err(ConnectorError::Unknown(_))));
    assert!(test.bus.tasks(&TaskFilter::default(), None, 10).unwrap().is_empty());
}

#[test]
fn a_connector_that_does_not_load_keeps_its_tasks_and_says_why() {
    let test = TestBus::new();
    let task = submit(&test, BRAND, ProcessType::Default);
    test.sandbox.set_not_loading(true);
    test.process("a");
    let waiting = test.bus.task(task).unwrap().unwrap();
    assert_eq!((waiting.state, waiting.attempts), (TaskState::Queued, 0));
    let status = test.bus.connectors().unwrap().remove(0);
    assert!(status.trouble.is_some());
    test.sandbox.set_not_loading(false);
    test.process("a");
    assert_eq!(outcome(&test, task), Outcome::Stored);
}

#[test]
fn section_7_1_asks_once_in_declared_order_and_each_chain_to_its_end() {
    let test = TestBus::new();
    let body = r#"{"object": {"type": "shop.product", "code_name": "p", "parent": "shelf", "fields": {
        "reviewer": {"reference": "ann"}, "owner": {"reference": "ann"}}}}"#;
    test.submit(TestBus::submission("a", TaskType::CreateObject, body));
    test.process("a");
    let asked: Vec<String> = test
        .sandbox
        .asked()
        .into_iter()
        .map(|asked| match asked {
            Asked::Prepare(..) => "prepare".to_owned(),
            Asked::ObjectParams(id, of) => format!("{of} {id}"),
            Asked::DocumentParams(id, of) => format!("page {of} {id}"),
        })
        .collect();
    assert_eq!(asked, ["prepare", "test.tree shelf", "cms.user ann"]);
}

#[test]
fn section_3_the_bus_processes_by_itself_when_it_is_started() {
    let test = TestBus::new();
    let before = submit(&test, BRAND, ProcessType::Default);
    test.bus.start().unwrap();
    test.wait_idle();
    assert_eq!(outcome(&test, before), Outcome::Stored);
    let after = submit(&test, BRAND, ProcessType::Default);
    test.wait_idle();
    assert_eq!(outcome(&test, after), Outcome::Unchanged);
}

/// An operator's change was told to be done, and the pass that had read the task before wrote its old
/// process type over it.
#[test]
fn section_9_a_change_while_the_task_is_translated_is_not_overwritten() {
    let test = TestBus::new();
    let bus = test.bus.clone();
    let task = submit(&test, NONSENSE, ProcessType::Default);
    test.script(
        "a",
        Script {
            prepare: Box::new(move |_| {
                bus.act(task, TaskAction::SetProcessType(ProcessType::DeleteOnError)).expect("the task is queued");
                Err(Failure::new(Code::Invalid, "no good"))
            }),
            ..Script::default()
        },
    );
    test.process("a");
    assert!(matches!(outcome(&test, task), Outcome::Failed(_)), "it behaves as the operator said");
}

/// Deleting the task that stood in the way left those behind it waiting until the next submission.
#[test]
fn section_9_what_waited_behind_a_deleted_task_goes_on() {
    let test = TestBus::new();
    test.bus.start().unwrap();
    let first = submit(&test, NONSENSE, ProcessType::Default);
    let second = submit(&test, BRAND, ProcessType::Default);
    test.wait_idle();
    assert!(test.bus.task(second).unwrap().is_some());
    test.bus.act(first, TaskAction::Delete).unwrap();
    test.wait_idle();
    assert_eq!(outcome(&test, second), Outcome::Stored);
}

/// Tasks taken in while processing was off stayed where they were when it was switched on.
#[test]
fn section_9_switching_processing_on_begins_what_waits() {
    let test = TestBus::new();
    test.bus.start().unwrap();
    test.bus.change_switches(|switches| Switches { processing: false, ..switches }).unwrap();
    let task = submit(&test, BRAND, ProcessType::Default);
    test.wait_idle();
    test.bus.change_switches(|_| Switches::default()).unwrap();
    test.wait_idle();
    assert_eq!(outcome(&test, task), Outcome::Stored);
}

/// A panic in a worker's thread left the connector busy for ever.
#[test]
fn a_worker_that_panicked_is_replaced() {
    let test = TestBus::new();
    test.script("a", Script { prepare: Box::new(|_| panic!("a fault of the host")), ..Script::default() });
    let task = submit(&test, BRAND, ProcessType::Default);
    test.process("a");
    assert!(test.bus.task(task).unwrap().is_some(), "nothing is lost");
    test.script("a", Script::default());
    test.process("a");
    assert_eq!(outcome(&test, task), Outcome::Stored);
}

/// Each child's lookup began the plan again, so that 2,000 children took 20 seconds: now the number of
/// loads depends on the depth of the children, not on how many there are.
#[test]
fn a_snapshot_loads_its_children_together() {
    let test = TestBus::new();
    let children: Vec<String> = (0..2_000).map(|at| format!(r#"{{"type": "test.tree", "code_name": "c{at}"}}"#)).collect();
    let body = format!(r#"{{"object": {{"type": "test.tree", "code_name": "root", "children": [{}]}}}}"#, children.join(","));
    let task = test.submit(TestBus::submission("a", TaskType::CreateObject, body));
    let before = test.store.loads();
    test.process("a");
    assert_eq!(outcome(&test, task), Outcome::Stored);
    let loads = test.store.loads() - before;
    assert!(loads < 10, "{loads} loads for 2,000 children");
    assert_eq!(test.bus.counts().unwrap().objects.values().sum::<u64>(), 2_001);
}
