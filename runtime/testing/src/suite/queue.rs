//! Fetching, listing, standing and removing tasks; leases.

use super::bench::{Bench, a_full_task, connector, entry, failed, standing, stood};
use crate::short::{Commit, Short};
use lockgate_core::history::Outcome;
use lockgate_core::ports::{HistoryFilter, Lease, Standing, StoreError, TaskFilter};
use lockgate_core::task::{ProcessType, Task, TaskId, TaskState, TaskType, TaskVersion};

fn ids(bench: &Bench<'_>, filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Vec<TaskId> {
    bench.store().tasks(filter, after, limit).expect("tasks").into_iter().map(|task| task.id).collect()
}

pub(super) fn fetch_gives_the_connectors_own_tasks_ascending(bench: &mut Bench<'_>) {
    let mut expected = bench.submit("a", &["1", "2"]);
    bench.submit("b", &["3"]);
    expected.extend(bench.submit("a", &["4"]));
    assert_eq!(bench.fetch_all("a"), expected);
    assert!(bench.fetch_all("nobody").is_empty());
}

pub(super) fn fetch_goes_on_after_an_id(bench: &mut Bench<'_>) {
    let all = bench.submit("a", &["1", "2", "3"]);
    let fetch = |after| {
        let tasks = bench.store().fetch(&connector("a"), Some(after), 10, 1_000).expect("fetch");
        tasks.into_iter().map(|task| task.id).collect::<Vec<_>>()
    };
    assert_eq!(fetch(all[0]), all[1..]);
    assert!(fetch(all[2]).is_empty());
    bench.end(&bench.claim("a"), &bench.task(all[1]), Vec::new());
    assert_eq!(fetch(all[1]), all[2..], "the id itself need not be queued any more");
}

pub(super) fn fetch_stops_at_the_number_of_tasks(bench: &mut Bench<'_>) {
    let all = bench.submit("a", &["1", "2", "3"]);
    let tasks = bench.store().fetch(&connector("a"), None, 2, usize::MAX).expect("fetch");
    assert_eq!(tasks.into_iter().map(|task| task.id).collect::<Vec<_>>(), all[..2]);
}

pub(super) fn fetch_stops_at_the_bytes_and_gives_one_at_least(bench: &mut Bench<'_>) {
    let body = "x".repeat(1_000);
    let all = bench.submit("a", &[&body, &body, &body, &body]);
    let mut seen = Vec::new();
    for bytes_max in [0, 1, 999, 1_000, 2_500, usize::MAX] {
        let tasks = bench.store().fetch(&connector("a"), None, 10, bytes_max).expect("fetch");
        let bytes: usize = tasks.iter().map(|task| task.external.body.len()).sum();
        assert!(!tasks.is_empty(), "one task at least");
        assert!(tasks.len() == 1 || bytes <= bytes_max, "{bytes} bytes where {bytes_max} are the limit");
        assert_eq!(tasks.iter().map(|task| task.id).collect::<Vec<_>>(), all[..tasks.len()], "the first, without gaps");
        seen.push(tasks.len());
    }
    assert!(seen.is_sorted(), "more bytes never give fewer tasks: {seen:?}");
    assert_eq!(seen.last(), Some(&4));
    assert!(seen.contains(&2), "2,500 bytes have room for two of 1,000: {seen:?}");
}

pub(super) fn tasks_are_listed_over_all_connectors_and_filtered(bench: &mut Bench<'_>) {
    let mut all = bench.submit("b", &["1"]);
    all.extend(bench.submit("a", &["2"]));
    all.extend(bench.submit_tasks(vec![a_full_task("b")]));
    assert!(bench.store().stand_now(all[1], &failed()).expect("stand"));
    let any = TaskFilter::default();
    let meant = |filter: TaskFilter| ids(bench, &filter, None, 10);
    assert_eq!(meant(any.clone()), all);
    assert_eq!(meant(TaskFilter { connector: Some(connector("b")), ..any.clone() }), [all[0], all[2]]);
    assert_eq!(meant(TaskFilter { connector: Some(connector("nobody")), ..any.clone() }), []);
    assert_eq!(meant(TaskFilter { state: Some(TaskState::Failed), ..any.clone() }), [all[1]]);
    assert_eq!(meant(TaskFilter { task_type: Some(TaskType::PublishDocument), ..any.clone() }), [all[2]]);
    assert_eq!(meant(TaskFilter { title: Some("ÜBER".into()), ..any.clone() }), [all[2]]);
    assert_eq!(meant(TaskFilter { until_ms: Some(0), ..any.clone() }), [all[2]]);
    assert_eq!(meant(TaskFilter { since_ms: Some(0), ..any.clone() }), all[..2]);
    assert_eq!(meant(TaskFilter { ids: Some(vec![all[2], TaskId(u64::MAX), all[0], all[0]]), ..any.clone() }), [all[0], all[2]]);
    assert_eq!(meant(TaskFilter { ids: Some(Vec::new()), ..any }), []);
}

