//! What an embedder relies on: outcomes, keys, the end, and a compiler that is named.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::sync::mpsc;
use std::time::Duration;

use lockgate::{Change, Grant, Lockgate, Opening, Outcome};

const LONG: Duration = Duration::from_secs(60);
const MODEL: &str =
    "[[object_type]]\nname = 'cms.role'\nfields = [{ name = 'boss', kind = 'reference', to = 'cms.role', need = 'required' }]";

fn role(name: &str) -> Change {
    Change::internal("direct", format!(r#"{{"object": {{"type": "cms.role", "code_name": "{name}"}}}}"#)).subject(name)
}

fn opening(folder: &tempfile::TempDir) -> Opening {
    let grant = Grant { objects: vec!["cms.*".parse().unwrap()], ..Grant::default() };
    Lockgate::at(folder.path().join("content.redb")).grant("direct", grant)
}

fn opened(folder: &tempfile::TempDir) -> Lockgate {
    let lockgate = opening(folder).open().unwrap();
    lockgate.apply_model("roles.toml", MODEL).unwrap();
    lockgate.add_direct("direct").unwrap();
    lockgate
}

#[test]
fn somebody_who_waits_is_told_the_outcome_and_so_is_who_watches() {
    let folder = tempfile::tempdir().unwrap();
    let lockgate = opened(&folder);
    let (sender, receiver) = mpsc::channel();
    let watching = lockgate.on_outcome(move |entry| sender.send((entry.task, entry.outcome.clone())).unwrap()).unwrap();
    let task = lockgate.submit(role("editors").key("editors, change 1")).unwrap();
    assert_eq!(lockgate.wait(task, LONG).unwrap().unwrap().outcome, Outcome::Stored);
    assert_eq!(receiver.recv_timeout(LONG).unwrap(), (task, Outcome::Stored));
    drop(watching);
    assert_eq!(lockgate.submit(role("editors").key("editors, change 1")).unwrap(), task, "the same key is the same change");
    let again = lockgate.submit(role("editors")).unwrap();
    assert_eq!(lockgate.wait(again, LONG).unwrap().unwrap().outcome, Outcome::Unchanged);
    assert!(receiver.try_recv().is_err(), "who has stopped watching is not told");
}

#[test]
fn a_task_that_waits_is_not_ended_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let lockgate = opened(&folder);
    let body = r#"{"object": {"type": "cms.role", "code_name": "editors", "fields": {"boss": {"reference": "chief"}}}}"#;
    let task = lockgate.submit(Change::internal("direct", body)).unwrap();
    lockgate.process().unwrap();
    assert!(lockgate.wait(task, Duration::ZERO).unwrap().is_none());
    assert_eq!(lockgate.task(task).unwrap().unwrap().state.as_str(), "parked");
    lockgate.submit(role("chief")).unwrap();
    assert_eq!(lockgate.wait(task, LONG).unwrap().unwrap().outcome, Outcome::Stored);
    assert!(lockgate.object("cms.role", "editors").unwrap().is_some());
}

/// The threads went on with the store after the last handle had gone.
#[test]
fn a_store_can_be_opened_again_when_it_was_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let lockgate = opened(&folder);
    let task = lockgate.submit(role("editors")).unwrap();
    drop(lockgate);
    let lockgate = opening(&folder).open().unwrap();
    assert!(lockgate.wait(task, LONG).unwrap().is_some());
}

/// The sandbox started the embedder's own program, which knew nothing of it.
#[test]
fn without_a_compiler_a_component_is_refused_and_says_how_to_name_one() {
    let folder = tempfile::tempdir().unwrap();
    let lockgate = opened(&folder);
    // The smallest component: magic number, version, layer.
    let error = lockgate.add_component("shop", b"\0asm\x0d\0\x01\0").unwrap_err();
    assert!(error.code() == "compiler-not-started" && error.to_string().contains("Opening::compiler"), "{}: {error}", error.code());
}

#[test]
fn what_is_refused_has_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let lockgate = opened(&folder);
    for (change, code) in [
        (Change::new("nobody", "text/plain", ""), "unknown-connector"),
        (Change::new("no name", "text/plain", ""), "bad-name"),
        (role("a").site("nowhere"), "unknown-site"),
        (Change::internal("direct", "{"), "bad-internal-object"),
    ] {
        assert_eq!(lockgate.submit(change).unwrap_err().code(), code);
    }
    assert_eq!(lockgate.apply_model("wrong.toml", "shoe = 43").unwrap_err().code(), "invalid-model");
}
