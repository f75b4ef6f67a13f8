//! Queueing tasks (§2, promise 1, promise 2).

use super::bench::{Bench, QUEUE_MAX, a_full_task, connector, entry, failed, parked_for, removed, set_aside};
use crate::short::{Commit, Short};
use crate::{new_task, new_task_with_key};
use lockgate_core::effects::{Fate, TaskEnd};
use lockgate_core::history::{Entry, Outcome};
use lockgate_core::ports::Submitted;
use lockgate_core::task::{TaskId, TaskState};

pub(super) fn ids_ascend_without_gaps_over_all_connectors(bench: &mut Bench<'_>) {
    let mut ids = bench.submit("a", &["1", "2"]);
    ids.extend(bench.submit("b", &["3"]));
    ids.extend(bench.submit("a", &["4"]));
    let first = ids[0].0;
    assert_eq!(ids, (first..first + 4).map(TaskId).collect::<Vec<_>>());
}

pub(super) fn a_submitted_task_is_kept_as_it_is(bench: &mut Bench<'_>) {
    let given = a_full_task("a");
    let id = bench.submit_tasks(vec![given.clone()])[0];
    let expected = given.queued(id);
    assert_eq!(bench.task(id), expected);
    assert_eq!(bench.store().fetch(&connector("a"), None, 9, 9_999).expect("fetch"), [expected]);
    assert_eq!(bench.task(id).state, TaskState::Queued);
}

pub(super) fn the_same_key_and_content_queues_once(bench: &mut Bench<'_>) {
    let task = new_task_with_key(&connector("a"), b"x", "key", 7);
    let id = bench.submit_tasks(vec![task.clone()])[0];
    let again = bench.store().submit_now(vec![task], QUEUE_MAX).expect("submit");
    assert_eq!(again, [Submitted::Repeated(id)]);
    assert_eq!(bench.fetch_all("a"), [id]);
}

pub(super) fn the_same_key_twice_in_one_call_queues_once(bench: &mut Bench<'_>) {
    let task = |digest| new_task_with_key(&connector("a"), b"x", "key", digest);
    let answers = bench.store().submit_now(vec![task(7), task(7), task(8)], QUEUE_MAX).expect("submit");
    let Submitted::Queued(id) = answers[0] else { panic!("the first is queued: {answers:?}") };
    assert_eq!(answers[1..], [Submitted::Repeated(id), Submitted::KeyReused(id)]);
    assert_eq!(bench.fetch_all("a"), [id]);
}

pub(super) fn the_same_key_with_other_content_is_refused(bench: &mut Bench<'_>) {
    let id = bench.submit_tasks(vec![new_task_with_key(&connector("a"), b"x", "key", 7)])[0];
    let other = new_task_with_key(&connector("a"), b"y", "key", u128::MAX);
    let answers = bench.store().submit_now(vec![other, new_task(&connector("a"), b"z")], QUEUE_MAX).expect("submit");
    assert_eq!(answers[0], Submitted::KeyReused(id));
    assert!(matches!(answers[1], Submitted::Queued(_)), "the refused one does not touch the others: {answers:?}");
    assert_eq!(bench.fetch_all("a").len(), 2);
}

pub(super) fn a_key_belongs_to_its_connector(bench: &mut Bench<'_>) {
    let first = bench.submit_tasks(vec![new_task_with_key(&connector("a"), b"x", "key", 7)]);
    let second = bench.submit_tasks(vec![new_task_with_key(&connector("b"), b"y", "key", 8)]);
    assert_ne!(first, second);
}

pub(super) fn a_key_is_remembered_while_the_history_entry_remains(bench: &mut Bench<'_>) {
    let task = new_task_with_key(&connector("a"), b"x", "key", 7);
    let id = bench.submit_tasks(vec![task.clone()])[0];
    bench.end(&bench.claim("a"), &bench.task(id), Vec::new());
    assert_eq!(bench.store().submit_now(vec![task], QUEUE_MAX).expect("submit"), [Submitted::Repeated(id)]);
    assert!(bench.fetch_all("a").is_empty());
}

pub(super) fn a_full_queue_refuses_only_the_surplus(bench: &mut Bench<'_>) {
    let tasks = (0..4).map(|_| new_task(&connector("a"), b"x")).collect();
    let answers = bench.store().submit_now(tasks, 3).expect("submit");
    let refused: Vec<bool> = answers.iter().map(|answer| *answer == Submitted::QueueFull).collect();
    assert_eq!(refused, [false, false, false, true]);
    let ids = bench.fetch_all("a");
    assert_eq!(ids.len(), 3);
    bench.end(&bench.claim("a"), &bench.task(ids[0]), Vec::new());
    let answers = bench.store().submit_now(vec![new_task(&connector("a"), b"x")], 3).expect("submit");
    assert_eq!(answers, [Submitted::Queued(TaskId(ids[2].0 + 1))], "there is room again, and a refused task used up no id");
}

