//! `lockgate test` judges a bare component.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use assert_cmd::assert::Assert;
use common::{Folder, guest, stderr, stdout};
use serde_json::{Value, json};

/// Products with a category, so that there is something to be asked for.
const MODEL: &str = "
[[object_type]]
name = 'shop.category'
[[object_type]]
name = 'shop.product'
[[object_type.fields]]
name = 'category'
kind = 'reference'
to = 'shop.category'
";

/// Name, task.toml, payload, and further files.
type Case<'a> = (&'a str, &'a str, Value, &'a [(&'a str, &'a str)]);

fn folder(cases: &[Case<'_>]) -> Folder {
    let folder = Folder::new();
    for (name, task, payload, files) in cases {
        std::fs::create_dir_all(folder.path().join("cases").join(name)).unwrap();
        folder.write(&format!("cases/{name}/task.toml"), task);
        folder.write(&format!("cases/{name}/payload.json"), payload.to_string());
        for (file, content) in *files {
            folder.write(&format!("cases/{name}/{file}"), content);
        }
    }
    folder
}

fn product() -> Value {
    json!({
        "logs": ["hello"],
        "prepare": { "object": { "object_type": "shop.product", "code_name": "a", "fields": { "category": { "reference": "c1" } } } },
        "objects": { "shop.category": { "c1": { "code_name": "helmets" } } },
    })
}

fn test(folder: &Folder, flags: &[&str]) -> Assert {
    let guest = guest();
    folder.run(&[&["test", guest.to_str().unwrap()], flags].concat())
}

/// The report, and what of it failed.
fn failed(folder: &Folder) -> (Value, Vec<String>) {
    let report: Value = serde_json::from_str(&stdout(&test(folder, &["--json"]))).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let failed = findings.iter().filter(|finding| finding["status"] == "failed");
    let names = failed.map(|finding| format!("{} {}", finding["group"].as_str().unwrap(), finding["name"].as_str().unwrap())).collect();
    (report, names)
}

fn message(report: &Value, name: &str) -> String {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["name"] == name).unwrap()["message"].as_str().unwrap().to_owned()
}

#[test]
fn expectations_are_written_met_and_missed() {
    let folder = folder(&[
        ("found", "type = 'create-object'", product(), &[]),
        (
            "refused",
            "type = 'create-object'",
            json!({ "prepare": { "error": { "kind": "invalid", "message": "no", "path": "a[0]" } } }),
            &[],
        ),
    ]);
    folder.write("model.toml", MODEL);
    let (report, names) = failed(&folder);
    assert!(names.contains(&"case found".to_owned()) && names.contains(&"case refused".to_owned()), "{names:?}");
    assert!(message(&report, "found").contains("--update would write expect.json"), "{report}");
    test(&folder, &["--update"]);
    let expected: Value = serde_json::from_slice(&std::fs::read(folder.path().join("cases/found/expect.json")).unwrap()).unwrap();
    assert_eq!(
        expected,
        json!({
            "prepared": { "object": { "type": "shop.product", "code_name": "a", "fields": { "category": { "reference": "c1" } } } },
            "asked": [{ "object": "shop.category", "id": "c1", "answer": { "code_name": "helmets" } }],
            "log": ["info: hello", "debug: params object shop.category c1"],
        })
    );
    assert_eq!(std::fs::read_to_string(folder.path().join("cases/refused/error.txt")).unwrap(), "invalid\nno\nat a[0]\n");
    // The scripted connector takes an unknown key for a typing error, on purpose.
    assert_eq!(failed(&folder).1, ["check unknown-fields"]);
    folder.write("cases/found/expect.json", expected.to_string().replace("helmets", "hats"));
    let (report, names) = failed(&folder);
    assert!(names.contains(&"case found".to_owned()), "{names:?}");
    let said = message(&report, "found");
    assert!(said.contains("-        \"code_name\": \"hats\"") && said.contains("+        \"code_name\": \"helmets\""), "{said}");
}

#[test]
fn the_report_is_for_people_and_for_ci_servers() {
    let folder = folder(&[("a", "type = 'create-object'", product(), &[("expect.json", "{}")])]);
    let assert = test(&folder, &["--junit", "report.xml"]).code(1);
    assert!(
        stdout(&assert).contains("FAIL case a\n")
            && stdout(&assert).contains("ok   check determinism")
            && stdout(&assert).contains("ok   check compiling: "),
        "{}",
        stdout(&assert)
    );
    assert!(stderr(&assert).starts_with("error: 2 of 14 failed"), "{}", stderr(&assert));
    let junit = std::fs::read_to_string(folder.path().join("report.xml")).unwrap();
    assert!(junit.contains("<testsuite name=\"case\" tests=\"1\"") && junit.contains("failures=\"1\""), "{junit}");
}

#[test]
fn without_a_model_only_what_the_case_asks_is_asked() {
    let task = "type = 'create-object'\n[[ask]]\ntype = 'shop.category'\nid = 'c1'\n[[ask]]\ntype = 'shop.category'\nid = 'c2'\n";
    let folder = folder(&[("a", task, product(), &[])]);
    test(&folder, &["--update"]);
    let expected: Value = serde_json::from_slice(&std::fs::read(folder.path().join("cases/a/expect.json")).unwrap()).unwrap();
    assert_eq!(expected["asked"][0]["answer"]["code_name"], "helmets");
    assert_eq!(expected["asked"][1]["answer"]["error"], "not-found");
    assert_eq!(expected["asked"].as_array().unwrap().len(), 2);
}

