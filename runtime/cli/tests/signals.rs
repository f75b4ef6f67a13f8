//! What each signal does to a server.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "clippy exempts test functions, not their helpers")]

mod common;

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{ChildStderr, Stdio};

use common::{Folder, Server};

fn logged(folder: &Folder) -> (Server, Lines<BufReader<ChildStderr>>) {
    let mut command = folder.process(&["serve", "--listen", "127.0.0.1:0"]);
    command.stderr(Stdio::piped());
    let mut server = folder.serve_by(command);
    let log = BufReader::new(server.child.stderr.take().unwrap()).lines();
    (server, log)
}

/// The next line that says this; none when the log has ended.
fn says(log: &mut Lines<BufReader<ChildStderr>>, what: &str) -> bool {
    log.map_while(Result::ok).any(|line| line.contains(what))
}

/// Each of them ended the process at once, without grace.
#[test]
fn signals_without_a_meaning_are_noted_and_end_nothing() {
    let folder = Folder::with_store();
    let (mut server, mut log) = logged(&folder);
    for name in ["HUP", "USR1", "USR2", "ALRM", "XFSZ"] {
        server.signal(name);
        assert!(says(&mut log, &format!("SIG{name}")), "{name}");
    }
    assert!(folder.json(&["status"])["queued"].is_object());
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn signals_that_ask_for_an_end_get_it_with_grace() {
    let folder = Folder::with_store();
    for name in ["TERM", "INT", "QUIT"] {
        let (mut server, mut log) = logged(&folder);
        server.signal(name);
        assert_eq!(server.child.wait().unwrap().code(), Some(0), "{name}");
        assert!(says(&mut log, &format!("stopping signal=SIG{name}")), "{name}");
        assert!(!folder.path().join("lockgate.redb.server").exists(), "{name}");
    }
}
