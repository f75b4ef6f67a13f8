//! What comes and has many waiters: its own commit stays small (§11.8).

use super::bench::{Bench, connector, delete, insert, mark, named, not_made, parked_for, parked_for_group, removed, standing, stays, user};
use crate::new_task;
use crate::short::{Commit, Short};
use lockgate_core::ports::{Due, Lease, StoreError};
use lockgate_core::task::{ProcessType, TaskId, TaskState};

/// More than any store wakes at once.
const MANY: usize = 700;
/// How many are worked off at a time.
const STEP: usize = 150;

/// So many tasks of a connector, which wait for a user of this name.
fn many(bench: &Bench<'_>, name: &str, wanted: &str) -> Vec<TaskId> {
    let ids = bench.submit_tasks((0..MANY).map(|_| new_task(&connector(name), b"x")).collect());
    let tasks = ids.iter().map(|id| stays(*id, parked_for(wanted))).collect();
    bench.commit(&bench.claim(name), &Commit { tasks, ..Commit::default() }).expect("commit");
    ids
}

fn due_now(bench: &Bench<'_>, name: &str) -> Vec<TaskId> {
    bench.due_now(name).into_iter().map(|(id, _)| id).collect()
}

/// Works off until nothing is left; how many became due each time.
fn steps(bench: &Bench<'_>, lease: &Lease) -> Vec<usize> {
    let name = lease.connector.as_str();
    let (mut steps, mut more) = (Vec::new(), true);
    while more {
        let before = bench.due_now(name).len();
        more = bench.store().work_off(lease, STEP).expect("work_off");
        steps.push(bench.due_now(name).len() - before);
        assert!(steps.len() < 2 * MANY, "it does not end: {steps:?}");
    }
    steps
}

pub(super) fn many_waiters_are_worked_off_in_steps(bench: &mut Bench<'_>) {
    let of_a = many(bench, "a", "ann");
    let of_b = many(bench, "b", "ann");
    let other = bench.submit_standing("a", parked_for("bob"));
    bench.write(vec![insert(&user(1, "ann"))]);
    assert_eq!(bench.stirred(), ["a", "b"], "there is something to do for both");
    let (a, b) = (bench.claim("a"), bench.claim("b"));
    let steps_of_a = steps(bench, &a);
    assert!(steps_of_a.iter().all(|step| *step <= STEP), "no more at a time than was asked for: {steps_of_a:?}");
    assert_eq!(due_now(bench, "a"), of_a);
    assert!(due_now(bench, "b").len() < of_b.len(), "each connector's pass works off its own");
    assert!(bench.task(other).stands_apart());
    assert!(!bench.store().work_off(&a, STEP).expect("work_off"), "it is done");
    steps(bench, &b);
    assert_eq!(due_now(bench, "b"), of_b);
    assert_eq!(bench.stirred(), ["a", "b"], "they are due");
}

pub(super) fn where_nothing_came_nothing_is_worked_off(bench: &mut Bench<'_>) {
    let lease = bench.claim("a");
    assert!(!bench.store().work_off(&lease, STEP).expect("work_off"));
    many(bench, "a", "ann");
    bench.write(vec![insert(&user(1, "bob"))]);
    assert!(!bench.store().work_off(&bench.claim("a"), STEP).expect("work_off"));
    assert_eq!(bench.stirred(), Vec::<String>::new());
}

pub(super) fn only_the_newest_lease_works_off(bench: &mut Bench<'_>) {
    let of_a = many(bench, "a", "ann");
    bench.write(vec![insert(&user(1, "ann"))]);
    let old = bench.claim("a");
    let new = bench.claim("a");
    let before = due_now(bench, "a");
    for lease in [&old, &Lease { epoch: new.epoch + 1, ..new.clone() }] {
        let fenced = bench.store().work_off(lease, STEP);
        assert!(matches!(fenced, Err(StoreError::Fenced(_))), "{fenced:?}");
    }
    assert_eq!(due_now(bench, "a"), before);
    steps(bench, &new);
    assert_eq!(due_now(bench, "a"), of_a);
}

pub(super) fn who_waits_when_it_came_is_woken_though_it_has_gone_again(bench: &mut Bench<'_>) {
    let of_a = many(bench, "a", "ann");
    bench.write(vec![insert(&user(1, "ann"))]);
    bench.write(vec![delete(&user(1, "ann"))]);
    assert_eq!(bench.due("a").iter().map(|(id, _)| *id).collect::<Vec<_>>(), of_a, "each looks again");
    for id in &of_a[..3] {
        bench.stand(*id, parked_for("ann"));
    }
    assert_eq!(due_now(bench, "a"), of_a[3..], "and goes on waiting");
    bench.write(vec![insert(&user(2, "ann"))]);
    assert_eq!(bench.due("a").len(), MANY);
}

