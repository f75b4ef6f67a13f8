//! The samples in other languages than Rust: what their tasks become in the store, and what the harness finds.
//!
//! What is expected is in `languages/`; LOCKGATE_UPDATE=1 writes it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::path::{Path, PathBuf};

use lockgate_system_tests::languages::{PATIENT, component, repository};
use lockgate_system_tests::program::{Server, configure, lockgate, path, text};
use serde_json::Value;

fn sample_folder(sample: &str) -> PathBuf {
    repository().join("sample-connectors").join(sample)
}

/// The same tasks, as new ones: without the names by which a repeated request is known.
fn as_new(tasks: &str) -> String {
    let without_key = |line: &str| {
        let mut task: Value = serde_json::from_str(line).unwrap();
        task.as_object_mut().unwrap().remove("idempotency_key");
        format!("{task}\n")
    };
    tasks.lines().map(without_key).collect()
}

/// Submits them, and waits until every one has ended; none may fail.
fn carry_in(server: &Server, tasks: &Path, ended: usize) {
    server.run(&["submit", "--batch", path(tasks)]);
    server.run(&["process"]);
    server.wait_idle();
    let failed = server.json(&["task", "list", "--limit", "1000"]);
    assert!(failed["tasks"].as_array().unwrap().is_empty(), "{failed:#}");
    let history = server.json(&["history", "--limit", "1000"]);
    // What names something that comes later is mended when that is there, which is an entry of its own.
    let of_tasks = history["history"].as_array().unwrap().iter().filter(|entry| entry["outcome"] != "mended").count();
    assert_eq!(of_tasks, ended, "{history:#}");
}

fn stored_as_expected(language: &str, sample: &str) {
    let Some(component) = component(language, sample) else { return };
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), sample, PATIENT);
    let server = Server::start(folder.path());
    server.run(&["model", "apply", path(&sample_folder(sample).join("model.toml"))]);
    server.run(&["connector", "add", sample, path(&component)]);
    let tasks = sample_folder(sample).join("data/tasks.ndjson");
    let tasks_text = std::fs::read_to_string(&tasks).unwrap();
    let count = tasks_text.lines().count();
    carry_in(&server, &tasks, count);
    let once = server.run(&["export", "--canonical"]);

    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("languages").join(sample).with_extension("ndjson");
    if std::env::var_os("LOCKGATE_UPDATE").is_some() {
        std::fs::write(&kept, &once).unwrap();
    }
    let expected = std::fs::read_to_string(&kept).unwrap_or_else(|error| panic!("{}: {error}", kept.display()));
    for (line, (stored, expected)) in once.lines().zip(expected.lines()).enumerate() {
        assert_eq!(stored, expected, "line {} of {}", line + 1, kept.display());
    }
    assert_eq!(once.lines().count(), expected.lines().count(), "rows of {}", kept.display());

    let again = folder.path().join("again.ndjson");
    std::fs::write(&again, as_new(&tasks_text)).unwrap();
    carry_in(&server, &again, 2 * count);
    assert!(server.run(&["export", "--canonical"]) == once, "everything submitted twice leaves the same store");
    server.stop();
}

fn passes_the_harness(language: &str, sample: &str) {
    let Some(component) = component(language, sample) else { return };
    let folder = tempfile::tempdir().unwrap();
    let cases = sample_folder(sample).join("cases");
    let judged = lockgate(folder.path()).args(["test", path(&component), path(&cases)]).output().unwrap();
    let report = text(&judged.stdout);
    assert!(judged.status.success(), "{report}{}", text(&judged.stderr));
    let passed = report.lines().filter(|line| line.starts_with("ok   case ")).count();
    assert_eq!(passed, std::fs::read_dir(&cases).unwrap().count(), "every case was run: {report}");
}

#[test]
fn the_shopify_webhooks_are_stored_as_expected_and_twice_is_once() {
    stored_as_expected("typescript", "shopify");
}

#[test]
fn the_feeds_are_stored_as_expected_and_twice_is_once() {
    stored_as_expected("python", "feeds");
}

#[test]
fn the_vcards_are_stored_as_expected_and_twice_is_once() {
    stored_as_expected("c", "vcard");
}

#[test]
fn the_calendars_are_stored_as_expected_and_twice_is_once() {
    stored_as_expected("go", "icalendar");
}

#[test]
fn the_shopify_sample_in_typescript_passes_the_harness() {
    passes_the_harness("typescript", "shopify");
}

#[test]
fn the_feeds_sample_in_python_passes_the_harness() {
    passes_the_harness("python", "feeds");
}

#[test]
fn the_vcard_sample_in_c_passes_the_harness() {
    passes_the_harness("c", "vcard");
}

#[test]
fn the_icalendar_sample_in_go_passes_the_harness() {
    passes_the_harness("go", "icalendar");
}
