//! Connectors and the content model.

use lockgate_server::ServerOptions;
use lockgate_testing::TestBus;
use serde_json::json;

use crate::asked::Api;

#[tokio::test]
async fn a_connector_is_installed_replaced_shown_and_removed() {
    let api = Api::new();
    let added = api.put("/v1/connectors/check", "scripted 1").await;
    assert_eq!(added.status, 201);
    assert_eq!((&added.json()["replaced"], &added.json()["strict"]), (&json!(null), &json!(true)));
    let digest = added.json()["digest"].clone();
    let replaced = api.put("/v1/connectors/check", "scripted 2").await;
    assert_eq!(replaced.status, 200);
    assert_eq!(replaced.json()["replaced"], digest);
    let shown = api.get("/v1/connectors/check").await.ok();
    assert_eq!((&shown["name"], &shown["enabled"], &shown["processing"]), (&json!("check"), &json!(true), &json!("auto")));
    assert_eq!((&shown["limits"]["deadline_ms"], &shown["limits"]["http_calls_max"]), (&json!(5_000), &json!(50)));
    assert_eq!(api.get("/v1/connectors").await.ok()["connectors"].as_array().unwrap().len(), 3);
    assert_eq!(api.post("/v1/connectors/check/disable", "").await.ok()["enabled"], false);
    assert_eq!(api.post("/v1/connectors/check/enable", "").await.ok()["enabled"], true);
    assert_eq!(api.delete("/v1/connectors/check").await.ok(), json!({ "removed_tasks": 0 }));
    assert_eq!(api.get("/v1/connectors/check").await.problem(), (404, "unknown-connector".into()));
}

#[tokio::test]
async fn a_component_is_checked_without_being_installed() {
    let api = Api::new();
    let checked = api.post("/v1/connectors/check", "scripted x").await.ok();
    assert_eq!((&checked["strict"], &checked["foreign_imports"]), (&json!(true), &json!([])));
    assert_eq!(api.post("/v1/connectors/check", "wasm").await.problem(), (422, "invalid-component".into()));
    assert_eq!(api.put("/v1/connectors/x", "wasm").await.problem(), (422, "invalid-component".into()));
    assert_eq!(api.put("/v1/connectors/x%20y", "scripted").await.problem(), (422, "bad-name".into()));
    assert_eq!(api.post("/v1/connectors/a", "").await.problem(), (405, "method-not-allowed".into()));
    assert_eq!(api.get("/v1/connectors").await.ok()["connectors"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_component_over_the_limit_is_not_read_whole() {
    let api = Api::with(TestBus::new(), &ServerOptions { component_bytes_max: 10, ..ServerOptions::default() });
    assert_eq!(api.put("/v1/connectors/x", "scripted 12").await.problem(), (413, "too-large".into()));
}

#[tokio::test]
async fn a_connector_with_tasks_goes_by_force_only() {
    let api = Api::new();
    api.task("", "{}").await;
    assert_eq!(api.delete("/v1/connectors/a").await.problem(), (409, "connector-has-tasks".into()));
    assert_eq!(api.delete("/v1/connectors/a?force=yes").await.problem(), (400, "bad-parameter".into()));
    assert_eq!(api.delete("/v1/connectors/a?force=true").await.ok(), json!({ "removed_tasks": 1 }));
}

#[tokio::test]
async fn the_model_is_shown_planned_and_applied() {
    let api = Api::new();
    let model = api.get("/v1/model").await.ok();
    assert_eq!(model["sites"][0], json!({ "name": "main", "cultures": ["en-US", "cs-CZ"] }));
    let user = model["object_types"].as_array().unwrap().iter().find(|t| t["name"] == "cms.user").unwrap();
    assert_eq!(user["fields"][2]["reference"], json!({ "to": "cms.user", "to_page": false, "need": "optional", "default": null }));
    let files = json!({ "files": { "new.toml": "[[object_type]]\nname = \"new.type\"\n" } }).to_string();
    let planned = api.put("/v1/model?dry_run=true", files.clone()).await.ok();
    assert_eq!((&planned["applied"], planned["changes"].as_array().unwrap().len()), (&json!(false), 1));
    assert_eq!(api.get("/v1/objects?type=new.type").await.problem(), (404, "unknown-type".into()));
    assert_eq!(api.put("/v1/model", files).await.ok()["applied"], true);
    assert_eq!(api.get("/v1/objects?type=new.type").await.ok(), json!({ "objects": [], "next": null }));
}

#[tokio::test]
async fn a_model_that_contradicts_itself_is_told_where() {
    let api = Api::new();
    let answer = api.put("/v1/model", json!({ "files": { "bad.toml": "[[object_type]]\nnam = 1\n" } }).to_string()).await;
    assert_eq!(answer.problem(), (422, "invalid-model".into()));
    let error = answer.json()["errors"][0].clone();
    assert_eq!(error["file"], "bad.toml");
    assert!(error["message"].is_string());
}
