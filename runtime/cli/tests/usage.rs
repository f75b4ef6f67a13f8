//! Wrong usage and invalid input end with 2 and say where and what to do.

mod common;

use common::{Folder, stderr};

#[test]
fn wrong_flags_end_with_2() {
    let folder = Folder::new();
    for arguments in [
        &["nonsense"][..],
        &["submit"],
        &["task", "list", "--state", "tired"],
        &["submit", "shop", "-", "--task-type", "eat"],
        &["task", "process-type", "1", "never"],
        &["switch", "bus", "maybe"],
        &["serve", "--listen", "nowhere"],
        &["history", "--outcome", "lost"],
        &["explain", "no-such-code"],
        &["task", "retry"],
        &["task", "retry", "1", "--all"],
    ] {
        folder.run(arguments).code(2);
    }
}

#[test]
fn a_missing_file_ends_with_2() {
    let folder = Folder::with_store();
    for arguments in [
        &["submit", "shop", "nothing.json"][..],
        &["submit", "--batch", "nothing.ndjson"],
        &["connector", "add", "shop", "nothing.wasm"],
        &["connector", "check", "nothing.wasm"],
        &["model", "apply", "nothing.toml"],
        &["--config", "nothing.toml", "status"],
    ] {
        let assert = folder.run(arguments).code(2);
        assert!(stderr(&assert).contains("error: cannot read") && stderr(&assert).contains("nothing."), "{}", stderr(&assert));
    }
}

#[test]
fn the_configuration_is_named_with_line_and_column() {
    let folder = Folder::new();
    folder.write("lockgate.toml", "[server]\nlisten = \"127.0.0.1:0\"\nlissten = 1\n");
    let assert = folder.run(&["status"]).code(2);
    assert!(stderr(&assert).starts_with("error: lockgate.toml:3:1: unknown field `lissten`"), "{}", stderr(&assert));
    assert!(stderr(&assert).contains("hint: `lockgate config default`"));
    folder.write("lockgate.toml", "[server]\ntokens = [\"${LOCKGATE_TEST_NOT_SET}\"]\n");
    let assert = folder.run(&["config", "show"]).code(2);
    assert!(
        stderr(&assert).contains("lockgate.toml:2:11: the environment variable LOCKGATE_TEST_NOT_SET is not set"),
        "{}",
        stderr(&assert)
    );
}

#[test]
fn a_broken_configuration_does_not_hide_the_default_file() {
    let folder = Folder::new();
    folder.write("lockgate.toml", "[");
    folder.run(&["config", "default"]).success();
    folder.run(&["explain", "trap"]).success();
}

#[test]
fn an_unreadable_line_of_a_batch_is_named_and_nothing_is_submitted() {
    let folder = Folder::with_store();
    folder.write("b.ndjson", "{\"connector\":\"shop\",\"body\":\"\"}\nnonsense\n");
    let assert = folder.run(&["submit", "--batch", "b.ndjson"]).code(2);
    assert!(stderr(&assert).contains("b.ndjson:2: ") && stderr(&assert).contains("nothing was submitted"), "{}", stderr(&assert));
}

#[test]
fn a_token_is_not_shown() {
    let folder = Folder::new();
    folder.write("lockgate.toml", "[server]\ntokens = [\"a-secret-of-16-characters\"]\n");
    let assert = folder.run(&["config", "show"]).success();
    let shown = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    assert!(shown.contains("(hidden)") && !shown.contains("a-secret"), "{shown}");
}

#[test]
fn errors_are_json_when_asked_for() {
    let folder = Folder::new();
    let assert = folder.run(&["explain", "no-such-code", "--json"]).code(2);
    let error: serde_json::Value = serde_json::from_str(&stderr(&assert)).unwrap();
    assert_eq!(error["error"]["exit"], 2);
}
