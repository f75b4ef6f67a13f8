//! Texts of connectors and senders, and names of files that somebody else has put there.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "clippy exempts test functions, not their helpers")]

mod common;

use common::{Folder, stderr, stdout};
use lockgate_core::text::is_obeyed;
use serde_json::{Value, json};

/// What a terminal obeys or hides, and what ends a line for some reader.
const OBEYED: &str = "\u{1b}[2K\r\u{7f}\u{9b}\u{61c}\u{200b}\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}\u{e0041}";

fn holds_none(text: &str) {
    let obeyed: Vec<char> = text.chars().filter(|c| is_obeyed(*c) && *c != '\n').collect();
    assert!(obeyed.is_empty(), "{obeyed:?} in {text}");
}

fn with_object() -> (Folder, String) {
    let folder = Folder::with_store();
    folder.add_trapping();
    let name = format!("Anvil\nmodified at: 1999-01-01T00:00:00Z\nsite: forged{OBEYED}");
    folder.store(&json!({ "object": { "type": "shop.product", "code_name": "anvil", "display_name": name } }));
    (folder, name)
}

/// Line breaks in a display name made lines that looked like fields of the object.
#[test]
fn a_text_of_a_sender_is_one_field_of_one_line() {
    let (folder, _) = with_object();
    let shown = stdout(&folder.run(&["object", "get", "shop.product", "anvil"]).success());
    holds_none(&shown);
    assert!(shown.contains("display name: Anvil\\nmodified at: 1999-01-01T00:00:00Z\\nsite: forged\\u{1b}[2K\\r\\u{7f}"), "{shown}");
    assert_eq!(shown.lines().filter(|line| line.starts_with("modified at: ")).count(), 1, "{shown}");
    assert!(!shown.contains("\nsite: "), "{shown}");
    let listed = stdout(&folder.run(&["object", "list"]).success());
    holds_none(&listed);
    assert_eq!(listed.lines().count(), 2, "{listed}");
    for arguments in
        [&["history"][..], &["task", "show", "1"], &["task", "show", "1", "--log"], &["status"], &["connector", "show", "shop"]]
    {
        holds_none(&stdout(&folder.run(arguments).success()));
    }
}

#[test]
fn json_and_exports_mean_the_text_and_a_terminal_obeys_nothing() {
    let (folder, name) = with_object();
    for arguments in
        [&["object", "get", "shop.product", "anvil", "--json"][..], &["object", "list", "--json"], &["export"], &["export", "--canonical"]]
    {
        let shown = stdout(&folder.run(arguments).success());
        holds_none(&shown);
        assert!(shown.contains("\\u202e") && shown.contains("\\u009b") && shown.contains("\\udb40\\udc41"), "{shown}");
    }
    assert_eq!(folder.json(&["object", "get", "shop.product", "anvil"])["display_name"], name.as_str());
    folder.run(&["export", "--out", "all.ndjson"]).success();
    let written = std::fs::read_to_string(folder.path().join("all.ndjson")).unwrap();
    holds_none(&written);
    let rows = written.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert!(rows.into_iter().any(|row| row.to_string().contains("Anvil")), "{written}");
}

/// The lines that are printed for pasting held what the manifest wanted: a table of its own, and
/// a key in it.
#[test]
fn a_manifest_puts_no_line_into_what_is_to_be_pasted() {
    let folder = Folder::with_store();
    folder.add_trapping();
    for (key, item) in [("settings", "x\\n[server]\\ntokens"), ("secrets", "x]\\nstate = true\\n[y"), ("sites", "a\\nb")] {
        folder.write("manifest.toml", format!("{key} = [\"{item}\"]\n"));
        let said = stderr(&folder.run(&["connector", "add", "shop2", "trapping.wasm", "--manifest", "manifest.toml"]).code(2));
        assert!(said.contains("manifest.toml:1:") && said.contains("letters, digits"), "{said}");
    }
    // Also when it is in the component: past the command, at the server's own door.
    let mut component = std::fs::read(folder.path().join("trapping.wasm")).unwrap();
    let (name, text) = ("lockgate:manifest", "secrets = [\"x]\\nstate = true\"]");
    component.extend([0, u8::try_from(1 + name.len() + text.len()).unwrap(), u8::try_from(name.len()).unwrap()]);
    component.extend([name, text].concat().into_bytes());
    folder.write("sly.wasm", component);
    for arguments in [&["connector", "add", "shop2", "sly.wasm"][..], &["connector", "check", "sly.wasm"]] {
        let said = stderr(&folder.run(arguments).code(2));
        assert!(said.contains("[invalid-manifest]") && said.contains("letters, digits"), "{said}");
    }
}

