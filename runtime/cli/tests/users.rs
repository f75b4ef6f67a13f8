//! A service's store, and others who come by it: root, and users who may only look.
//!
//! `status` as root on a stopped service's store made artefacts that the service could not open, and
//! brought an old file up to date for good without a word; root's `restore` left a store that the
//! service could not open.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "clippy exempts test functions, not their helpers")]

mod common;

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;

use common::{Folder, stderr, stdout};
use rustix::process::geteuid;

/// The service's user, and one who may only look.
const SERVICE: u32 = 65_533;
const GUEST: u32 = 65_532;

/// Every command that reads.
const READING: &[&[&str]] = &[
    &["status"],
    &["task", "list"],
    &["task", "show", "9", "--log"],
    &["history"],
    &["export"],
    &["object", "list"],
    &["page", "tree", "main"],
    &["model", "show"],
    &["connector", "list"],
    &["connector", "show", "kept"],
    &["connector", "state", "kept"],
    &["check"],
];

/// What lies in a folder: names, owners, rights and bytes.
fn listed(folder: &Path) -> Vec<(String, u32, u32, Vec<u8>)> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let metadata = std::fs::metadata(&path).unwrap();
            (path.display().to_string(), metadata.uid(), metadata.mode(), std::fs::read(&path).unwrap_or_default())
        })
        .collect();
    found.sort();
    found
}

/// Whether the test goes on in this process: only root may give files away. Another user's goes on as root of
/// a user namespace, where the machine has such, and is skipped where not; CI must not skip it.
fn runs_as_root(test: &str) -> bool {
    if geteuid().is_root() {
        return true;
    }
    let as_root = || {
        let mut command = Command::new("unshare");
        command.args(["--map-auto", "--map-root-user"]);
        command
    };
    if as_root().arg("true").output().is_ok_and(|tried| tried.status.success()) {
        let status = as_root().arg(std::env::current_exe().unwrap()).args(["--exact", test]).status().unwrap();
        assert!(status.success(), "{test} has failed as root of a user namespace");
    } else {
        assert!(std::env::var_os("CI").is_none(), "{test} needs root, or `unshare --map-auto`");
        #[expect(clippy::explicit_write, reason = "a test that passes would say it to nobody by `eprintln`")]
        writeln!(std::io::stderr(), "{test}: skipped: needs root, or `unshare --map-auto`").unwrap();
    }
    false
}

/// A stopped service's folder.
fn service(format: &str) -> Folder {
    let folder = Folder::with_kept(format);
    let store = folder.path().join("lockgate.redb");
    std::fs::set_permissions(&store, Permissions::from_mode(0o600)).unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    for path in [folder.path(), &store] {
        chown(path, Some(SERVICE), Some(SERVICE)).unwrap();
    }
    folder
}

fn is_the_services(folder: &Folder) {
    for (path, owner, ..) in listed(folder.path()) {
        assert_eq!(owner, SERVICE, "{path} belongs to another user");
    }
}

#[test]
fn whoever_reads_leaves_nothing_behind() {
    if !runs_as_root("whoever_reads_leaves_nothing_behind") {
        return;
    }
    for (format, is_upgraded) in [("format-1", false), ("format-2", false), ("format-2", true)] {
        let folder = service(format);
        if is_upgraded {
            folder.run_as(SERVICE, &["upgrade", "--no-copy"]).success();
        }
        let before = listed(folder.path());
        for command in READING {
            folder.run(command).success();
            assert!(listed(folder.path()) == before, "{format}: root's {command:?} has changed something");
        }
        folder.run_as(SERVICE, &["status"]).success();
        assert!(listed(folder.path()) == before, "{format}: the service's own status has changed something");
    }
}

#[test]
fn who_may_only_read_can_look_and_change_nothing() {
    if !runs_as_root("who_may_only_read_can_look_and_change_nothing") {
        return;
    }
    let folder = service("format-2");
    folder.run_as(SERVICE, &["upgrade", "--no-copy"]).success();
    let store = folder.path().join("lockgate.redb");
    let refused = folder.run_as(GUEST, &["status"]).code(3);
    assert!(stderr(&refused).contains("[store-unreachable]"), "{}", stderr(&refused));
    std::fs::set_permissions(&store, Permissions::from_mode(0o604)).unwrap();
    let before = listed(folder.path());
    for command in READING {
        folder.run_as(GUEST, command).success();
    }
    let refused = folder.run_as(GUEST, &["switch", "processing", "off"]).code(3);
    assert!(stderr(&refused).contains("[store-unreachable]"), "{}", stderr(&refused));
    assert!(listed(folder.path()) == before);
}

