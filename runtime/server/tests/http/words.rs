//! What a request that cannot be read is told: a stable code, and words of ours.

use serde_json::{Value, json};

use crate::asked::{Answer, Api};

/// Words of the libraries that read JSON and paths, which say nothing to whoever writes a request.
const FOREIGN: [&str; 12] =
    ["struct", "u64", "u32", "bool", "invalid type", "expected", "deserialize", "tuple", "a string", "a map", "a sequence", "RawValue"];

fn check(asked: &str, answer: &Answer, says: &str) {
    assert_eq!(answer.problem(), (400, "bad-request".into()), "{asked}");
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(says), "{asked}: {detail}");
    let said = detail.replace(asked, "");
    assert!(FOREIGN.iter().all(|word| !said.contains(word)), "{asked}: {detail}");
}

#[tokio::test]
async fn switches_are_told_what_is_wrong_with_them() {
    let api = Api::new();
    for (body, says) in [
        ("null", "the body is null, not an object"),
        ("[true,false,true]", "the body is a list, not an object"),
        ("7", "the body is a number, not an object"),
        ("\"bus\"", "the body is a text, not an object"),
        ("true", "the body is true, not an object"),
        ("", "the body is empty"),
        ("{\"bus\":null}", "bus is null, not true or false"),
        ("{\"bus\":1}", "bus is a number, not true or false"),
        ("{\"bus\":\"true\"}", "bus is a text, not true or false"),
        ("{\"loging\":false}", "unknown member \"loging\"; known are: bus, logging, processing"),
        ("{\"bus\":true,\"bus\":false}", "bus is given twice"),
        ("{\"bus\":tru}", "line 1, column 1"),
        ("{\"bus\":true", "ends too early"),
        ("{\"bus\":true}}", "line 1, column 13"),
        ("\u{feff}{\"bus\":true}", "line 1, column 1"),
    ] {
        check(body, &api.put("/v1/switches", body).await, says);
    }
    let not_text = api.put("/v1/switches", b"{\"b\xff\":true}".to_vec()).await;
    check("", &not_text, "UTF-8");
    assert_eq!(api.get("/v1/status").await.ok()["switches"], json!({ "bus": true, "logging": true, "processing": true }));
}

#[tokio::test]
async fn a_model_is_told_what_is_wrong_with_it() {
    let api = Api::new();
    for (body, says) in [
        ("null", "the body is null, not an object"),
        ("[]", "the body is a list, not an object"),
        ("[{}]", "the body is a list, not an object"),
        ("{}", "files is needed"),
        ("{\"files\":null}", "files is null, not an object"),
        ("{\"files\":[]}", "files is a list, not an object"),
        ("{\"files\":{\"a.toml\":1}}", "files.\"a.toml\" is a number, not a text"),
        ("{\"files\":{\"a.toml\":\"\",\"a.toml\":\"\"}}", "\"a.toml\" is given twice"),
        ("{\"files\":{},\"more\":1}", "unknown member \"more\"; known are: files"),
        ("{\"files\":{\"a.toml\":\"\\ud800\"}}", "files.\"a.toml\""),
    ] {
        check(body, &api.put("/v1/model", body).await, says);
    }
}

#[tokio::test]
async fn a_line_of_a_batch_is_told_what_is_wrong_with_it() {
    let api = Api::new();
    for (line, says) in [
        ("null", "line 2: the line is null, not an object"),
        ("[\"a\"]", "line 2: the line is a list, not an object"),
        ("{\"body\":\"x\"}", "line 2: connector is needed"),
        ("{\"connector\":null,\"body\":\"x\"}", "line 2: connector is null, not a text"),
        ("{\"connector\":7,\"body\":\"x\"}", "line 2: connector is a number, not a text"),
        ("{\"connector\":\"a\",\"body\":{}}", "line 2: body is an object, not a text"),
        ("{\"connector\":\"a\",\"body\":null}", "line 2: body is null, not a text"),
        ("{\"connector\":\"a\",\"body\":\"x\",\"site\":null}", "line 2: site is null, not a text"),
        ("{\"connector\":\"a\",\"body\":\"x\",\"site\":true}", "line 2: site is true, not a text"),
        ("{\"connector\":\"a\"}", "line 2: exactly one of body, body_base64 and body_json is needed"),
        ("{\"connector\":\"a\",\"body\":\"x\",\"bodyy\":1}", "line 2: unknown member \"bodyy\"; known are: connector, "),
        ("{\"connector\":\"a\",\"connector\":\"b\",\"body\":\"x\"}", "line 2: connector is given twice"),
        ("{\"connector\":\"a\",\"body_base64\":\"???\"}", "line 2: body_base64 is not base64"),
        ("{\"connector\":\"a\",\"body\":\"\\ud800\"}", "line 2: body"),
        ("{\"connector\":\"a\",\"body\":", "line 2: the line is not JSON"),
    ] {
        let answer = api.post("/v1/tasks", format!("{{\"connector\":\"a\",\"body\":\"x\"}}\n{line}")).await;
        check(line, &answer, says);
        assert_eq!(answer.json()["line"], 2, "{line}");
    }
    assert_eq!(api.get("/v1/tasks").await.ok()["tasks"], json!([]));
}

