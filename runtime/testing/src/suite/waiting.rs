//! Tasks that stand apart: parked, behind others, set aside (§11, §12).

use std::sync::Arc;

use super::bench::{
    Bench, QUEUE_MAX, a_full_task, behind, connector, failed, ids, mark, named, not_made, parked, parked_for, parked_for_group, set_aside,
    standing, stood, waits, want, want_end,
};
use crate::new_task;
use crate::short::{Commit, Short};
use lockgate_core::change::Change;
use lockgate_core::mark::{Mark, brings_guid, brings_name};
use lockgate_core::park::{Line, LineKind, Waiting, Want};
use lockgate_core::ports::{MISSING_FIRST_MAX, Standing, Submitted, TaskFilter, Waiter};
use lockgate_core::rows::LooseId;
use lockgate_core::task::{ProcessType, Task, TaskId, TaskState};

pub(super) fn what_stands_apart_is_passed_over_by_fetch(bench: &mut Bench<'_>) {
    let all = bench.submit("a", &["1", "2", "3", "4", "5"]);
    for (id, standing) in [(all[0], parked_for("ann")), (all[2], behind(all[0])), (all[3], set_aside([]))] {
        bench.stand(id, standing);
    }
    bench.stand(all[1], failed());
    assert_eq!(bench.fetch_all("a"), [all[1], all[4]], "one that failed at the head is in the queue's way");
    let tasks = bench.store().fetch(&connector("a"), Some(all[1]), 1, 0).expect("fetch");
    assert_eq!(tasks.iter().map(|task| task.id).collect::<Vec<_>>(), all[4..]);
    assert_eq!(ids(bench.store().tasks(&TaskFilter::default(), None, 9)), all, "they are listed");
    let of = |state| TaskFilter { state: Some(state), ..TaskFilter::default() };
    assert_eq!(ids(bench.store().tasks(&of(TaskState::Behind), None, 9)), [all[2]]);
    assert_eq!(ids(bench.store().tasks(&of(TaskState::Failed), None, 9)), [all[1], all[3]]);
    bench.stand(all[2], standing(ProcessType::SkipOnce, TaskState::Queued));
    assert_eq!(bench.fetch_all("a"), all[1..3].iter().chain(&all[4..]).copied().collect::<Vec<_>>(), "it is back in its place");
}

pub(super) fn everything_that_is_known_of_one_that_waits_comes_back(bench: &mut Bench<'_>) {
    let all = bench.submit_tasks(vec![a_full_task("a"), a_full_task("a")]);
    let name = super::bench::type_name("cms.user");
    let kinds = [LineKind::Subject, LineKind::List, LineKind::Child];
    let lines = kinds.iter().zip(1..).map(|(kind, mark)| Line { kind: *kind, mark: Mark(u64::MAX - mark) }).collect();
    let brings = vec![brings_guid(&name, uuid::Uuid::from_u128(7)), brings_name(&name, "žluť")];
    let external = |text: &str| Some(Arc::from(text));
    let wants = vec![
        want_end(all[0]),
        Want { mark: Mark(0), what: "uživatel \"Žluť\"\n".into(), external: external("id:\u{0}7") },
        Want { mark: Mark(u64::MAX), what: "".into(), external: external("") },
    ];
    let group_wants = vec![Mark(0), Mark(7), Mark(u64::MAX)];
    let waiting = Waiting { since_ms: i64::MIN, lines, brings, helpers: vec![Mark(11)], wants, group_wants, behind: Some(all[0]) };
    let full = Standing {
        attempts: u32::MAX,
        aside: true,
        failed_by: Some(Mark(u64::MAX)),
        deletes_allowed: true,
        waiting: Some(Arc::new(waiting.clone())),
        ..failed()
    };
    let before = bench.task(all[1]);
    let bare = Standing { waiting: Some(Arc::new(Waiting::default())), ..full.clone() };
    let standings = [full.clone(), bare, Standing { state: TaskState::Behind, aside: false, failure: None, failed_by: None, ..full }];
    for (standing, version) in standings.into_iter().zip(1..) {
        bench.stand(all[1], standing.clone());
        let head = stood(&before.head, lockgate_core::task::TaskVersion(version), standing);
        assert_eq!(bench.task(all[1]), Task { head, ..before.clone() });
    }
}

pub(super) fn those_that_wait_leave_room_in_a_full_queue(bench: &mut Bench<'_>) {
    let all = bench.submit("a", &["1", "2", "3"]);
    let more = || bench.store().submit_now(vec![new_task(&connector("a"), b"x")], 3).expect("submit")[0];
    assert_eq!(more(), Submitted::QueueFull);
    bench.stand(all[0], parked_for("ann"));
    assert!(matches!(more(), Submitted::Queued(_)), "what it waits for would be refused otherwise");
    assert_eq!(more(), Submitted::QueueFull);
    bench.stand(all[1], set_aside([]));
    bench.stand(all[0], standing(ProcessType::Default, TaskState::Queued));
    assert_eq!(more(), Submitted::QueueFull);
}

