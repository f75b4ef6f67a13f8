//! Submitting, fetching, standing and removing.

mod common;

use common::*;
use lockgate_core::effects::{Fate, TaskEnd};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::ports::{HistoryFilter, Stand, Standing, Stood, StoreError, Submitted, TaskFilter};
use lockgate_core::task::{ProcessType, TaskId, TaskState, TaskVersion};
use lockgate_store_redb::RedbStore;

#[test]
fn tasks_are_fetched_in_order_of_submission_and_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let ids = {
        let store = RedbStore::open(&path, small()).unwrap();
        let mut ids = submit(&store, "a", 3);
        submit(&store, "b", 2);
        ids.extend(submit(&store, "a", 2));
        ids
    };
    let store = RedbStore::open(&path, small()).unwrap();
    let tasks = store.fetch(&connector("a"), None, 100, 1 << 20).unwrap();
    assert_eq!(tasks.iter().map(|t| t.id).collect::<Vec<_>>(), ids);
    assert!(ids.is_sorted());
    assert_eq!(&*tasks[1].external.body, b"body 1");
    let later = store.fetch(&connector("a"), Some(ids[1]), 2, 1 << 20).unwrap();
    assert_eq!(later.iter().map(|t| t.id).collect::<Vec<_>>(), ids[2..4]);
    assert_eq!(store.fetch(&connector("a"), None, 100, 1).unwrap().len(), 1);
    let all = store.tasks(&TaskFilter::default(), None, 100).unwrap();
    assert_eq!(all.iter().map(|t| t.id.0).collect::<Vec<_>>(), (1..=7).collect::<Vec<_>>());
    assert!(submit(&store, "b", 1)[0] > TaskId(7));
}

#[test]
fn an_idempotency_key_is_repeated_or_reused() {
    let store = memory();
    store.install([&connector("a")]);
    store.install([&connector("b")]);
    let task = |digest| new_task_with_key("a", b"x", "key", digest);
    assert_eq!(
        store.submit(store.now(), vec![task(1), task(1), task(2)], 10).unwrap(),
        [Submitted::Queued(TaskId(1)), Submitted::Repeated(TaskId(1)), Submitted::KeyReused(TaskId(1)),]
    );
    assert_eq!(store.submit(store.now(), vec![task(1)], 10).unwrap(), [Submitted::Repeated(TaskId(1))]);
    let other = new_task_with_key("b", b"x", "key", 2);
    assert_eq!(store.submit(store.now(), vec![other], 10).unwrap(), [Submitted::Queued(TaskId(2))]);
}

#[test]
fn a_full_queue_refuses_and_takes_again_when_there_is_room() {
    let store = memory();
    store.install([&connector("a")]);
    let tasks = |n: usize| (0..n).map(|_| new_task("a", b"x")).collect::<Vec<_>>();
    let submitted = store.submit(store.now(), tasks(3), 2).unwrap();
    assert_eq!(submitted, [Submitted::Queued(TaskId(1)), Submitted::Queued(TaskId(2)), Submitted::QueueFull]);
    assert_eq!(store.remove(vec![removal("a", TaskId(1)), removal("a", TaskId(77))]).unwrap(), [Stood::Done, Stood::Gone]);
    assert_eq!(store.submit(store.now(), tasks(1), 2).unwrap(), [Submitted::Queued(TaskId(3))]);
    assert_eq!(store.history(&HistoryFilter::default(), None, 10).unwrap().len(), 1);
}

