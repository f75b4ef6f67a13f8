//! The disk fails while the store serves: nothing is acknowledged that was not written, everybody
//! hears so at once, and the store goes on by itself when the disk works again.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use common::disk::{Disk, Mode};
use common::*;
use lockgate_core::key::{Key, ObjectKey};
use lockgate_core::model::Unused;
use lockgate_core::ports::{StoreError, Submitted};
use lockgate_core::rows::ObjectId;
use lockgate_store_redb::{Options, RedbStore};
use redb::StorageBackend;

fn options() -> Options {
    Options { retry_after_ms: 1, ..small() }
}

/// A store on a disk, and how often it was opened.
fn serving(disk: &Disk) -> (RedbStore, Arc<AtomicU32>) {
    let opened = Arc::new(AtomicU32::new(0));
    let (backends, count) = (disk.clone(), opened.clone());
    let make = move || {
        count.fetch_add(1, Ordering::SeqCst);
        backends.clone()
    };
    (RedbStore::with_backends(make, options()).unwrap(), opened)
}

fn wait(store: &RedbStore) {
    while store.can_write().is_err() {
        pause();
    }
}

/// Lets others work: callers that spin would take the processor from the store that they wait for.
fn pause() {
    std::thread::sleep(std::time::Duration::from_micros(100));
}

#[test]
fn a_disk_that_goes_and_comes_back_needs_no_restart() {
    let disk = Disk::default();
    let (store, opened) = serving(&disk);
    submit(&store, "a", 3);
    disk.work(false);
    let failed = store.submit(store.now(), vec![new_task("a", b"lost")], 100).unwrap_err();
    assert!(matches!(failed, StoreError::Unknown(_) | StoreError::Unavailable(_)), "{failed:?}");
    assert!(matches!(store.can_write(), Err(StoreError::Unavailable(_))));
    for _ in 0..5 {
        assert!(matches!(store.submit(store.now(), vec![new_task("a", b"refused")], 100), Err(StoreError::Unavailable(_))));
        assert!(matches!(store.counts(), Err(StoreError::Unavailable(_))));
    }
    // It was given up, and tried again.
    while opened.load(Ordering::SeqCst) < 3 {
        pause();
    }
    disk.work(true);
    wait(&store);
    assert_eq!(store.counts().unwrap().queued[&connector("a")], 3);
    assert_eq!(submit(&store, "a", 1)[0].0, 4);
    drop(store);
    let store = RedbStore::with_backend(disk, small()).unwrap();
    assert_eq!(store.fetch(&connector("a"), None, 100, 1 << 20).unwrap().len(), 4);
}

#[test]
fn a_disk_without_room_says_full_reads_on_and_takes_tasks_when_there_is_room() {
    let disk = Disk::default();
    let (store, _) = serving(&disk);
    submit(&store, "a", 3);
    disk.limit(Some(disk.bytes()));
    let large = || vec![new_task("a", &vec![7; 1 << 20])];
    let mut taken = 3;
    let full = loop {
        match store.submit(store.now(), large(), 100) {
            Ok(_) => taken += 1,
            Err(full) => break full,
        }
    };
    assert!(matches!(full, StoreError::Full(_)), "{full:?}");
    assert_eq!(store.counts().unwrap().queued[&connector("a")], taken);
    // Small writes find room in the file: it goes on with them. A large one is told again.
    wait(&store);
    submit(&store, "a", 1);
    assert!(matches!(store.submit(store.now(), large(), 100), Err(StoreError::Full(_))));
    disk.limit(None);
    wait(&store);
    store.submit(store.now(), large(), 100).unwrap();
    assert_eq!(store.counts().unwrap().queued[&connector("a")], taken + 2);
}

#[test]
fn a_disk_that_takes_no_byte_is_full_until_it_does() {
    let disk = Disk::default();
    let (store, opened) = serving(&disk);
    submit(&store, "a", 3);
    disk.limit(Some(0));
    for _ in 0..3 {
        let full = store.submit(store.now(), vec![new_task("a", b"x")], 100).unwrap_err();
        assert!(matches!(full, StoreError::Full(_)), "{full:?}");
        assert!(matches!(store.can_write(), Err(StoreError::Full(_))));
    }
    while opened.load(Ordering::SeqCst) < 4 {
        pause();
    }
    assert!(matches!(store.can_write(), Err(StoreError::Full(_))));
    disk.limit(None);
    wait(&store);
    assert_eq!(submit(&store, "a", 1)[0].0, 4);
}