#[tokio::test]
async fn numbers_that_no_id_can_have_are_told_so() {
    let api = Api::new();
    let beyond = "18446744073709551616";
    for id in [beyond, "99999999999999999999999999", "-1", "x", "1.0", "+1", "%2B1", "0x10", "%20", "\u{661}"] {
        let id = if id.is_ascii() { id.to_owned() } else { "%D9%A1".to_owned() };
        for (method, target) in [
            ("GET", format!("/v1/tasks/{id}")),
            ("GET", format!("/v1/tasks/{id}/external")),
            ("GET", format!("/v1/tasks/{id}/log")),
            ("POST", format!("/v1/tasks/{id}/retry")),
            ("POST", format!("/v1/tasks/{id}/process-type?value=default")),
            ("DELETE", format!("/v1/tasks/{id}")),
            ("GET", format!("/v1/objects/by-id/{id}")),
        ] {
            check(&target, &api.ask(method, &target, &[], "").await, "is not an id: a whole number from 0 to 18446744073709551615");
        }
    }
    for target in ["/v1/tasks?after=", "/v1/objects?after=", "/v1/bindings?after=", "/v1/history?before=", "/v1/history?task="] {
        for number in [beyond, "-1", "%2B1", "1e3"] {
            let answer = api.get(&format!("{target}{number}")).await;
            assert_eq!(answer.problem(), (400, "bad-parameter".into()), "{target}{number}");
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains("is not a whole number from 0 to 18446744073709551615"), "{detail}");
        }
    }
    for target in ["/v1/tasks?limit=%2B5", "/v1/pages/main?depth=%2B1"] {
        assert_eq!(api.get(target).await.problem(), (400, "bad-parameter".into()), "{target}");
    }
    assert_eq!(api.get("/v1/tasks/18446744073709551615").await.problem(), (404, "task-not-found".into()));
}

#[tokio::test]
async fn what_is_not_utf_8_is_told_so() {
    let api = Api::new();
    for target in ["/v1/connectors/%ff", "/v1/tasks/%ff", "/v1/objects/a/%ff"] {
        check(target, &api.get(target).await, "UTF-8");
    }
}

#[tokio::test]
async fn times_have_one_form() {
    let api = Api::new();
    api.task("", "x").await;
    let first = api.get("/v1/tasks/1").await.ok();
    assert_eq!(first["submitted_at"], "2026-01-01T00:00:00.000Z");
    api.test.clock.advance(1_250);
    api.task("", "x").await;
    assert_eq!(api.get("/v1/tasks/2").await.ok()["submitted_at"], "2026-01-01T00:00:01.250Z");
    api.task("", &crate::asked::user("ann")).await;
    api.test.process("a");
    let mut found = 0;
    for target in ["/v1/tasks", "/v1/history", "/v1/objects", "/v1/connectors"] {
        times(&api.get(target).await.ok(), &mut found);
    }
    assert!(found >= 4, "{found}");
}

/// Every member whose name ends in `_at`.
fn times(value: &Value, found: &mut usize) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| times(item, found)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(time) if name.ends_with("_at") => {
                        *found += 1;
                        assert!(time.len() == 24 && time.ends_with('Z') && time.as_bytes()[19] == b'.', "{name} {time}");
                    }
                    member => times(member, found),
                }
            }
        }
        _ => {}
    }
}
