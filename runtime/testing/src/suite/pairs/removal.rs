//! Removing a connector beside submissions: what was acknowledged is kept, or reported as gone.

use std::sync::Arc;

use super::table::{Table, all, waiting};
use crate::new_task;
use crate::short::Short;
use crate::suite::bench::{QUEUE_MAX, connector};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Force, Removed, Store, StoreError, Submitted};

/// Submissions of one producer in one round.
const SUBMISSIONS: usize = 4;

/// Submits as a bus does: by its copy of the configuration, and anew when that was old. How many tasks
/// were acknowledged.
fn produce(store: &dyn Store, connector: &ConnectorName) -> u64 {
    let mut acknowledged = 0;
    let mut as_of = store.generation().expect("generation");
    let mut left = SUBMISSIONS;
    while left > 0 {
        match store.submit(as_of, vec![new_task(connector, b"x"), new_task(connector, b"y")], QUEUE_MAX) {
            Ok(submitted) => {
                assert!(submitted.iter().all(|one| matches!(one, Submitted::Queued(_))), "{submitted:?}");
                acknowledged += submitted.len() as u64;
                left -= 1;
            }
            Err(StoreError::Stale) => {
                let now = store.configuration().expect("configuration");
                if now.connectors.iter().all(|record| record.name != *connector) {
                    break;
                }
                as_of = now.generation;
            }
            Err(error) => panic!("submit: {error:?}"),
        }
    }
    acknowledged
}

fn three(table: &Table) -> Vec<Arc<dyn Store>> {
    (0..3).map(|_| table.handle()).collect()
}

/// One round: two producers beside one who removes. What was acknowledged, and what came of the removal.
fn round(table: &Table, handles: &[Arc<dyn Store>], force: Force) -> (u64, Removed) {
    let name = connector("racing");
    table.put("racing");
    let outcomes = all(3, |n| match n {
        0 => (0, Some(handles[n].remove_connector(&name, force).expect("remove_connector"))),
        _ => (produce(&*handles[n], &name), None),
    });
    let acknowledged = outcomes.iter().map(|(acknowledged, _)| acknowledged).sum();
    (acknowledged, outcomes.into_iter().find_map(|(_, removed)| removed).expect("one removed"))
}

pub(super) fn a_connector_with_acknowledged_tasks_is_not_removed(table: &Table) {
    let (store, name, handles) = (table.handle(), connector("racing"), three(table));
    for n in table.rounds() {
        let (acknowledged, removed) = round(table, &handles, Force::No);
        match removed {
            Removed::Gone(tasks) => assert_eq!((tasks, acknowledged), (0, 0), "round {n}: it is gone, and so are acknowledged tasks"),
            Removed::HasTasks(tasks) => assert!(tasks > 0 && tasks <= acknowledged, "round {n}: {tasks} of {acknowledged}"),
            Removed::NotThere => panic!("round {n}: the connector was there"),
        }
        assert_eq!(waiting(&*store, &name), acknowledged, "round {n}: {removed:?}");
        assert_eq!(store.delete_connector(&name).expect("remove"), acknowledged, "round {n}");
    }
}

pub(super) fn a_forced_removal_reports_every_acknowledged_task(table: &Table) {
    let (store, name, handles) = (table.handle(), connector("racing"), three(table));
    for n in table.rounds() {
        let (acknowledged, removed) = round(table, &handles, Force::Yes);
        assert_eq!(removed, Removed::Gone(acknowledged), "round {n}: what was acknowledged is gone, and reported");
        assert_eq!(waiting(&*store, &name), 0, "round {n}: nothing comes into the queue of a connector that is gone");
    }
}

pub(super) fn a_connector_that_was_put_back_takes_nothing_that_was_admitted_before(table: &Table) {
    let (store, name, handles) = (table.handle(), connector("racing"), three(table));
    for n in table.rounds() {
        table.put("racing");
        let as_of = store.now();
        let outcomes = all(2, |n| match n {
            0 => {
                let Removed::Gone(tasks) = handles[n].remove_connector(&name, Force::Yes).expect("remove") else { panic!("it was there") };
                table.put("racing");
                (0, tasks)
            }
            _ => {
                let mut acknowledged = 0;
                for _ in 0..SUBMISSIONS {
                    match handles[n].submit(as_of, vec![new_task(&name, b"x")], QUEUE_MAX) {
                        Ok(submitted) => acknowledged += submitted.len() as u64,
                        Err(StoreError::Stale) => {}
                        Err(error) => panic!("submit: {error:?}"),
                    }
                }
                (acknowledged, 0)
            }
        });
        assert_eq!(outcomes[1].0, outcomes[0].1, "round {n}: acknowledged, and reported as gone");
        assert_eq!(waiting(&*store, &name), 0, "round {n}: the new connector begins with an empty queue");
        let late = store.submit(as_of, vec![new_task(&name, b"x")], QUEUE_MAX);
        assert!(matches!(late, Err(StoreError::Stale)), "round {n}: admitted before, submitted after: {late:?}");
    }
}
