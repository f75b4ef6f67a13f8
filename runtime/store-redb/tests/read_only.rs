//! Reading has no side effects: `status` by another user made files that the service could not open,
//! and brought an old file up to date for good without a word.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::workload::{STEPS, dump, step};
use common::*;
use lockgate_core::ports::{Claim, Generation, NodeName, StoreError, Switches};
use lockgate_store_redb::{OpenError, RedbStore, copy_store};

/// What lies in a folder, with all bytes.
fn folder(path: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect();
    files.sort();
    files
}

/// A store of all steps, closed or as a killed process leaves it.
fn used(path: &Path, killed: bool) -> String {
    let store = RedbStore::open(path, small()).unwrap();
    (0..STEPS).for_each(|n| step(&store, n).unwrap());
    let read = dump(&store).unwrap();
    let as_it_is = std::fs::read(path).unwrap();
    drop(store);
    if killed {
        assert_ne!(std::fs::read(path).unwrap(), as_it_is, "it needs recovery");
        std::fs::write(path, as_it_is).unwrap();
    }
    read
}

#[test]
fn reading_leaves_the_file_and_its_folder_as_they_are() {
    for killed in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store");
        let written = used(&path, killed);
        let before = folder(dir.path());
        let store = RedbStore::read_only(&path, small()).unwrap();
        assert!(dump(&store).unwrap() == written, "killed: {killed}");
        let mut copy = Vec::new();
        std::io::Read::read_to_end(&mut store.backup().unwrap().content, &mut copy).unwrap();
        drop(store);
        assert!(folder(dir.path()) == before, "killed: {killed}: something was written");
        std::fs::write(&path, copy).unwrap();
        assert!(dump(&RedbStore::read_only(&path, small()).unwrap()).unwrap() == written, "its backup has everything");
    }
}

#[test]
fn a_file_of_an_older_format_is_read_and_stays_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    std::fs::write(&path, format_1()).unwrap();
    let store = RedbStore::read_only(&path, small()).unwrap();
    assert!(!store.connectors().unwrap().is_empty());
    assert!(!store.history(&lockgate_core::ports::HistoryFilter::default(), None, 9).unwrap().is_empty());
    let mut copy = Vec::new();
    std::io::Read::read_to_end(&mut store.backup().unwrap().content, &mut copy).unwrap();
    let (connectors, key) = (store.connectors().unwrap(), store.secret_key().unwrap());
    drop(store);
    assert!(folder(dir.path()) == [(path.display().to_string(), format_1())], "something was written");

    std::fs::write(&path, copy).unwrap();
    let copy = RedbStore::read_only(&path, small()).unwrap();
    assert_eq!(copy.connectors().unwrap(), connectors);
    assert_eq!(copy.secret_key().unwrap(), key);
}

#[test]
fn what_is_no_store_of_this_version_is_named_as_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    std::fs::write(&path, "something else").unwrap();
    let copied = |path: &Path| copy_store(path, tempfile::tempfile().unwrap());
    assert!(matches!(RedbStore::read_only(&path, small()), Err(OpenError::NotLockgate)));
    assert!(matches!(copied(&path), Err(OpenError::NotLockgate)));
    std::fs::remove_file(&path).unwrap();
    let db = redb::Database::create(&path).unwrap();
    let txn = db.begin_write().unwrap();
    txn.open_table(redb::TableDefinition::<&str, u64>::new("numbers")).unwrap().insert("format", 99).unwrap();
    txn.commit().unwrap();
    drop(db);
    assert!(matches!(RedbStore::read_only(&path, small()), Err(OpenError::NewerFormat { found: 99, known: 4 })));
    assert!(matches!(copied(&path), Err(OpenError::NewerFormat { found: 99, known: 4 })));
}

#[test]
fn nothing_is_written_to_what_is_open_for_reading() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let written = used(&path, false);
    let store = RedbStore::read_only(&path, small()).unwrap();
    let refused = |refused: Result<(), StoreError>| {
        assert!(matches!(&refused, Err(StoreError::Unavailable(why)) if why.contains("reading only")), "{refused:?}");
    };
    refused(store.can_write());
    refused(store.submit(Generation(0), vec![new_task("a", b"x")], 9).map(drop));
    refused(store.put_switches(Generation(0), Switches::default()));
    let claim = Claim { connector: &connector("a"), node: &NodeName::new("n"), held: &BTreeSet::new(), lease_ms: 1, now_ms: 1 };
    refused(store.claim(&claim).map(drop));
    refused(store.trim_history(0).map(drop));
    assert!(dump(&store).unwrap() == written);
}

#[test]
fn many_read_at_once_and_nobody_reads_what_is_open_for_writing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let open = RedbStore::open(&path, small()).unwrap();
    assert!(matches!(RedbStore::read_only(&path, small()), Err(OpenError::InUse)));
    drop(open);
    let _readers = [(); 3].map(|()| RedbStore::read_only(&path, small()).unwrap());
    assert!(matches!(RedbStore::open(&path, small()), Err(OpenError::InUse)));
    assert!(matches!(RedbStore::read_only(dir.path().join("none"), small()), Err(OpenError::Unreachable { .. })));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "no store is made for a reader");
}
