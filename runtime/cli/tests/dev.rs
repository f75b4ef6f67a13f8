//! `lockgate dev` shows tasks as they run, and loads what changes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use common::{Folder, guest};
use serde_json::{Value, json};

/// Killed when dropped.
struct Dev(Child);

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn cases_run_after_each_load_and_tasks_are_taken_from_outside() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path().join("cases/a")).unwrap();
    folder.write("model.toml", "[[object_type]]\nname = 'shop.product'\n");
    folder.write("cases/a/task.toml", "type = 'create-object'");
    let script = json!({ "logs": ["hello"], "prepare": { "object": { "object_type": "shop.product", "code_name": "a" } } });
    folder.write("cases/a/payload.json", script.to_string());
    std::fs::copy(guest(), folder.path().join("shop.wasm")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
    command.current_dir(folder.path()).args(["dev", "shop.wasm", "--cases", "cases", "--json"]).stdout(Stdio::piped());
    let mut dev = Dev(command.spawn().unwrap());
    let mut lines = BufReader::new(dev.0.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };

    let url = next()["url"].as_str().unwrap().to_owned();
    assert!(next()["loaded"].is_string());
    let first = next();
    assert_eq!((&first["task"]["outcome"], &first["task"]["written"][0]["name"]), (&json!("stored"), &json!("a")));
    assert_eq!(first["log"][0]["message"], "hello");
    assert!(first["task"]["used"]["memory_bytes"]["used"].as_u64().unwrap() > 0);

    folder.write("other.json", script.to_string().replace("\"a\"", "\"b\""));
    folder.run(&["--url", &url, "submit", "shop", "other.json"]).success();
    assert_eq!(next()["task"]["written"][0]["name"], "b");

    // A changed case is a change, too, and no reason to load the component again.
    folder.write("cases/a/payload.json", script.to_string().replace("\"a\"", "\"c\""));
    assert_eq!(next()["task"]["written"][0]["name"], "c");

    // Asked to end, it ends well and takes its store along.
    assert!(Command::new("kill").args(["-TERM", &dev.0.id().to_string()]).status().unwrap().success());
    assert_eq!(dev.0.wait().unwrap().code(), Some(0));
}

/// A failed `default` task was never shown, and the cases of every later load stayed behind it without a word.
#[test]
fn what_fails_and_what_waits_is_shown_and_the_cases_of_a_load_are_not_held_back_by_those_before() {
    let folder = Folder::new();
    for case in ["a", "b"] {
        std::fs::create_dir_all(folder.path().join("cases").join(case)).unwrap();
    }
    std::fs::create_dir(folder.path().join("seed")).unwrap();
    folder.write(
        "model.toml",
        "[[object_type]]\nname = 'shop.brand'\n[[object_type]]\nname = 'shop.product'\nfields = [{ name = 'brand', kind = 'reference', to = 'shop.brand', need = 'required' }]\n",
    );
    folder.write("seed/brand.json", r#"{"object": {"type": "shop.brand", "code_name": "there"}}"#);
    folder.write("cases/a/task.toml", "task-type = 'create-object'\nprocess-type = 'default'");
    folder.write("cases/a/payload.json", json!({ "prepare": { "error": { "kind": "invalid", "message": "no" } } }).to_string());
    let product = |brand: &str| {
        json!({
            "prepare": { "object": { "object_type": "shop.product", "code_name": "p", "fields": { "brand": { "reference": brand } } } },
            "objects": { "shop.brand": { "there": { "code_name": "there" }, "gone": { "code_name": "gone" } } },
        })
        .to_string()
    };
    folder.write("cases/b/task.toml", "task-type = 'create-object'\nprocess-type = 'skip-on-error'");
    folder.write("cases/b/payload.json", product("gone"));
    std::fs::copy(guest(), folder.path().join("shop.wasm")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
    command.current_dir(folder.path()).args(["dev", "shop.wasm", "--cases", "cases", "--seed", "seed", "--json"]).stdout(Stdio::piped());
    let mut dev = Dev(command.spawn().unwrap());
    let mut lines = BufReader::new(dev.0.stdout.take().unwrap()).lines();
    // Until something is said that fits; what is said twice is found by the second wait.
    let mut until = |what: &str, fits: &dyn Fn(&Value) -> bool| -> Vec<Value> {
        let mut said = Vec::new();
        for line in lines.by_ref() {
            let value: Value = serde_json::from_str(&line.unwrap()).unwrap();
            said.push(value.clone());
            if fits(&value) {
                return said;
            }
        }
        panic!("nobody says {what}: {said:#?}");
    };
    let failed = |value: &Value| value["standing"]["state"] == "failed";
    until("that what is there before is stored", &|value| value["task"]["connector"] == "seed" && value["task"]["outcome"] == "stored");
    let first = until("that a fails", &failed);
    assert_eq!(first.last().unwrap()["standing"]["failure"]["code"], "invalid");

    // The failed case is corrected: it was dropped, and the other one, which waited behind it, gets its turn.
    folder.write("cases/a/payload.json", product("there"));
    let then = until("that a is stored", &|value| value["task"]["title"] == "a" && value["task"]["outcome"] == "stored");
    assert!(!then.iter().any(failed), "what failed before is not said again: {then:#?}");
    let parked = until("what b waits for", &|value| value["standing"]["state"] == "parked");
    assert!(parked.last().unwrap()["standing"]["waits_for"][0]["what"].as_str().unwrap().contains("gone"), "{parked:#?}");
}