#[test]
fn what_the_store_remembers_goes_with_the_reopened_file() {
    let disk = Disk::default();
    let (store, _) = serving(&disk);
    submit(&store, "a", 1);
    let lease = claim(&store, "a");
    let first = store.reserve_ids(5).unwrap();
    let before = store.load(&[ObjectKey::Id(ObjectId(first)).into()]).unwrap().as_of;
    // A connector, a type and a field that no transaction has saved: their names go with this one.
    disk.work(false);
    assert!(lease_of(&store, "new").is_err());
    let mut row = object(first, "x");
    row.fields.insert(field("newfield"), text("v"));
    let commit = |relied: Vec<Key>, as_of| Commit { changes: vec![objects(None, Some(&row))], relied, as_of, ..Commit::default() };
    assert!(store.commit_now(&lease, &commit(Vec::new(), before), &model(&[])).is_err());
    disk.work(true);
    wait(&store);
    // A plan from before must be made anew: a transaction that was in doubt may have changed its rows.
    let relied = || vec![Key::from(ObjectKey::Id(ObjectId(99)))];
    assert!(matches!(store.commit_now(&lease, &commit(relied(), before), &model(&[])), Err(StoreError::Conflict)));
    let now = store.load(&relied()).unwrap().as_of;
    store.commit_now(&lease, &commit(relied(), now), &model(&[])).unwrap();
    assert!(store.reserve_ids(1).unwrap() >= first + 5);
    assert_eq!(claim(&store, "new").epoch, 1);
    drop(store);
    let store = RedbStore::with_backend(disk, small()).unwrap();
    assert_eq!(*store.objects(None, None, 9).unwrap()[0], row);
    assert_eq!(claim(&store, "new").epoch, 2);
}

#[test]
fn another_store_in_the_files_place_is_not_taken_for_it() {
    let (disk, other) = (Disk::default(), Disk::default());
    submit(&RedbStore::with_backend(other.clone(), small()).unwrap(), "b", 1);
    let before = other.seen();
    let mut first = Some(disk.clone());
    let (opened, backends) = (Arc::new(AtomicU32::new(0)), other.clone());
    let count = opened.clone();
    let make = move || {
        count.fetch_add(1, Ordering::SeqCst);
        first.take().unwrap_or_else(|| backends.clone())
    };
    let store = RedbStore::with_backends(make, options()).unwrap();
    submit(&store, "a", 1);
    disk.work(false);
    assert!(store.submit(store.now(), vec![new_task("a", b"x")], 100).is_err());
    while opened.load(Ordering::SeqCst) < 4 {
        pause();
    }
    let refused = store.submit(store.now(), vec![new_task("a", b"x")], 100).unwrap_err();
    assert!(refused.to_string().contains("not the one that was open before"), "{refused}");
    drop(store);
    let (other, before) =
        (RedbStore::with_backend(other, small()).unwrap(), RedbStore::with_backend(Disk::holding(before), small()).unwrap());
    assert_eq!(other.counts().unwrap(), before.counts().unwrap());
}

#[test]
fn a_model_that_was_applied_in_doubt_has_another_generation_than_one_that_was_not() {
    let files = std::collections::BTreeMap::from([("m".to_owned(), "text".to_owned())]);
    let mut in_doubt = 0;
    for k in 0.. {
        let disk = Disk::default();
        let (store, _) = serving(&disk);
        submit(&store, "a", 1);
        let before = store.generation().unwrap();
        disk.fail(Mode::From, k, 1);
        if store.put_model(before, &files, &model(&[]), &Unused::default()).is_ok() {
            break;
        }
        disk.work(true);
        wait(&store);
        let applied = store.generation().unwrap() > before;
        let now = store.configuration().unwrap();
        assert_eq!((now.generation, now.model.is_empty()), (store.generation().unwrap(), !applied), "operation {k}");
        // Who decides by the old model hears so, without a restart; and nobody does in vain.
        let decided = store.submit(before, vec![new_task("a", b"x")], 99);
        assert_eq!(matches!(decided, Err(StoreError::Stale)), applied, "operation {k}: {decided:?}");
        submit(&store, "a", 1);
        drop(store);
        let reopened = RedbStore::with_backend(disk, small()).unwrap();
        assert_eq!(reopened.configuration().unwrap(), now, "operation {k}");
        in_doubt += u32::from(applied);
    }
    assert!(in_doubt > 0);
}

