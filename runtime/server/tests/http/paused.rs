//! Paused connectors (§12).

use serde_json::json;

use crate::asked::{Api, user};

#[tokio::test]
async fn a_paused_connector_takes_tasks_and_processes_none() {
    let api = Api::new();
    let paused = api.post("/v1/connectors/a/pause", "").await.ok();
    assert_eq!((&paused["paused"], &paused["enabled"]), (&json!(true), &json!(true)));
    let task = api.task("", &user("ann")).await;
    assert_eq!(api.post("/v1/connectors/a/process", "").await.problem(), (409, "connector-paused".into()));
    assert_eq!(api.post(&format!("/v1/tasks/{task}/retry"), "").await.problem(), (409, "cannot-process".into()));
    assert_eq!(api.post("/v1/process", "").await.ok()["started"], json!([{ "connector": "b", "at_once": true }]));
    let metrics = api.get("/metrics").await.text();
    for line in ["lockgate_connector_paused{connector=\"a\"} 1", "lockgate_connector_paused{connector=\"b\"} 0"] {
        assert!(metrics.lines().any(|l| l == line), "{line} in\n{metrics}");
    }
    api.test.wait_idle();
    assert_eq!(api.get("/v1/tasks").await.ok()["tasks"][0]["id"], task);
    assert_eq!(api.post("/v1/connectors/a/resume", "").await.ok()["paused"], false);
    api.test.process("a");
    assert_eq!(api.get("/v1/tasks").await.ok()["tasks"], json!([]));
    assert_eq!(api.post("/v1/connectors/none/pause", "").await.problem(), (404, "unknown-connector".into()));
}
