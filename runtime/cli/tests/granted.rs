//! What a connector asks for, what it is granted, and its versions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "clippy exempts test functions, not their helpers")]

mod common;

use common::{Folder, guest, stderr, stdout};
use serde_json::{Value, json};

const GRANTS: &str = "[connectors.shop.grant]\nobjects = [\"shop.*\"]\n";

fn product(name: &str) -> Value {
    json!({ "prepare": { "object": { "object_type": "shop.product", "code_name": name } } })
}

fn digest_of(folder: &Folder) -> String {
    folder.json(&["connector", "show", "shop"])["digest"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_not_granted_is_said_with_the_lines_that_grant_it() {
    let folder = Folder::with_store();
    let said = stdout(&folder.add("objects = ['shop.product']\nsites = ['*']\n").success());
    assert!(said.starts_with("installed shop\n"), "{said}");
    assert!(said.contains("objects   shop.product  not granted"), "{said}");
    folder.submit(&product("anvil"));
    folder.run(&["process"]).code(1);
    assert_eq!(folder.json(&["task", "list"])["tasks"][0]["failure"]["code"], "write-denied");

    // The lines are to be pasted as they are.
    let lines =
        folder.json(&["connector", "check", guest().to_str().unwrap(), "--as", "shop", "--manifest", "manifest.toml"])["grant_toml"]
            .clone();
    assert!(said.contains(lines.as_str().unwrap()), "{said}\n{lines}");
    folder.write("lockgate.toml", lines.as_str().unwrap());
    let shown = folder.json(&["connector", "show", "shop"]);
    assert!(shown["asks"].as_array().unwrap().iter().all(|ask| ask["granted"] == "granted"), "{shown}");
    folder.run(&["task", "retry", "1"]).success();
    folder.run(&["object", "get", "shop.product", "anvil"]).success();
}

#[test]
fn an_upgrade_that_asks_for_more_is_kept_and_waits() {
    let folder = Folder::with_store();
    folder.write("lockgate.toml", GRANTS);
    folder.add("objects = ['shop.*']").success();
    let first = digest_of(&folder);
    let said = stdout(&folder.add("objects = ['shop.*', 'cms.user']\nstate = true").success());
    assert!(said.starts_with("kept, not active: shop goes on with version "), "{said}");
    assert!(said.contains("  objects cms.user\n  state\n") && said.contains("lockgate connector approve shop"), "{said}");
    assert_eq!(digest_of(&folder), first);
    let shown = stdout(&folder.run(&["connector", "show", "shop"]).success());
    assert!(shown.contains("  waiting   ") && shown.contains("lockgate connector approve shop"), "{shown}");

    // Another came since than the one that was seen.
    let refused = folder.run(&["connector", "approve", "shop", "--digest", &first[..12]]).code(1);
    assert!(
        stderr(&refused).contains("that waits for approval is") && stderr(&refused).contains("[nothing-pending]"),
        "{}",
        stderr(&refused)
    );
    assert_eq!(digest_of(&folder), first);
    let command = said.lines().find_map(|line| line.strip_prefix("to let it run: lockgate ")).unwrap();
    folder.run(&command.split(' ').collect::<Vec<_>>()).success();
    let second = digest_of(&folder);
    assert_ne!(second, first);
    let back = stdout(&folder.run(&["connector", "rollback", "shop"]).success());
    assert_eq!(back, format!("rolled back: shop now runs version {first}\n"));
    folder.run(&["connector", "rollback", "shop", "--to", &second[..8]]).success();
    assert_eq!(digest_of(&folder), second);
}

#[test]
fn what_a_connector_keeps_is_shown_by_key_and_forgotten() {
    let folder = Folder::with_store();
    folder.write("lockgate.toml", "[connectors.shop.grant]\nobjects = ['test.report']\nstate = true\n");
    folder.write("report.toml", "[[object_type]]\nname = 'test.report'\n[[object_type.fields]]\nname = 'acts'\nkind = 'json'\n");
    folder.run(&["model", "apply", "shop.toml", "report.toml"]).success();
    folder.add("objects = ['*']\nstate = true").success();
    folder.submit(&json!({ "do": [{ "state": { "set": ["cursor", "page 7"] } }], "prepare": { "report": "r" } }));
    folder.run(&["process"]).success();
    let shown = stdout(&folder.run(&["connector", "state", "shop"]).success());
    assert_eq!(shown, "KEY     SIZE\ncursor  6 B\n12 B of 64 KiB\n");
    let values = stdout(&folder.run(&["connector", "state", "shop", "--values"]).success());
    assert!(values.starts_with("cursor (6 B): cGFnZSA3\n"), "{values}");
    assert_eq!(folder.json(&["connector", "show", "shop"])["state"], json!({ "keys": 1, "bytes": 12 }));
    folder.run(&["connector", "state", "shop", "--clear"]).success();
    assert_eq!(folder.json(&["connector", "state", "shop"])["keys"], json!([]));

    let used = stdout(&folder.run(&["history", "--task", "1"]).success());
    assert!(used.contains("\nused: time ") && used.contains(" of 64 MiB, output ") && used.contains("calls 0 of 50"), "{used}");
    let shown = stdout(&folder.run(&["task", "show", "1"]).success());
    assert!(shown.contains("\nused: time "), "{shown}");
}

#[test]
fn each_verb_says_what_is_wrong_and_what_to_do() {
    let folder = Folder::with_store();
    folder.write("lockgate.toml", GRANTS);
    folder.add("objects = ['shop.*']").success();
    folder.write("bad.toml", "state = true\nobjects = ['sh*p']\n");
    let component = guest();
    let component = component.to_str().unwrap();
    for (arguments, code, why) in [
        (&["connector", "add", "shop", component, "--manifest", "bad.toml"][..], 2, "bad.toml:2:12: "),
        (&["connector", "add", "shop", "--manifest", "manifest.toml"], 2, "FILE.wasm"),
        (&["connector", "check", component, "--manifest", "bad.toml"], 2, "bad.toml:2:12: "),
        (&["connector", "check", component, "--as", "no name"], 2, "parameter name"),
        (&["connector", "check", component, "--as"], 2, "--as <NAME>"),
        (&["connector", "approve", "shop"], 1, "has no version that waits"),
        (&["connector", "approve", "nobody"], 1, "nobody"),
        (&["connector", "approve"], 2, "<NAME>"),
        (&["connector", "rollback", "shop"], 1, "has no such version"),
        (&["connector", "rollback", "shop", "--to", "ffff"], 1, "lockgate connector show shop"),
        (&["connector", "rollback", "shop", "--to", ""], 2, "--to <DIGEST>"),
        (&["connector", "state", "nobody"], 1, "nobody"),
        (&["connector", "state", "shop", "--clear", "--values"], 2, "cannot be used with"),
        (&["connector", "state", "shop", "--forget"], 2, "--forget"),
        (&["process", "--dry-run-egress", "--no-wait"], 2, "cannot be used with"),
    ] {
        let said = stderr(&folder.run(arguments).code(code));
        assert!(said.contains(why), "{arguments:?}: {said}");
        assert!(said.contains("hint: ") || said.contains("--help"), "{arguments:?}: {said}");
    }
    // Nothing of it did anything.
    assert_eq!(folder.json(&["connector", "show", "shop"])["versions"].as_array().unwrap().len(), 1);
}
