//! Tokens, audit, failures, tries, edits, reload: by the program, with a server and without.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests' code: a failure here is a failed test")]

mod common;

use std::time::{Duration, Instant};

use common::{Folder, stderr, stdout};
use serde_json::{Value, json};

const CONFIGURATION: &str = "[defaults.grant]\nobjects = ['*']\npages = ['/']\nsites = ['*']\n";

/// With the connector `shop`, every task of which traps, and tasks for it.
fn failing(bodies: &[&str]) -> Folder {
    let folder = Folder::with_store();
    folder.add_trapping();
    for body in bodies {
        folder.write("body.json", body);
        folder.run(&["submit", "shop", "body.json", "--process-type", "skip-on-error"]).success();
    }
    folder.run(&["process", "shop"]);
    folder
}

#[test]
fn a_new_token_opens_what_its_rights_say_and_stands_in_the_audit() {
    let folder = failing(&["{}"]);
    let made = folder.json(&["token", "new", "anna", "--right", "operate"]);
    let value = made["value"].as_str().unwrap().to_owned();
    folder.write("lockgate.toml", format!("{CONFIGURATION}{}", made["configuration"].as_str().unwrap()));
    folder.write("token", format!("{value}\n"));
    let server = folder.serve();
    let refused = folder.run(&["status"]).failure();
    assert!(stderr(&refused).contains("unauthorized"), "{}", stderr(&refused));
    folder.run(&["status", "--token-file", "token"]).success();
    folder.run(&["task", "skip", "1", "--token-file", "token"]).success();
    let refused = folder.run(&["connector", "remove", "shop", "--token-file", "token"]).code(1);
    assert!(stderr(&refused).contains("right-missing"), "{}", stderr(&refused));
    let audit = folder.json(&["audit", "--token-file", "token", "--since", "yesterday"]);
    let row = &audit["audit"][0];
    assert_eq!((&row["who"], &row["action"], &row["from"]), (&json!("anna"), &json!("task-skip"), &json!("127.0.0.1")));
    drop(server);
    // Without a server: whoever can open the file.
    folder.run(&["task", "delete", "1"]).success();
    let audit = folder.json(&["audit"]);
    let row = &audit["audit"][0];
    assert_eq!((&row["who"], &row["action"], &row["from"]), (&json!("local"), &json!("task-delete"), &json!("command line")));
    let text = std::fs::read_to_string(folder.path().join("lockgate.toml")).unwrap();
    assert!(!text.contains(&value), "the value stands nowhere");
}

#[test]
fn mistakes_in_tokens_are_told_before_one_is_made() {
    let folder = Folder::new();
    let told = stderr(&folder.run(&["token", "new", "x", "--right", "submitt"]).code(2));
    assert!(told.contains("known are submit"), "{told}");
    let told = stderr(&folder.run(&["token", "new", "x", "--right", "admin", "--connector", "shop"]).code(2));
    assert!(told.contains("connectors belongs to tokens"), "{told}");
}

#[test]
fn what_fails_is_grouped_tried_edited_and_retried() {
    let folder = failing(&["{\"a\": 1}", "{\"a\": 22}", "{}"]);
    let failures = folder.json(&["failures"]);
    assert_eq!((&failures["tasks"], &failures["groups"]), (&json!(3), &json!(1)), "{failures}");
    let group = failures["failures"][0]["group"].as_str().unwrap();
    assert!(stdout(&folder.run(&["failures"]).success()).contains(group));
    let summary = folder.json(&["task", "try", "--group", group]);
    assert_eq!((&summary["tried"], &summary["outcomes"]), (&json!(3), &json!({"failed": 3})));
    // The internal form needs no connector: it is stored as it is.
    folder.write("good.json", json!({"object": {"type": "shop.product", "code_name": "tea"}}).to_string());
    let media_type = "application/vnd.lockgate.object+json";
    let tried = folder.run(&["task", "try", "1", "--body", "good.json", "--media-type", media_type]).success();
    let told = stdout(&tried);
    assert!(told.contains("nothing was written"), "{told}");
    folder.run(&["task", "edit", "1", "--body", "good.json", "--media-type", media_type]).success();
    assert_eq!(stdout(&folder.run(&["task", "show", "1", "--original"]).success()), "{\"a\": 1}");
    let again = folder.json(&["task", "try", "1"]);
    folder.run(&["task", "retry", "1"]);
    let shown = folder.json(&["task", "show", "1"]);
    assert_eq!(shown["edited"][0]["who"], "local", "{shown}");
    assert_eq!(again["task"], 1);
    folder.run(&["task", "delete", "--group", group, "--yes"]).success();
    assert_eq!(folder.json(&["failures"])["tasks"], 0);
}

#[test]
fn an_editor_changes_an_object() {
    let folder = failing(&["{\"name\": \"old\"}"]);
    folder.run_with(&["task", "edit", "1"], &[("EDITOR", "sed -i s/old/new/"), ("VISUAL", "")]).success();
    assert_eq!(stdout(&folder.run(&["task", "show", "1", "--external"]).success()), "{\"name\": \"new\"}");
    let same = folder.run_with(&["task", "edit", "1"], &[("EDITOR", "true"), ("VISUAL", "")]).code(1);
    assert!(stderr(&same).contains("nothing was changed"), "{}", stderr(&same));
    let broken = folder.run_with(&["task", "edit", "1"], &[("EDITOR", "false"), ("VISUAL", "")]).code(1);
    assert!(stderr(&broken).contains("nothing was changed"), "{}", stderr(&broken));
}

