//! The file: reopening, what is refused, connectors and switches.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::*;
use lockgate_core::key::ObjectKey;
use lockgate_core::ports::{ConnectorRecord, Force, Removed, StoreError, Submitted, Switches};
use lockgate_core::rows::ObjectId;
use lockgate_core::task::TaskId;
use lockgate_store_redb::{OpenError, RedbStore};

#[test]
fn everything_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let record = ConnectorRecord { enabled: false, ..record("a", "d1") };
    let switches = Switches { processing: false, ..Switches::default() };
    let (counts, epoch, first) = {
        let store = RedbStore::open(&path, small()).unwrap();
        store.put_connector_now(&record, Some(b"bytes")).unwrap();
        store.put_switches(store.generation().unwrap(), switches).unwrap();
        let ids = submit(&store, "a", 3);
        let lease = claim(&store, "a");
        let first = store.reserve_ids(10).unwrap();
        let changes = vec![objects(None, Some(&object(first, "x"))), pages(None, Some(&page(first + 1, None, "p")))];
        let commit = Commit { tasks: vec![removed("a", ids[0])], changes, ..Commit::default() };
        store.commit_now(&lease, &commit, &model(&[])).unwrap();
        (store.counts().unwrap(), lease.epoch, first)
    };
    let store = RedbStore::open(&path, small()).unwrap();
    assert_eq!(store.counts().unwrap(), counts);
    assert_eq!(store.connectors().unwrap(), vec![record]);
    assert_eq!(store.component("d1").unwrap().unwrap(), b"bytes");
    assert_eq!(store.switches().unwrap(), switches);
    assert_eq!(found(&store, ObjectKey::Id(ObjectId(first))), Some(first));
    assert!(store.reserve_ids(1).unwrap() >= first + 10);
    assert!(claim(&store, "a").epoch > epoch);
    assert_eq!(submit(&store, "a", 1), [TaskId(4)]);
}

#[test]
fn a_deleted_connector_takes_its_queue_its_keys_and_its_component_along() {
    let store = memory();
    store.put_connector_now(&record("a", "d1"), Some(b"one")).unwrap();
    store.put_connector_now(&record("a", "d2"), Some(b"two")).unwrap();
    assert_eq!(store.component("d1").unwrap(), None);
    submit(&store, "b", 1);
    store.submit(store.now(), vec![new_task_with_key("a", b"x", "k", 1), new_task("a", b"y")], 9).unwrap();
    let lease = claim(&store, "a");
    assert_eq!(store.remove_connector(&connector("a"), Force::Yes).unwrap(), Removed::Gone(2));
    assert!(store.connectors().unwrap().is_empty());
    assert_eq!(store.component("d2").unwrap(), None);
    assert!(!store.counts().unwrap().queued.contains_key(&connector("a")));
    assert_eq!(store.counts().unwrap().queued[&connector("b")], 1);
    assert!(matches!(store.commit_now(&lease, &Commit::default(), &model(&[])), Err(StoreError::Fenced(_))));
    store.install([&connector("a")]);
    assert_eq!(store.submit(store.now(), vec![new_task_with_key("a", b"x", "k", 2)], 9).unwrap(), [Submitted::Queued(TaskId(4))]);
}

#[test]
fn a_file_that_is_open_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let _open = RedbStore::open(&path, small()).unwrap();
    assert!(matches!(RedbStore::open(&path, small()), Err(OpenError::InUse)));
}

#[test]
fn a_file_that_is_something_else_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    for garbage in [&b"x"[..], &b"SQLite format 3\0 and more"[..]] {
        std::fs::write(&path, garbage).unwrap();
        assert!(matches!(RedbStore::open(&path, small()), Err(OpenError::NotLockgate)));
        assert_eq!(std::fs::read(&path).unwrap(), garbage);
    }
    let other = dir.path().join("other");
    let db = redb::Database::create(&other).unwrap();
    let txn = db.begin_write().unwrap();
    txn.open_table(redb::TableDefinition::<u64, u64>::new("numbers")).unwrap().insert(1, 1).unwrap();
    txn.commit().unwrap();
    drop(db);
    assert!(matches!(RedbStore::open(&other, small()), Err(OpenError::NotLockgate)));
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_a_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let _store = RedbStore::open(&path, small()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_missing_directory_is_named() {
    let error = RedbStore::open("/nonexistent/directory/store", small()).unwrap_err();
    assert!(matches!(&error, OpenError::Unreachable { .. }));
    assert!(error.to_string().contains("/nonexistent/directory/store"));
}

#[test]
fn a_damaged_file_and_a_newer_one_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    submit(&RedbStore::open(&path, small()).unwrap(), "a", 10);
    let whole = std::fs::read(&path).unwrap();
    for kept in [9, 100, 4_096, whole.len() / 8, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..kept]).unwrap();
        let error = RedbStore::open(&path, small()).unwrap_err();
        assert!(matches!(error, OpenError::Damaged(_)), "{kept} bytes: {error:?}");
    }
    let mut zeroed = whole.clone();
    zeroed[4_096..].fill(0);
    std::fs::write(&path, &zeroed).unwrap();
    let error = RedbStore::open(&path, small()).unwrap_err();
    assert!(matches!(error, OpenError::Damaged(_)), "{error:?}");
    std::fs::write(&path, &whole).unwrap();
    let db = redb::Database::create(&path).unwrap();
    let txn = db.begin_write().unwrap();
    txn.open_table(redb::TableDefinition::<&str, u64>::new("numbers")).unwrap().insert("format", 5).unwrap();
    txn.commit().unwrap();
    drop(db);
    assert!(matches!(RedbStore::open(&path, small()), Err(OpenError::NewerFormat { found: 5, known: 4 })));
}