#[test]
fn many_callers_on_a_disk_that_keeps_failing_lose_nothing_and_get_nothing_twice() {
    const CALLERS: u32 = 4;
    /// Of each caller.
    const TASKS: u32 = 400;
    let disk = Disk::default();
    let (store, opened) = serving(&disk);
    store.install([&connector("a")]);
    let done = AtomicBool::new(false);
    let acknowledged: BTreeSet<u64> = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut seed = 0xfeed;
            while !done.load(Ordering::SeqCst) {
                let before = opened.load(Ordering::SeqCst);
                disk.fail(Mode::Once, common::disk::random(&mut seed) % 120, 1);
                while opened.load(Ordering::SeqCst) == before && !done.load(Ordering::SeqCst) {
                    pause();
                }
            }
            disk.work(true);
        });
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let store = &store;
                scope.spawn(move || {
                    let one = |n: u32| loop {
                        let task = new_task_with_key("a", b"x", &format!("{caller} {n}"), 1);
                        match store.submit(store.now(), vec![task], 10_000).as_deref() {
                            Ok([Submitted::Queued(id) | Submitted::Repeated(id)]) => return id.0,
                            Ok(other) => panic!("{other:?}"),
                            Err(StoreError::Stale) => panic!("nobody changed the configuration"),
                            Err(_) => wait(store),
                        }
                    };
                    (0..TASKS).map(one).collect::<Vec<_>>()
                })
            })
            .collect();
        let ids = callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect();
        done.store(true, Ordering::SeqCst);
        ids
    });
    let times = opened.load(Ordering::SeqCst);
    assert!(times > 100, "it hardly failed: opened {times} times");
    wait(&store);
    let all = (CALLERS * TASKS) as usize;
    assert_eq!(acknowledged.len(), all);
    drop(store);
    let store = RedbStore::with_backend(disk, small()).unwrap();
    let queued: BTreeSet<u64> = store.fetch(&connector("a"), None, all + 1, 1 << 20).unwrap().iter().map(|task| task.id.0).collect();
    assert_eq!(queued, acknowledged);
    assert_eq!(store.counts().unwrap().queued[&connector("a")], all as u64);
}

/// A file with the locks of a file, that fails when it is told to.
#[derive(Debug)]
struct RealFile(redb::backends::FileBackend, Arc<AtomicBool>);

impl RealFile {
    fn check(&self) -> std::io::Result<()> {
        if self.1.load(Ordering::SeqCst) { Err(std::io::Error::other("the disk is gone")) } else { Ok(()) }
    }
}

type Bound = std::ops::Bound<u64>;

impl StorageBackend for RealFile {
    fn len(&self) -> std::io::Result<u64> {
        self.0.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.0.read(offset, out)
    }
    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.check()?;
        self.0.set_len(len)
    }
    fn sync_data(&self) -> std::io::Result<()> {
        self.check()?;
        self.0.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.check()?;
        self.0.write(offset, data)
    }
    fn close(&self) -> std::io::Result<()> {
        self.0.close()
    }
    fn try_lock_range(&self, start: Bound, end: Bound) -> Result<bool, redb::BackendError> {
        self.0.try_lock_range(start, end)
    }
    fn unlock_range(&self, start: Bound, end: Bound) -> Result<(), redb::BackendError> {
        self.0.unlock_range(start, end)
    }
}

#[test]
fn a_file_is_unlocked_before_it_is_opened_again_even_while_readers_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    drop(RedbStore::open(&path, small()).unwrap());
    let (gone, file) = (Arc::new(AtomicBool::new(false)), path.clone());
    let flag = gone.clone();
    let make = move || {
        let file = std::fs::File::options().read(true).write(true).open(&file).unwrap();
        RealFile(redb::backends::FileBackend::new(file).unwrap(), flag.clone())
    };
    let store = RedbStore::with_backends(make, options()).unwrap();
    assert!(RedbStore::open(&path, small()).is_err());
    submit(&store, "a", 200);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    if let Ok(tasks) = store.fetch(&connector("a"), None, 1_000, 1 << 20) {
                        assert!(tasks.len() >= 200, "a reader saw {} tasks", tasks.len());
                    }
                }
            });
        }
        for n in 0..10 {
            gone.store(true, Ordering::SeqCst);
            assert!(store.submit(store.now(), vec![new_task("a", b"x")], 1_000).is_err());
            gone.store(false, Ordering::SeqCst);
            wait(&store);
            assert_eq!(submit(&store, "a", 1)[0].0, 201 + n);
        }
        done.store(true, Ordering::SeqCst);
    });
    drop(store);
    assert_eq!(RedbStore::open(&path, small()).unwrap().counts().unwrap().queued[&connector("a")], 210);
}
