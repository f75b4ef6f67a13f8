//! The same broken connector in each language: the code that its task fails with, and what its author is told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::collections::BTreeMap;
use std::path::Path;

use lockgate_system_tests::built::guest;
use lockgate_system_tests::languages::{PATIENT, component};
use lockgate_system_tests::program::{Server, path, text};
use serde_json::{Value, json};

const MODEL: &str = "
[[object_type]]
name = 'cms.user'

[[object_type]]
name = 'cms.role'
children = [{ type = 'cms.userrole', mode = 'complete' }]
fields = [
    { name = 'rank', kind = 'integer' },
    { name = 'share', kind = 'integer' },
    { name = 'number', kind = 'integer' },
    { name = 'owner', kind = 'reference', to = 'cms.user' },
]

[[binding_type]]
name = 'cms.userrole'
binds = ['role', 'user']
fields = [
    { name = 'role', kind = 'reference', to = 'cms.role', need = 'required' },
    { name = 'user', kind = 'reference', to = 'cms.user', need = 'required' },
]
";

/// Long enough for filling the memory on a busy machine.
const CONFIGURATION: &str = "
[connectors.broken]
processing = 'on-request'
deadline_ms = 2_000
waiting = 'off'
grant = { objects = ['cms.role', 'cms.userrole'] }
";

/// Mistakes that the host finds, and a payload of several things that is taken for one, in every language.
const OF_DATA: [Mistake; 4] = [
    ("wrong-kind", "invalid-object", &["field rank is declared as integer, and the value is a text"]),
    ("wrong-code-name", "unresolved-reference", &["cms.user", "anna-misspelt"]),
    ("child-missing", "invalid-object", &["user"]),
    ("several", "invalid", &[]),
];

/// A mistake, the code of the failure, and what its message has in it.
type Mistake = (&'static str, &'static str, &'static [&'static str]);

