//! A file that was altered behind the store's back: it is refused by name, or what is read is what
//! was written. Never a panic, never silently empty.
//!
//! The engine keeps a checksum of every page and compares it only when it repairs a file, or is told
//! to check one: rows with a flipped bit can be read as if nothing were wrong. The full check finds
//! every one of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use common::disk::{Disk, random};
use common::workload::{closed, dump};
use common::*;
use lockgate_core::ports::StoreError;
use lockgate_store_redb::{OpenError, RedbStore};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    AsWritten,
    RefusedAtOpening,
    RefusedAtReading,
    /// As the full check, but not the store itself, says.
    OtherRows,
}

/// Opens, reads everything, and writes.
fn look(bytes: &[u8], written: &str, what: &str) -> Outcome {
    let store = match RedbStore::with_backend(Disk::holding(bytes.to_vec()), small()) {
        Ok(store) => store,
        Err(OpenError::Damaged(_) | OpenError::NotLockgate | OpenError::NewerFormat { .. } | OpenError::EngineFormat(_)) => {
            return Outcome::RefusedAtOpening;
        }
        Err(other) => panic!("{what}: {other:?}"),
    };
    let read = dump(&store);
    match store.submit(store.now(), vec![new_task("a", b"one more")], 1_000) {
        Ok(_) | Err(StoreError::Unreadable(_) | StoreError::Unavailable(_)) => {}
        Err(other) => panic!("{what}: {other:?}"),
    }
    drop(store);
    match read {
        Ok(read) if read == written => Outcome::AsWritten,
        Ok(_) => {
            assert!(!is_sound(bytes), "{what}: other rows, and the full check finds nothing");
            Outcome::OtherRows
        }
        Err(StoreError::Unreadable(_) | StoreError::Unavailable(_)) => Outcome::RefusedAtReading,
        Err(other) => panic!("{what}: {other:?}"),
    }
}

/// What the engine's full check says.
fn is_sound(bytes: &[u8]) -> bool {
    let check = || redb::Database::builder().create_with_backend(Disk::holding(bytes.to_vec())).unwrap().check_integrity();
    matches!(catch_unwind(AssertUnwindSafe(check)), Ok(Ok(true)))
}

#[test]
fn a_flipped_bit_is_named_or_changes_nothing_that_the_full_check_does_not_find() {
    let (whole, written) = closed();
    assert!(is_sound(&whole));
    let mut seed = 0x5eed_1234_u64;
    println!("seed {seed}");
    let mut outcomes: BTreeMap<Outcome, u32> = BTreeMap::new();
    for n in 0..1_000 {
        let mut bytes = whole.clone();
        let at = random(&mut seed) as usize % (bytes.len() * 8);
        bytes[at / 8] ^= 1 << (at % 8);
        *outcomes.entry(look(&bytes, &written, &format!("flip {n}, bit {at}"))).or_default() += 1;
    }
    println!("{} bytes: {outcomes:?}", whole.len());
}

#[test]
fn a_flipped_bit_in_the_head_is_named_or_changes_nothing() {
    let (whole, written) = closed();
    let mut refused = 0;
    for at in (0..512 * 8).step_by(3) {
        let mut bytes = whole.clone();
        bytes[at / 8] ^= 1 << (at % 8);
        let outcome = look(&bytes, &written, &format!("bit {at}"));
        assert_ne!(outcome, Outcome::OtherRows, "bit {at}");
        refused += u32::from(outcome != Outcome::AsWritten);
    }
    println!("refused: {refused} of 1366");
    assert!(refused > 100);
}

#[test]
fn a_file_that_ends_early_is_refused() {
    let (whole, written) = closed();
    for kept in (1..whole.len()).step_by(4_096).chain((4_096..whole.len()).step_by(4_096)) {
        let outcome = look(&whole[..kept], &written, &format!("{kept} bytes"));
        assert!(matches!(outcome, Outcome::RefusedAtOpening | Outcome::RefusedAtReading), "{kept} bytes: {outcome:?}");
    }
}

#[test]
fn a_file_that_is_empty_or_has_lost_its_head_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    submit(&RedbStore::open(&path, small()).unwrap(), "a", 10);
    let whole = std::fs::read(&path).unwrap();
    for zeros in [whole.len(), 4_096, 512, 9] {
        let mut bytes = whole.clone();
        bytes[..zeros].fill(0);
        std::fs::write(&path, &bytes).unwrap();
        let error = RedbStore::open(&path, small()).unwrap_err();
        assert!(matches!(&error, OpenError::Damaged(text) if text.contains("zeros")), "{zeros} zeros: {error:?}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
    std::fs::write(&path, b"").unwrap();
    let error = RedbStore::open(&path, small()).unwrap_err();
    assert!(matches!(&error, OpenError::Damaged(text) if text.contains("empty")), "{error:?}");
    assert!(std::fs::read(&path).unwrap().is_empty());
}

#[test]
fn what_an_interrupted_first_start_leaves_behind_is_no_hindrance() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    std::fs::write(dir.path().join("store.making"), [0; 10_000]).unwrap();
    submit(&RedbStore::open(&path, small()).unwrap(), "a", 1);
    assert_eq!(submit(&RedbStore::open(&path, small()).unwrap(), "a", 1)[0].0, 2);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}