#[test]
fn a_number_that_is_too_large_is_said_in_our_words() {
    let folder = Folder::with_store();
    let large = "99999999999999999999999";
    for arguments in [
        &["task", "show", large][..],
        &["task", "retry", "1", large],
        &["task", "list", "--after", large],
        &["task", "list", "--limit", large],
        &["task", "process-type", large, "default"],
        &["history", "--task", large],
        &["history", "--before", large],
        &["object", "list", "--after", large],
        &["page", "tree", "shop", "--depth", large],
    ] {
        let said = stderr(&folder.run(arguments).code(2));
        assert!(said.contains("no id and no number here is larger than 18446744073709551615"), "{arguments:?}: {said}");
    }
    assert!(stderr(&folder.run(&["task", "show", "-1"]).code(2)).contains("error: "));
    assert!(stderr(&folder.run(&["task", "show", "first"]).code(2)).contains("it should be a whole number"));
}

/// A backup took the place of a pipe, and the owner of what a link led to; a link that led nowhere was in
/// its way.
#[cfg(unix)]
#[test]
fn a_backup_replaces_a_link_itself_and_nothing_but_files() {
    use std::os::unix::fs::{FileTypeExt as _, symlink};
    let folder = Folder::with_store();
    let kind = |name: &str| std::fs::symlink_metadata(folder.path().join(name)).unwrap().file_type();
    assert!(std::process::Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap().success());
    let said = stderr(&folder.run(&["backup", "pipe", "--force"]).code(2));
    assert!(said.contains("pipe is there and is not a file"), "{said}");
    assert!(kind("pipe").is_fifo());
    symlink("nothing", folder.path().join("out.backup")).unwrap();
    let said = stderr(&folder.run(&["backup", "out.backup"]).code(2));
    assert!(said.contains("out.backup is there already"), "{said}");
    folder.run(&["backup", "out.backup", "--force"]).success();
    assert!(kind("out.backup").is_file() && !folder.path().join("nothing").exists());
    folder.run(&["check", "out.backup"]).success();
}

/// A link with the name of the unfinished export had its target emptied.
#[cfg(unix)]
#[test]
fn no_command_writes_through_a_link_or_over_a_file_unasked() {
    use std::os::unix::fs::symlink;
    let folder = Folder::with_store();
    let precious = || std::fs::read_to_string(folder.path().join("precious")).unwrap();
    folder.write("precious", "precious");
    folder.write("core.wasm", b"\0asm\x01\0\0\0");
    for link in ["all.ndjson", "all.ndjson.part", "out.backup", "out.wasm", "gen"] {
        symlink("precious", folder.path().join(link)).unwrap();
    }
    for arguments in [
        &["export", "--out", "all.ndjson"][..],
        &["export", "--out", "precious"],
        &["backup", "out.backup"],
        &["backup", "precious"],
        &["bindings", "--lang", "wit", "-o", "gen"],
        &["new", "shop", "--lang", "c", "-o", "gen"],
    ] {
        let said = stderr(&folder.run(arguments).failure());
        assert!(said.contains("hint: ") || said.contains("gen"), "{arguments:?}: {said}");
        assert_eq!(precious(), "precious", "{arguments:?}");
    }
    folder.run(&["export", "--out", "all.ndjson", "--force"]).success();
    folder.run(&["backup", "out.backup", "--force"]).success();
    assert_eq!(precious(), "precious");
    assert!(folder.path().join("all.ndjson.part").is_symlink() && !folder.path().join("all.ndjson").is_symlink());
}

#[test]
fn what_was_generated_is_replaced_and_what_was_not_stays() {
    let folder = Folder::with_store();
    folder.add_trapping();
    // Built again and again.
    folder.run(&["component", "new", "core.wasm", "-o", "trapping.wasm"]).success();
    folder.write("notes.txt", "mine");
    for output in ["notes.txt", "core.wasm"] {
        let said = stderr(&folder.run(&["component", "new", "core.wasm", "-o", output]).code(2));
        assert!(said.contains("--force"), "{said}");
    }
    folder.run(&["component", "new", "core.wasm", "-o", "notes.txt", "--force"]).success();
    folder.write("notes.txt", "mine");
    let said = stderr(&folder.run(&["test", "trapping.wasm", "--junit", "notes.txt"]).code(2));
    assert!(said.contains("notes.txt is there already") && said.contains("--force"), "{said}");
    assert_eq!(std::fs::read_to_string(folder.path().join("notes.txt")).unwrap(), "mine");
    for flags in [&["--junit", "report.xml"][..], &["--junit", "report.xml"], &["--junit", "notes.txt", "--force"]] {
        folder.run(&[&["test", "trapping.wasm"], flags].concat()).code(1);
    }
    for report in ["report.xml", "notes.txt"] {
        assert!(std::fs::read_to_string(folder.path().join(report)).unwrap().starts_with("<?xml"), "{report}");
    }
    folder.run(&["bindings", "--lang", "wit", "-o", "gen"]).success();
    folder.run(&["bindings", "--lang", "wit", "-o", "gen"]).success();
    folder.write("gen/connector.wit", "mine");
    let said = stderr(&folder.run(&["bindings", "--lang", "wit", "-o", "gen"]).code(2));
    assert!(said.contains("connector.wit is there already") && said.contains("--force"), "{said}");
    folder.run(&["bindings", "--lang", "wit", "-o", "gen", "--force"]).success();
    assert_ne!(std::fs::read_to_string(folder.path().join("gen/connector.wit")).unwrap(), "mine");
}
