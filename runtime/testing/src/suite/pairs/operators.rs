//! Operators beside passes and beside each other: each task has a version, and of two who saw the same
//! one wins.

use super::owner::{Owner, ends, remains};
use super::table::{Table, both};
use crate::suite::bench::{entry, failed, standing};
use lockgate_core::ports::{HistoryFilter, Removal, Stand, Standing, Stood, Store, StoreError};
use lockgate_core::task::{ProcessType, Task, TaskId, TaskState, TaskVersion};

fn waits() -> Standing {
    standing(ProcessType::SkipOnce, TaskState::Queued)
}

fn stand(store: &dyn Store, seen: &Task) -> Stood {
    store.stand(&[Stand { id: seen.id, version: seen.version, standing: waits() }]).expect("stand")[0]
}

fn remove(store: &dyn Store, seen: &Task) -> Stood {
    store.remove(vec![Removal { version: seen.version, entry: entry(seen) }]).expect("remove")[0]
}

fn entries(store: &dyn Store, task: TaskId) -> usize {
    let filter = HistoryFilter { task: Some(task), ..HistoryFilter::default() };
    store.history(&filter, None, 9).expect("history").len()
}

fn version(store: &dyn Store, task: TaskId) -> Option<TaskVersion> {
    store.heads(&[task]).expect("heads").first().map(|head| head.version)
}

/// What came of a commit beside what an operator did to the same task.
struct Raced {
    task: Task,
    /// Whether the commit leaves the task queued.
    stays: bool,
    committed: Result<(), StoreError>,
    operated: Stood,
}

/// A new task, the commit of its owner, and what the operator does, who has seen it as it was.
fn raced(n: u64, table: &Table, owner: &Owner, operate: impl Fn(&Task) -> Stood + Sync) -> Raced {
    let task = table.queue("a", 1).remove(0);
    let stays = n.is_multiple_of(2);
    let end = if stays { remains(&task, failed()) } else { ends(&task) };
    let effects = owner.plan_with(vec![end], |_| Vec::new());
    let (committed, operated) = match n % 6 {
        // In turn, too: a race may go the same way each time.
        4 => (owner.commit(&effects), operate(&task)),
        5 => {
            let operated = operate(&task);
            (owner.commit(&effects), operated)
        }
        _ => both(|| owner.commit(&effects), || operate(&task)),
    };
    Raced { task, stays, committed, operated }
}

pub(super) fn a_stand_and_a_commit_of_one_task_do_not_both_win(table: &Table) {
    let (owner, operator) = (table.owner("a"), table.handle());
    for n in table.rounds() {
        let Raced { task, stays, committed, operated } = raced(n, table, &owner, |task| stand(&*operator, task));
        match (&committed, operated) {
            (Ok(()), Stood::Changed) => assert!(stays, "round {n}: the task is gone"),
            (Ok(()), Stood::Gone) => assert!(!stays, "round {n}: the task is there"),
            (Err(StoreError::Conflict), Stood::Done) => {
                assert_eq!(operator.task(task.id).expect("task").expect("queued").process_type, ProcessType::SkipOnce, "round {n}");
            }
            other => panic!("round {n}: one of the two wins: {other:?}"),
        }
        if let Some(now) = version(&*operator, task.id) {
            assert_eq!(now, task.version.next(), "round {n}: changed once");
        }
        assert_eq!(entries(&*operator, task.id), usize::from(committed.is_ok() && !stays), "round {n}");
    }
}

pub(super) fn a_removal_and_a_commit_of_one_task_do_not_both_win(table: &Table) {
    let (owner, operator) = (table.owner("a"), table.handle());
    for n in table.rounds() {
        let Raced { task, stays, committed, operated } = raced(n, table, &owner, |task| remove(&*operator, task));
        let left = match (&committed, operated) {
            (Ok(()), Stood::Changed) if stays => 0,
            (Ok(()), Stood::Gone) if !stays => 1,
            (Err(StoreError::Conflict), Stood::Done) => 1,
            other => panic!("round {n}: one of the two wins: {other:?}"),
        };
        assert_eq!(entries(&*operator, task.id), left, "round {n}: what remains of it");
        assert_eq!(version(&*operator, task.id).is_some(), left == 0, "round {n}");
    }
}

pub(super) fn two_operators_of_one_task_do_not_both_win(table: &Table) {
    let [one, other] = [table.handle(), table.handle()];
    for n in table.rounds() {
        let task = table.queue("a", 1).remove(0);
        let (first, second) = match n % 2 {
            0 => both(|| stand(&*one, &task), || stand(&*other, &task)),
            _ => both(|| stand(&*one, &task), || remove(&*other, &task)),
        };
        let won = [first, second].iter().filter(|stood| **stood == Stood::Done).count();
        assert_eq!(won, 1, "round {n}: one of the two wins: {first:?}, {second:?}");
        assert_eq!(entries(&*one, task.id), usize::from(n % 2 == 1 && second == Stood::Done), "round {n}");
    }
}

/// Tasks of one round, and how many of them the pass commits at a time.
const TASKS: usize = 20;
const BATCH: usize = 5;

pub(super) fn a_bulk_stand_beside_commits_is_one_moment(table: &Table) {
    let (owner, operator) = (table.owner("a"), table.handle());
    for n in table.rounds() {
        let tasks = table.queue("a", TASKS);
        let stands: Vec<Stand> = tasks.iter().map(|task| Stand { id: task.id, version: task.version, standing: waits() }).collect();
        let (stood, seen_again) = both(
            || operator.stand(&stands).expect("stand"),
            || {
                let mut seen_again = Vec::new();
                for batch in tasks.chunks(BATCH) {
                    let mut batch = batch.to_vec();
                    loop {
                        let all = batch.iter().map(ends).collect();
                        match owner.commit(&owner.plan_with(all, |_| Vec::new())) {
                            Ok(()) => break,
                            Err(StoreError::Conflict) => {
                                let now = batch.iter().map(|task| owner.store.task(task.id).expect("task").expect("nobody else ends it"));
                                batch = now.collect();
                            }
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                    seen_again.extend(batch.iter().map(|task| task.version != TaskVersion::default()));
                }
                seen_again
            },
        );
        // What the pass had ended before is gone, in whole batches; all the rest has changed.
        let gone = stood.iter().take_while(|stood| **stood == Stood::Gone).count();
        assert_eq!(gone % BATCH, 0, "round {n}: a batch was half there: {stood:?}");
        assert!(stood[gone..].iter().all(|stood| *stood == Stood::Done), "round {n}: {stood:?}");
        let changed: Vec<bool> = stood.iter().map(|stood| *stood == Stood::Done).collect();
        assert_eq!(seen_again, changed, "round {n}: the pass ended what the operator had changed as it had been before");
        assert!(tasks.iter().all(|task| entries(&*operator, task.id) == 1), "round {n}: each ends once");
    }
}
