//! What an operator sees of what waits, what failed and what is left.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "clippy exempts test functions, not their helpers")]

mod common;

use common::{Folder, stderr, stdout};
use serde_json::json;

const INTERNAL: [&str; 2] = ["--media-type", "application/vnd.lockgate.object+json"];

/// A store whose connector `shop` stands behind its first task.
fn blocked() -> Folder {
    let folder = Folder::with_store();
    folder.add_trapping();
    folder.write("bad.json", "{}");
    folder.run(&["submit", "shop", "bad.json"]).success();
    for name in ["anvil", "bolt"] {
        folder.write("object.json", json!({"object": {"type": "shop.product", "code_name": name}}).to_string());
        folder.run(&[&["submit", "shop", "object.json"][..], &INTERNAL].concat()).success();
    }
    let processed = folder.run(&["process"]).code(1);
    assert!(stdout(&processed).contains("shop is blocked by task 1 since "), "{}", stdout(&processed));
    folder
}

#[test]
fn a_status_begins_with_what_stands_in_the_way() {
    let folder = blocked();
    let said = stdout(&folder.run(&["status"]).success());
    let first = said.lines().next().unwrap();
    assert!(first.starts_with("shop is blocked by task 1 since "), "{said}");
    assert!(first.ends_with(" UTC, 2 wait: `lockgate task show 1`"), "{said}");
    let checked = folder.run(&["status", "--check"]).code(1);
    assert!(stderr(&checked).contains("shop is blocked by task 1"), "{}", stderr(&checked));
    let shown = stdout(&folder.run(&["task", "show", "1"]).success());
    assert!(shown.contains("\n2 wait behind it: 2, 3\n") && shown.contains("\nwhat to do: "), "{shown}");
    folder.run(&["task", "delete", "1"]).success();
    folder.run(&["process"]).success();
    let said = stdout(&folder.run(&["status", "--check"]).success());
    assert!(said.starts_with("everything is processed\n"), "{said}");
}

#[test]
fn processing_says_what_is_left() {
    let folder = blocked();
    let output = folder.run(&["process", "--json"]).code(1).get_output().stdout.clone();
    let answer: serde_json::Value = serde_json::from_slice(&output).unwrap();
    let row = &answer["connectors"][0];
    assert_eq!(
        (&row["processed"], &row["queued"], &row["failed"], &row["parked"]),
        (&json!(0), &json!(2), &json!(1), &json!(0)),
        "{answer}"
    );
    assert!(answer["left"][0].as_str().unwrap().contains("blocked by task 1"), "{answer}");
    assert_eq!(answer["missing"], json!(null));
}

#[test]
fn nothing_is_claimed_of_what_was_not_looked_at() {
    let folder = Folder::with_store();
    let unknown = folder.run(&["task", "list", "--connector", "nobody"]).code(1);
    assert!(stderr(&unknown).contains("no connector is named nobody [unknown-connector]"), "{}", stderr(&unknown));
    folder.run(&["history", "--connector", "nobody"]).code(1);
    assert_eq!(stdout(&folder.run(&["task", "list"]).success()), "no task is queued\n");
    assert_eq!(stdout(&folder.run(&["task", "list", "--state", "failed"]).success()), "no task that has not ended is as the filters say\n");
    assert_eq!(stdout(&folder.run(&["history", "--warnings"]).success()), "no entry of the history is as the filters say\n");
    assert_eq!(stdout(&folder.run(&["missing"]).success()), "nothing is missing: no task and no reference waits for anything\n");
    let nothing = folder.run(&["missing", "ignore", "6f0c8a2b9d3e4f51"]).code(1);
    assert!(stderr(&nothing).contains("[not-missing]"), "{}", stderr(&nothing));
    assert_eq!(folder.json(&["missing"]), json!({"missing": [], "next": null}));
}

#[test]
fn the_history_says_what_changed_nothing() {
    let folder = Folder::with_store();
    folder.add_trapping();
    for _ in 0..2 {
        folder.store(&json!({"object": {"type": "shop.product", "code_name": "anvil"}}));
    }
    let said = stdout(&folder.run(&["history"]).success());
    assert!(said.contains("  unchanged  1 unchanged  ") && said.contains("  stored     1 new        "), "{said}");
    assert_eq!(folder.json(&["history", "--outcome", "unchanged"])["history"][0]["task"], 2);
}

#[test]
fn a_code_is_explained_with_what_becomes_of_the_task() {
    let folder = Folder::new();
    let said = stdout(&folder.run(&["explain", "parent-missing"]).success());
    assert!(said.contains("judged by the moment: Other rows than its own are in the task's way. It is parked"), "{said}");
    for code in ["invalid", "unavailable", "binding-not-made", "superseded", "not-missing"] {
        folder.run(&["explain", code]).success();
    }
    assert_eq!(folder.json(&["explain", "value-taken"])["failure"]["class"], "the moment");
}
