//! What operators do with tasks, and what they read.

use lockgate_core::failure::{Code, Failure};
use lockgate_testing::Script;
use serde_json::json;

use crate::asked::{Api, user};

#[tokio::test]
async fn tasks_are_listed_by_page_and_filter() {
    let api = Api::new();
    for number in 0..70 {
        api.task(&format!("title=t{number}"), "{}").await;
    }
    let first = api.get("/v1/tasks?limit=40").await.ok();
    assert_eq!((first["tasks"].as_array().unwrap().len(), &first["next"]), (40, &json!(40)));
    let last = api.get("/v1/tasks?limit=40&after=40").await.ok();
    assert_eq!((last["tasks"].as_array().unwrap().len(), &last["next"]), (30, &json!(null)));
    let exact = api.get("/v1/tasks?limit=70").await.ok();
    assert_eq!(exact["next"], json!(null));
    let ids = |target: &'static str| {
        let api = &api;
        async move { api.get(target).await.ok()["tasks"].as_array().unwrap().len() }
    };
    assert_eq!(ids("/v1/tasks?title=T69").await, 1);
    assert_eq!(ids("/v1/tasks?connector=b").await, 0);
    assert_eq!(ids("/v1/tasks?state=failed").await, 0);
    assert_eq!(ids("/v1/tasks?until=2026-01-01T00:00:00Z").await, 0);
    assert_eq!(ids("/v1/tasks?since=2025-12-31T23:59:59Z&limit=1000").await, 70);
}

#[tokio::test]
async fn a_failed_task_says_why_and_what_to_do() {
    let api = Api::new();
    let task = api.task("title=bad", "not an object").await;
    api.test.process("a");
    let shown = api.get(&format!("/v1/tasks/{task}")).await.ok();
    assert_eq!(shown["state"], "failed");
    assert_eq!(shown["failure"]["code"], "invalid");
    assert!(shown["failure"]["advice"].as_str().is_some_and(|advice| !advice.is_empty()));
    assert_eq!(api.get("/v1/status").await.ok()["failed"], json!({ "a": 1 }));
}

#[tokio::test]
async fn a_retry_waits_for_its_end_and_says_what_came_of_it() {
    let api = Api::new();
    let task = api.task("", "not an object").await;
    let failed = api.post(&format!("/v1/tasks/{task}/retry"), "").await.ok();
    assert_eq!((&failed["outcome"], &failed["failure"]["code"]), (&json!("failed"), &json!("invalid")));
    let done = api.task("", &user("ann")).await;
    let stored = api.post(&format!("/v1/tasks/{done}/retry"), "").await.ok();
    assert_eq!(stored, json!({ "task": done, "outcome": "stored", "failure": null }));
    let gone = api.get(&format!("/v1/tasks/{done}")).await.ok();
    assert_eq!((&gone["state"], &gone["outcome"], &gone["history"][0]["outcome"]), (&json!("ended"), &json!("stored"), &json!("stored")));
    assert_eq!(api.post(&format!("/v1/tasks/{done}/retry"), "").await.problem(), (404, "task-not-found".into()));
}

#[tokio::test]
async fn skip_process_type_and_delete_do_as_they_say() {
    let api = Api::new();
    let task = api.task("title=x", "{}").await;
    let changed = json!({ "task": task, "outcome": "changed", "failure": null });
    assert_eq!(api.post(&format!("/v1/tasks/{task}/skip"), "").await.ok(), changed);
    assert_eq!(api.get(&format!("/v1/tasks/{task}")).await.ok()["process_type"], "skip-once");
    assert_eq!(api.post(&format!("/v1/tasks/{task}/process-type?value=delete-on-error"), "").await.ok(), changed);
    assert_eq!(api.get(&format!("/v1/tasks/{task}")).await.ok()["process_type"], "delete-on-error");
    let missing = api.post(&format!("/v1/tasks/{task}/process-type"), "").await;
    assert_eq!(missing.problem(), (400, "bad-parameter".into()));
    assert_eq!(api.delete(&format!("/v1/tasks/{task}")).await.ok(), json!({ "task": task, "outcome": "deleted" }));
    assert_eq!(api.get("/v1/history?outcome=deleted").await.ok()["history"][0]["title"], "x");
}

#[tokio::test]
async fn an_action_on_many_needs_a_filter_or_all() {
    let api = Api::new();
    for title in ["x", "x", "y"] {
        api.task(&format!("title={title}"), "{}").await;
    }
    assert_eq!(api.post("/v1/tasks/actions?action=delete", "").await.problem(), (400, "filter-missing".into()));
    assert_eq!(api.post("/v1/tasks/actions?action=burn&all=true", "").await.problem(), (400, "bad-parameter".into()));
    assert_eq!(api.post("/v1/tasks/actions?action=delete&title=x", "").await.ok(), json!({ "done": 2, "failed": 0 }));
    assert_eq!(api.post("/v1/tasks/actions?action=retry&all=true", "").await.ok(), json!({ "done": 1, "failed": 1 }));
}

#[tokio::test]
async fn the_history_is_newest_first_and_paged() {
    let api = Api::new();
    for name in ["ann", "bob", "cid"] {
        api.stored("data_type=snapshot", &user(name)).await;
    }
    let first = api.get("/v1/history?limit=2").await.ok();
    assert_eq!(first["history"][0]["written"], json!([{ "type": "cms.user", "name": "cid", "action": "inserted" }]));
    let next = first["next"].as_u64().unwrap();
    let last = api.get(&format!("/v1/history?limit=2&before={next}")).await.ok();
    assert_eq!((last["history"].as_array().unwrap().len(), &last["next"]), (1, &json!(null)));
    assert_eq!(api.get("/v1/history?outcome=lost").await.problem(), (400, "bad-parameter".into()));
}