pub(super) fn what_comes_again_while_it_is_worked_off_wakes_those_that_were_passed(bench: &mut Bench<'_>) {
    let of_a = many(bench, "a", "ann");
    bench.write(vec![insert(&user(1, "ann"))]);
    let lease = bench.claim("a");
    bench.store().work_off(&lease, STEP).expect("work_off");
    // The first have looked meanwhile, and wait again; then it comes anew.
    let tasks = of_a[..3].iter().map(|id| stays(*id, parked_for("ann"))).collect();
    bench.commit(&lease, &Commit { tasks, ..Commit::default() }).expect("commit");
    bench.write(vec![delete(&user(1, "ann"))]);
    bench.write(vec![insert(&user(2, "ann"))]);
    steps(bench, &lease);
    assert_eq!(due_now(bench, "a"), of_a);
}

pub(super) fn those_that_wait_no_more_are_not_woken(bench: &mut Bench<'_>) {
    let of_a = many(bench, "a", "ann");
    bench.write(vec![insert(&user(1, "ann"))]);
    let lease = bench.claim("a");
    let tasks = vec![
        stays(of_a[MANY - 3], standing(ProcessType::Default, TaskState::Queued)),
        stays(of_a[MANY - 2], parked_for("bob")),
        removed(&bench.task(of_a[MANY - 1]), Vec::new()),
    ];
    bench.commit(&lease, &Commit { tasks, ..Commit::default() }).expect("commit");
    steps(bench, &lease);
    assert_eq!(due_now(bench, "a"), of_a[..MANY - 3]);
}

pub(super) fn many_who_need_a_group_are_worked_off_too(bench: &mut Bench<'_>) {
    let ids = bench.submit_tasks((0..MANY).map(|_| new_task(&connector("a"), b"x")).collect());
    let standings = [parked_for("ann"), parked_for_group([mark(named("ann"))])];
    let tasks = ids.iter().zip(standings.iter().cycle()).map(|(id, standing)| stays(*id, standing.clone())).collect();
    bench.commit(&bench.claim("a"), &Commit { tasks, ..Commit::default() }).expect("commit");
    let stirs = Commit { stirs: vec![mark(named("ann"))], ..Commit::default() };
    bench.commit(&bench.claim("b"), &stirs).expect("commit");
    assert_eq!(bench.stirred(), ["a"]);
    assert_eq!(bench.due("a"), ids.iter().map(|id| (*id, Due::Group)).collect::<Vec<_>>());
    bench.write(vec![insert(&user(1, "ann"))]);
    let how = [Due::Alone, Due::Group];
    assert_eq!(bench.due("a"), ids.iter().copied().zip(how.into_iter().cycle()).collect::<Vec<_>>());
}

pub(super) fn many_loose_ends_are_worked_off(bench: &mut Bench<'_>) {
    let first = bench.store().reserve_ids(MANY as u64).expect("reserve_ids");
    let ends = (first..first + MANY as u64).map(|id| not_made(id, "ann"));
    bench.write(ends.map(|end| lockgate_core::change::Change::Loose(None, Some(end.into()))).collect());
    let waits = bench.submit_standing("a", parked_for("ann"));
    bench.write(vec![insert(&user(1, "ann"))]);
    assert_eq!(bench.stirred(), ["a"]);
    let lease = bench.claim("a");
    let due = || bench.store().loose_due(&connector("a"), usize::MAX).expect("loose_due").len() + due_now(bench, "a").len();
    let mut before = due();
    while bench.store().work_off(&lease, STEP).expect("work_off") {
        assert!(due() <= before + STEP, "no more at a time than was asked for, ends and tasks together");
        before = due();
    }
    assert_eq!(bench.loose_due("a").len(), MANY);
    assert_eq!(due_now(bench, "a"), [waits]);
    let some = bench.store().loose_due(&connector("a"), 10).expect("loose_due");
    assert_eq!(some.iter().map(|end| end.id.0).collect::<Vec<_>>(), (first..first + 10).collect::<Vec<_>>());
}

pub(super) fn a_removed_connector_has_nothing_to_work_off(bench: &mut Bench<'_>) {
    many(bench, "a", "ann");
    bench.write(vec![insert(&user(1, "ann"))]);
    bench.store().delete_connector(&connector("a")).expect("delete");
    assert_eq!(bench.stirred(), Vec::<String>::new());
    let lease = bench.claim("a");
    assert!(!bench.store().work_off(&lease, STEP).expect("work_off"));
    let waits = bench.submit_standing("a", parked_for("ann"));
    assert_eq!(bench.due("a"), []);
    bench.write(vec![delete(&user(1, "ann"))]);
    assert_eq!(bench.due("a"), [(waits, Due::Alone)]);
}
