//! §11.10, §12: what operators see of tasks that wait, and how they give up what does not come.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::sync::Arc;

use lockgate_bus::{QueueStanding, TaskAction};
use lockgate_core::admit::Submission;
use lockgate_core::advice::of_task;
use lockgate_core::failure::{Code, Failure};
use lockgate_core::history::{Counted, Entry, Outcome};
use lockgate_core::mark::{Mark, ended};
use lockgate_core::park::{Waiting, Want};
use lockgate_core::ports::{HistoryFilter, Queue, Stand, Standing, Stood, Waiter};
use lockgate_core::task::{ProcessType, TaskHead, TaskId, TaskState, TaskType};
use lockgate_testing::{FixedClock, TestBus};

const TEA: Mark = Mark(17);

fn want(mark: Mark, what: &str) -> Want {
    Want { mark, what: what.into(), external: Some("tea".into()) }
}

fn submit(test: &TestBus, process_type: ProcessType, body: &str) -> TaskId {
    test.submit(Submission { process_type, title: "a title".into(), ..TestBus::submission("a", TaskType::CreateObject, body) })
}

fn user(name: &str) -> String {
    format!(r#"{{"object": {{"type": "cms.user", "code_name": "{name}"}}}}"#)
}

fn head(test: &TestBus, id: TaskId) -> TaskHead {
    test.store.heads(&[id]).unwrap().pop().expect("it has not ended")
}

/// As a pass leaves a task that waits.
fn wait(test: &TestBus, id: TaskId, waiting: Waiting) {
    let head = head(test, id);
    let state = if waiting.behind.is_some() { TaskState::Behind } else { TaskState::Parked };
    let standing = Standing {
        process_type: head.process_type,
        state,
        attempts: 0,
        not_before_ms: None,
        failure: Some(Failure::new(Code::UnresolvedReference, "no tea")),
        aside: false,
        failed_by: None,
        deletes_allowed: false,
        waiting: Some(Arc::new(waiting)),
    };
    assert_eq!(test.store.stand(&[Stand { id, version: head.version, standing }]).unwrap(), [Stood::Done]);
}

fn parked(test: &TestBus, process_type: ProcessType, wants: Vec<Want>) -> TaskId {
    let id = submit(test, process_type, "{}");
    wait(test, id, Waiting { since_ms: FixedClock::START_MS, wants, ..Waiting::default() });
    id
}

fn behind(test: &TestBus, ahead: TaskId) -> TaskId {
    let id = submit(test, ProcessType::Default, "{}");
    let wants = vec![want(ended(ahead), "its end")];
    wait(test, id, Waiting { since_ms: FixedClock::START_MS, wants, behind: Some(ahead), ..Waiting::default() });
    id
}

fn standing(test: &TestBus) -> QueueStanding {
    test.bus.standings(&test.bus.counts().unwrap()).unwrap().remove(&TestBus::connector("a")).unwrap()
}

fn entry(test: &TestBus, task: TaskId) -> Entry {
    let filter = HistoryFilter { task: Some(task), ..HistoryFilter::default() };
    test.bus.history(&filter, None, 1).unwrap().remove(0).1
}

#[test]
fn a_queue_behind_a_failed_task_says_behind_which_since_when_and_how_many_wait() {
    let test = TestBus::new();
    submit(&test, ProcessType::SkipOnError, "no object");
    let bad = submit(&test, ProcessType::Default, "no object");
    let later = [submit(&test, ProcessType::Default, &user("ann")), submit(&test, ProcessType::Default, &user("bob"))];
    test.process("a");
    let since_ms = FixedClock::START_MS;
    test.clock.advance(60_000);
    // A retry that fails again does not make it younger.
    test.bus.act(bad, TaskAction::Retry).unwrap();
    let seen = standing(&test);
    assert_eq!((seen.queued, seen.failing, seen.failed, seen.parked, seen.behind), (3, 1, 1, 0, 0));
    assert_eq!(seen.oldest_ms, Some(since_ms));
    let blocked = seen.blocked.expect("it is blocked");
    assert_eq!((blocked.by, blocked.since_ms, blocked.until_ms, blocked.waiting), (bad, Some(since_ms), None, 2));
    assert_eq!(blocked.failure.unwrap().code, Code::Invalid);
    let followers = test.bus.followers(&head(&test, bad)).unwrap();
    assert_eq!((followers.total, followers.more, followers.first), (2, false, later.to_vec()));
    test.bus.act(bad, TaskAction::Delete).unwrap();
    test.process("a");
    assert_eq!(standing(&test).blocked, None);
}

#[test]
fn a_queue_that_is_empty_or_goes_on_is_not_blocked() {
    let test = TestBus::new();
    assert_eq!(standing(&test), QueueStanding::default());
    submit(&test, ProcessType::Default, &user("ann"));
    assert_eq!((standing(&test).queued, standing(&test).blocked), (1, None));
    parked(&test, ProcessType::Default, vec![want(TEA, "tea")]);
    let seen = standing(&test);
    assert_eq!((seen.queued, seen.parked, seen.blocked), (1, 1, None));
}

#[test]
fn a_whole_chain_waits_behind_its_first_task() {
    let test = TestBus::new();
    let first = parked(&test, ProcessType::Default, vec![want(TEA, "tea")]);
    let second = behind(&test, first);
    let third = behind(&test, second);
    submit(&test, ProcessType::Default, &user("ann"));
    let followers = test.bus.followers(&head(&test, first)).unwrap();
    assert_eq!((followers.total, followers.first), (2, vec![second, third]));
    assert_eq!(test.bus.followers(&head(&test, second)).unwrap().first, [third]);
    assert_eq!((standing(&test).behind, standing(&test).parked), (2, 1));
}

#[test]
fn what_is_missing_is_told_with_who_waits_and_the_ends_of_tasks_are_not_among_it() {
    let test = TestBus::new();
    let tasks: Vec<TaskId> = (0..7).map(|_| parked(&test, ProcessType::Default, vec![want(TEA, "shop.product 'Tea' (tea)")])).collect();
    behind(&test, tasks[0]);
    parked(&test, ProcessType::Default, vec![want(Mark(5), "shop.product 'Milk'")]);
    let (all, next) = test.bus.missing(None, 9).unwrap();
    assert_eq!((all.len(), next), (2, None));
    let tea = &all[1];
    assert_eq!((&*tea.missing.want.what, tea.missing.tasks, tea.missing.loose_ends), ("shop.product 'Tea' (tea)", 7, 0));
    assert_eq!(tea.missing.since_ms, FixedClock::START_MS);
    assert_eq!((tea.first.len(), tea.first[0].task, &*tea.first[0].title), (5, tasks[0], "a title"));
    // In pages.
    let (one, next) = test.bus.missing(None, 1).unwrap();
    assert_eq!((one.len(), next), (1, Some(Mark(5))));
    let (other, next) = test.bus.missing(next, 1).unwrap();
    assert_eq!((other[0].missing.want.mark, next), (TEA, None));
}

#[test]
fn a_task_that_waits_itself_is_told_as_one_that_would_help() {
    let test = TestBus::new();
    let brings = Mark(99);
    let id = submit(&test, ProcessType::Default, "{}");
    wait(&test, id, Waiting { wants: vec![want(TEA, "tea")], helpers: vec![brings], ..Waiting::default() });
    let helper = submit(&test, ProcessType::Default, "{}");
    wait(&test, helper, Waiting { wants: vec![want(Mark(3), "a cup")], brings: vec![brings], ..Waiting::default() });
    let (all, _) = test.bus.missing(None, 9).unwrap();
    let helped_by = |mark: Mark| all.iter().find(|thing| thing.missing.want.mark == mark).unwrap().helped_by.clone();
    assert_eq!(helped_by(TEA).iter().map(|head| head.id).collect::<Vec<_>>(), [helper]);
    assert_eq!(helped_by(Mark(3)), []);
    assert_eq!(test.bus.helped_by(&head(&test, id)).unwrap()[0].id, helper);
}

#[test]
fn what_is_given_up_fails_its_tasks_and_nothing_wakes_them() {
    let test = TestBus::new();
    let kept = parked(&test, ProcessType::Default, vec![want(TEA, "tea"), want(Mark(5), "milk")]);
    let gone = parked(&test, ProcessType::DeleteOnError, vec![want(TEA, "tea")]);
    let other = parked(&test, ProcessType::SkipOnError, vec![want(Mark(5), "milk")]);
    let ignored = test.bus.ignore_missing(TEA).unwrap().unwrap();
    assert_eq!((&*ignored.what, ignored.tasks, ignored.loose_ends), ("tea", 2, 0));
    let failed = head(&test, kept);
    assert_eq!((failed.state, failed.aside, failed.failure.as_ref().unwrap().code), (TaskState::Failed, true, Code::GivenUp));
    assert!(!failed.waits() && failed.failure.as_ref().unwrap().message.contains("tea"), "{failed:?}");
    assert!(matches!(entry(&test, gone).outcome, Outcome::Failed(Failure { code: Code::GivenUp, .. })));
    assert_eq!(head(&test, other).state, TaskState::Parked);
    assert_eq!(test.store.waiters(Mark(5), 9).unwrap(), [Waiter::Task(other)]);
    assert_eq!(test.bus.ignore_missing(TEA).unwrap(), None);
    // It does not stop those that come later.
    let later = submit(&test, ProcessType::Default, &user("ann"));
    test.process("a");
    assert_eq!(entry(&test, later).outcome, Outcome::Stored);
}

#[test]
fn more_than_one_transaction_holds_are_given_up_and_the_end_of_a_task_is_not() {
    let test = TestBus::new();
    let first = parked(&test, ProcessType::Default, vec![want(TEA, "tea")]);
    for _ in 0..2_100 {
        parked(&test, ProcessType::Default, vec![want(TEA, "tea")]);
    }
    let follower = behind(&test, first);
    assert_eq!(test.bus.ignore_missing(ended(first)).unwrap(), None, "task {first} is to be decided about");
    assert_eq!(test.bus.ignore_missing(TEA).unwrap().unwrap().tasks, 2_101);
    assert_eq!(head(&test, follower).state, TaskState::Behind);
}

#[test]
fn advice_is_by_what_is_so() {
    let test = TestBus::new();
    let advice = |id: TaskId| of_task(&head(&test, id));
    let fresh = submit(&test, ProcessType::Default, "no object");
    assert_eq!(advice(fresh), None);
    test.process("a");
    let told = advice(fresh).unwrap();
    assert!(told.contains("It is tried again by itself when the connector"), "{told}");
    let first = parked(&test, ProcessType::Default, vec![want(TEA, "shop.product 'Tea' (tea)")]);
    assert_eq!(
        advice(first).unwrap(),
        "It waits for shop.product 'Tea' (tea), and then goes on by itself. `lockgate missing` lists everything that is waited for."
    );
    assert!(advice(behind(&test, first)).unwrap().starts_with(&format!("It waits behind task {first},")));
}

#[test]
fn a_write_that_changes_nothing_and_a_delete_of_nothing_say_so() {
    let test = TestBus::new();
    let run = |task_type: TaskType, body: &str| {
        let id = test.submit(TestBus::submission("a", task_type, body));
        test.process("a");
        entry(&test, id)
    };
    let made = run(TaskType::CreateObject, &user("ann"));
    assert_eq!((made.outcome, made.counted), (Outcome::Stored, Counted { inserted: 1, ..Counted::default() }));
    let same = run(TaskType::UpdateObject, &user("ann"));
    assert_eq!((same.outcome, same.counted), (Outcome::Unchanged, Counted { unchanged: 1, ..Counted::default() }));
    let gone = run(TaskType::DeleteObject, &user("ann"));
    assert_eq!((gone.outcome, gone.counted), (Outcome::Stored, Counted { deleted: 1, ..Counted::default() }));
    let absent = run(TaskType::DeleteObject, &user("ann"));
    assert_eq!((absent.outcome, absent.counted), (Outcome::Absent, Counted::default()));
}