#[test]
fn a_commit_removes_tasks_with_history_and_log_and_lets_others_stay() {
    let store = memory();
    let ids = submit(&store, "a", 5);
    let lease = claim(&store, "a");
    let standing = Standing {
        process_type: ProcessType::SkipOnError,
        attempts: 3,
        not_before_ms: Some(99),
        failure: Some(Failure::new(Code::Deadline, "too slow").at("/a/b")),
        ..standing(TaskState::Failed)
    };
    let stays = TaskEnd { log: vec![line("one"), line("two")], ..ends("a", ids[1], 0, Fate::Stays(standing.clone())) };
    let commit = Commit { tasks: vec![removed("a", ids[0]), stays, removed("a", ids[2])], ..Commit::default() };
    store.commit_now(&lease, &commit, &model(&[])).unwrap();

    let left = store.fetch(&connector("a"), None, 10, 1 << 20).unwrap();
    assert_eq!(left.iter().map(|t| t.id).collect::<Vec<_>>(), [ids[1], ids[3], ids[4]]);
    let failed = store.task(ids[1]).unwrap().unwrap();
    assert_eq!(failed, left[0]);
    assert_eq!(failed.failure, standing.failure);
    assert_eq!((failed.state, failed.attempts, failed.not_before_ms), (TaskState::Failed, 3, Some(99)));
    assert_eq!(failed.process_type, ProcessType::SkipOnError);
    let counts = store.counts().unwrap();
    assert_eq!((counts.queued[&connector("a")], counts.failed[&connector("a")], counts.history), (2, 1, 2));

    let retried = Standing { state: TaskState::Queued, failure: None, ..standing };
    let stand = |id, version| Stand { id, version: TaskVersion(version), standing: retried.clone() };
    let stood = store.stand(&[stand(ids[1], 0), stand(ids[1], 1), stand(ids[1], 1), stand(ids[0], 0)]).unwrap();
    assert_eq!(stood, [Stood::Changed, Stood::Done, Stood::Changed, Stood::Gone]);
    assert!(store.counts().unwrap().failed.is_empty());
    let more = TaskEnd { version: TaskVersion(2), log: vec![line("three")], ..removed("a", ids[1]) };
    store.commit_now(&lease, &Commit { tasks: vec![more], ..Commit::default() }, &model(&[])).unwrap();
    let log = store.log(ids[1], 10).unwrap();
    assert_eq!(log.iter().map(|l| &*l.message).collect::<Vec<_>>(), ["one", "two", "three"]);

    let history = store.history(&HistoryFilter::default(), None, 2).unwrap();
    assert_eq!(history.iter().map(|(_, e)| e.task).collect::<Vec<_>>(), [ids[1], ids[2]]);
    let older = store.history(&HistoryFilter::default(), Some(history[1].0), 2).unwrap();
    assert_eq!(older[0].1, entry("a", ids[0]));
    let one = store.history(&HistoryFilter { task: Some(ids[2]), ..HistoryFilter::default() }, None, 9).unwrap();
    assert_eq!(one.len(), 1);
}

#[test]
fn an_older_lease_is_fenced_and_a_task_that_is_gone_is_a_conflict() {
    let store = memory();
    let ids = submit(&store, "a", 2);
    let old = claim(&store, "a");
    let new = claim(&store, "a");
    let both = Commit { tasks: ids.iter().map(|id| removed("a", *id)).collect(), ..Commit::default() };
    assert!(matches!(store.commit_now(&old, &both, &model(&[])), Err(StoreError::Fenced(_))));
    store.remove(vec![removal("a", ids[0])]).unwrap();
    assert!(matches!(store.commit_now(&new, &both, &model(&[])), Err(StoreError::Conflict)));
    assert_eq!(store.fetch(&connector("a"), None, 9, 1 << 20).unwrap().len(), 1);
}

#[test]
fn trimmed_history_takes_logs_and_idempotency_keys_along() {
    let store = memory();
    let lease = claim(&store, "a");
    for n in 0..4 {
        let key = format!("key {n}");
        store.submit(store.now(), vec![new_task_with_key("a", b"x", &key, 1)], 10).unwrap();
        let commit = Commit { tasks: vec![removed("a", TaskId(n + 1))], ..Commit::default() };
        store.commit_now(&lease, &commit, &model(&[])).unwrap();
    }
    assert_eq!(store.trim_history(1).unwrap(), 3);
    let left = store.history(&HistoryFilter::default(), None, 10).unwrap();
    assert_eq!(left.iter().map(|(_, e)| e.task.0).collect::<Vec<_>>(), [4]);
    assert_eq!((store.log(TaskId(1), 9).unwrap().len(), store.log(TaskId(4), 9).unwrap().len()), (0, 1));
    assert_eq!(store.counts().unwrap().history, 1);
    let again = |key| store.submit(store.now(), vec![new_task_with_key("a", b"x", key, 1)], 10).unwrap();
    assert_eq!(again("key 0"), [Submitted::Queued(TaskId(5))]);
    assert_eq!(again("key 3"), [Submitted::Repeated(TaskId(4))]);
}

#[test]
fn a_filter_finds_tasks_over_all_connectors() {
    let store = memory();
    submit(&store, "b", 2);
    let ids = submit(&store, "a", 3);
    let of_a = TaskFilter { connector: Some(connector("a")), ..TaskFilter::default() };
    assert_eq!(store.tasks(&of_a, Some(ids[0]), 9).unwrap().len(), 2);
    let by_id = TaskFilter { ids: Some(vec![ids[2], TaskId(1), TaskId(50)]), ..TaskFilter::default() };
    let found = store.tasks(&by_id, None, 9).unwrap();
    assert_eq!(found.iter().map(|t| t.id).collect::<Vec<_>>(), [TaskId(1), ids[2]]);
}
