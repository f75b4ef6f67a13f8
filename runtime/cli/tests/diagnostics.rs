//! What cannot be written never breaks the work.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "clippy exempts test functions, not their helpers")]

mod common;

use std::fs::File;
use std::io::Read as _;
use std::process::{Command, Stdio};

use common::{Folder, Server, stderr};

/// A task fails, which is logged; then the server is asked to end.
fn works(folder: &Folder, mut server: Server) {
    folder.write("a.json", "{}");
    folder.run(&["submit", "shop", "a.json"]).success();
    folder.run(&["process"]).code(1);
    let tasks = folder.json(&["task", "list", "--url", &server.url]);
    assert_eq!(tasks["tasks"][0]["failure"]["code"], "trap", "{tasks}");
    assert_eq!(server.terminate(), Some(0));
}

fn with_connector() -> Folder {
    let folder = Folder::with_store();
    folder.add_trapping();
    folder
}

/// The log layer panicked when a line could not be written: the connector's thread was gone before the
/// failure was recorded, and SIGTERM ended with 101.
#[test]
fn a_full_disk_behind_stderr_breaks_nothing() {
    let folder = with_connector();
    for format in ["text", "json"] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        folder.write("log.toml", format!("[log]\nformat = '{format}'\nlevel = 'debug'\n{}", "[defaults.grant]\nobjects = ['*']\n"));
        let mut command = folder.process(&["serve", "--listen", "127.0.0.1:0", "--config", "log.toml"]);
        command.stderr(full);
        works(&folder, folder.serve_by(command));
        folder.run(&["task", "delete", "--all"]).success();
    }
}

#[test]
fn a_reader_of_stderr_that_has_gone_breaks_nothing() {
    let folder = with_connector();
    let mut command = folder.process(&["serve", "--listen", "127.0.0.1:0"]);
    command.stderr(Stdio::piped());
    let mut server = folder.serve_by(command);
    drop(server.child.stderr.take());
    works(&folder, server);
}

#[test]
fn a_closed_stderr_breaks_nothing() {
    let folder = with_connector();
    let program = folder.process(&[]).get_program().to_owned();
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$0\" serve --listen 127.0.0.1:0 2>&-"]).arg(program).current_dir(folder.path()).stdin(Stdio::null());
    works(&folder, folder.serve_by(command));
}

/// As `lockgate … | head -1` leaves it.
#[test]
fn a_reader_of_stdout_that_has_gone_is_no_failure() {
    let folder = Folder::with_store();
    for arguments in
        [&["explain"][..], &["config", "default"], &["config", "show", "--json"], &["export"], &["status"], &["model", "show", "--json"]]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut child = folder.process(arguments).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn a_full_disk_behind_stdout_is_said() {
    let folder = with_connector();
    folder.store(&serde_json::json!({ "object": { "type": "shop.product", "code_name": "anvil" } }));
    for arguments in [&["explain"][..], &["export", "--canonical"], &["config", "show", "--json"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = folder.process(arguments).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && said.contains("No space left"), "{arguments:?}: {:?} {said}", output.status);
    }
}

/// Each of them was a name of a part that does not exist: nothing of everything else was logged.
#[test]
fn a_log_level_that_is_not_known_ends_with_2() {
    let folder = Folder::with_store();
    for level in ["warning", "none", "loud", "lockgate_sever=debug", "info,server=debugg"] {
        folder.write("lockgate.toml", format!("[log]\nlevel = \"{level}\"\n"));
        let said = stderr(&folder.run(&["config", "show"]).code(2));
        assert!(said.starts_with("error: lockgate.toml:2:9: ") && said.contains("known are"), "{level}: {said}");
    }
}
