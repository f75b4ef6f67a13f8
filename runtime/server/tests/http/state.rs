//! What a connector keeps from task to task, and what a task used.

use std::collections::BTreeMap;

use lockgate_core::grants::Grant;
use lockgate_core::ports::{StateMap, TaskView, Usage};
use lockgate_core::settings::{BusSettings, ConnectorSettings};
use lockgate_server::ServerOptions;
use lockgate_testing::{Script, TestBus};
use serde_json::json;

use crate::asked::{Api, user};

/// Connector `a` asks for a state, may have one, and keeps a cursor in it.
async fn keeping() -> Api {
    let defaults = ConnectorSettings { grant: Grant { state: true, ..Grant::default() }, ..ConnectorSettings::default() };
    let api = Api::with(TestBus::with_settings(BusSettings { defaults, ..BusSettings::default() }), &ServerOptions::default());
    api.put("/v1/connectors/a", "scripted\nobjects = ['*']\nstate = true").await.ok();
    api.post("/v1/connectors/a/approve", "").await.ok();
    let usage = Usage {
        guest_us: 900,
        longest_call_us: 700,
        memory_bytes: 1 << 20,
        output_bytes: 300,
        http_calls: 2,
        http_bytes: 4_000,
        ..Usage::default()
    };
    let keeps = Box::new(|_: &StateMap, _: &TaskView<'_>| BTreeMap::from([("cursor".into(), Some(b"page 7".as_slice().into()))]));
    api.test.sandbox.set(Script { usage, keeps, ..Script::default() });
    api.stored("", &user("ann")).await;
    api
}

#[tokio::test]
async fn the_state_is_shown_by_key_and_size_and_cleared() {
    let api = keeping().await;
    let state = api.get("/v1/connectors/a/state").await.ok();
    assert_eq!(state, json!({ "bytes": 12, "bytes_max": 65_536, "keys": [{ "key": "cursor", "bytes": 6 }] }));
    assert_eq!(api.get("/v1/connectors/a").await.ok()["state"], json!({ "keys": 1, "bytes": 12 }));
    let values = api.get("/v1/connectors/a/state?values=true").await.ok();
    assert_eq!(values["keys"][0]["value_base64"], "cGFnZSA3");
    assert_eq!(api.delete("/v1/connectors/a/state").await.ok(), json!({ "removed_keys": 1 }));
    assert_eq!(api.get("/v1/connectors/a/state").await.ok()["keys"], json!([]));
    assert_eq!(api.get("/v1/connectors/none/state").await.problem(), (404, "unknown-connector".into()));
    assert_eq!(api.delete("/v1/connectors/none/state").await.problem(), (404, "unknown-connector".into()));
    assert_eq!(api.get("/v1/connectors/a/state?values=yes").await.problem(), (400, "bad-parameter".into()));
}

#[tokio::test]
async fn an_entry_says_what_the_task_used_of_what_it_might() {
    let api = keeping().await;
    let used = api.get("/v1/history").await.ok()["history"][0]["used"].clone();
    assert_eq!(used["guest_us"], 900);
    assert_eq!(used["call_us"]["used"], 700);
    assert!(used["call_us"]["limit"].as_u64().is_some_and(|limit| limit >= 5_000_000), "{used}");
    assert_eq!(used["memory_bytes"], json!({ "used": 1_048_576, "limit": 67_108_864 }));
    assert_eq!(used["output_bytes"], json!({ "used": 300, "limit": 8_388_608 }));
    assert_eq!(used["http_calls"], json!({ "used": 2, "limit": 50 }));
    assert_eq!(used["http_bytes"], json!({ "used": 4_000, "limit": 16_777_216 }));
}

#[tokio::test]
async fn a_task_that_needed_no_instance_used_nothing() {
    let api = Api::new();
    let task = api.task("", &user("ann")).await;
    api.delete(&format!("/v1/tasks/{task}")).await.ok();
    assert_eq!(api.get("/v1/history").await.ok()["history"][0]["used"], json!(null));
}
