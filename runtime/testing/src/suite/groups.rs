//! Commits of tasks of several connectors (§11.6), and what is mended (§11.4).

use super::bench::{Bench, connector, entry, failed, insert, line, parked_for, removed, stays, user, writes};
use crate::short::{Commit, Short};
use lockgate_core::effects::{EffectsParts, TaskEnd};
use lockgate_core::history::{Entry, Outcome};
use lockgate_core::ports::{ConnectorRecord, HistoryFilter, StoreError};
use lockgate_core::task::{Task, TaskHead, TaskId};

/// One parked task of each of three connectors, and one that is queued.
fn ring(bench: &Bench<'_>) -> Vec<Task> {
    let mut ids: Vec<TaskId> = ["a", "b", "c"].iter().map(|name| bench.submit_standing(name, parked_for("ann"))).collect();
    ids.push(bench.submit("b", &["queued"])[0]);
    ids.into_iter().map(|id| bench.task(id)).collect()
}

/// All of them end, but one.
fn together(tasks: &[Task]) -> Commit {
    let mut ends: Vec<TaskEnd> = tasks.iter().map(|task| removed(task, vec![line(&format!("task {}", task.id))])).collect();
    ends[2] = stays(tasks[2].id, failed());
    Commit { tasks: ends, changes: vec![insert(&user(1, "ann"))], ..Commit::default() }
}

fn heads(bench: &Bench<'_>) -> Vec<TaskHead> {
    bench.store().tasks(&lockgate_core::ports::TaskFilter::default(), None, 99).expect("tasks")
}

pub(super) fn tasks_of_several_connectors_end_in_one_commit(bench: &mut Bench<'_>) {
    let tasks = ring(bench);
    let (a, b) = (bench.claim("a"), bench.claim("b"));
    let commit = Commit { state: writes([("key", Some(&b"x"[..]))]), ..together(&tasks) };
    bench.commit(&a, &commit).expect("commit");
    assert_eq!(heads(bench).iter().map(|head| head.id).collect::<Vec<_>>(), [tasks[2].id]);
    assert_eq!(bench.task(tasks[2].id).failure, failed().failure);
    assert_eq!(bench.due("b"), []);
    for at in [0, 1, 3] {
        let filter = HistoryFilter { connector: Some(tasks[at].connector.clone()), task: Some(tasks[at].id), ..HistoryFilter::default() };
        let entries = bench.store().history(&filter, None, 9).expect("history");
        assert_eq!(entries.into_iter().map(|(_, entry)| entry).collect::<Vec<_>>(), [entry(&tasks[at])]);
        assert_eq!(bench.store().log(tasks[at].id, 9).expect("log"), [line(&format!("task {}", tasks[at].id))]);
    }
    assert_eq!((bench.state("a").len(), bench.state("b").len()), (1, 0), "the state is that of who holds the lease");
    let lease = bench.claim("b");
    assert!(lease.epoch > b.epoch);
    bench.commit(&lease, &Commit::default()).expect("nobody else's lease was touched");
}

pub(super) fn a_group_of_which_one_has_changed_is_not_carried_out(bench: &mut Bench<'_>) {
    let tasks = ring(bench);
    let a = bench.claim("a");
    let commit = bench.store().effects(&together(&tasks), &bench.model);
    let other = Entry { outcome: Outcome::Deleted(None), ..entry(&tasks[1]) };
    for change in 0..2 {
        match change {
            0 => assert!(bench.store().stand_now(tasks[3].id, &failed()).expect("stand")),
            _ => assert_eq!(bench.store().remove_now(vec![other.clone()]).expect("remove"), 1),
        }
        let before = (heads(bench), bench.store().counts().expect("counts"));
        let outcome = bench.store().commit(&a, &commit);
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
        assert_eq!((heads(bench), bench.store().counts().expect("counts")), before);
        assert!(bench.store().log(tasks[0].id, 9).expect("log").is_empty());
    }
}