#[test]
fn recorded_exchanges_answer_with_secrets_put_in_and_nothing_else_is_called() {
    let call =
        |url: &str| json!({ "do": [{ "http": { "url": url, "headers": { "x": "{secret:token}" } } }], "prepare": { "report": "r" } });
    let exchange = "[[exchange]]\nurl = 'https://shop.example/users/7?full=1'\nstatus = 201\nheaders = { x = 'y' }\nbody = 'Anna'\n";
    let folder = folder(&[
        ("recorded", "type = 'create-object'", call("https://shop.example/users/7?full=1"), &[("http.toml", exchange)]),
        ("other", "type = 'create-object'", call("https://shop.example/users/8"), &[("http.toml", exchange)]),
    ]);
    test(&folder, &["--update"]);
    let expected = |name| std::fs::read_to_string(folder.path().join(format!("cases/{name}/expect.json"))).unwrap();
    assert!(
        expected("recorded").contains("\"status\": 201") && expected("recorded").contains("\"body\": \"Anna\""),
        "{}",
        expected("recorded")
    );
    assert!(expected("other").contains("\"error\": \"denied\""), "{}", expected("other"));
}

#[test]
fn the_clock_stands_still_and_settings_are_the_cases_own() {
    let task = "type = 'create-object'\nnow = 2026-02-03T04:05:06Z\n[settings]\ncurrency = 'EUR'\n";
    let folder = folder(&[("a", task, json!({ "prepare": { "echo": ["currency"] } }), &[])]);
    test(&folder, &["--update"]);
    let expected: Value = serde_json::from_slice(&std::fs::read(folder.path().join("cases/a/expect.json")).unwrap()).unwrap();
    let fields = &expected["prepared"]["object"]["fields"];
    assert_eq!(fields["now_ms"], 1_770_091_506_000_i64);
    assert_eq!(fields["setting.currency"], "EUR");
}

#[test]
fn each_check_says_what_is_wrong() {
    for (script, check, said) in [
        (json!({ "prepare": { "echo": [] } }), "determinism", "make them of the external id"),
        (json!({ "prepare": { "counter": true } }), "no-state", "after other calls to the same instance"),
        (
            json!({ "prepare": { "skip": "x" }, "objects": { "lockgate.test-unknown": { "0": { "panic": "oh" } } } }),
            "unknown-ids",
            "answers `not-found`",
        ),
        (json!({ "prepare": { "skip": "x" } }), "unknown-fields", "Applications add fields at any time"),
    ] {
        let folder = folder(&[("a", "type = 'create-object'", script, &[])]);
        let (report, names) = failed(&folder);
        assert!(names.contains(&format!("check {check}")), "{check} is not in {names:?}");
        assert!(message(&report, check).contains(said), "{check}: {}", message(&report, check));
    }
}

#[test]
fn what_is_no_connector_is_told_by_the_check_that_it_fails() {
    let folder = Folder::new();
    folder.write("core.wasm", b"\0asm\x01\0\0\0");
    let assert = folder.run(&["test", "core.wasm"]).code(1);
    assert!(stdout(&assert).contains("FAIL check contract") && stdout(&assert).contains("core module"), "{}", stdout(&assert));
}

#[test]
fn mistakes_in_a_case_end_with_2_and_name_the_place() {
    let folder = folder(&[("a", "type = 'eat'", json!({}), &[])]);
    let assert = test(&folder, &[]).code(2);
    assert!(stderr(&assert).contains("cases/a/task.toml: unknown task type \"eat\""), "{}", stderr(&assert));
    folder.run(&["test", "nothing.wasm"]).code(2);
    test(&folder, &["--build", "true"]).code(2);
}

/// What the host refuses became the expectation, and nobody was told that it is a mistake.
#[test]
fn an_expectation_that_is_a_mistake_of_the_connector_is_written_with_a_warning() {
    let undeclared = json!({ "prepare": { "object": { "object_type": "shop.undeclared", "code_name": "a" } } });
    let own = json!({ "prepare": { "error": { "kind": "invalid", "message": "no" } } });
    let folder = folder(&[("host", "task-type = 'create-object'", undeclared, &[]), ("own", "task-type = 'create-object'", own, &[])]);
    folder.write("model.toml", MODEL);
    let assert = test(&folder, &["cases", "--update"]);
    let said = stderr(&assert);
    assert!(said.contains("host/error.txt now expects") && said.contains("invalid-object"), "{said}");
    assert!(!said.contains("own/error.txt now expects"), "an error that the connector means is none: {said}");
}

#[test]
fn payloads_alone_are_judged_by_what_comes_of_them() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("exports")).unwrap();
    folder.write("model.toml", MODEL);
    folder.write("exports/good.json", product().to_string());
    folder.write("exports/refused.json", json!({ "prepare": { "error": { "kind": "invalid", "message": "no name" } } }).to_string());
    folder.write("exports/crashes.json", json!({ "prepare": { "panic": "at line 7" } }).to_string());
    let assert = test(&folder, &["exports"]).code(1);
    let said = stdout(&assert);
    assert!(said.contains("ok   case good.json: {\"prepared\"") && said.contains("helmets"), "{said}");
    assert!(said.contains("ok   case refused.json: invalid: no name"), "{said}");
    assert!(said.contains("FAIL case crashes.json") && said.contains("at line 7"), "{said}");
}
