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

const SHOP: &str = r#"
[[object_type]]
name = "shop.brand"

[[object_type]]
name = "shop.category"
fields = [{ name = "brand", kind = "reference", to = "shop.brand", need = "required" }]

[[object_type]]
name = "shop.product"
fields = [
    { name = "category", kind = "reference", to = "shop.category", need = "required" },
    { name = "rival", kind = "reference", to = "shop.brand", need = "optional" },
]
"#;

const GRANTS: &str = "[defaults]\nprocessing = \"on-request\"\n[defaults.grant]\nobjects = [\"shop.*\"]\n";

/// What a product, a category and a brand are to the scripted connector.
fn script(object_type: &str, name: &str, refers: Option<(&str, &str, &str)>) -> serde_json::Value {
    let mut script = json!({"prepare": {"object": {"object_type": object_type, "code_name": name}}});
    if let Some((field, to, id)) = refers {
        script["prepare"]["object"]["fields"] = json!({ field: { "reference": id } });
        script["objects"] = json!({ to: { id: { "code_name": id } } });
    }
    script
}

/// Two connectors of one component.
fn shop_and_brands() -> Folder {
    let folder = Folder::new();
    folder.write("shop.toml", SHOP);
    folder.write("lockgate.toml", GRANTS);
    folder.run(&["model", "apply", "shop.toml"]).success();
    for name in ["shop", "brands"] {
        folder.run(&["connector", "add", name, common::guest().to_str().unwrap()]).success();
    }
    folder
}

fn submit(folder: &Folder, connector: &str, script: &serde_json::Value) {
    folder.write("script.json", script.to_string());
    folder.run(&["submit", connector, "script.json", "--title", "a title"]).success();
}

/// Each thing after what needs it, and the last of another connector than the first.
fn reversed(folder: &Folder) {
    submit(folder, "shop", &script("shop.product", "tea", Some(("category", "shop.category", "drinks"))));
    submit(folder, "shop", &script("shop.category", "drinks", Some(("brand", "shop.brand", "acme"))));
    submit(folder, "brands", &script("shop.brand", "acme", None));
}

#[test]
fn one_call_ends_a_reversed_import_with_a_server_and_without() {
    for serves in [false, true] {
        let folder = shop_and_brands();
        let _server = serves.then(|| folder.serve());
        reversed(&folder);
        let answer = folder.json(&["process"]);
        let counts: Vec<_> = ["processed", "queued", "parked"].iter().map(|key| answer["connectors"][1][key].as_u64().unwrap()).collect();
        assert_eq!(counts, [2, 0, 0], "{answer}");
        assert_eq!(answer["left"], json!(["everything is processed"]), "{answer}");
        folder.run(&["object", "get", "shop.product", "tea"]).success();
    }
}

#[test]
fn what_is_missing_is_said_and_may_be_given_up() {
    let folder = shop_and_brands();
    submit(&folder, "shop", &script("shop.product", "tea", Some(("category", "shop.category", "drinks"))));
    submit(&folder, "brands", &script("shop.brand", "acme", None));
    let processed = stdout(&folder.run(&["process"]).success());
    assert!(processed.contains("1 task waits for 1 thing that is not there: shop.category 'drinks': `lockgate missing`"), "{processed}");
    let said = stdout(&folder.run(&["status"]).success());
    assert!(said.starts_with("1 task waits for what is not there: `lockgate missing`\n"), "{said}");
    let listed = stdout(&folder.run(&["task", "list"]).success());
    assert!(listed.contains("  parked  ") && listed.contains("waits for shop.category 'drinks'"), "{listed}");
    let shown = stdout(&folder.run(&["task", "show", "1"]).success());
    assert!(shown.contains("waits for: shop.category 'drinks' (external id drinks)"), "{shown}");
    assert!(shown.contains("what to do: It waits for shop.category 'drinks', and then goes on by itself."), "{shown}");
    let missing = stdout(&folder.run(&["missing"]).success());
    assert!(missing.contains("shop.category 'drinks'") && missing.contains("task 1 'a title'"), "{missing}");

    let mark = folder.json(&["missing"])["missing"][0]["mark"].as_str().unwrap().to_owned();
    let given = stdout(&folder.run(&["missing", "ignore", &mark]).success());
    assert_eq!(given, "given up: shop.category 'drinks'; failed tasks: 1, ended references: 0\n");
    let said = stdout(&folder.run(&["status"]).success());
    assert!(said.starts_with("1 task of shop failed and is set aside: "), "{said}");
    assert_eq!(folder.json(&["task", "show", "1"])["failure"]["code"], "given-up");
}

#[test]
fn an_open_reference_is_missing_until_it_is_given_up() {
    let folder = shop_and_brands();
    let with_rival = script("shop.product", "tea", Some(("rival", "shop.brand", "acme")));
    submit(&folder, "shop", &script("shop.brand", "other", None));
    submit(&folder, "shop", &script("shop.category", "drinks", Some(("brand", "shop.brand", "other"))));
    let mut product = with_rival.clone();
    product["prepare"]["object"]["fields"]["category"] = json!({"reference": "drinks"});
    product["objects"]["shop.category"] = json!({"drinks": {"code_name": "drinks"}});
    submit(&folder, "shop", &product);
    folder.run(&["process"]).success();
    let said = stdout(&folder.run(&["status"]).success());
    assert!(said.starts_with("everything is processed\n1 reference is left open until "), "{said}");
    let missing = stdout(&folder.run(&["missing"]).success());
    assert!(missing.contains("field rival of shop.product 'tea', left by task 3"), "{missing}");
    let mark = folder.json(&["missing"])["missing"][0]["mark"].as_str().unwrap().to_owned();
    folder.run(&["missing", "ignore", &mark]).success();
    assert_eq!(folder.json(&["missing"])["missing"], json!([]));
    // What was given up is not looked for again.
    submit(&folder, "brands", &script("shop.brand", "acme", None));
    folder.run(&["process"]).success();
    assert!(folder.json(&["object", "get", "shop.product", "tea"])["fields"].get("rival").is_none_or(serde_json::Value::is_null));
}