pub(super) fn tasks_are_listed_in_pages(bench: &mut Bench<'_>) {
    let mut all = Vec::new();
    for name in ["a", "b", "a", "c", "b"] {
        all.extend(bench.submit(name, &["x"]));
    }
    let any = TaskFilter::default();
    assert_eq!(ids(bench, &any, None, 2), all[..2]);
    assert_eq!(ids(bench, &any, Some(all[1]), 2), all[2..4]);
    assert_eq!(ids(bench, &any, Some(all[3]), 2), all[4..]);
    assert_eq!(ids(bench, &any, Some(all[4]), 2), []);
    assert_eq!(ids(bench, &any, None, 0), []);
    let some = TaskFilter { ids: Some(all.clone()), ..any };
    assert_eq!(ids(bench, &some, Some(all[0]), 3), all[1..4]);
}

pub(super) fn a_standing_changes_what_an_operator_may_change(bench: &mut Bench<'_>) {
    let id = bench.submit_tasks(vec![a_full_task("a")])[0];
    let before = bench.task(id);
    let standings = [failed(), Standing { attempts: u32::MAX, ..standing(ProcessType::SkipOnce, TaskState::Queued) }];
    for (standing, changes) in standings.into_iter().zip(1..) {
        assert!(bench.store().stand_now(id, &standing).expect("stand"));
        let head = stood(&before.head, TaskVersion(changes), standing);
        let after = Task { head, ..before.clone() };
        assert_eq!(bench.task(id), after);
    }
    assert!(bench.store().history(&HistoryFilter::default(), None, 9).expect("history").is_empty());
}

pub(super) fn a_task_that_is_gone_cannot_stand(bench: &mut Bench<'_>) {
    let id = bench.submit("a", &["1"])[0];
    bench.end(&bench.claim("a"), &bench.task(id), Vec::new());
    assert!(!bench.store().stand_now(id, &failed()).expect("stand"));
    assert!(!bench.store().stand_now(TaskId(u64::MAX), &failed()).expect("stand"));
    assert!(!bench.is_queued(id));
}

pub(super) fn remove_takes_queued_tasks_and_passes_over_others(bench: &mut Bench<'_>) {
    let mut all = bench.submit("a", &["1", "2"]);
    all.extend(bench.submit("b", &["3"]));
    let mut entries: Vec<_> = all.iter().map(|id| entry(&bench.task(*id))).collect();
    for entry in &mut entries {
        entry.outcome = Outcome::Deleted(failed().failure);
    }
    assert!(bench.store().stand_now(all[0], &failed()).expect("stand"));
    bench.end(&bench.claim("a"), &bench.task(all[1]), Vec::new());
    assert_eq!(bench.store().remove_now(entries.clone()).expect("remove"), 2);
    assert_eq!(ids(bench, &TaskFilter::default(), None, 9), []);
    let history =
        bench.store().history(&HistoryFilter { outcome: Some("deleted".into()), ..HistoryFilter::default() }, None, 9).expect("history");
    assert_eq!(history.into_iter().map(|(_, entry)| entry).collect::<Vec<_>>(), [entries[2].clone(), entries[0].clone()]);
    assert_eq!(bench.store().remove_now(entries).expect("remove"), 0, "a second time there is nothing to remove");
    let counts = bench.store().counts().expect("counts");
    assert_eq!(counts.history, 3);
    assert!(counts.failed.values().chain(counts.queued.values()).all(|count| *count == 0), "{counts:?}");
}

pub(super) fn a_newer_claim_fences_an_older(bench: &mut Bench<'_>) {
    let older = bench.claim("a");
    let newer = bench.claim("a");
    assert!(newer.epoch > older.epoch);
    let fenced = bench.commit(&older, &Commit::default());
    assert!(matches!(&fenced, Err(StoreError::Fenced(name)) if *name == connector("a")), "{fenced:?}");
    bench.commit(&newer, &Commit::default()).expect("the newest lease holds");
}

pub(super) fn a_claim_fences_no_other_connector(bench: &mut Bench<'_>) {
    let lease = bench.claim("a");
    bench.claim("b");
    bench.commit(&lease, &Commit::default()).expect("the lease holds");
}

pub(super) fn a_lease_that_was_never_claimed_is_fenced(bench: &mut Bench<'_>) {
    let lease = bench.claim("a");
    for lease in [Lease { connector: connector("b"), ..lease.clone() }, Lease { epoch: lease.epoch + 1, ..lease }] {
        let fenced = bench.commit(&lease, &Commit::default());
        assert!(matches!(fenced, Err(StoreError::Fenced(_))), "{fenced:?}");
    }
}