pub(super) fn a_full_queue_is_no_other_connectors_concern(bench: &mut Bench<'_>) {
    bench.submit("a", &["1"]);
    let tasks = vec![new_task(&connector("a"), b"x"), new_task(&connector("b"), b"x")];
    let answers = bench.store().submit_now(tasks, 1).expect("submit");
    assert_eq!(answers[0], Submitted::QueueFull);
    assert!(matches!(answers[1], Submitted::Queued(_)));
}

pub(super) fn a_full_queue_still_knows_a_repeated_key(bench: &mut Bench<'_>) {
    let task = new_task_with_key(&connector("a"), b"x", "key", 7);
    let id = bench.submit_tasks(vec![task.clone()])[0];
    assert_eq!(bench.store().submit_now(vec![task], 1).expect("submit"), [Submitted::Repeated(id)]);
}

pub(super) fn a_failed_task_counts_as_queued(bench: &mut Bench<'_>) {
    let id = bench.submit("a", &["1"])[0];
    assert!(bench.store().stand_now(id, &failed()).expect("stand"));
    let answers = bench.store().submit_now(vec![new_task(&connector("a"), b"x")], 1).expect("submit");
    assert_eq!(answers, [Submitted::QueueFull]);
}

/// What a second submission with a key is told when its task has ended so.
fn told_after(bench: &Bench<'_>, key: &str, outcome: Outcome) -> (TaskId, Submitted) {
    let task = new_task_with_key(&connector("a"), b"x", key, 7);
    let id = bench.submit_tasks(vec![task.clone()])[0];
    let entry = Entry { outcome, ..entry(&bench.task(id)) };
    let end = TaskEnd { fate: Fate::Removed(Box::new(entry)), ..removed(&bench.task(id), Vec::new()) };
    bench.commit(&bench.claim("a"), &Commit { tasks: vec![end], ..Commit::default() }).expect("commit");
    (id, bench.store().submit_now(vec![task], QUEUE_MAX).expect("submit")[0])
}

pub(super) fn a_key_is_free_again_when_its_task_was_given_up(bench: &mut Bench<'_>) {
    let failure = failed().failure.expect("a failure");
    for (key, outcome) in [("failed", Outcome::Failed(failure.clone())), ("deleted", Outcome::Deleted(Some(failure)))] {
        let (first, told) = told_after(bench, key, outcome);
        let Submitted::Queued(second) = told else { panic!("{key}: {told:?}") };
        let again = new_task_with_key(&connector("a"), b"x", key, 7);
        let other = new_task_with_key(&connector("a"), b"y", key, 8);
        let answers = bench.store().submit_now(vec![again, other], QUEUE_MAX).expect("submit");
        assert_eq!(answers, [Submitted::Repeated(second), Submitted::KeyReused(second)], "{key}: the second has it now");
        bench.store().trim_history(0).expect("trim");
        let again = new_task_with_key(&connector("a"), b"x", key, 7);
        let answers = bench.store().submit_now(vec![again], QUEUE_MAX).expect("submit");
        assert_eq!(answers, [Submitted::Repeated(second)], "{key}: the end of task {first} takes no other's key");
    }
    for (key, outcome) in [
        ("skipped", Outcome::Skipped("why".into())),
        ("unchanged", Outcome::Unchanged),
        ("absent", Outcome::Absent),
        ("superseded", Outcome::Superseded),
    ] {
        let (first, told) = told_after(bench, key, outcome);
        assert_eq!(told, Submitted::Repeated(first), "{key}: it is done");
    }
}

pub(super) fn a_key_is_held_by_a_failed_task_until_an_operator_deletes_it(bench: &mut Bench<'_>) {
    let task = new_task_with_key(&connector("a"), b"x", "key", 7);
    let id = bench.submit_tasks(vec![task.clone()])[0];
    for standing in [failed(), set_aside([]), parked_for("ann")] {
        assert!(bench.store().stand_now(id, &standing).expect("stand"));
        assert_eq!(bench.store().submit_now(vec![task.clone()], QUEUE_MAX).expect("submit"), [Submitted::Repeated(id)]);
    }
    let deleted = Entry { outcome: Outcome::Deleted(None), ..entry(&bench.task(id)) };
    assert_eq!(bench.store().remove_now(vec![deleted]).expect("remove"), 1);
    let answers = bench.store().submit_now(vec![task], QUEUE_MAX).expect("submit");
    assert!(matches!(answers[..], [Submitted::Queued(new)] if new != id), "{answers:?}");
}
