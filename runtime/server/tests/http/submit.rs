//! Submitting.

use lockgate_core::settings::BusSettings;
use lockgate_server::ServerOptions;
use lockgate_testing::TestBus;
use serde_json::json;

use crate::asked::{Api, user};

#[tokio::test]
async fn a_task_is_created_and_shown() {
    let api = Api::new();
    let headers = [("content-type", "application/xml"), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")];
    let target = "/v1/connectors/a/tasks?task_type=update-document&data_type=snapshot&process_type=skip-on-error&site=main&title=A%20page";
    let answer = api.ask("POST", target, &headers, "<a/>").await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json(), json!({ "task": 1, "repeated": false }));
    assert_eq!(
        api.get("/v1/tasks/1").await.ok(),
        json!({
            "id": 1, "connector": "a", "state": "queued", "process_type": "skip-on-error", "task_type": "update-document",
            "data_type": "snapshot", "site": "main", "title": "A page", "media_type": "application/xml", "bytes": 4,
            "submitted_at": "2026-01-01T00:00:00.000Z", "attempts": 0, "not_before": null,
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "failure": null, "history": [], "edited": [],
            "subject": null, "file_name": null, "aside": false, "since": null, "behind": null, "waits_for": [], "waits_for_total": 0, "advice": null,
            "helped_by": [], "followers": { "total": 0, "more": false, "first": [] },
        })
    );
}

#[tokio::test]
async fn a_submission_states_its_subject_alone_and_in_a_batch() {
    let api = Api::new();
    assert_eq!(api.post("/v1/connectors/a/tasks?subject=order%2017", "x").await.status, 201);
    let line = json!({ "connector": "a", "subject": "order 18", "body": "x" }).to_string();
    assert_eq!(api.post("/v1/tasks", line).await.ok()["accepted"], 1);
    for (task, subject) in [(1, "order 17"), (2, "order 18")] {
        assert_eq!(api.get(&format!("/v1/tasks/{task}")).await.ok()["subject"], subject);
    }
    let empty = json!({ "connector": "a", "subject": "", "body": "x" }).to_string();
    assert_eq!(api.post("/v1/tasks", empty).await.ok()["results"][0]["error"]["code"], "bad-subject");
}

#[tokio::test]
async fn tasks_that_come_in_together_are_each_answered_for_themselves() {
    let api = std::sync::Arc::new(Api::new());
    let mut asked = tokio::task::JoinSet::new();
    for number in 0..100 {
        let api = api.clone();
        asked.spawn(async move {
            let site = if number % 5 == 0 { "none" } else { "main" };
            let answer = api.post(&format!("/v1/connectors/a/tasks?site={site}&title=number%20{number}"), "x").await;
            (number, answer)
        });
    }
    let mut tasks = std::collections::BTreeSet::new();
    while let Some(answered) = asked.join_next().await {
        let (number, answer) = answered.unwrap();
        if number % 5 == 0 {
            assert_eq!(answer.problem(), (422, "unknown-site".into()), "number {number}");
            continue;
        }
        let task = answer.json()["task"].as_u64().unwrap();
        assert!(tasks.insert(task), "task {task} was answered twice");
        assert_eq!(api.get(&format!("/v1/tasks/{task}")).await.ok()["title"], format!("number {number}"));
    }
    assert_eq!(tasks.len(), 80);
}

#[tokio::test]
async fn the_same_key_twice_is_one_task_and_with_other_content_a_refusal() {
    let api = Api::new();
    let submit = async |body: &'static str| api.ask("POST", "/v1/connectors/a/tasks", &[("idempotency-key", "k")], body).await;
    assert_eq!(submit("x").await.status, 201);
    let again = submit("x").await;
    assert_eq!((again.status.as_u16(), again.json()), (200, json!({ "task": 1, "repeated": true, "state": "queued" })));
    assert_eq!(submit("y").await.problem(), (422, "idempotency-key-reused".into()));
    let bad = api.ask("POST", "/v1/connectors/a/tasks", &[("idempotency-key", "")], "x").await;
    assert_eq!(bad.problem(), (400, "bad-idempotency-key".into()));
}

