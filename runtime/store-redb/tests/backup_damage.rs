//! A backup used to launder damage: it read rows through the engine at work, which compares no
//! checksum, and wrote them out with new ones. A changed letter was served, backed up, and the check of
//! the backup said that all was well.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::io::Read;

use common::disk::{Disk, random};
use common::workload::{closed, dump};
use common::*;
use lockgate_core::ports::StoreError;
use lockgate_store_redb::RedbStore;

thread_local! {
    /// What was said of damaged files.
    static WHERE: std::cell::RefCell<Vec<String>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// What a backup of these bytes holds; `None`: there is none.
fn backed_up(bytes: &[u8], what: &str) -> Option<String> {
    let store = RedbStore::with_backend(Disk::holding(bytes.to_vec()), small()).ok()?;
    let mut backup = match store.backup() {
        Ok(backup) => backup,
        Err(StoreError::Unreadable(why)) => {
            WHERE.with_borrow_mut(|said| said.push(why));
            return None;
        }
        Err(other) => panic!("{what}: {other:?}"),
    };
    let mut content = Vec::new();
    backup.content.read_to_end(&mut content).unwrap();
    assert_eq!(content.len() as u64, backup.bytes);
    Some(dump(&RedbStore::with_backend(Disk::holding(content), small()).unwrap()).unwrap())
}

#[test]
fn a_backup_of_a_damaged_file_is_refused_or_holds_what_was_written() {
    let (whole, written) = closed();
    assert!(backed_up(&whole, "undamaged").is_some_and(|read| read == written));
    let mut seed = 0x00da_ba5e_u64;
    println!("seed {seed}");
    let mut outcomes: BTreeMap<bool, u32> = BTreeMap::new();
    for n in 0..300 {
        let mut bytes = whole.clone();
        let at = random(&mut seed) as usize % (bytes.len() * 8);
        bytes[at / 8] ^= 1 << (at % 8);
        let backup = backed_up(&bytes, &format!("flip {n}, bit {at}"));
        *outcomes.entry(backup.is_some()).or_default() += 1;
        assert!(backup.is_none_or(|read| read == written), "flip {n}, bit {at}: the backup holds something else");
    }
    println!("{} bytes; made: {outcomes:?}", whole.len());
}

#[test]
fn a_changed_letter_in_a_task_is_in_no_backup() {
    let (whole, written) = closed();
    // Of bodies that wait, and of a connector's component.
    let places: Vec<usize> =
        (0..whole.len() - 64).step_by(512).filter(|at| whole[*at..*at + 64].iter().all(|b| matches!(b, 1 | 2 | 9))).collect();
    assert!(places.len() > 10, "the long texts are found");
    let (mut refused, mut tried) = (0, 0);
    for at in places {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        match backed_up(&bytes, &format!("byte {at}")) {
            None => refused += 1,
            // Pages that are free.
            Some(read) => assert!(read == written, "byte {at}: the backup holds something else"),
        }
        tried += 1;
    }
    assert!(refused > 5, "{refused} of {tried}");
    let said = WHERE.take();
    assert!(said.iter().any(|why| why.ends_with(", in the table queue")), "{said:?}");
    assert!(said.iter().any(|why| why.ends_with(", in the table components")), "{said:?}");
}
