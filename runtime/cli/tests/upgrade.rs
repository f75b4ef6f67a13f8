//! A store of an older format: read as it is, brought up to date on request, and said.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "clippy exempts test functions, not their helpers")]

mod common;

use common::{Folder, stderr, stdout};

fn bytes(folder: &Folder) -> Vec<u8> {
    std::fs::read(folder.path().join("lockgate.redb")).unwrap()
}

#[test]
fn it_is_read_as_it_is_and_a_command_that_writes_says_what_to_do() {
    let folder = Folder::with_kept("format-1");
    let before = bytes(&folder);
    assert_eq!(folder.json(&["status"])["queued"]["kept"], 2);
    let refused = folder.run(&["switch", "processing", "off", "--json"]).code(3);
    assert!(
        stderr(&refused).contains("\"code\":\"store-older-format\"") && stderr(&refused).contains("lockgate upgrade"),
        "{}",
        stderr(&refused)
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    // A backup has the newest format, as restoring it would bring it there.
    folder.run(&["backup", "made.backup"]).success();
    assert!(bytes(&folder) == before);
}

#[test]
fn on_request_it_is_brought_up_to_date_and_kept_as_it_was() {
    let folder = Folder::with_kept("format-1");
    let said = stdout(&folder.run(&["upgrade"]).success());
    assert!(said.contains("from format 1 to 4") && said.contains("lockgate.redb.format-1.bak"), "{said}");
    assert_eq!(folder.json(&["check", "lockgate.redb.format-1.bak"])["format"], 1);
    assert_eq!(folder.json(&["check"])["format"], 4);
    folder.run(&["switch", "processing", "off"]).success();
    assert_eq!(folder.json(&["upgrade"])["upgraded"], false);
    assert_eq!(stdout(&folder.run(&["upgrade"]).success()), "./lockgate.redb is up to date\n");
    folder.run(&["upgrade", "--store", "none.redb"]).code(3);
}

#[test]
fn a_server_does_it_and_says_so() {
    let folder = Folder::with_kept("format-1");
    let mut server = folder.serve_to_log("log");
    folder.run(&["upgrade"]).code(3);
    server.terminate();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    let said = log.lines().any(|line| line.contains("WARN") && line.contains("from=1 to=4") && line.contains("lockgate.redb.format-1.bak"));
    assert!(said, "{log}");
    assert_eq!(folder.json(&["check", "lockgate.redb.format-1.bak"])["format"], 1);
}

#[test]
fn without_room_for_the_copy_it_stays_as_it_is_until_somebody_says_otherwise() {
    let folder = Folder::with_kept("format-1");
    // A file of at most 512 KiB can be written.
    let program = assert_cmd::cargo::cargo_bin!("lockgate").display().to_string();
    let limited = format!("trap '' XFSZ; ulimit -f 512; exec {program} upgrade");
    let output = std::process::Command::new("bash").args(["-c", &limited]).current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("[store-not-kept]") && said.contains("--no-copy"), "{said}");
    assert_eq!(folder.json(&["check"])["format"], 1);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    let said = stdout(&folder.run(&["upgrade", "--no-copy"]).success());
    assert!(said.contains("no copy was kept"), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_restored_backup_of_an_older_version_is_brought_up_to_date_aloud() {
    let folder = Folder::with_kept("format-1");
    std::fs::rename(folder.path().join("lockgate.redb"), folder.path().join("old.backup")).unwrap();
    let said = stdout(&folder.run(&["restore", "old.backup"]).success());
    assert!(said.contains("the backup has format 1; the store was brought up to date to format 4"), "{said}");
    assert_eq!(folder.json(&["check", "old.backup"])["format"], 1);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}
