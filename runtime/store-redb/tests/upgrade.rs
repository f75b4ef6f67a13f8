//! Bringing an older file up to date: it is said, and what was there before is kept.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::PathBuf;

use common::*;
use lockgate_store_redb::{Depth, OpenError, Options, RedbStore, Upgrade, Upgraded, check, upgrade};

fn old() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    std::fs::write(&path, format_1()).unwrap();
    (dir, path)
}

fn format(path: &std::path::Path) -> u64 {
    check(path, Depth::Rows, &mut |_| {}).unwrap().format
}

#[test]
fn what_was_there_before_is_kept_beside_it() {
    let (dir, path) = old();
    let kept = dir.path().join("store.format-1.bak");
    drop(RedbStore::open(&path, small()).unwrap());
    assert_eq!(format(&path), 4);
    assert!(std::fs::read(&kept).unwrap() == format_1(), "to the byte");
    assert_eq!(upgrade(&path, small()).unwrap(), None, "it is up to date");

    // Whoever goes back, and comes again, loses nothing either.
    std::fs::copy(&kept, &path).unwrap();
    let second = dir.path().join("store.format-1.2.bak");
    assert_eq!(upgrade(&path, small()).unwrap(), Some(Upgraded { from: 1, to: 4, kept: Some(second.clone()) }));
    assert_eq!((format(&path), format(&second)), (4, 1));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3);
}

#[test]
fn without_being_asked_it_is_left_as_it_is() {
    let (dir, path) = old();
    let refuse = Options { upgrade: Upgrade::Refuse, ..small() };
    assert!(matches!(RedbStore::open(&path, refuse), Err(OpenError::OldFormat { found: 1, known: 4 })));
    assert!(std::fs::read(&path).unwrap() == format_1(), "to the byte");
    let without = Options { upgrade: Upgrade::WithoutCopy, ..small() };
    assert_eq!(upgrade(&path, without).unwrap(), Some(Upgraded { from: 1, to: 4, kept: None }));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    assert!(!RedbStore::open(&path, refuse).unwrap().configuration().unwrap().connectors.is_empty());
}

#[test]
fn the_copy_belongs_to_whom_the_store_belongs_to() {
    let (dir, path) = old();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    // Only root may give a file away; for everybody else the owner is the same anyway.
    let given = chown(&path, Some(65_534), Some(65_533)).is_ok();
    let before = std::fs::metadata(&path).unwrap();
    assert_eq!(given, before.uid() == 65_534);
    upgrade(&path, small()).unwrap();
    for file in [path, dir.path().join("store.format-1.bak")] {
        let now = std::fs::metadata(&file).unwrap();
        assert_eq!((now.uid(), now.gid(), now.mode()), (before.uid(), before.gid(), before.mode()), "{}", file.display());
    }
}
