//! The file: reopening, what is refused, connectors and switches, and a backend that fails.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use common::*;
use lockgate_core::key::Key;
use lockgate_core::ports::{Commit, ConnectorRecord, Store, StoreError, Submitted, Switches};
use lockgate_core::rows::ObjectId;
use lockgate_core::task::TaskId;
use lockgate_store_redb::{OpenError, RedbStore};
use redb::StorageBackend;

#[test]
fn everything_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let record = ConnectorRecord { name: connector("a"), digest: "d1".into(), enabled: false, installed_ms: 7 };
    let switches = Switches { processing: false, ..Switches::default() };
    let (counts, epoch, first) = {
        let store = RedbStore::open(&path, small()).unwrap();
        store.put_connector(&record, Some(b"bytes")).unwrap();
        store.put_switches(switches).unwrap();
        let ids = submit(&store, "a", 3);
        let lease = store.claim(&connector("a")).unwrap();
        let first = store.reserve_ids(10).unwrap();
        let changes = vec![objects(None, Some(&object(first, "x"))), pages(None, Some(&page(first + 1, None, "p")))];
        let commit = Commit { tasks: vec![removed("a", ids[0])], changes, ..Commit::default() };
        store.commit(&lease, &commit, &model(&[])).unwrap();
        (store.counts().unwrap(), lease.epoch, first)
    };
    let store = RedbStore::open(&path, small()).unwrap();
    assert_eq!(store.counts().unwrap(), counts);
    assert_eq!(store.connectors().unwrap(), vec![record]);
    assert_eq!(store.component("d1").unwrap().unwrap(), b"bytes");
    assert_eq!(store.switches().unwrap(), switches);
    assert_eq!(found(&store, Key::Object(ObjectId(first))), Some(first));
    assert!(store.reserve_ids(1).unwrap() >= first + 10);
    assert!(store.claim(&connector("a")).unwrap().epoch > epoch);
    assert_eq!(submit(&store, "a", 1), [TaskId(4)]);
}

#[test]
fn a_deleted_connector_takes_its_queue_its_keys_and_its_component_along() {
    let store = memory();
    let record = ConnectorRecord { name: connector("a"), digest: "d1".into(), enabled: true, installed_ms: 7 };
    store.put_connector(&record, Some(b"one")).unwrap();
    store.put_connector(&ConnectorRecord { digest: "d2".into(), ..record }, Some(b"two")).unwrap();
    assert_eq!(store.component("d1").unwrap(), None);
    submit(&store, "b", 1);
    store.submit(vec![new_task_with_key("a", b"x", "k", 1), new_task("a", b"y")], 9).unwrap();
    let lease = store.claim(&connector("a")).unwrap();
    assert_eq!(store.delete_connector(&connector("a")).unwrap(), 2);
    assert!(store.connectors().unwrap().is_empty());
    assert_eq!(store.component("d2").unwrap(), None);
    assert!(!store.counts().unwrap().queued.contains_key(&connector("a")));
    assert_eq!(store.counts().unwrap().queued[&connector("b")], 1);
    assert!(matches!(store.commit(&lease, &Commit::default(), &model(&[])), Err(StoreError::Fenced(_))));
    assert_eq!(store.submit(vec![new_task_with_key("a", b"x", "k", 2)], 9).unwrap(), [Submitted::Queued(TaskId(4))]);
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
    txn.open_table(redb::TableDefinition::<&str, u64>::new("numbers")).unwrap().insert("format", 2).unwrap();
    txn.commit().unwrap();
    drop(db);
    assert!(matches!(RedbStore::open(&path, small()), Err(OpenError::NewerFormat { found: 2, known: 1 })));
}

/// Memory that outlives its store. After `writes_left` writes or syncs, everything fails.
#[derive(Debug, Clone)]
struct Failing {
    bytes: Arc<Mutex<Vec<u8>>>,
    writes_left: Arc<AtomicI64>,
}

impl Failing {
    fn new(bytes: Arc<Mutex<Vec<u8>>>, writes_left: i64) -> Self {
        Self { bytes, writes_left: Arc::new(AtomicI64::new(writes_left)) }
    }

    fn step(&self) -> io::Result<()> {
        if self.writes_left.fetch_sub(1, Ordering::SeqCst) > 0 { Ok(()) } else { Err(io::Error::other("the disk is gone")) }
    }
}

impl StorageBackend for Failing {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let bytes = self.bytes.lock().unwrap();
        let offset = offset as usize;
        out.copy_from_slice(bytes.get(offset..offset + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.step()?;
        self.bytes.lock().unwrap().resize(len as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.step()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.step()?;
        self.bytes.lock().unwrap()[offset as usize..offset as usize + data.len()].copy_from_slice(data);
        Ok(())
    }
}

#[test]
fn after_a_failed_write_the_store_is_poisoned_and_reopening_shows_what_was_acknowledged() {
    let mut failures = 0;
    for writes in 0.. {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        drop(RedbStore::with_backend(Failing::new(bytes.clone(), i64::MAX), small()).unwrap());
        let Ok(store) = RedbStore::with_backend(Failing::new(bytes.clone(), writes), small()) else { continue };
        let mut acknowledged = Vec::new();
        let mut unknown = None;
        let mut failed = false;
        for n in 0..6_u8 {
            match store.submit(vec![new_task("a", &[n]), new_task("a", &[n])], 1_000) {
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