pub(super) fn a_connector_with_tasks_that_wait_is_not_removed(bench: &mut Bench<'_>) {
    use lockgate_core::ports::{Force, Removed};
    bench.submit_standing("a", parked_for("ann"));
    bench.submit_standing("a", set_aside([]));
    let removed = bench.store().remove_connector(&connector("a"), Force::No).expect("remove_connector");
    assert_eq!(removed, Removed::HasTasks(2));
}

pub(super) fn a_state_is_listed_in_pages(bench: &mut Bench<'_>) {
    let all = bench.submit("a", &["1", "2", "3", "4", "5", "6"]);
    bench.submit_standing("b", parked_for("ann"));
    for id in [all[4], all[0], all[2]] {
        bench.stand(id, parked_for("ann"));
    }
    bench.stand(all[1], failed());
    bench.stand(all[3], set_aside([]));
    let list = |state, after, limit| ids(bench.store().standing(&connector("a"), state, after, limit));
    assert_eq!(list(TaskState::Parked, None, 9), [all[0], all[2], all[4]]);
    assert_eq!(list(TaskState::Parked, None, 2), [all[0], all[2]]);
    assert_eq!(list(TaskState::Parked, Some(all[1]), 9), [all[2], all[4]]);
    assert_eq!(list(TaskState::Parked, Some(all[4]), 9), []);
    assert_eq!(list(TaskState::Failed, None, 9), [all[1], all[3]]);
    assert_eq!(list(TaskState::Behind, None, 9), []);
    assert_eq!(ids(bench.store().standing(&connector("nobody"), TaskState::Parked, None, 9)), []);
    bench.end(&bench.claim("a"), &bench.task(all[0]), Vec::new());
    bench.stand(all[2], behind(all[0]));
    assert_eq!(ids(bench.store().standing(&connector("a"), TaskState::Parked, None, 9)), [all[4]]);
    assert_eq!(ids(bench.store().standing(&connector("a"), TaskState::Behind, None, 9)), [all[2]]);
}

pub(super) fn the_longest_parked_come_first(bench: &mut Bench<'_>) {
    let all = bench.submit("a", &["1", "2", "3", "4", "5"]);
    let since = |since_ms| waits(TaskState::Parked, Waiting { since_ms, wants: vec![want(named("ann"))], ..Waiting::default() });
    for (id, since_ms) in all.iter().zip([30, -10, 20, 20]) {
        bench.stand(*id, since(since_ms));
    }
    bench.stand(
        all[4],
        waits(TaskState::Behind, Waiting { since_ms: -50, wants: vec![want_end(all[0])], behind: Some(all[0]), ..Waiting::default() }),
    );
    bench.submit_standing("b", since(0));
    let before = |since_ms, limit| ids(bench.store().parked_before(&connector("a"), since_ms, limit));
    assert_eq!(before(31, 9), [all[1], all[2], all[3], all[0]]);
    assert_eq!(before(30, 9), [all[1], all[2], all[3]], "before, not at");
    assert_eq!(before(31, 2), [all[1], all[2]]);
    assert_eq!(before(-10, 9), []);
    bench.stand(all[1], since(40));
    bench.stand(all[2], Standing { state: TaskState::Failed, aside: true, ..since(20) });
    assert_eq!(ids(bench.store().parked_before(&connector("a"), 99, 9)), [all[3], all[0], all[1]]);
}

pub(super) fn each_state_is_counted(bench: &mut Bench<'_>) {
    use lockgate_core::ports::Counts;
    use std::collections::BTreeMap;
    let counts = |bench: &Bench<'_>| super::operator::without_zeros(bench.store().counts().expect("counts"));
    let all = bench.submit("a", &["1", "2", "3", "4", "5", "6"]);
    bench.stand(all[0], parked([want(named("ann")), want(named("bob"))]));
    bench.stand(all[1], behind(all[0]));
    bench.stand(all[2], set_aside([want(named("bob"))]));
    bench.stand(all[3], failed());
    bench.stand(all[4], Standing { failure: failed().failure, ..standing(ProcessType::SkipOnError, TaskState::Queued) });
    bench.submit_standing("b", parked_for("ann"));
    let one = |name: &str, count| (connector(name), count);
    let expected = Counts {
        queued: BTreeMap::from([one("a", 2)]),
        parked: BTreeMap::from([one("a", 1), one("b", 1)]),
        behind: BTreeMap::from([one("a", 1)]),
        failed: BTreeMap::from([one("a", 2)]),
        failing: BTreeMap::from([one("a", 1)]),
        waits_for: 3,
        ..Counts::default()
    };
    assert_eq!(counts(bench), expected);
    bench.commit(&bench.claim("a"), &Commit { changes: vec![loose(7, "cat"), loose(8, "ann")], ..Commit::default() }).expect("commit");
    let more = Counts { loose_ends: BTreeMap::from([one("a", 2)]), waits_for: 4, ..expected };
    assert_eq!(counts(bench), more);
    for id in &all {
        bench.stand(*id, standing(ProcessType::Default, TaskState::Queued));
    }
    bench.store().delete_connector(&connector("b")).expect("delete");
    let fewer =
        Counts { queued: BTreeMap::from([one("a", 6)]), loose_ends: BTreeMap::from([one("a", 2)]), waits_for: 2, ..Counts::default() };
    assert_eq!(counts(bench), fewer);
}

