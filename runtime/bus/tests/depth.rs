//! Trees end: a page or an object lies at most 100 steps deep, and so does everything below what moves.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests' code: a failure here is a failed test")]

use lockgate_core::admit::Submission;
use lockgate_core::failure::Code;
use lockgate_core::history::Outcome;
use lockgate_core::ports::HistoryFilter;
use lockgate_core::task::{ProcessType, TaskId, TaskType};
use lockgate_testing::TestBus;

fn submit(test: &TestBus, task_type: TaskType, body: &str) -> TaskId {
    test.submit(Submission { process_type: ProcessType::DeleteOnError, ..TestBus::submission("a", task_type, body) })
}

fn failure(test: &TestBus, task: TaskId) -> Option<Code> {
    let filter = HistoryFilter { task: Some(task), ..HistoryFilter::default() };
    match test.bus.history(&filter, None, 1).unwrap().remove(0).1.outcome {
        Outcome::Stored | Outcome::Unchanged => None,
        Outcome::Failed(failure) => Some(failure.code),
        other => panic!("{other:?}"),
    }
}

/// A page of one of two chains, under the page before it or under another.
fn page(chain: u32, at: u32, under: Option<(u32, u32)>) -> String {
    let guid = |(chain, at): (u32, u32)| format!("00000000-0000-0000-{chain:04}-{at:012}");
    let parent = under.map_or("\"root\"".to_owned(), |under| format!(r#"{{"guid": "{}"}}"#, guid(under)));
    format!(
        r#"{{"page": {{"class_name": "cms.page", "culture": "en-US", "name": "p", "alias": "p{chain}-{at}",
            "node_guid": "{}", "parent": {parent}}}}}"#,
        guid((chain, at))
    )
}

/// Submits a chain of pages, one under the other, the first at the root.
fn chain(test: &TestBus, chain: u32, pages: u32) -> Vec<TaskId> {
    let under = |at: u32| (at > 1).then(|| (chain, at - 1));
    (1..=pages).map(|at| submit(test, TaskType::CreateDocument, &page(chain, at, under(at)))).collect()
}

const TOO_DEEP: Option<Code> = Some(Code::Cycle);

/// A chain of 50 under a page at 51 is 101 deep: only the page's own depth was looked at.
#[test]
fn what_moves_takes_its_whole_depth_along() {
    for task_type in [TaskType::MoveDocument, TaskType::UpdateDocument] {
        let test = TestBus::without_waiting();
        chain(&test, 1, 60);
        chain(&test, 2, 50);
        // Beside the first child, so that the way down is not the first one.
        submit(&test, TaskType::CreateDocument, &page(3, 1, Some((2, 1))));
        test.process("a");
        let put = |under: u32| {
            let task = submit(&test, task_type, &page(2, 1, Some((1, under))));
            test.process("a");
            failure(&test, task)
        };
        assert_eq!(put(51), TOO_DEEP, "{task_type}");
        assert_eq!(put(50), None, "{task_type}");
        assert_eq!(put(60), TOO_DEEP, "{task_type}");
        assert_eq!(put(40), None, "{task_type}: up again");
        assert_eq!(put(50), None, "{task_type}: and down");
    }
}

/// The same in one batch: what is planned and not committed counts.
#[test]
fn what_is_below_in_the_same_batch_counts() {
    let test = TestBus::without_waiting();
    chain(&test, 1, 60);
    chain(&test, 2, 49);
    test.process("a");
    let fits = submit(&test, TaskType::MoveDocument, &page(2, 1, Some((1, 50))));
    let back = submit(&test, TaskType::MoveDocument, &page(2, 1, None));
    let longer = submit(&test, TaskType::CreateDocument, &page(2, 50, Some((2, 49))));
    let longest = submit(&test, TaskType::CreateDocument, &page(2, 51, Some((2, 50))));
    let too_deep = submit(&test, TaskType::MoveDocument, &page(2, 1, Some((1, 50))));
    let shorter = submit(&test, TaskType::DeleteDocument, &page(2, 51, Some((2, 50))));
    let fits_again = submit(&test, TaskType::MoveDocument, &page(2, 1, Some((1, 50))));
    test.process("a");
    let seen = [fits, back, longer, longest, too_deep, shorter, fits_again].map(|task| failure(&test, task));
    assert_eq!(seen, [None, None, None, None, TOO_DEEP, None, None]);
}

#[test]
fn a_new_page_lies_at_most_a_hundred_steps_deep() {
    let test = TestBus::without_waiting();
    let tasks = chain(&test, 1, 101);
    test.process("a");
    let (deepest, others) = tasks.split_last().unwrap();
    assert!(others.iter().all(|task| failure(&test, *task).is_none()));
    assert_eq!(failure(&test, *deepest), TOO_DEEP);
}

#[test]
fn a_new_object_lies_at_most_a_hundred_parents_deep() {
    let test = TestBus::without_waiting();
    let object = |at: u32| {
        let parent = if at == 1 { "null".to_owned() } else { format!("\"t{}\"", at - 1) };
        format!(r#"{{"object": {{"type": "test.tree", "code_name": "t{at}", "parent": {parent}}}}}"#)
    };
    let tasks: Vec<TaskId> = (1..=101).map(|at| submit(&test, TaskType::CreateObject, &object(at))).collect();
    test.process("a");
    let failures: Vec<_> = tasks.iter().map(|task| failure(&test, *task)).collect();
    assert_eq!(failures.iter().position(Option::is_some), Some(100), "{failures:?}");
    assert_eq!(failures[100], TOO_DEEP);
    // One whose parent is deep stays open to changes.
    let again = submit(&test, TaskType::UpdateObject, &object(100));
    test.process("a");
    assert_eq!(failure(&test, again), None);
}
