//! Who waits, who comes and who removes, beside each other: nobody is forgotten (§11.7), and a group is one
//! moment (§11.6).

use std::sync::atomic::{AtomicBool, Ordering};

use super::owner::{Owner, ends, remains};
use super::table::{Over, Table, both};
use crate::suite::bench::{behind, delete, entry, failed, insert, mark, named, parked_for, user};
use lockgate_core::effects::EffectsParts;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Due, Lease, Removal, Stood, Store, StoreError};
use lockgate_core::task::{Task, TaskId};

/// Tasks that are due, when everything is worked off.
fn due(store: &dyn Store, lease: &Lease) -> Vec<(TaskId, Due)> {
    while store.work_off(lease, 100).expect("work_off") {}
    due_now(store, &lease.connector)
}

fn due_now(store: &dyn Store, connector: &ConnectorName) -> Vec<(TaskId, Due)> {
    let due = store.due(connector, None, usize::MAX, usize::MAX).expect("due");
    due.into_iter().map(|due| (due.task.id, due.how)).collect()
}

/// Parks a task for want of a user, unless there is one. Others may come in between.
fn parks(owner: &Owner, task: &Task, name: &str) -> bool {
    loop {
        let mut found = false;
        let effects = owner.plan_with(vec![remains(task, parked_for(name))], |look| {
            found = look.ask(&named(name)).is_some();
            Vec::new()
        });
        match owner.commit(&effects) {
            _ if found => return false,
            Ok(()) => return true,
            Err(StoreError::Conflict) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

pub(super) fn who_parks_beside_what_it_waits_for_finds_it_or_is_due(table: &Table) {
    let (waiter, writer) = (table.owner("a"), table.owner("b"));
    let other = table.handle();
    for n in table.rounds() {
        let task = table.queue("a", 1).remove(0);
        let name = format!("user {n}");
        let row = user(writer.new_id(), &name);
        let park = || parks(&waiter, &task, &name);
        let come = || writer.write(vec![insert(&row)]);
        let parked = match n % 4 {
            2 => {
                let parked = park();
                come();
                parked
            }
            3 => {
                come();
                park()
            }
            _ => both(park, come).0,
        };
        let due = due(&*other, &waiter.lease);
        assert_eq!(due.contains(&(task.id, Due::Alone)), parked, "round {n}: it looked and did not find {name}, or is due: {due:?}");
        let now = other.task(task.id).expect("task").expect("queued");
        waiter.commit(&waiter.plan_with(vec![ends(&now)], |_| Vec::new())).expect("commit");
    }
}

pub(super) fn of_two_that_park_beside_each_other_one_is_stirred(table: &Table) {
    let owners = [table.owner("a"), table.owner("b")];
    for n in table.rounds() {
        let tasks = ["a", "b"].map(|name| table.queue(name, 1).remove(0));
        // Each needs what the other would bring.
        let parks = |one: usize| {
            let wants = parked_for(&format!("{n} {one}"));
            let effects = owners[one].plan_with(vec![remains(&tasks[one], wants)], |_| Vec::new());
            let stirs = vec![mark(named(&format!("{n} {}", 1 - one)))];
            owners[one].commit(&EffectsParts { stirs, ..effects.into() }.into()).expect("commit");
        };
        both(|| parks(0), || parks(1));
        let stirred = [0, 1].map(|one| due(&*owners[one].store, &owners[one].lease).contains(&(tasks[one].id, Due::Group)));
        assert!(stirred.contains(&true), "round {n}: both wait for each other, and nobody tries them together");
    }
}

pub(super) fn who_goes_behind_a_task_that_is_removed_is_due(table: &Table) {
    let (owner, operator) = (table.owner("a"), table.handle());
    for n in table.rounds() {
        let [head, follower] = [0, 1].map(|_| table.queue("a", 1).remove(0));
        let remove = || operator.remove(vec![Removal { version: head.version, entry: entry(&head) }]).expect("remove")[0];
        let goes_behind = || owner.commit(&owner.plan_with(vec![remains(&follower, behind(head.id))], |_| Vec::new())).expect("commit");
        let removed = match n % 4 {
            2 => {
                goes_behind();
                remove()
            }
            3 => {
                let removed = remove();
                goes_behind();
                removed
            }
            _ => both(goes_behind, remove).1,
        };
        assert_eq!(removed, Stood::Done, "round {n}");
        let due = due(&*operator, &owner.lease);
        assert!(due.contains(&(follower.id, Due::Alone)), "round {n}: it waits for the end of a task that has ended: {due:?}");
    }
}

pub(super) fn a_group_and_an_operators_removal_of_one_of_it_do_not_both_win(table: &Table) {
    let owners = table.three();
    let operator = table.handle();
    for n in table.rounds() {
        let tasks = ["a", "b", "c"].map(|name| table.queue(name, 1).remove(0));
        let row = user(owners[0].new_id(), &format!("user {n}"));
        let mut members: Vec<_> = tasks.iter().map(ends).collect();
        members[2] = remains(&tasks[2], failed());
        let effects = owners[0].plan_with(members, |_| vec![insert(&row)]);
        let seen = &tasks[table.roll(3)];
        let remove = || operator.remove(vec![Removal { version: seen.version, entry: entry(seen) }]).expect("remove")[0];
        let (committed, removed) = match n % 4 {
            2 => (owners[0].commit(&effects), remove()),
            3 => {
                let removed = remove();
                (owners[0].commit(&effects), removed)
            }
            _ => both(|| owners[0].commit(&effects), remove),
        };
        let there: Vec<TaskId> = operator.heads(&tasks.each_ref().map(|task| task.id)).expect("heads").iter().map(|head| head.id).collect();
        let found = operator.objects(None, None, usize::MAX).expect("objects").iter().any(|found| found.id == row.id);
        match committed {
            Ok(()) => {
                let gone = if seen.id == tasks[2].id { Stood::Changed } else { Stood::Gone };
                assert_eq!((removed, &*there, found), (gone, &[tasks[2].id][..], true), "round {n}");
            }
            Err(StoreError::Conflict) => {
                let left: Vec<TaskId> = tasks.iter().map(|task| task.id).filter(|id| *id != seen.id).collect();
                assert_eq!((removed, there, found), (Stood::Done, left, false), "round {n}: nothing is half done");
            }
            Err(error) => panic!("round {n}: {error:?}"),
        }
    }
}

/// More than any store wakes at once.
const MANY: usize = 600;

/// So many tasks of a connector that wait for a user.
fn many(table: &Table, owner: &Owner, name: &str) -> Vec<Task> {
    let tasks = table.queue(owner.connector().as_str(), MANY);
    let parked = tasks.iter().map(|task| remains(task, parked_for(name))).collect();
    owner.commit(&owner.plan_with(parked, |_| Vec::new())).expect("commit");
    tasks
}

pub(super) fn what_a_process_left_to_be_worked_off_another_works_off(table: &Table) {
    let (waiter, writer) = (table.owner("a"), table.owner("b"));
    for n in table.rounds().take(5) {
        let name = format!("user {n}");
        let tasks = many(table, &waiter, &name);
        let crashes = table.owner("b");
        crashes.write(vec![insert(&user(writer.new_id(), &name))]);
        drop(crashes);
        let [one, other] = [table.handle(), table.handle()];
        assert_eq!(one.stirred().expect("stirred"), [waiter.connector().clone()], "round {n}");
        // Both hold the same lease: a pass and one that began before it.
        both(|| due(&*one, &waiter.lease), || due(&*other, &waiter.lease));
        let all: Vec<(TaskId, Due)> = tasks.iter().map(|task| (task.id, Due::Alone)).collect();
        assert_eq!(due_now(&*table.handle(), waiter.connector()), all, "round {n}");
        let now = tasks.iter().map(|task| waiter.store.task(task.id).expect("task").expect("queued"));
        let ended = now.map(|task| ends(&task)).collect();
        waiter.commit(&waiter.plan_with(ended, |_| Vec::new())).expect("commit");
        assert!(one.stirred().expect("stirred").is_empty(), "round {n}");
    }
}

pub(super) fn whatever_comes_and_goes_in_the_end_nobody_is_forgotten(table: &Table) {
    let (waiter, writer) = (table.owner("a"), table.owner("b"));
    let tasks = many(table, &waiter, "ann");
    let is_over = AtomicBool::new(false);
    let row = user(writer.new_id(), "ann");
    let come_and_go = || {
        let over = Over(&is_over);
        for _ in 0..20 {
            writer.write(vec![insert(&row)]);
            std::thread::yield_now();
            writer.write(vec![delete(&row)]);
        }
        writer.write(vec![insert(&row)]);
        drop(over);
    };
    both(come_and_go, || {
        loop {
            let last = is_over.load(Ordering::SeqCst);
            let more = waiter.store.work_off(&waiter.lease, 50).expect("work_off");
            let due = waiter.store.due(waiter.connector(), None, 40, usize::MAX).expect("due");
            if due.is_empty() && !more && last {
                return;
            }
            let mut found = false;
            let ask = |found: &mut bool| {
                waiter.plan_with(Vec::new(), |look| {
                    *found = look.ask(&named("ann")).is_some();
                    Vec::new()
                })
            };
            let looked = ask(&mut found);
            let fates = due.iter().map(|due| if found { ends(&due.task) } else { remains(&due.task, parked_for("ann")) });
            match waiter.commit(&EffectsParts { tasks: fates.collect(), ..looked.into() }.into()) {
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    });
    let ids: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
    let left = waiter.store.heads(&ids).expect("heads").len();
    assert_eq!(left, 0, "ann is there, and {left} tasks wait for her");
}