/// What a connector warns of stands before the host's own, all of it is counted, and a task that fails has none.
#[tokio::test]
async fn warnings_of_a_connector_are_shown_with_those_of_the_host() {
    let api = Api::new();
    let warning = |text: &str| lockgate_core::history::Warning { code: "connector-warning".into(), message: text.into() };
    let warned = || lockgate_core::ports::Usage {
        warnings: vec![warning("items[3].price: rounded to 2"), warning("no title")],
        warnings_total: 7,
        ..Default::default()
    };
    api.test.script("a", Script { usage: warned(), ..Script::default() });
    let user = json!({ "object": { "type": "cms.user", "code_name": "ann", "fields": { "manager": { "reference": "later" } } } });
    api.stored("", &user.to_string()).await;
    let entry = &api.get("/v1/history?warning=connector-warning").await.ok()["history"][0];
    let told: Vec<&str> = entry["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect();
    assert_eq!(told, ["connector-warning", "connector-warning", "unresolved-reference"]);
    assert_eq!((&entry["warnings"][0]["message"], &entry["warnings_total"]), (&json!("items[3].price: rounded to 2"), &json!(8)));

    let fails = Box::new(|_: &lockgate_core::ports::TaskView<'_>| Err(Failure::new(Code::Invalid, "no sku")));
    api.test.script("a", Script { usage: warned(), prepare: fails, ..Script::default() });
    api.task("process_type=delete-on-error", "x").await;
    api.test.process("a");
    let entry = &api.get("/v1/history?outcome=failed").await.ok()["history"][0];
    assert_eq!((&entry["warnings"], &entry["warnings_total"]), (&json!([]), &json!(0)), "{entry}");
}

#[tokio::test]
async fn a_task_keeps_its_log() {
    let api = Api::new();
    let usage = lockgate_core::ports::Usage {
        log: vec![lockgate_core::history::LogLine {
            at_ms: 0,
            level: lockgate_core::history::Level::Warn,
            source: lockgate_core::history::Source::Guest,
            message: "hm".into(),
        }],
        ..Default::default()
    };
    api.test.script("a", Script { usage, ..Script::default() });
    api.stored("", &user("ann")).await;
    let log = api.get("/v1/tasks/1/log").await.ok();
    assert!(
        log["log"]
            .as_array()
            .unwrap()
            .contains(&json!({ "at": "1970-01-01T00:00:00.000Z", "level": "warn", "source": "guest", "message": "hm" })),
        "{log}"
    );
}

#[tokio::test]
async fn processing_is_requested_for_one_for_all_and_as_the_original_does() {
    let api = Api::new();
    let one = api.post("/v1/connectors/a/process", "").await;
    assert_eq!(one.status, 202);
    assert_eq!(one.json()["started"][0]["connector"], "a");
    assert_eq!(api.post("/v1/process", "").await.ok()["started"].as_array().unwrap().len(), 2);
    let notify = api.get("/CMSPages/IntegrationNotify.aspx?connectorname=a&cachebuster=1").await;
    assert_eq!((notify.status.as_u16(), notify.text()), (200, "processing: a\n".to_owned()));
    assert_eq!(api.post("/CMSPages/IntegrationNotify.aspx", "").await.text(), "processing: a, b\n");
    assert_eq!(api.get("/CMSPages/IntegrationNotify.aspx?connectorName=none").await.problem(), (404, "unknown-connector".into()));
    api.put("/v1/switches", r#"{"processing":false}"#).await.ok();
    assert_eq!(api.post("/v1/process", "").await.problem(), (409, "processing-off".into()));
}

#[tokio::test]
async fn switches_that_are_not_named_stay() {
    let api = Api::new();
    let status = api.put("/v1/switches", r#"{"logging":false}"#).await.ok();
    assert_eq!(status["switches"], json!({ "bus": true, "logging": false, "processing": true }));
    assert_eq!(api.put("/v1/switches", r#"{"loging":false}"#).await.problem(), (400, "bad-request".into()));
    assert_eq!(api.get("/v1/status").await.ok(), status);
}

#[tokio::test]
async fn metrics_are_in_the_form_of_prometheus() {
    let api = Api::new();
    api.stored("", &user("ann")).await;
    api.task("", "{}").await;
    let metrics = api.get("/metrics").await.text();
    for line in [
        "lockgate_tasks_queued{connector=\"a\"} 1",
        "lockgate_objects{type=\"cms.user\"} 1",
        "lockgate_history_entries 1",
        "# TYPE lockgate_busy gauge",
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line} in\n{metrics}");
    }
}

#[tokio::test]
async fn a_backup_is_asked_for_with_post_and_its_failure_is_a_problem() {
    let api = Api::new();
    // The store of these tests has no file.
    let unavailable = (503, "store-unavailable".to_owned());
    assert_eq!(api.post("/v1/backup", "").await.problem(), unavailable);
    assert_eq!(api.post("/v1/backup", "").await.problem(), unavailable, "the one permit was given back");
    assert_eq!(api.post("/v1/backup?to=there", "").await.problem(), (400, "unknown-parameter".to_owned()));
    assert_eq!(api.get("/v1/backup").await.problem(), (405, "method-not-allowed".to_owned()));
}
