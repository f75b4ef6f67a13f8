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
