//! Without a server, commands work on the store itself.

mod common;

use common::{Folder, MODEL, stderr, stdout};

/// The smallest core module: the four bytes of the magic number and the version.
const CORE_MODULE: &[u8] = b"\0asm\x01\0\0\0";

#[test]
fn without_store_and_server_it_ends_with_3_and_makes_no_file() {
    let folder = Folder::new();
    for arguments in [&["status"][..], &["task", "list"], &["process"], &["object", "list"], &["export"]] {
        let assert = folder.run(arguments).code(3);
        assert!(stderr(&assert).contains("does not exist"), "{}", stderr(&assert));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_file_that_is_no_store_ends_with_3() {
    let folder = Folder::new();
    folder.write("lockgate.redb", "a text that is no store at all");
    folder.run(&["status"]).code(3);
}

#[test]
fn a_core_module_is_refused() {
    let folder = Folder::with_store();
    folder.write("core.wasm", CORE_MODULE);
    for arguments in [&["connector", "add", "shop", "core.wasm"][..], &["connector", "check", "core.wasm"]] {
        let assert = folder.run(arguments).code(2);
        assert!(stderr(&assert).contains("hint: "), "{}", stderr(&assert));
    }
    assert_eq!(folder.json(&["connector", "list"])["connectors"], serde_json::json!([]));
}

#[test]
fn a_component_is_checked_without_a_store() {
    let folder = Folder::new();
    folder.write("core.wasm", CORE_MODULE);
    folder.run(&["connector", "check", "core.wasm"]).code(2);
    assert!(!folder.path().join("lockgate.redb").exists());
}

#[test]
fn what_is_not_there_ends_with_1() {
    let folder = Folder::with_store();
    folder.write("a.json", "{}");
    for arguments in [
        &["submit", "nobody", "a.json"][..],
        &["connector", "show", "nobody"],
        &["connector", "enable", "nobody"],
        &["connector", "remove", "nobody"],
        &["process", "nobody"],
        &["task", "show", "17"],
        &["task", "retry", "17"],
        &["object", "get", "shop.product", "nothing"],
        &["page", "get", "shop", "/nothing"],
    ] {
        let assert = folder.run(arguments).code(1);
        assert!(stderr(&assert).starts_with("error: "), "{arguments:?}: {}", stderr(&assert));
    }
}

#[test]
fn every_reading_command_prints_json() {
    let folder = Folder::with_store();
    assert!(folder.json(&["status"])["queued"].is_object());
    assert!(folder.json(&["task", "list"])["tasks"].is_array());
    assert!(folder.json(&["history"])["history"].is_array());
    assert!(folder.json(&["connector", "list"])["connectors"].is_array());
    assert!(folder.json(&["object", "list"])["objects"].is_array());
    assert!(folder.json(&["page", "tree", "shop"])["children"].is_array());
    assert!(folder.json(&["model", "show"])["files"]["shop.toml"].is_string());
    assert!(folder.json(&["process"])["connectors"].is_array());
    assert!(folder.json(&["explain"])["codes"].is_array());
    assert!(folder.json(&["config", "show"])["bus"].is_object());
    assert!(folder.json(&["config", "default"])["file"].is_string());
}

#[test]
fn every_reading_command_prints_text() {
    let folder = Folder::with_store();
    for arguments in [
        &["status"][..],
        &["task", "list"],
        &["history"],
        &["connector", "list"],
        &["object", "list"],
        &["page", "tree", "shop"],
        &["model", "show"],
        &["explain"],
        &["config", "show"],
    ] {
        let assert = folder.run(arguments).success();
        assert!(!assert.get_output().stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn an_invalid_model_is_named_with_path_line_and_column() {
    let folder = Folder::with_store();
    folder.write("bad.toml", "\nnonsense = 1\n");
    let assert = folder.run(&["model", "apply", "bad.toml"]).code(2);
    assert!(stderr(&assert).contains("bad.toml:2:"), "{}", stderr(&assert));
}

#[test]
fn a_dry_run_changes_nothing() {
    let folder = Folder::new();
    folder.write("shop.toml", common::MODEL);
    let planned = folder.json(&["model", "apply", "shop.toml", "--dry-run"]);
    assert_eq!(planned["applied"], false);
    assert!(!folder.path().join("lockgate.redb").exists());
}

#[test]
fn a_dry_run_changes_no_model_that_is_there() {
    let folder = Folder::with_store();
    let before = folder.json(&["model", "show"]);
    let field = "\n[[object_type]]\nname = \"shop.added\"\nfields = [{ name = \"x\", kind = \"text\" }]\n";
    folder.write("added.toml", field);
    let planned = folder.json(&["model", "apply", "added.toml", "--dry-run"]);
    assert_eq!(planned["applied"], false);
    assert!(planned.to_string().contains("shop.added"), "it says what would change: {planned}");
    assert_eq!(folder.json(&["model", "show"]), before);
    // The same without: it would have been seen.
    assert_eq!(folder.json(&["model", "apply", "added.toml"])["applied"], true);
    assert_ne!(folder.json(&["model", "show"]), before);
}

#[test]
fn a_switch_stays() {
    let folder = Folder::with_store();
    folder.run(&["switch", "processing", "off"]).success();
    assert_eq!(folder.json(&["status"])["switches"]["processing"], false);
    folder.run(&["process"]).code(1);
}

#[test]
fn an_export_is_written_whole() {
    let folder = Folder::with_store();
    folder.run(&["export", "--canonical", "--out", "all.ndjson"]).success();
    assert!(folder.path().join("all.ndjson").exists() && !folder.path().join("all.ndjson.part").exists());
}

/// It was made for everybody to read, and had that mode also when it replaced a private file.
#[cfg(unix)]
#[test]
fn an_export_is_its_owners_only_and_keeps_the_rights_of_the_file_that_it_replaces() {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::with_store();
    let path = folder.path().join("all.ndjson");
    let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    folder.run(&["export", "--out", "all.ndjson"]).success();
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    folder.run(&["export", "--out", "all.ndjson", "--force"]).success();
    assert_eq!(mode(), 0o640);
}

#[test]
fn an_export_to_a_dash_goes_to_standard_output() {
    let folder = Folder::with_store();
    let exported = |arguments: &[&str]| folder.run(arguments).success().get_output().stdout.clone();
    assert_eq!(exported(&["export", "--canonical", "--out", "-"]), exported(&["export", "--canonical"]));
    assert!(!folder.path().join("-").exists());
}

/// Numbers were read as floats: 1.10 was shown as 1.1, and a long one ended in zeros.
#[test]
fn numbers_are_shown_digit_by_digit_as_they_are_stored() {
    let folder = Folder::with_store();
    folder.write("shop.toml", format!("{MODEL}\n[[object_type.fields]]\nname = \"sizes\"\nkind = \"json\"\n"));
    folder.run(&["model", "apply", "shop.toml"]).success();
    folder.add_trapping();
    let object = r#"{"object":{"type":"shop.product","code_name":"a","fields":{"sizes":{"json":{"w":1.10,"h":12345678901234567890123}}}}}"#;
    folder.store_text(object);
    let get = ["object", "get", "shop.product", "a"];
    for command in [&get[..], &[&get[..], &["--json"]].concat(), &["object", "list", "--json"]] {
        let shown = stdout(&folder.run(command).success());
        assert!(shown.contains("1.10") && shown.contains("12345678901234567890123"), "{command:?}: {shown}");
    }
}
