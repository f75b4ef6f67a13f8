//! A damaged store gets into no backup, and no hint sends people to one that is made now.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "clippy exempts test functions, not their helpers")]

mod common;

use std::os::unix::fs::symlink;

use common::{Folder, stderr};

/// With a changed letter in what is stored of a connector.
fn damaged() -> Folder {
    let folder = Folder::with_kept("format-2");
    folder.run(&["upgrade", "--no-copy"]).success();
    folder.run(&["switch", "processing", "off"]).success();
    folder.run(&["backup", "early.backup"]).success();
    let path = folder.path().join("lockgate.redb");
    let (mut bytes, letters) = (std::fs::read(&path).unwrap(), b"A scripted connector");
    let places: Vec<usize> = bytes.windows(letters.len()).enumerate().filter(|(_, found)| found == letters).map(|(at, _)| at).collect();
    places.iter().for_each(|at| bytes[*at] ^= 1);
    assert!(!places.is_empty());
    std::fs::write(&path, bytes).unwrap();
    folder
}

fn is_refused(folder: &Folder) {
    let refused = folder.run(&["backup", "late.backup"]).code(1);
    let said = stderr(&refused);
    assert!(said.contains("[store-damaged]") && said.contains("in the table") && said.contains("connectors"), "{said}");
    assert!(said.contains("restore a backup from before"), "{said}");
    let refused = folder.run(&["backup", "late.backup", "--json"]).code(1);
    assert!(stderr(&refused).contains("\"code\":\"store-damaged\""), "{}", stderr(&refused));
    let names: Vec<String> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.iter().all(|name| !name.starts_with(".lockgate-") && name != "late.backup"), "{names:?}");
}

#[test]
fn without_a_server_it_is_refused() {
    let folder = damaged();
    is_refused(&folder);
    let checked = folder.run(&["check"]).code(3);
    assert!(stderr(&checked).contains("[store-damaged]") && stderr(&checked).contains("in the table"), "{}", stderr(&checked));
    folder.run(&["restore", "early.backup", "--force"]).success();
    folder.run(&["backup", "late.backup"]).success();
    folder.run(&["check", "late.backup"]).success();
}

#[test]
fn by_a_running_server_it_is_refused() {
    let folder = damaged();
    let _server = folder.serve();
    is_refused(&folder);
}

#[test]
fn a_pipe_in_the_place_of_the_store_holds_no_command_up() {
    let folder = Folder::new();
    assert!(std::process::Command::new("mkfifo").arg(folder.path().join("lockgate.redb")).status().unwrap().success());
    for command in
        [&["status"][..], &["check"], &["compact"], &["upgrade"], &["switch", "bus", "on"], &["backup", "b"], &["restore", "x", "--force"]]
    {
        let refused = folder.run(command).failure();
        let said = stderr(&refused);
        assert!(said.contains("not a regular file"), "{command:?}: {said}");
    }
}

/// Each of these was opened, which waits for somebody to write into it, for ever.
#[test]
fn a_pipe_in_the_place_of_a_file_that_is_read_holds_no_command_up() {
    let folder = Folder::with_store();
    let path = |name: &str| folder.path().join(name);
    for name in ["pipe", "lockgate.redb.server"] {
        assert!(std::process::Command::new("mkfifo").arg(path(name)).status().unwrap().success());
    }
    let said = stderr(&folder.run(&["restore", "pipe", "--store", "other.redb"]).code(3));
    assert!(said.contains("cannot open the backup pipe: it is not a regular file"), "{said}");
    assert!(!path("other.redb").exists());
    let said = stderr(&folder.run(&["--config", "pipe", "status"]).code(2));
    assert!(said.contains("cannot read the configuration pipe: it is not a regular file"), "{said}");
    folder.run(&["--config", "-", "status"]).success();
    // As if a server had the store open: then the file beside it is looked for.
    let held = std::fs::File::open(path("lockgate.redb")).unwrap();
    held.lock().unwrap();
    let said = stderr(&folder.run(&["status"]).code(3));
    assert!(said.contains("in use"), "{said}");
}

/// `serve` waited for ever, or read until no memory was left.
#[test]
fn a_secret_is_read_from_a_regular_file_only() {
    let folder = Folder::with_store();
    assert!(std::process::Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap().success());
    for source in ["pipe", "/dev/zero"] {
        folder.write("lockgate.toml", format!("[connectors.shop.secrets.token]\nfile = '{source}'\nhosts = ['https://shop.example']\n"));
        let mut command = assert_cmd::Command::from_std(folder.process(&["serve", "--listen", "127.0.0.1:0"]));
        command.timeout(std::time::Duration::from_secs(20));
        let said = stderr(&command.assert().code(2));
        assert!(said.contains("cannot be read: it is not a regular file"), "{source}: {said}");
        folder.run(&["status"]).success();
    }
}

/// A store could not be opened, for want of a file that nobody needs.
#[test]
fn a_store_opens_without_room_for_temporary_files() {
    let folder = Folder::with_store();
    folder.run_with(&["switch", "processing", "off"], &[("TMPDIR", "nowhere")]).success();
}

#[test]
fn what_lies_where_a_file_is_being_made_is_not_written_to() {
    let folder = Folder::with_store();
    folder.write("victim", "somebody's own");
    symlink(folder.path().join("victim"), folder.path().join("all.ndjson.part")).unwrap();
    // As a killed process leaves it.
    folder.write(".lockgate-k1ll3d.part", "half a backup");
    folder.run(&["export", "--out", "all.ndjson"]).success();
    assert_eq!(std::fs::read_to_string(folder.path().join("victim")).unwrap(), "somebody's own");
    assert!(std::fs::symlink_metadata(folder.path().join("all.ndjson")).unwrap().is_file());
    assert!(!folder.path().join(".lockgate-k1ll3d.part").exists());
}
