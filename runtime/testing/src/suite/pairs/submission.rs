//! Submissions beside what says whether they are taken, and beside each other.

use std::sync::Arc;

use super::table::{Table, all, both, queued, waiting};
use crate::short::Short;
use crate::suite::bench::{QUEUE_MAX, connector, record};
use crate::{new_task, new_task_with_key};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{ConnectorRecord, Generation, Store, StoreError, Submitted, Switches};
use lockgate_core::task::TaskId;

/// More than anybody takes in before the other side's change is in.
const SUBMISSIONS_MAX: usize = 500;

/// Submits by one copy of the configuration until that is old.
fn submit_until_stale(store: &dyn Store, as_of: Generation, connector: &ConnectorName) {
    for _ in 0..SUBMISSIONS_MAX {
        match store.submit(as_of, vec![new_task(connector, b"x")], QUEUE_MAX) {
            Ok(_) => {}
            Err(StoreError::Stale) => return,
            Err(error) => panic!("submit: {error:?}"),
        }
    }
}

/// A change beside a producer: what is queued when the change is in is all that ever is.
fn beside_a_producer(table: &Table, [changer, producer]: &[Arc<dyn Store>; 2], n: u64, change: impl Fn(&dyn Store, Generation) + Sync) {
    let name = connector("a");
    table.put("a");
    let as_of = changer.now();
    let (at_once, ()) = both(
        || {
            change(&**changer, as_of);
            waiting(&**changer, &name)
        },
        || submit_until_stale(&**producer, as_of, &name),
    );
    let late = producer.submit(as_of, vec![new_task(&name, b"x")], QUEUE_MAX);
    assert!(matches!(late, Err(StoreError::Stale)), "round {n}: admitted before the change, submitted after it: {late:?}");
    assert_eq!(waiting(&**producer, &name), at_once, "round {n}: nothing is queued after the change that was admitted before it");
    producer.delete_connector(&name).expect("remove");
}

pub(super) fn after_a_switch_nothing_is_queued_that_was_admitted_before(table: &Table) {
    let off = Switches { logging: false, ..Switches::default() };
    let handles = [table.handle(), table.handle()];
    for n in table.rounds() {
        beside_a_producer(table, &handles, n, |store, as_of| store.put_switches(as_of, off).expect("put_switches"));
        handles[0].put_switches_now(Switches::default()).expect("put_switches");
    }
}

pub(super) fn after_disabling_nothing_is_queued_that_was_admitted_before(table: &Table) {
    let disabled = ConnectorRecord { enabled: false, ..record("a", "d1") };
    let handles = [table.handle(), table.handle()];
    for n in table.rounds() {
        beside_a_producer(table, &handles, n, |store, as_of| store.put_connector(as_of, &disabled, None).expect("put_connector"));
    }
}

pub(super) fn the_same_keys_from_four_producers_queue_once(table: &Table) {
    let name = connector("a");
    table.put("a");
    let handles: Vec<_> = (0..4).map(|_| table.handle()).collect();
    let as_of = handles[0].now();
    let mut before = 0;
    for n in table.rounds() {
        let answers: Vec<Vec<Submitted>> = all(4, |producer| {
            let mut keys: Vec<String> = (0..3).map(|key| format!("{n} {key}")).collect();
            // In another order, so that a store that locks them one by one may come to a standstill.
            keys.rotate_left(producer % 3);
            let tasks = keys.iter().map(|key| new_task_with_key(&name, b"x", key, 7)).collect();
            let mut answers = handles[producer].submit(as_of, tasks, QUEUE_MAX).expect("submit");
            answers.rotate_right(producer % 3);
            answers
        });
        for key in 0..3 {
            let ids: Vec<(bool, TaskId)> = answers
                .iter()
                .map(|answers| match answers[key] {
                    Submitted::Queued(id) => (true, id),
                    Submitted::Repeated(id) => (false, id),
                    other => panic!("round {n}: {other:?}"),
                })
                .collect();
            assert_eq!(ids.iter().filter(|(first, _)| *first).count(), 1, "round {n}, key {key}: queued once: {ids:?}");
            assert!(ids.iter().all(|(_, id)| *id == ids[0].1), "round {n}, key {key}: everybody is told the same task: {ids:?}");
        }
        before += 3;
        assert_eq!(waiting(&*handles[0], &name), before, "round {n}");
    }
}

pub(super) fn one_key_with_four_contents_queues_one(table: &Table) {
    let name = connector("a");
    table.put("a");
    let handles: Vec<_> = (0..4).map(|_| table.handle()).collect();
    let as_of = handles[0].now();
    for n in table.rounds() {
        let answers = all(4, |producer| {
            let task = new_task_with_key(&name, &[producer as u8], &n.to_string(), producer as u128);
            handles[producer].submit(as_of, vec![task], QUEUE_MAX).expect("submit")[0]
        });
        let (first, others): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| matches!(answer, Submitted::Queued(_)));
        assert_eq!(first.len(), 1, "round {n}: one is queued");
        let id = queued(first[0]);
        assert_eq!(others, vec![Submitted::KeyReused(id); 3], "round {n}: the others are refused, and told by which");
    }
}

pub(super) fn a_full_queue_is_not_overfilled(table: &Table) {
    let name = connector("a");
    table.put("a");
    let handles: Vec<_> = (0..3).map(|_| table.handle()).collect();
    let as_of = handles[0].now();
    for n in table.rounds() {
        let answers = all(3, |producer| handles[producer].submit(as_of, vec![new_task(&name, b"x")], n + 1).expect("submit")[0]);
        let full = answers.iter().filter(|answer| **answer == Submitted::QueueFull).count();
        assert_eq!(full, 2, "round {n}: one place, one task: {answers:?}");
        assert_eq!(waiting(&*handles[0], &name), n + 1);
    }
}
