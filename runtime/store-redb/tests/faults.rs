//! A backend that fails at its k-th write, for every k: nothing that was acknowledged is lost, and
//! nothing is there by halves.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::sync::{Arc, Mutex};

use common::failing::Failing;
use common::*;
use lockgate_core::ports::{ConnectorRecord, Lease, StateMap, StoreError, Submitted};
use lockgate_core::task::TaskId;
use lockgate_store_redb::RedbStore;

#[test]
fn a_store_that_cannot_reopen_takes_nothing_after_a_failed_write_and_shows_later_what_was_acknowledged() {
    let mut failures = 0;
    for writes in 0.. {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        RedbStore::with_backend(Failing::new(bytes.clone(), i64::MAX), small()).unwrap().install([&connector("a")]);
        let Ok(store) = RedbStore::with_backend(Failing::new(bytes.clone(), writes), small()) else { continue };
        let mut acknowledged = Vec::new();
        let mut unknown = None;
        let mut failed = false;
        for n in 0..6_u8 {
            match store.submit(store.now(), vec![new_task("a", &[n]), new_task("a", &[n])], 1_000) {
                Ok(submitted) => {
                    assert!(!failed, "a write was taken after one had failed");
                    acknowledged.extend(submitted.into_iter().map(|s| match s {
                        Submitted::Queued(id) => id,
                        other => panic!("{other:?}"),
                    }));
                }
                Err(StoreError::Unknown(_)) => {
                    assert!(!failed);
                    failed = true;
                    unknown = Some(n);
                }
                Err(StoreError::Unavailable(cause)) => {
                    assert!(!failed || cause.contains("the disk is gone") || cause.contains("earlier write"), "{cause}");
                    failed = true;
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        drop(store);
        let store = RedbStore::with_backend(Failing::new(bytes, i64::MAX), small()).unwrap();
        let tasks: Vec<TaskId> = store.fetch(&connector("a"), None, 100, 1 << 20).unwrap().iter().map(|t| t.id).collect();
        let stored_unknown = tasks.len() == acknowledged.len() + 2 && unknown.is_some();
        assert!(tasks.starts_with(&acknowledged), "after {writes} writes: {acknowledged:?} are lost from {tasks:?}");
        assert!(tasks.len() == acknowledged.len() || stored_unknown, "after {writes} writes: half a request is stored: {tasks:?}");
        assert_eq!(store.counts().unwrap().queued.get(&connector("a")).copied().unwrap_or(0), tasks.len() as u64);
        if !failed {
            break;
        }
        failures += 1;
    }
    assert!(failures > 10);
}

/// An even step installs version `d<n>` of connector `a` beside the two before it; an odd one ends a
/// task with an object and a state that say `n`.
fn step(store: &RedbStore, lease: &Lease, tasks: &[TaskId], n: usize) -> Result<(), StoreError> {
    if n.is_multiple_of(2) {
        let record = stepped(n);
        return store.put_connector_now(&record, Some(record.digest.as_bytes()));
    }
    let state = [("n".into(), Some(n.to_string().as_bytes().into())), (format!("only {n}").into(), Some((&b"x"[..]).into()))];
    let before = n.checked_sub(2).map(|before| (format!("only {before}").into(), None));
    let commit = Commit {
        tasks: vec![removed("a", tasks[n])],
        changes: vec![objects(None, Some(&object(n as u64, &format!("o{n}"))))],
        state: state.into_iter().chain(before).collect(),
        ..Commit::default()
    };
    store.commit_now(lease, &commit, &model(&[]))
}

fn stepped(n: usize) -> ConnectorRecord {
    let digest = |n: usize| format!("d{n}");
    ConnectorRecord { versions: (0..=n).rev().step_by(2).take(3).map(|n| version(&digest(n))).collect(), ..record("a", &digest(n)) }
}

fn stepped_state(n: usize) -> StateMap {
    StateMap::from([("n".into(), n.to_string().as_bytes().into()), (format!("only {n}").into(), (&b"x"[..]).into())])
}

#[test]
fn versions_and_state_are_whole_after_a_failed_write_and_come_with_their_commit() {
    const STEPS: usize = 10;
    let mut failures = 0;
    for writes in 0.. {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let (tasks, lease, key) = {
            let store = RedbStore::with_backend(Failing::new(bytes.clone(), i64::MAX), small()).unwrap();
            (submit(&store, "a", STEPS), claim(&store, "a"), store.secret_key().unwrap())
        };
        let Ok(store) = RedbStore::with_backend(Failing::new(bytes.clone(), writes), small()) else { continue };
        let failed = (0..STEPS).find(|n| step(&store, &lease, &tasks, *n).is_err());
        if let Some(failed) = failed {
            assert!(step(&store, &lease, &tasks, failed).is_err(), "a write was taken after one had failed");
        }
        drop(store);
        let store = RedbStore::with_backend(Failing::new(bytes, i64::MAX), small()).unwrap();
        assert_eq!(store.secret_key().unwrap(), key);
        let (installed, state) = (store.connectors().unwrap(), store.state(&connector("a")).unwrap());
        // What was acknowledged, or that and the step that failed, as a whole.
        let acknowledged = failed.unwrap_or(STEPS);
        let last = |end: usize, odd: bool| (0..end).rev().find(|n| (n % 2 == 1) == odd);
        let is_after = |end: usize| {
            installed == last(end, false).map(stepped).into_iter().collect::<Vec<_>>()
                && state == last(end, true).map(stepped_state).unwrap_or_default()
        };
        let ends = if failed.is_some() { acknowledged..=acknowledged + 1 } else { acknowledged..=acknowledged };
        let end = ends.clone().find(|end| is_after(*end)).unwrap_or_else(|| {
            panic!("after {writes} writes, {ends:?} steps: {installed:?} {state:?}");
        });
        let commits = (0..end).filter(|n| n % 2 == 1).count();
        assert_eq!(store.objects(None, None, 99).unwrap().len(), commits, "after {writes} writes: state and effects part");
        assert_eq!(store.fetch(&connector("a"), None, 99, 1 << 20).unwrap().len(), STEPS - commits);
        for n in (0..STEPS).step_by(2) {
            let named = installed.iter().any(|record| record.version(&format!("d{n}")).is_some());
            assert_eq!(store.component(&format!("d{n}")).unwrap().is_some(), named, "after {writes} writes: component d{n}");
        }
        if failed.is_none() {
            break;
        }
        failures += 1;
    }
    assert!(failures > 10);
}

#[test]
fn a_store_of_format_1_is_brought_up_to_date_whole_or_not_at_all() {
    let old = format_1();
    let mut failures = 0;
    for writes in 0.. {
        let bytes = Arc::new(Mutex::new(old.clone()));
        let opened = RedbStore::with_backend(Failing::new(bytes.clone(), writes), small());
        let key = opened.as_ref().ok().map(|store| store.secret_key().unwrap());
        drop(opened);
        let store = RedbStore::with_backend(Failing::new(bytes.clone(), i64::MAX), small()).unwrap();
        let again = store.secret_key().unwrap();
        assert!(key.is_none_or(|key| key == again), "after {writes} writes: the key is another one");
        assert_eq!(store.connectors().unwrap().len(), 1);
        assert_eq!(store.objects(None, None, 99).unwrap().len(), 6);
        assert!(store.state(&connector("kept")).unwrap().is_empty());
        let lease = claim(&store, "kept");
        let commit = Commit { state: [("n".into(), Some((&b"1"[..]).into()))].into(), ..Commit::default() };
        store.commit_now(&lease, &commit, &model(&[])).unwrap();
        assert_eq!(store.state(&connector("kept")).unwrap().len(), 1);
        if key.is_some() {
            break;
        }
        failures += 1;
    }
    assert!(failures > 3);
}
