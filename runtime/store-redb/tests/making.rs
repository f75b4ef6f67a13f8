//! Making a new store: nothing that lies about is used for it, and nothing else is written to.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use common::*;
use lockgate_store_redb::{OpenError, RedbStore};

#[test]
fn a_link_where_earlier_versions_made_a_store_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let (path, victim) = (dir.path().join("store"), dir.path().join("victim"));
    std::fs::write(&victim, "somebody's own").unwrap();
    symlink(&victim, dir.path().join("store.making")).unwrap();
    drop(RedbStore::open(&path, small()).unwrap());
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "somebody's own", "it was written to");
    let made = std::fs::symlink_metadata(&path).unwrap();
    assert!(made.is_file());
    assert_eq!(made.mode() & 0o777, 0o600);
}

#[test]
fn a_leftover_with_other_rights_does_not_become_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let (path, left) = (dir.path().join("store"), dir.path().join("store.making"));
    std::fs::write(&left, [0; 5_000]).unwrap();
    std::fs::set_permissions(&left, std::fs::Permissions::from_mode(0o666)).unwrap();
    // Whoever has it open would read along.
    let open = std::fs::File::open(&left).unwrap();
    drop(RedbStore::open(&path, small()).unwrap());
    let made = std::fs::metadata(&path).unwrap();
    assert_ne!(made.ino(), open.metadata().unwrap().ino());
    assert_eq!(open.metadata().unwrap().len(), 5_000, "it was written to");
    assert_eq!(made.mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "what was left is gone");
}

#[test]
fn only_what_lockgate_made_is_taken_for_a_leftover() {
    let dir = tempfile::tempdir().unwrap();
    let own = [".lockgate-token", ".lockgate-notes", ".lockgate-config", ".lockgate-notes.part", ".lockgate-my-key.part"];
    for name in own.into_iter().chain([".lockgate-k1ll3d.part"]) {
        std::fs::write(dir.path().join(name), "something").unwrap();
    }
    drop(RedbStore::open(dir.path().join("store"), small()).unwrap());
    for name in own {
        assert!(dir.path().join(name).exists(), "{name} is somebody's own");
    }
    assert!(!dir.path().join(".lockgate-k1ll3d.part").exists(), "a killed process left it");
}

#[test]
fn a_link_to_nowhere_is_neither_followed_nor_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let (path, nowhere) = (dir.path().join("store"), dir.path().join("nowhere"));
    symlink(&nowhere, &path).unwrap();
    assert!(RedbStore::open(&path, small()).is_err());
    assert!(!nowhere.exists());
    assert!(std::fs::symlink_metadata(&path).unwrap().is_symlink());
}

#[test]
fn a_pipe_in_the_place_of_a_store_is_refused_and_holds_nobody_up() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let (sender, refused) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(RedbStore::open(&path, small()).err()));
    let refused = refused.recv_timeout(std::time::Duration::from_secs(20)).expect("it waits for a writer");
    assert!(matches!(refused, Some(OpenError::Unreachable { .. })), "{refused:?}");
}
