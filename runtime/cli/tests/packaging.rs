//! What `packaging/` has fits the program.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests' code: a failure here is a failed test")]

mod common;

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::Folder;

fn packaging() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging")
}

fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("lockgate_")).map(str::to_owned).collect()
}

#[test]
fn alerts_watch_numbers_that_the_server_has() {
    let folder = Folder::with_store();
    folder.add_trapping();
    let server = folder.serve();
    let mut stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let told = names(&answer);
    let rules = std::fs::read_to_string(packaging().join("alerts.yml")).unwrap();
    let expressions: String = rules.lines().filter(|line| line.trim_start().starts_with("expr:")).map(|line| format!("{line}\n")).collect();
    let watched = names(&expressions);
    assert!(watched.len() > 5, "{watched:?}");
    let missing: Vec<&String> = watched.iter().filter(|name| !told.contains(*name)).collect();
    // What counts refusals begins with the first of them.
    assert!(missing.iter().all(|name| *name == "lockgate_refusals_total"), "{missing:?} in\n{answer}");
    // A connector that has had nothing has every series.
    assert!(answer.contains("lockgate_tasks_ended_total{connector=\"shop\",outcome=\"stored\"} 0"), "{answer}");
}

/// Debian's package `prometheus` has promtool.
#[test]
fn each_alert_fires_where_it_should() {
    let promtool = std::env::var("LOCKGATE_PROMTOOL").unwrap_or_else(|_| "promtool".to_owned());
    let ran = Command::new(&promtool).args(["test", "rules", "alerts_test.yml"]).current_dir(packaging()).output();
    match ran {
        Ok(output) => {
            assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let _ = writeln!(std::io::stderr(), "skipped: {promtool} is not there; name it in LOCKGATE_PROMTOOL");
        }
        Err(error) => panic!("{promtool}: {error}"),
    }
}
