//! Operations over many tasks, filters, and what a resubmission is told.

use lockgate_bus::TaskAction;
use lockgate_core::operation::OperationId;
use serde_json::{Value, json};

use crate::asked::{Api, user};

/// The operation, when it has ended.
async fn ended(api: &Api, operation: &Value) -> Value {
    let id = OperationId(operation["id"].as_u64().unwrap());
    let bus = api.test.bus.clone();
    tokio::task::spawn_blocking(move || bus.wait_for_operation(id)).await.unwrap().unwrap();
    api.test.wait_idle();
    api.get(&format!("/v1/operations/{id}")).await.ok()
}

async fn failing(api: &Api, count: usize) {
    for _ in 0..count {
        api.task("process_type=skip-on-error", "not an object").await;
    }
    api.test.process("a");
}

#[tokio::test]
async fn an_operation_is_answered_at_once_and_tells_how_far_it_is() {
    let api = Api::new();
    failing(&api, 3).await;
    let begun = api.post("/v1/operations", r#"{"action":"retry","filter":{"failing":true,"connector":"a"}}"#).await;
    assert_eq!((begun.status.as_u16(), &begun.headers["location"]), (202, &"/v1/operations/1".parse().unwrap()));
    let ended = ended(&api, &begun.json()).await;
    let expected = json!({
        "id": 1, "action": "retry", "allow_deletes": false, "filter": { "connector": "a", "failing": true }, "state": "done",
        "started_at": ended["started_at"], "ended_at": ended["ended_at"], "meant": 3, "done": 0, "failed": 3, "waiting": 0,
        "passed_over": 0, "left": 0, "by_code": { "invalid": 3 }, "why": null,
    });
    assert_eq!(ended, expected);
    assert!(ended["ended_at"].is_string());
    let next =
        api.post("/v1/operations", r#"{"action":"process-type","process_type":"delete-on-error","filter":{"ids":[2,9]}}"#).await.ok();
    assert_eq!((&next["action"], &next["process_type"], &next["meant"]), (&json!("process-type"), &json!("delete-on-error"), &json!(1)));
    let list = api.get("/v1/operations?limit=1").await.ok();
    assert_eq!((&list["operations"][0]["id"], &list["next"]), (&json!(2), &json!(2)));
    assert_eq!(api.get("/v1/operations?before=2").await.ok()["operations"][0]["id"], 1);
    assert_eq!(api.post("/v1/operations/1/cancel", "").await.ok(), expected, "it has ended");
    assert_eq!(api.get("/v1/operations/99").await.problem(), (404, "operation-not-found".into()));
}

#[tokio::test]
async fn a_dry_run_tells_how_many_are_meant_and_why_and_changes_nothing() {
    let api = Api::new();
    failing(&api, 2).await;
    api.task("", &user("ann")).await;
    let before = api.get("/v1/tasks").await.ok();
    let preview = api.post("/v1/operations", r#"{"action":"delete","all":true,"dry_run":true}"#).await.ok();
    let reasons = json!([
        { "connector": "a", "state": "queued", "code": "invalid", "path": null, "tasks": 2 },
        { "connector": "a", "state": "queued", "code": null, "path": null, "tasks": 1 },
    ]);
    assert_eq!(preview, json!({ "dry_run": true, "action": "delete", "meant": 3, "reasons": reasons }));
    assert_eq!(api.get("/v1/tasks/reasons").await.ok(), json!({ "meant": 3, "reasons": reasons }));
    assert_eq!(api.get("/v1/tasks").await.ok(), before);
    assert_eq!(api.get("/v1/operations").await.ok(), json!({ "operations": [], "next": null }));
}

#[tokio::test]
async fn lists_and_operations_are_filtered_by_the_same_words() {
    let api = Api::new();
    failing(&api, 2).await;
    api.task("title=ann", &user("ann")).await;
    for (filter, value, meant) in [
        ("failing", json!(true), 2),
        ("failing", json!(false), 1),
        ("state", json!("queued"), 3),
        ("state", json!("parked"), 0),
        ("state", json!("behind"), 0),
        ("code", json!("invalid"), 2),
        ("code", json!("trap"), 0),
        ("path", json!("/fields/a b"), 0),
        ("process_type", json!("skip-on-error"), 2),
        ("attempts_min", json!(1), 2),
        ("attempts_min", json!(2), 0),
        ("waits_for", json!("00000000000000ff"), 0),
        ("title", json!("Ann"), 1),
        ("task_type", json!("create-object"), 3),
        ("since", json!("2026-01-01T00:00:00Z"), 3),
        ("until", json!("2026-01-01T00:00:00Z"), 0),
    ] {
        let text = match &value {
            Value::String(text) => text.replace(' ', "%20").replace(':', "%3A"),
            other => other.to_string(),
        };
        let listed = api.get(&format!("/v1/tasks?{filter}={text}")).await.ok();
        assert_eq!(listed["tasks"].as_array().unwrap().len(), meant, "{filter} {value}");
        let body = json!({ "action": "skip", "dry_run": true, "filter": { filter: value } });
        assert_eq!(api.post("/v1/operations", body.to_string()).await.ok()["meant"], meant, "{body}");
    }
}

#[tokio::test]
async fn an_order_that_cannot_be_read_is_told_what_is_wrong_with_it() {
    let api = Api::new();
    for (body, code, says) in [
        (r#"{"action":"retry"}"#, "filter-missing", "all: true"),
        (r#"{"action":"retry","filter":{}}"#, "filter-missing", "at least one of ids, connector"),
        (r#"{"filter":{"failing":true}}"#, "bad-request", "action is needed"),
        (r#"{"action":"burn","all":true}"#, "bad-request", "known are: retry, skip, delete, process-type"),
        (r#"{"action":"process-type","all":true}"#, "bad-request", "process_type is needed: one of default"),
        (r#"{"action":"retry","process_type":"default","all":true}"#, "bad-request", "put it into filter"),
        (r#"{"action":"skip","allow_deletes":true,"all":true}"#, "bad-request", "belongs to the action retry"),
        (r#"{"action":"skip","filter":{"sate":"failed"}}"#, "bad-request", "unknown member \"sate\""),
        (r#"{"action":"skip","filter":{"state":"lost"}}"#, "bad-request", "queued, parked, behind, failed"),
        (r#"{"action":"skip","filter":{"ids":"7"}}"#, "bad-request", "ids\" is a text, not a list of whole numbers"),
        (r#"{"action":"skip","filter":{"ids":[-1]}}"#, "bad-request", "not a list of whole numbers"),
        (r#"{"action":"skip","filter":{"attempts_min":1.5}}"#, "bad-request", "attempts_min\" is 1.5, not a whole number"),
        (r#"{"action":"skip","filter":{"waits_for":"x"}}"#, "bad-request", "16 hexadecimal digits"),
        (r#"{"action":"skip","filter":{"since":"yesterday"}}"#, "bad-request", "RFC 3339"),
        (r#"{"action":"skip","filter":[]}"#, "bad-request", "filter is a list, not an object"),
    ] {
        let answer = api.post("/v1/operations", body).await;
        assert_eq!(answer.problem(), (400, code.into()), "{body}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(says), "{body}: {detail}");
    }
    let nobody = api.post("/v1/operations", r#"{"action":"skip","filter":{"connector":"nobody"}}"#).await;
    assert_eq!(nobody.problem(), (404, "unknown-connector".into()));
    api.task("", "x").await;
    api.post("/v1/connectors/a/disable", "").await.ok();
    let disabled = api.post("/v1/operations", r#"{"action":"retry","all":true}"#).await;
    assert_eq!(disabled.problem(), (409, "cannot-process".into()));
}

#[tokio::test]
async fn a_resubmission_is_told_what_became_of_the_first() {
    let api = Api::new();
    let submit = async || api.ask("POST", "/v1/connectors/a/tasks", &[("idempotency-key", "k")], user("ann")).await;
    assert_eq!(submit().await.json(), json!({ "task": 1, "repeated": false }));
    assert_eq!(submit().await.json(), json!({ "task": 1, "repeated": true, "state": "queued" }));
    api.test.bus.act(lockgate_core::task::TaskId(1), TaskAction::Retry).unwrap();
    let again = submit().await;
    assert_eq!(again.json()["repeated"], true);
    let line = json!({ "connector": "a", "body": user("ann"), "idempotency_key": "l" }).to_string();
    let batch = api.post("/v1/tasks", format!("{line}\n{line}")).await.ok();
    assert_eq!((&batch["accepted"], &batch["repeated"], &batch["refused"]), (&json!(2), &json!(1), &json!(0)));
    assert_eq!(batch["results"][1], json!({ "task": 2, "repeated": true, "state": "queued" }));
}
