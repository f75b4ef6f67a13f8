//! The file gives back what a burst has left free.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::*;
use lockgate_core::task::TaskId;
use lockgate_store_redb::{Depth, OpenError, Options, RedbStore, check, compact};

const TASKS: usize = 2_000;

fn length(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().len()
}

/// 32 MB of tasks.
fn burst(store: &RedbStore) -> Vec<TaskId> {
    store.put_connector_now(&record("a", "d1"), Some(b"component")).unwrap();
    let body = vec![b'x'; 16_000];
    let tasks = |n: usize| (0..n).map(|_| new_task("a", &body)).collect();
    (0..TASKS / 100).for_each(|_| drop(store.submit(store.now(), tasks(100), 1_000_000).unwrap()));
    store.fetch(&connector("a"), None, TASKS, usize::MAX).unwrap().iter().map(|task| task.id).collect()
}

fn drain(store: &RedbStore, ids: &[TaskId]) {
    let lease = claim(store, "a");
    for ids in ids.chunks(100) {
        let tasks = ids.iter().map(|id| removed("a", *id)).collect();
        store.commit_now(&lease, &Commit { tasks, ..Commit::default() }, &model(&[])).unwrap();
    }
}

#[test]
fn the_file_shrinks_after_a_drained_burst_while_readers_are_answered() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let options = Options { compact_idle_ms: 20, compact_bytes_min: 8 << 20, ..small() };
    let store = RedbStore::open(&path, options).unwrap();
    let ids = burst(&store);
    let grown = length(&path);
    assert!(grown > 32 << 20);
    drain(&store, &ids);
    let deadline = Instant::now() + Duration::from_secs(30);
    while length(&path) > grown / 4 {
        assert_eq!(store.counts().unwrap().history, TASKS as u64, "a reader was refused or saw something else");
        assert!(Instant::now() < deadline, "{} bytes", length(&path));
        std::thread::yield_now();
    }
    submit(&store, "a", 3);
    drop(store);
    assert_eq!(check(&path, Depth::References, &mut |_| {}).unwrap().findings, []);
    assert_eq!(RedbStore::open(&path, small()).unwrap().counts().unwrap().queued[&connector("a")], 3);
}

#[test]
fn a_small_file_and_one_that_is_written_are_left_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let store = RedbStore::open(&path, Options { compact_idle_ms: 0, ..small() }).unwrap();
    let ids = burst(&store);
    drain(&store, &ids);
    // Every look comes between these, and the file has less than 64 MiB.
    for _ in 0..20 {
        submit(&store, "a", 1);
    }
    assert!(length(&path) > 32 << 20);
}

#[test]
fn a_file_that_nobody_has_open_is_compacted_on_demand() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let store = RedbStore::open(&path, small()).unwrap();
    let ids = burst(&store);
    drain(&store, &ids);
    assert!(matches!(compact(&path, small()), Err(OpenError::InUse)));
    drop(store);
    let (before, after) = compact(&path, small()).unwrap();
    assert!(after < before / 4, "{before} to {after}");
    assert_eq!(after, length(&path));
    assert_eq!(check(&path, Depth::References, &mut |_| {}).unwrap().findings, []);
    assert!(matches!(compact(&dir.path().join("none"), small()), Err(OpenError::Unreachable { .. })));
    std::fs::write(dir.path().join("other"), "something else").unwrap();
    assert!(matches!(compact(&dir.path().join("other"), small()), Err(OpenError::NotLockgate)));
}