fn is_told(component: &Path, mistakes: &[Mistake]) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lockgate.toml"), format!("{PATIENT}{CONFIGURATION}")).unwrap();
    std::fs::write(folder.path().join("model.toml"), MODEL).unwrap();
    let task = |(mistake, ..): &Mistake| json!({"connector": "broken", "task_type": "create-object", "process_type": "skip-on-error", "title": mistake, "media_type": "text/plain", "body": mistake});
    let tasks: String = mistakes.iter().map(|mistake| format!("{}\n", task(mistake))).collect();
    std::fs::write(folder.path().join("tasks.ndjson"), tasks).unwrap();
    let server = Server::start(folder.path());
    server.run(&["model", "apply", "model.toml"]);
    server.run(&["connector", "add", "broken", path(component)]);
    server.run(&["submit", "--batch", "tasks.ndjson"]);
    let processed = server.output(&["process"]);
    assert_eq!(processed.status.code(), Some(1), "every task fails: {}", text(&processed.stderr));

    let queue = server.json(&["task", "list"]);
    let failures: BTreeMap<&str, &Value> =
        queue["tasks"].as_array().unwrap().iter().map(|task| (task["title"].as_str().unwrap(), &task["failure"])).collect();
    assert_eq!(failures.len(), mistakes.len(), "every task stays: {queue:#}");
    let mut wrong = Vec::new();
    for (mistake, code, parts) in mistakes {
        let failure = failures[mistake];
        let message = failure["message"].as_str().unwrap();
        if failure["code"] != *code || !parts.iter().all(|part| message.contains(part)) {
            wrong.push(format!("{mistake}: expected {code} with {parts:?}, and it is {failure}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    server.stop();
}

/// A field that is set twice has the last value, and JSON may be nested as deep in every language.
fn takes_what_all_languages_take(component: &Path) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lockgate.toml"), format!("{PATIENT}{CONFIGURATION}")).unwrap();
    std::fs::write(folder.path().join("model.toml"), MODEL).unwrap();
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let tasks = [("twice", "set-twice".to_owned()), ("127", nested(127)), ("129", nested(129)), ("100000", nested(100_000))];
    let task = |(title, body): &(&str, String)| json!({"connector": "broken", "task_type": "create-object", "process_type": "skip-on-error", "title": title, "media_type": "application/json", "body": body});
    let lines: String = tasks.iter().map(|named| format!("{}\n", task(named))).collect();
    std::fs::write(folder.path().join("tasks.ndjson"), lines).unwrap();
    let server = Server::start(folder.path());
    server.run(&["model", "apply", "model.toml"]);
    server.run(&["connector", "add", "broken", path(component)]);
    server.run(&["submit", "--batch", "tasks.ndjson"]);
    server.output(&["process"]);
    let queue = server.json(&["task", "list"]);
    let failed = |task: &Value| (task["title"].as_str().unwrap().to_owned(), task["failure"]["code"].as_str().unwrap().to_owned());
    let failed: BTreeMap<String, String> = queue["tasks"].as_array().unwrap().iter().map(failed).collect();
    let too_deep = ["100000", "129"].map(|title| (title.to_owned(), "invalid".to_owned()));
    assert_eq!(failed, BTreeMap::from(too_deep), "{queue:#}");
    let stored = server.json(&["object", "get", "cms.role", "broken"]);
    assert_eq!(stored["fields"]["rank"], 2, "{stored:#}");
    server.stop();
}

#[test]
fn mistakes_in_rust_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let component = folder.path().join("broken.wasm");
    std::fs::write(&component, guest("lockgate_broken_connector")).unwrap();
    is_told(
        &component,
        &[
            ("typo", "panic", &["lib.rs:44", "a member"]),
            ("wrong-type", "invalid-object", &["rank", "integer", "text"]),
            ("divide-by-zero", "panic", &["lib.rs:58", "divide by zero"]),
            ("endless-loop", "deadline", &["2000 ms"]),
            ("allocate", "memory-limit", &[]),
        ],
    );
    is_told(&component, &OF_DATA);
    takes_what_all_languages_take(&component);
}

#[test]
fn mistakes_in_typescript_are_told() {
    let Some(component) = component("typescript", "broken") else { return };
    is_told(
        &component,
        &[
            ("typo", "internal", &["TypeError: cannot read property 'members' of undefined", "src/teams.ts:14"]),
            ("wrong-type", "internal", &["TypeError: codeName must be a string, not a number", "src/connector.ts:16"]),
            ("divide-by-zero", "internal", &["RangeError: BigInt division by zero", "src/teams.ts:18"]),
            ("endless-loop", "deadline", &["2000 ms"]),
            ("allocate", "internal", &["out of memory", "src/connector.ts:26"]),
        ],
    );
    is_told(&component, &OF_DATA);
    takes_what_all_languages_take(&component);
}

#[test]
fn mistakes_in_python_are_told() {
    let Some(component) = component("python", "broken") else { return };
    is_told(
        &component,
        &[
            ("typo", "internal", &["KeyError: 'nmae'", "broken.py:25"]),
            ("wrong-type", "internal", &["TypeError", "broken.py:27"]),
            ("divide-by-zero", "internal", &["ZeroDivisionError", "broken.py:29"]),
            ("endless-loop", "deadline", &["2000 ms"]),
            ("allocate", "memory-limit", &["broken.py:36"]),
        ],
    );
    is_told(&component, &OF_DATA);
    takes_what_all_languages_take(&component);
}

#[test]
fn mistakes_in_c_are_told() {
    let Some(component) = component("c", "broken") else { return };
    is_told(
        &component,
        &[
            ("typo", "panic", &["connector.c:54", "null pointer"]),
            ("wrong-type", "invalid-object", &["rank", "integer", "text"]),
            ("divide-by-zero", "panic", &["connector.c:23", "division by zero"]),
            ("endless-loop", "deadline", &["2000 ms", "prepare_internal_object"]),
            ("allocate", "memory-limit", &["connector.c:31", "out of memory"]),
            ("abort", "panic", &["connector.c:59", "abort() was called"]),
            ("exit", "panic", &["exit(3) was called"]),
        ],
    );
    is_told(&component, &OF_DATA);
    takes_what_all_languages_take(&component);
}

#[test]
fn mistakes_in_go_are_told() {
    let Some(component) = component("go", "broken") else { return };
    is_told(
        &component,
        &[
            ("typo", "internal", &["nil pointer dereference", "broken/connector.go:65"]),
            ("wrong-type", "internal", &["interface {} is string, not int", "broken/connector.go:70"]),
            ("divide-by-zero", "internal", &["integer divide by zero", "broken/connector.go:75"]),
            ("endless-loop", "deadline", &["2000 ms", "main.endlessLoop"]),
            ("allocate", "memory-limit", &["out of memory"]),
        ],
    );
    is_told(&component, &OF_DATA);
    takes_what_all_languages_take(&component);
}
