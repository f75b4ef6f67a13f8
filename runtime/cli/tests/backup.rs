//! Backing up, restoring, checking and compacting.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "clippy exempts test functions, not their helpers")]

mod common;

use common::{Folder, stderr, stdout};
use serde_json::{Value, json};

const CONFIG: &str = "[connectors.shop.grant]\nobjects = ['shop.*', 'test.report']\nstate = true\n";
const REPORT: &str = "[[object_type]]\nname = 'test.report'\n[[object_type.fields]]\nname = 'acts'\nkind = 'json'\n";

/// A store with content, history, logs, a connector and its state, and a task that waits.
fn used() -> Folder {
    let folder = Folder::with_store();
    folder.write("lockgate.toml", CONFIG);
    folder.write("report.toml", REPORT);
    folder.run(&["model", "apply", "shop.toml", "report.toml"]).success();
    folder.add("objects = ['*']\nstate = true").success();
    folder.submit(&json!({ "do": [{ "state": { "set": ["cursor", "page 7"] } }], "prepare": { "report": "r" } }));
    folder.run(&["process"]).success();
    folder.run(&["switch", "processing", "off"]).success();
    folder.submit(&product("anvil"));
    folder
}

fn product(name: &str) -> Value {
    json!({ "prepare": { "object": { "object_type": "shop.product", "code_name": name } } })
}

/// Everything that can be asked for.
fn everything(folder: &Folder, store: &str) -> Vec<String> {
    let asked: &[&[&str]] = &[
        &["export"],
        &["task", "list", "--json"],
        &["history", "--json"],
        &["history", "--task", "1", "--json"],
        &["task", "show", "1", "--log", "--json"],
        &["connector", "list", "--json"],
        &["connector", "state", "shop", "--json"],
        &["model", "show", "--json"],
    ];
    asked.iter().map(|command| stdout(&folder.run(&[*command, &["--store", store]].concat()).success())).collect()
}

#[test]
fn a_backup_of_a_running_server_is_restored_to_the_same_and_works_on() {
    let folder = used();
    let before = everything(&folder, "lockgate.redb");
    let mut server = folder.serve();
    let made = folder.json(&["backup", "shop.backup"]);
    assert_eq!(made["bytes"], std::fs::metadata(folder.path().join("shop.backup")).unwrap().len());
    assert!(made["rows"].as_u64().unwrap() > 20, "{made}");
    // After the backup, so not in it.
    folder.submit(&product("late"));
    folder.run(&["restore", "shop.backup", "--force"]).code(3);
    assert_eq!(server.terminate(), Some(0));

    let said = stdout(&folder.run(&["restore", "shop.backup", "--store", "other.redb"]).success());
    assert!(said.contains("restored other.redb from shop.backup") && said.contains("submit it again"), "{said}");
    assert_eq!(everything(&folder, "other.redb"), before);
    folder.run(&["switch", "processing", "on", "--store", "other.redb"]).success();
    folder.run(&["process", "--store", "other.redb"]).success();
    folder.run(&["object", "get", "shop.product", "anvil", "--store", "other.redb"]).success();
    folder.run(&["object", "get", "shop.product", "late", "--store", "other.redb"]).code(1);
    let names: Vec<String> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!names.iter().any(|name| name.starts_with(".lockgate-")), "{names:?}");
}

#[test]
fn a_backup_needs_no_server_is_its_owners_only_and_is_replaced_on_demand() {
    let folder = used();
    assert!(stdout(&folder.run(&["backup", "shop.backup"]).success()).starts_with("backed up to shop.backup: "));
    let again = folder.run(&["backup", "shop.backup"]).code(2);
    assert!(stderr(&again).contains("--force"), "{}", stderr(&again));
    folder.run(&["backup", "shop.backup", "--force"]).success();
    assert_eq!(folder.json(&["check", "shop.backup"])["findings"], json!([]));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder.path().join("shop.backup")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    folder.run(&["backup", "missing/shop.backup"]).code(1);
}

#[test]
fn a_damaged_backup_is_refused_by_its_name_and_changes_nothing() {
    let folder = used();
    folder.run(&["backup", "shop.backup"]).success();
    let good = std::fs::read(folder.path().join("shop.backup")).unwrap();
    let at = good.windows(5).position(|bytes| bytes == b"anvil").unwrap();
    let mut flipped = good.clone();
    flipped[at] ^= 1;
    let store = std::fs::read(folder.path().join("lockgate.redb")).unwrap();
    for bad in [&flipped[..], &good[..good.len() / 2], b"something else", b""] {
        folder.write("bad.backup", bad);
        let refused = folder.run(&["restore", "bad.backup", "--force"]).code(1);
        assert!(stderr(&refused).contains("bad.backup is damaged"), "{}", stderr(&refused));
        assert!(!folder.run(&["check", "bad.backup"]).get_output().status.success());
        assert_eq!(std::fs::read(folder.path().join("lockgate.redb")).unwrap(), store);
        assert!(!folder.path().join("lockgate.redb.before-restore").exists());
    }
    let missing = folder.run(&["restore", "none.backup", "--force"]).code(3);
    assert!(stderr(&missing).contains("none.backup"), "{}", stderr(&missing));
}

#[test]
fn a_store_is_replaced_with_force_only_and_kept() {
    let folder = used();
    folder.run(&["backup", "shop.backup"]).success();
    let before = everything(&folder, "lockgate.redb");
    folder.submit(&product("late"));
    let refused = folder.run(&["restore", "shop.backup"]).code(2);
    assert!(stderr(&refused).contains("--force"), "{}", stderr(&refused));
    folder.run(&["restore", "shop.backup", "--force"]).success();
    assert_eq!(everything(&folder, "lockgate.redb"), before);
    let kept = folder.json(&["task", "list", "--store", "lockgate.redb.before-restore"]);
    assert_eq!(kept["tasks"].as_array().unwrap().len(), 2, "what was there is kept whole");
    let again = folder.run(&["restore", "shop.backup", "--force"]).code(2);
    assert!(stderr(&again).contains("lockgate.redb.before-restore is there already"), "{}", stderr(&again));
}

#[test]
fn what_is_open_is_neither_checked_nor_compacted() {
    let folder = used();
    assert!(stdout(&folder.run(&["check"]).success()).ends_with("rows, all is well\n"));
    let compacted = folder.json(&["compact"]);
    assert!(compacted["bytes_after"].as_u64().unwrap() <= compacted["bytes_before"].as_u64().unwrap());
    assert_eq!(folder.json(&["check"])["findings_total"], 0);
    let _server = folder.serve();
    for command in [["check"], ["compact"]] {
        let refused = folder.run(&command).code(3);
        assert!(stderr(&refused).contains("in use by another process") && stderr(&refused).contains("hint: "), "{}", stderr(&refused));
    }
    folder.run(&["check", "none.redb"]).code(3);
    folder.run(&["compact", "--store", "none.redb"]).code(3);
    assert!(!folder.path().join("none.redb").exists());
}