pub(super) fn a_group_is_stale_when_one_of_its_connectors_has_changed(bench: &mut Bench<'_>) {
    let tasks = ring(bench);
    let a = bench.claim("a");
    let commit = bench.store().effects(&together(&tasks), &bench.model);
    let records = bench.store().configuration().expect("configuration").connectors;
    let record = records.into_iter().find(|record| record.name == connector("b")).expect("it is installed");
    bench.store().put_connector_now(&ConnectorRecord { enabled: false, ..record }, None).expect("put_connector");
    let before = heads(bench);
    let outcome = bench.store().commit(&a, &commit);
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
    assert_eq!(heads(bench), before);
    let without = EffectsParts { tasks: commit.tasks()[..1].to_vec(), ..EffectsParts::from(commit) };
    bench.store().commit(&a, &without.into()).expect("those of others are not concerned");
}

fn mended(task: &Task, ended_ms: i64) -> Entry {
    Entry { outcome: Outcome::Mended, ended_ms, ..entry(task) }
}

pub(super) fn what_was_mended_is_told_beside_the_end_of_its_task(bench: &mut Bench<'_>) {
    let tasks: Vec<Task> = bench.submit("a", &["1", "2", "3"]).into_iter().map(|id| bench.task(id)).collect();
    let lease = bench.claim("a");
    bench.end(&lease, &tasks[0], vec![line("one")]);
    let mends = vec![mended(&tasks[0], 10), mended(&tasks[1], 11)];
    bench.commit(&lease, &Commit { tasks: vec![removed(&tasks[1], Vec::new())], mends, ..Commit::default() }).expect("commit");
    bench.commit(&lease, &Commit { mends: vec![mended(&tasks[0], 12)], ..Commit::default() }).expect("commit");
    let history = |filter: &HistoryFilter, before, limit| {
        let entries = bench.store().history(filter, before, limit).expect("history");
        entries.into_iter().map(|(number, entry)| (number, entry.task, entry.outcome.as_str(), entry.ended_ms)).collect::<Vec<_>>()
    };
    let of = |at: usize| HistoryFilter { task: Some(tasks[at].id), ..HistoryFilter::default() };
    let told = |entries: &[(u64, TaskId, &'static str, i64)]| entries.iter().map(|(_, _, outcome, at)| (*outcome, *at)).collect::<Vec<_>>();
    let end = |at: usize| ("stored", entry(&tasks[at]).ended_ms);
    let first = history(&of(0), None, 9);
    assert_eq!(told(&first), [("mended", 12), ("mended", 10), end(0)], "all of one task, newest first");
    assert_eq!(told(&history(&of(0), Some(first[0].0), 1)), [("mended", 10)], "in pages");
    assert_eq!(told(&history(&of(0), Some(first[1].0), 9)), [end(0)]);
    assert_eq!(told(&history(&of(1), None, 9)), [("mended", 11), end(1)]);
    assert_eq!(history(&of(2), None, 9), []);
    let outcome = HistoryFilter { outcome: Some("mended".into()), ..HistoryFilter::default() };
    assert_eq!(history(&outcome, None, 9).len(), 3);
    let own = HistoryFilter { outcome: Some("stored".into()), ..of(0) };
    assert_eq!(told(&history(&own, None, 1)), [end(0)]);
    assert_eq!(history(&HistoryFilter::default(), None, 9).len(), 5);
    assert_eq!(bench.store().counts().expect("counts").history, 5);
    bench.store().trim_history(2).expect("trim");
    assert_eq!(told(&history(&of(0), None, 9)), [("mended", 12)]);
    assert_eq!(told(&history(&of(1), None, 9)), [("mended", 11)]);
    assert!(bench.store().log(tasks[0].id, 9).expect("log").is_empty());
    bench.store().trim_history(0).expect("trim");
    assert_eq!((history(&of(0), None, 9), history(&HistoryFilter::default(), None, 9)), (Vec::new(), Vec::new()));
    assert!(bench.is_queued(tasks[2].id));
}