fn loose(id: u64, name: &str) -> Change {
    Change::Loose(None, Some(Arc::new(not_made(id, name))))
}

pub(super) fn what_is_missing_is_told_once_with_who_waits(bench: &mut Bench<'_>) {
    let of_a: Vec<TaskId> = (0..6).map(|_| bench.submit_standing("a", parked([want(named("ann")), want(named("bob"))]))).collect();
    let since_ms = -7;
    let wants = vec![want(named("ann"))];
    let of_b = bench.submit_standing("b", waits(TaskState::Parked, Waiting { since_ms, wants, ..Waiting::default() }));
    bench.commit(&bench.claim("a"), &Commit { changes: vec![loose(9, "bob"), loose(8, "cat")], ..Commit::default() }).expect("commit");
    let missing = bench.store().missing(None, 9).expect("missing");
    assert!(missing.windows(2).all(|two| two[0].want.mark < two[1].want.mark), "by ascending mark: {missing:?}");
    let of = |name: &str| {
        let mark = mark(named(name));
        missing.iter().find(|line| line.want.mark == mark).unwrap_or_else(|| panic!("{name} is not missing: {missing:?}"))
    };
    let (ann, bob, cat) = (of("ann"), of("bob"), of("cat"));
    assert_eq!(missing.len(), 3);
    assert_eq!((ann.tasks, ann.loose_ends, &*ann.connectors), (7, 0, &[connector("a"), connector("b")][..]));
    assert_eq!((bob.tasks, bob.loose_ends, &*bob.connectors), (6, 1, &[connector("a")][..]));
    assert_eq!((cat.tasks, cat.loose_ends, &*cat.first, cat.since_ms), (0, 1, &[Waiter::Loose(LooseId(8))][..], 2_000));
    assert_eq!(ann.want, want(named("ann")));
    let first: Vec<Waiter> = of_a.iter().take(MISSING_FIRST_MAX).map(|id| Waiter::Task(*id)).collect();
    assert_eq!((&ann.first, ann.since_ms), (&first, 1_000));
    for at in 0..3_usize {
        let after = at.checked_sub(1).map(|at| missing[at].want.mark);
        assert_eq!(bench.store().missing(after, 1).expect("missing"), missing[at..=at]);
    }
    assert!(bench.store().missing(Some(missing[2].want.mark), 9).expect("missing").is_empty());
    let who = |name: &str, limit| bench.store().waiters(mark(named(name)), limit).expect("waiters");
    let all: Vec<Waiter> = of_a.iter().chain([&of_b]).map(|id| Waiter::Task(*id)).collect();
    assert_eq!(who("ann", 99), all);
    assert_eq!(who("ann", 2), all[..2]);
    assert_eq!(who("bob", 99).last(), Some(&Waiter::Loose(LooseId(9))));
    assert_eq!(who("dan", 99), []);
}

pub(super) fn what_nobody_waits_for_any_more_is_not_missing(bench: &mut Bench<'_>) {
    let all = bench.submit("a", &["1", "2", "3", "4"]);
    bench.stand(all[0], parked_for("ann"));
    bench.stand(all[1], parked_for("bob"));
    bench.stand(all[2], parked_for("cat"));
    bench.stand(all[3], parked_for_group([mark(named("dan"))]));
    bench.end(&bench.claim("a"), &bench.task(all[0]), Vec::new());
    bench.stand(all[1], Standing { waiting: parked_for("bob").waiting, ..standing(ProcessType::Default, TaskState::Queued) });
    let missing = bench.store().missing(None, 9).expect("missing");
    assert_eq!(
        missing.iter().map(|line| line.want.mark).collect::<Vec<_>>(),
        [mark(named("cat"))],
        "one that is queued again waits for nothing"
    );
    assert_eq!(bench.store().counts().expect("counts").waits_for, 1);
    for name in ["ann", "bob", "dan"] {
        assert_eq!(bench.store().waiters(mark(named(name)), 9).expect("waiters"), [], "{name}");
    }
    bench.stand(all[2], set_aside([]));
    assert!(bench.store().missing(None, 9).expect("missing").is_empty());
    bench.stand(all[2], set_aside([want(named("cat"))]));
    assert_eq!(bench.store().missing(None, 9).expect("missing").len(), 1, "who has waited too long keeps its wants");
    let again = bench.store().submit_now(vec![new_task(&connector("a"), b"x")], QUEUE_MAX).expect("submit");
    assert!(matches!(again[0], Submitted::Queued(_)));
}
