//! Backups: whole, of one moment, and in nobody's way.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::*;
use lockgate_core::ports::{HistoryFilter, Submitted, TaskFilter};
use lockgate_store_redb::{Depth, Options, RedbStore, Upgrade, check};
use redb::{Database, ReadableDatabase, ReadableTableMetadata, TableHandle};

fn write(store: &RedbStore, path: &Path) {
    let mut backup = store.backup().unwrap();
    let written = std::io::copy(&mut backup.content, &mut std::fs::File::create(path).unwrap()).unwrap();
    assert_eq!(written, backup.bytes);
}

/// Every table with its number of rows.
fn tables(path: &Path) -> Vec<(String, u64)> {
    let db = Database::open(path).unwrap();
    let txn = db.begin_read().unwrap();
    txn.list_tables().unwrap().map(|t| (t.name().to_owned(), txn.open_untyped_table(t).unwrap().len().unwrap())).collect()
}

#[test]
fn a_backup_has_every_table_and_every_row() {
    let dir = tempfile::tempdir().unwrap();
    let (path, copy) = (dir.path().join("store"), dir.path().join("copy"));
    // A real store, with something of nearly everything.
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/system/kept/format-2/store.redb"), &path).unwrap();
    let store = RedbStore::open(&path, Options { upgrade: Upgrade::WithoutCopy, ..small() }).unwrap();
    store.submit(store.now(), vec![new_task_with_key("kept", b"x", "k", 1)], 99).unwrap();
    write(&store, &copy);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "nothing is left beside them");

    let restored = RedbStore::open(&copy, small()).unwrap();
    let everything = |store: &RedbStore| {
        let mut lines = Vec::new();
        lockgate_bus::export::export(store, lockgate_bus::export::Form::Full, &mut |line| {
            lines.push(line.to_owned());
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
        let connectors = store.connectors().unwrap();
        let kept: Vec<_> = connectors.iter().map(|c| (store.component(&c.digest).unwrap(), store.state(&c.name).unwrap())).collect();
        let numbers = (store.counts().unwrap(), store.secret_key().unwrap(), store.switches().unwrap(), store.model_files().unwrap());
        let tasks = store.tasks(&TaskFilter::default(), None, 9_999).unwrap();
        let history = store.history(&HistoryFilter::default(), None, 9_999).unwrap();
        format!("{lines:?} {connectors:?} {kept:?} {numbers:?} {tasks:?} {history:?}")
    };
    assert_eq!(everything(&restored), everything(&store));
    let again = restored.submit(restored.now(), vec![new_task_with_key("kept", b"x", "k", 1)], 99).unwrap();
    assert!(matches!(again[0], Submitted::Repeated(_)), "a key that the backup has is known: {again:?}");
    drop(restored);
    // Without what was submitted again.
    write(&store, &copy);
    drop(store);
    assert_eq!(tables(&copy), tables(&path));
}

#[test]
fn a_backup_made_while_others_submit_and_commit_is_of_one_moment_and_does_not_hold_them_up() {
    let dir = tempfile::tempdir().unwrap();
    let store = RedbStore::open(dir.path().join("store"), small()).unwrap();
    let (ended, commits) = (AtomicBool::new(false), AtomicU64::new(0));
    // Each with its component: the check looks for it.
    for name in ["a", "b"] {
        store.put_connector_now(&record(name, "d1"), Some(b"component")).unwrap();
    }
    let lease = claim(&store, "a");
    // Enough that a backup takes a while.
    submit(&store, "b", 20_000);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::SeqCst) {
                let tasks = submit(&store, "a", 5);
                let id = store.reserve_ids(1).unwrap();
                let changes = vec![objects(None, Some(&object(id, &format!("n{id}"))))];
                let tasks = tasks[..4].iter().map(|id| removed("a", *id)).collect();
                store.commit_now(&lease, &Commit { tasks, changes, ..Commit::default() }, &model(&[])).unwrap();
                commits.fetch_add(1, Ordering::SeqCst);
            }
        });
        let mut meanwhile = 0;
        for n in 0..6 {
            let before = commits.load(Ordering::SeqCst);
            let path = dir.path().join(format!("copy {n}"));
            write(&store, &path);
            meanwhile += commits.load(Ordering::SeqCst) - before;
            let report = check(&path, Depth::References, &mut |_| {}).unwrap();
            assert_eq!(report.findings, [], "backup {n}");
            let copy = RedbStore::open(&path, small()).unwrap();
            let counts = copy.counts().unwrap();
            // Of each round, all or nothing of what was committed.
            let objects = counts.objects.values().sum::<u64>();
            assert_eq!(counts.history, objects * 4);
            assert!(objects >= before, "what was committed before the backup began is in it");
        }
        ended.store(true, Ordering::SeqCst);
        assert!(meanwhile > 0, "the writer stood still");
    });
}
