//! What operators do with many tasks, with a server and without one.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "clippy exempts test functions, not their helpers")]

mod common;

use common::{Folder, stderr, stdout};
use serde_json::{Value, json};

/// With so many tasks of `shop` that have failed once.
fn failing(count: usize) -> Folder {
    let folder = Folder::with_store();
    folder.add_trapping();
    let line = json!({ "connector": "shop", "body": "x", "process_type": "skip-on-error" }).to_string();
    folder.write("tasks.ndjson", vec![line; count].join("\n"));
    folder.run(&["submit", "--batch", "tasks.ndjson"]).success();
    folder.run(&["process"]).code(1);
    folder
}

fn attempts(folder: &Folder) -> Vec<u64> {
    let tasks = folder.json(&["task", "list"]);
    tasks["tasks"].as_array().unwrap().iter().map(|task| task["attempts"].as_u64().unwrap()).collect()
}

/// What a command that ends with 1 prints, as JSON.
fn failed_json(folder: &Folder, arguments: &[&str]) -> Value {
    serde_json::from_str(&stdout(&folder.run(&[arguments, &["--json"]].concat()).code(1))).unwrap()
}

#[test]
fn a_bulk_retry_is_an_operation_and_shows_the_same_with_a_server_and_without() {
    let folder = failing(3);
    for (round, served) in [(2, false), (3, true)] {
        let server = served.then(|| folder.serve());
        let operation = failed_json(&folder, &["task", "retry", "--failing", "--code", "trap"]);
        assert_eq!((&operation["state"], &operation["meant"], &operation["failed"]), (&json!("done"), &json!(3), &json!(3)));
        assert_eq!(operation["by_code"], json!({ "trap": 3 }));
        let id = operation["id"].to_string();
        assert_eq!(folder.json(&["operation", "show", &id]), operation);
        let text = stdout(&folder.run(&["operation", "watch", &id]).code(1));
        assert!(text.contains("operation ") && text.contains("3 tasks meant: 3 failed\n  trap: 3\n"), "{text}");
        drop(server);
        assert!(attempts(&folder).iter().all(|tries| *tries >= round), "{round}");
    }
    let list = folder.json(&["operation", "list"]);
    assert_eq!(list["operations"].as_array().unwrap().len(), 2);
    assert!(stdout(&folder.run(&["operation", "list"]).success()).contains("retry"));
    folder.run(&["operation", "cancel", "1"]).success();
    assert!(stderr(&folder.run(&["operation", "show", "99"]).code(1)).contains("no operation 99 is known"));
}

#[test]
fn a_dry_run_of_each_bulk_command_tells_how_many_are_meant_and_changes_nothing() {
    let folder = failing(2);
    let before = folder.json(&["task", "list"]);
    for action in [&["retry"][..], &["skip"], &["delete"], &["process-type", "default"]] {
        let preview = folder.json(&[&["task"], action, &["--all", "--dry-run"]].concat());
        assert_eq!((&preview["meant"], &preview["action"]), (&json!(2), &json!(action[0])));
        assert_eq!(preview["reasons"][0]["code"], "trap");
    }
    assert_eq!(folder.json(&["task", "delete", "1", "--dry-run"])["meant"], 1);
    let text = stdout(&folder.run(&["task", "delete", "--all", "--dry-run"]).success());
    assert!(text.contains("trap") && text.ends_with("delete would mean 2 tasks\n"), "{text}");
    assert_eq!(folder.json(&["task", "reasons", "--failing"])["meant"], 2);
    assert_eq!(folder.json(&["task", "list"]), before);
}

#[test]
fn process_type_and_delete_take_many_and_each_id_is_told() {
    let folder = failing(4);
    folder.run(&["task", "process-type", "1", "2", "default"]).success();
    let done = folder.json(&["task", "process-type", "delete-on-error", "--with-process-type", "skip-on-error"]);
    assert_eq!((&done["action"], &done["process_type"], &done["done"]), (&json!("process-type"), &json!("delete-on-error"), &json!(2)));
    let told = failed_json(&folder, &["task", "delete", "2", "999999"]);
    assert_eq!(told["results"][0], json!({ "task": 2, "outcome": "deleted" }));
    assert_eq!((&told["results"][1]["task"], &told["results"][1]["outcome"]), (&json!(999_999), &json!("refused")));
    assert_eq!(told["results"][1]["problem"]["code"], "task-not-found");
    // Nobody sits in front of it: nothing is asked.
    assert_eq!(folder.json(&["task", "delete", "--all"])["done"], 3);
    folder.run(&["task", "delete"]).code(2);
    folder.run(&["task", "process-type", "1"]).code(2);
    folder.run(&["task", "retry", "--all", "--no-wait"]).code(3);
}

#[test]
fn a_paused_connector_keeps_what_it_takes() {
    let folder = Folder::with_store();
    folder.add_trapping();
    folder.run(&["connector", "pause", "shop"]).success();
    assert!(stdout(&folder.run(&["connector", "list"]).success()).contains("paused"));
    folder.write("a.json", "{}");
    folder.run(&["submit", "shop", "a.json"]).success();
    assert!(stderr(&folder.run(&["process", "shop"]).code(1)).contains("is paused"));
    folder.run(&["connector", "resume", "shop"]).success();
    folder.run(&["process", "shop"]).code(1);
    assert_eq!(attempts(&folder), [1]);
}

#[test]
fn what_is_submitted_again_is_not_counted_as_queued() {
    let folder = Folder::with_store();
    folder.add_trapping();
    let line = |key: &str| json!({ "connector": "shop", "body": "x", "idempotency_key": key }).to_string();
    folder.write("tasks.ndjson", [line("a"), line("b"), line("a")].join("\n"));
    assert_eq!(stdout(&folder.run(&["submit", "--batch", "tasks.ndjson"]).success()), "queued: 2, submitted before: 1, refused: 0\n");
    folder.write("x", "x");
    let again = folder.run(&["submit", "shop", "x", "--media-type", "text/plain; charset=utf-8", "--idempotency-key", "a"]).success();
    assert_eq!(stdout(&again), "nothing was queued: this was submitted before as task 1, and it is queued\n");
}