#[test]
fn what_root_writes_the_service_can_use() {
    if !runs_as_root("what_root_writes_the_service_can_use") {
        return;
    }
    let folder = service("format-1");
    folder.run(&["upgrade"]).success();
    folder.run(&["switch", "processing", "off"]).success();
    folder.run(&["compact"]).success();
    folder.run(&["backup", "made.backup"]).success();
    folder.run(&["restore", "made.backup", "--force"]).success();
    folder.run(&["restore", "made.backup", "--store", "second.redb"]).success();
    folder.run(&["export", "--out", "all.ndjson"]).success();
    folder.run(&["export", "--out", "all.ndjson", "--force"]).success();
    folder.write("other.toml", common::MODEL);
    chown(folder.path().join("other.toml"), Some(SERVICE), Some(SERVICE)).unwrap();
    folder.run(&["model", "apply", "other.toml", "--store", "third.redb"]).success();
    is_the_services(&folder);
    let rights = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().mode() & 0o777;
    for name in [
        "lockgate.redb",
        "lockgate.redb.format-1.bak",
        "lockgate.redb.before-restore",
        "made.backup",
        "all.ndjson",
        "second.redb",
        "third.redb",
    ] {
        assert_eq!(rights(name), 0o600, "{name}");
    }
    for store in ["lockgate.redb", "second.redb", "third.redb"] {
        folder.run_as(SERVICE, &["switch", "logging", "off", "--store", store]).success();
    }
    is_the_services(&folder);
}

#[test]
fn a_store_of_another_user_is_not_replaced_by_one_that_its_owner_cannot_open() {
    if !runs_as_root("a_store_of_another_user_is_not_replaced_by_one_that_its_owner_cannot_open") {
        return;
    }
    let folder = service("format-2");
    folder.run(&["backup", "made.backup"]).success();
    std::fs::set_permissions(folder.path().join("made.backup"), Permissions::from_mode(0o644)).unwrap();
    // The guest may put files into the folder.
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    std::fs::set_permissions(folder.path().join("lockgate.redb"), Permissions::from_mode(0o644)).unwrap();
    let before = listed(folder.path());
    let refused = folder.run_as(GUEST, &["restore", "made.backup", "--force"]).code(1);
    assert!(stderr(&refused).contains("belongs to another user"), "{}", stderr(&refused));
    assert!(listed(folder.path()) == before);
}

#[test]
fn a_store_that_others_can_read_or_replace_is_warned_about() {
    let folder = Folder::with_store();
    let chmod = |path: &Path, mode| std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let store = folder.path().join("lockgate.redb");
    assert_eq!(folder.json(&["status"])["warnings"], serde_json::json!([]));
    chmod(&store, 0o644);
    folder.write("lockgate.redb.before-restore", "kept");
    chmod(&folder.path().join("lockgate.redb.before-restore"), 0o604);
    chmod(folder.path(), 0o777);
    let said = stdout(&folder.run(&["status"]).success());
    for warning in [
        "others may read ./lockgate.redb (mode 644)",
        "others may read ./lockgate.redb.before-restore (mode 604)",
        "others may replace files in . (mode 777)",
    ] {
        assert!(said.contains(warning), "{warning}: {said}");
    }
    let said = stdout(&folder.run(&["check"]).success());
    assert!(said.contains("warning: others may read ./lockgate.redb (mode 644): `chmod o-rwx ./lockgate.redb`"), "{said}");
    let mut server = folder.serve_to_log("log");
    assert_eq!(folder.json(&["status"])["warnings"].as_array().unwrap().len(), 3);
    server.terminate();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.lines().any(|line| line.contains("WARN") && line.contains("others may read ./lockgate.redb")), "{log}");
}