#[test]
fn the_configuration_is_read_again_whole_or_not_at_all() {
    let folder = failing(&["{}"]);
    let server = folder.serve();
    folder.write(
        "lockgate.toml",
        format!("{CONFIGURATION}[bus]\nqueue_tasks_max = 7\n[server]\nrequests_max = 9\n[connectors.shop]\nbackoff_ms = 5\n"),
    );
    let reloaded = folder.json(&["reload"]);
    assert_eq!(reloaded["needs_restart"], json!(["server.requests_max"]));
    assert_eq!(reloaded["changed"], json!(["bus.queue_tasks_max", "connectors.shop"]));
    folder.write(
        "lockgate.toml",
        format!("{CONFIGURATION}[connectors.shop.secrets.x]\nenv = 'NOT_SET_ANYWHERE'\nhosts = ['https://a.example']\n"),
    );
    let refused = folder.run(&["reload"]).code(2);
    assert!(stderr(&refused).contains("NOT_SET_ANYWHERE"), "{}", stderr(&refused));
    folder.write("lockgate.toml", CONFIGURATION);
    assert_eq!(folder.json(&["reload"])["changed"], json!(["bus.queue_tasks_max", "connectors.shop"]));
    let rows = folder.json(&["audit", "--action", "reload"]);
    assert_eq!(rows["audit"].as_array().unwrap().len(), 2);
    // By a signal, too: without a terminal.
    folder.write("lockgate.toml", format!("{CONFIGURATION}[connectors.shop]\nbackoff_ms = 6\n"));
    server.signal("HUP");
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let rows = folder.json(&["audit", "--who", "SIGHUP"]);
        if rows["audit"].as_array().is_some_and(|rows| rows.len() == 1) {
            break;
        }
        assert!(Instant::now() < end, "SIGHUP was not followed: {rows}");
    }
    drop(server);
    folder.run(&["reload"]).code(3);
}

#[test]
fn usage_errors_and_the_version_are_json_where_that_is_asked_for() {
    let folder = Folder::new();
    let refused = folder.run(&["task", "nothing", "--json"]).code(2);
    let error: Value = serde_json::from_str(&stderr(&refused)).unwrap();
    assert_eq!(error["error"]["exit"], 2);
    let version: Value = serde_json::from_str(&stdout(&folder.run(&["--json", "--version"]).success())).unwrap();
    assert!(version["version"].is_string());
    assert!(stdout(&folder.run(&["--version"]).success()).starts_with("lockgate "));
}

#[test]
fn shells_and_the_manual_know_every_command() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = stdout(&folder.run(&["completions", shell]).success());
        assert!(script.contains("failures") && script.contains("token"), "{shell}");
    }
    std::fs::create_dir(folder.path().join("man")).unwrap();
    folder.run(&["man", "man"]).success();
    for page in ["lockgate.1", "lockgate-task-try.1", "lockgate-serve.1"] {
        assert!(folder.path().join("man").join(page).exists(), "{page}");
    }
}

#[test]
fn a_configuration_is_checked_without_a_server() {
    let folder = failing(&[]);
    folder.write("lockgate.toml", format!("{CONFIGURATION}[connectors.shpo]\nbackoff_ms = 1\n"));
    let checked = folder.json(&["config", "check"]);
    assert_eq!((&checked["ok"], &checked["file"]), (&json!(true), &json!("lockgate.toml")));
    assert!(checked["warnings"][0].as_str().unwrap().contains("did you mean shop?"), "{checked}");
    for (text, why) in [
        ("[server]\nlisten = '0.0.0.0:80'\n", "needs a token"),
        ("[server]\ntokens = ['short']\n", "too short"),
        ("[server]\nlissten = 1\n", "did you mean `listen`?"),
        ("[connectors.shop.secrets.x]\nenv = 'NOT_SET_ANYWHERE'\nhosts = ['https://a.example']\n", "NOT_SET_ANYWHERE"),
        ("[bus]\npayload_bytes_max = '5s'\n", "units here are"),
        ("[bus]\npayload_bytes_max = 0\n", "a whole number from 1"),
        ("[connectors.shop.webhook]\nverify = 'shopfy'\nsecrets = ['x']\n", "known are shopify"),
    ] {
        folder.write("lockgate.toml", text);
        let told = stderr(&folder.run(&["config", "check"]).code(2));
        assert!(told.contains(why), "{text}: {told}");
    }
    folder.write("lockgate.toml", "[bus]\npayload_bytes_max = '2MiB'\n[server]\nbody_read_timeout_ms = '5s'\n");
    let shown = folder.json(&["config", "show"]);
    assert_eq!((&shown["bus"]["payload_bytes_max"], &shown["server"]["body_read_timeout_ms"]), (&json!(2 << 20), &json!(5_000)));
}
