//! What other services post by themselves.

use std::collections::BTreeMap;

use lockgate_core::task::TaskType;
use lockgate_server::{Do, ServerOptions, Webhook, WebhookPlace};
use lockgate_testing::TestBus;
use serde_json::json;

use crate::asked::Api;

/// HMAC-SHA256 of `{"id": 7}` by the key `s3cret`.
const SIGNED: &str = "sha256=3b2a1a1bb1ffcf0ac10c2d3ac2f0b7b4e1dd6f5d8b9c5be2b8a3a7ed8be4e2cd";

fn api(change: impl FnOnce(&mut Webhook)) -> Api {
    let mut hook = Webhook::of("basic", vec!["shop:old".to_owned(), "shop:new".to_owned()]).unwrap();
    hook.id = Some(WebhookPlace::Header("x-event-id".to_owned()));
    hook.event = Some(WebhookPlace::Header("x-event".to_owned()));
    hook.subject = Some(WebhookPlace::Body("/id".to_owned()));
    hook.types = BTreeMap::from([("gone".to_owned(), Do::Task(TaskType::DeleteObject)), ("ping".to_owned(), Do::Ignore)]);
    change(&mut hook);
    let webhooks = BTreeMap::from([(TestBus::connector("a"), hook)]);
    let options = ServerOptions { webhooks, tokens: vec!["0123456789abcdef".to_owned()], ..ServerOptions::default() };
    Api::with(TestBus::new(), &options)
}

/// `shop:new`
const BASIC: (&str, &str) = ("authorization", "Basic c2hvcDpuZXc=");
const TOKEN: (&str, &str) = ("authorization", "Bearer 0123456789abcdef");

#[tokio::test]
async fn what_is_verified_becomes_a_task_once() {
    let api = api(|_| {});
    let post = async |id: &str, event: &str, body: &'static str| {
        let headers = [BASIC, ("x-event-id", id), ("x-event", event), ("content-type", "application/json")];
        api.ask("POST", "/in/a", &headers, body).await
    };
    let first = post("e1", "gone", "{\"id\": 7}").await;
    assert_eq!(first.status, 200);
    assert_eq!(first.json(), json!({ "task": 1, "repeated": false }));
    assert_eq!(post("e1", "gone", "{\"id\": 7}").await.json()["repeated"], true);
    assert_eq!(post("e2", "ping", "{}").await.json(), json!({ "task": null, "ignored": "ping" }));
    assert_eq!(post("e3", "made", "{\"id\": 8}").await.json()["task"], 2);
    let tasks = api.ask("GET", "/v1/tasks", &[TOKEN], "").await.ok();
    let told: Vec<_> =
        tasks["tasks"].as_array().unwrap().iter().map(|task| (&task["task_type"], &task["title"], &task["subject"])).collect();
    assert_eq!(told, [(&json!("delete-object"), &json!("gone"), &json!("7")), (&json!("create-object"), &json!("made"), &json!("8")),]);
}

#[tokio::test]
async fn whoever_cannot_sign_learns_nothing_and_stores_nothing() {
    let api = api(|_| {});
    let mut answers = Vec::new();
    for (target, header) in [
        ("/in/a", ("authorization", "Basic eDp5")),
        ("/in/a", TOKEN),
        ("/in/a", ("x-other", SIGNED)),
        ("/in/b", BASIC),
        ("/in/nobody", BASIC),
        ("/in/%20", BASIC),
    ] {
        let answer = api.ask("POST", target, &[header], "{}").await;
        answers.push(answer.problem());
    }
    assert!(answers.iter().all(|answer| *answer == (401, "webhook-not-verified".to_owned())), "{answers:?}");
    assert_eq!(api.ask("GET", "/v1/tasks", &[TOKEN], "").await.ok()["tasks"], json!([]));
    let metrics = api.ask("GET", "/metrics", &[TOKEN], "").await.text();
    assert!(
        metrics.contains("lockgate_refused_total{code=\"webhook-not-verified\"} 6") || metrics.contains("webhook-not-verified\"} 6"),
        "{metrics}"
    );
}

#[tokio::test]
async fn what_is_signed_is_taken_as_it_came_and_never_as_prepared() {
    let api = api(|_| {});
    let packed = api.ask("POST", "/in/a", &[BASIC, ("content-encoding", "gzip")], "x").await;
    assert_eq!(packed.problem(), (415, "unsupported-encoding".into()));
    let prepared = api.ask("POST", "/in/a", &[BASIC, ("content-type", "application/vnd.lockgate.object+json")], "{}").await;
    assert_eq!(prepared.problem(), (400, "bad-request".into()));
    let large = api.ask("POST", "/in/a", &[BASIC], vec![b'x'; (1 << 20) + 1]).await;
    assert_eq!(large.problem(), (413, "too-large".into()));
}
