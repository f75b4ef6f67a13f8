//! Every k-th operation on the disk fails: what was acknowledged is there, and nothing by halves
//! (promise 1).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::disk::{Disk, Mode};
use common::workload::{STEPS, dump, dumps, next_epoch, step};
use common::*;
use lockgate_core::ports::Counts;
use lockgate_store_redb::{OpenError, Options, RedbStore};

fn open(disk: &Disk) -> RedbStore {
    RedbStore::with_backend(disk.clone(), small()).unwrap()
}

/// A new store of no steps, on a disk that is in order.
fn new_disk() -> Disk {
    let disk = Disk::default();
    drop(open(&disk));
    disk
}

/// Opens a store, carries out the steps until one fails, and closes it. How many did not.
fn run(disk: &Disk) -> usize {
    let Ok(store) = RedbStore::with_backend(disk.clone(), small()) else { return 0 };
    let done = (0..STEPS).take_while(|n| step(&store, *n).is_ok()).count();
    assert!(done == STEPS || step(&store, done).is_err(), "a write was taken after one had failed");
    done
}

/// After so many acknowledged steps, the bytes hold them and at most the whole next one; and the
/// store goes on from there.
fn assert_whole(bytes: Vec<u8>, done: usize, dumps: &[String], what: &str) {
    let store = RedbStore::with_backend(Disk::holding(bytes), small()).unwrap_or_else(|error| panic!("{what}: {error:?}"));
    let found = dump(&store).unwrap_or_else(|error| panic!("{what}: {error:?}"));
    let epoch = claim(&store, "a").epoch;
    // A claim shows in its epoch only.
    let fits = (done..=(done + 1).min(STEPS)).any(|n| dumps[n] == found && next_epoch(n) == epoch);
    assert!(fits, "{what}: after {done} steps, next epoch {epoch}\n{found}\ninstead of\n{}", dumps[done]);
}

fn every_k(mode: Mode) {
    let dumps = dumps();
    let new = new_disk().seen();
    let healthy = Disk::holding(new.clone());
    assert_eq!(run(&healthy), STEPS);
    let mut cut_short = 0;
    println!("{mode:?} at each of {} operations", healthy.operations());
    for k in 0..healthy.operations() {
        let disk = Disk::holding(new.clone());
        let seed = 0x9e37_79b9 ^ (k + 1);
        disk.fail(mode, k, seed);
        let done = run(&disk);
        cut_short += u32::from(done < STEPS);
        let bytes = match mode {
            Mode::PowerLoss => disk.after_power_loss(false),
            Mode::PowerLossSome => disk.after_power_loss(true),
            _ => disk.seen(),
        };
        assert_whole(bytes, done, &dumps, &format!("{mode:?} at operation {k}, seed {seed}"));
    }
    assert!(cut_short > 50, "only {cut_short} runs were cut short");
}

#[test]
fn an_operation_that_fails_once_loses_nothing() {
    every_k(Mode::Once);
}

#[test]
fn a_disk_that_goes_away_loses_nothing() {
    every_k(Mode::From);
}

#[test]
fn a_torn_write_loses_nothing() {
    every_k(Mode::Torn);
}

#[test]
fn a_power_loss_loses_nothing_that_was_acknowledged() {
    every_k(Mode::PowerLoss);
}

#[test]
fn a_power_loss_that_leaves_some_unsynced_writes_loses_nothing_that_was_acknowledged() {
    every_k(Mode::PowerLossSome);
}

#[test]
fn a_store_that_was_not_made_to_the_end_is_made_anew_or_called_damaged() {
    let healthy = Disk::default();
    drop(open(&healthy));
    for mode in [Mode::From, Mode::Torn, Mode::PowerLoss, Mode::PowerLossSome] {
        for k in 0..healthy.operations() {
            let disk = Disk::default();
            disk.fail(mode, k, k + 1);
            drop(RedbStore::with_backend(disk.clone(), small()));
            let bytes = match mode {
                Mode::PowerLoss => disk.after_power_loss(false),
                Mode::PowerLossSome => disk.after_power_loss(true),
                _ => disk.seen(),
            };
            // Nothing was acknowledged: what is left is a store, nothing at all, or called damaged.
            match RedbStore::with_backend(Disk::holding(bytes), small()) {
                Ok(store) => assert_eq!(store.counts().unwrap(), Counts::default()),
                Err(error) => assert!(matches!(error, OpenError::Damaged(_)), "{mode:?} at {k}: {error:?}"),
            }
        }
    }
}

/// Waits until the store has recovered by itself.
fn wait(store: &RedbStore) {
    while store.can_write().is_err() {
        std::thread::yield_now();
    }
}

#[test]
fn a_store_that_goes_on_after_a_failed_operation_never_relies_on_a_failed_sync() {
    let dumps = dumps();
    let new = new_disk().seen();
    let healthy = Disk::holding(new.clone());
    assert_eq!(run(&healthy), STEPS);
    let mut recovered = 0;
    for k in 0..healthy.operations() {
        let disk = Disk::holding(new.clone());
        let backends = disk.clone();
        let options = Options { retry_after_ms: 1, ..small() };
        disk.fail(Mode::Once, k, k + 1);
        let Ok(store) = RedbStore::with_backends(move || backends.clone(), options) else { continue };
        let mut n = 0;
        while n < STEPS {
            match step(&store, n) {
                Ok(()) => n += 1,
                Err(error) => {
                    recovered += 1;
                    assert!(recovered <= k + 1, "operation {k}: a second failure: {error:?}");
                    wait(&store);
                    // Only when even reopening failed it may have happened.
                    assert_eq!(dump(&store).unwrap(), dumps[n], "operation {k}: {error:?}");
                }
            }
        }
        wait(&store);
        assert_eq!(dump(&store).unwrap(), dumps[STEPS], "operation {k}");
        // The power fails before the store is closed: what was acknowledged was synced.
        let bytes = disk.after_power_loss(false);
        assert_whole(bytes, STEPS, &dumps, &format!("power loss after operation {k} failed"));
    }
    assert!(recovered > 50, "only {recovered} runs recovered");
}