#[tokio::test]
async fn every_refusal_has_its_status_and_code() {
    let settings = BusSettings { payload_bytes_max: 10, queue_tasks_max: 1, ..BusSettings::default() };
    let api = Api::with(TestBus::with_settings(settings), &ServerOptions::default());
    let problem = async |target: &str, body: &'static str| api.post(target, body).await.problem();
    assert_eq!(problem("/v1/connectors/none/tasks", "x").await, (404, "unknown-connector".into()));
    assert_eq!(problem("/v1/connectors/a%20b/tasks", "x").await, (404, "unknown-connector".into()));
    assert_eq!(problem("/v1/connectors/a/tasks?site=none", "x").await, (422, "unknown-site".into()));
    assert_eq!(problem("/v1/connectors/a/tasks?task_type=create-document", "x").await, (422, "site-missing".into()));
    assert_eq!(problem("/v1/connectors/a/tasks", "12345678901").await, (413, "too-large".into()));
    let internal = api.ask("POST", "/v1/connectors/a/tasks", &[("content-type", "application/vnd.lockgate.object+json")], "{}").await;
    assert_eq!(internal.problem(), (422, "bad-internal-object".into()));
    assert_eq!(api.post("/v1/connectors/a/tasks", "x").await.status, 201);
    let full = api.post("/v1/connectors/a/tasks", "x").await;
    assert_eq!(full.problem(), (429, "queue-full".into()));
    assert!(full.headers.contains_key("retry-after"));
    api.post("/v1/connectors/b/disable", "").await.ok();
    assert_eq!(problem("/v1/connectors/b/tasks", "x").await, (409, "connector-disabled".into()));
    api.put("/v1/switches", r#"{"logging":false}"#).await.ok();
    assert_eq!(problem("/v1/connectors/a/tasks", "x").await, (409, "logging-off".into()));
}

#[tokio::test]
async fn a_wrong_word_is_told_the_right_ones() {
    let api = Api::new();
    let answer = api.post("/v1/connectors/a/tasks?task_type=make-object", "x").await;
    assert_eq!(answer.problem(), (400, "bad-parameter".into()));
    assert!(answer.text().contains("create-object"), "{}", answer.text());
    let answer = api.post("/v1/connectors/a/tasks?tasktype=create-object", "x").await;
    assert_eq!(answer.problem(), (400, "unknown-parameter".into()));
    assert!(answer.text().contains("task_type"), "{}", answer.text());
}

#[tokio::test]
async fn a_batch_answers_for_each_line_in_order() {
    let api = Api::new();
    let lines = [
        json!({ "connector": "a", "body": "text", "title": "first" }),
        json!({ "connector": "none", "body": "x" }),
        json!({ "connector": "b", "body_base64": "AP8=", "media_type": "image/png" }),
        json!({ "connector": "a", "body_json": { "skip": "nothing" }, "idempotency_key": "k" }),
    ];
    let batch = lines.map(|line| line.to_string()).join("\n");
    let answer = api.post("/v1/tasks", batch).await.ok();
    assert_eq!((&answer["accepted"], &answer["refused"]), (&json!(3), &json!(1)));
    assert_eq!(answer["results"][0], json!({ "task": 1, "repeated": false }));
    assert_eq!(answer["results"][1]["error"]["code"], "unknown-connector");
    let external = api.get("/v1/tasks/2/external").await;
    assert_eq!(external.bytes, [0, 255]);
    assert_eq!(external.headers["content-type"], "image/png");
    assert_eq!(external.headers["content-disposition"], "attachment");
    assert_eq!(external.headers["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn a_line_that_cannot_be_read_refuses_the_batch_and_stores_nothing() {
    let api = Api::new();
    let answer = api.post("/v1/tasks", "{\"connector\":\"a\",\"body\":\"x\"}\n{\"connector\":\"a\",\"body\":\n").await;
    assert_eq!(answer.problem(), (400, "bad-request".into()));
    assert_eq!(answer.json()["line"], 2);
    assert_eq!(api.get("/v1/tasks").await.ok(), json!({ "tasks": [], "next": null }));
}

#[tokio::test]
async fn an_empty_batch_is_no_task() {
    assert_eq!(Api::new().post("/v1/tasks", "\n\n").await.ok(), json!({ "accepted": 0, "repeated": 0, "refused": 0, "results": [] }));
}

#[tokio::test]
async fn an_internal_object_is_recognised_with_parameters_of_its_media_type() {
    let api = Api::new();
    api.ask("POST", "/v1/connectors/a/tasks", &[("content-type", "application/vnd.lockgate.object+json; charset=utf-8")], user("ann"))
        .await
        .ok();
    assert_eq!(api.get("/v1/tasks/1").await.ok()["media_type"], "application/vnd.lockgate.object+json");
}
