//! Failures by fault, tries, edits, and waiting.

use lockgate_core::failure::{Code, Failure};
use lockgate_testing::Script;
use serde_json::{Value, json};

use crate::asked::{Api, user};

/// Refuses what is not JSON, by a text with numbers and names in it.
fn picky(api: &Api) {
    let prepare = Box::new(|task: &lockgate_core::ports::TaskView<'_>| {
        let body = String::from_utf8_lossy(&task.external.body).into_owned();
        match lockgate_core::internal::read(&task.external.body) {
            Ok(prepared) => Ok(prepared),
            Err(_) if body.contains("other") => Err(Failure::new(Code::NotFound, "nothing")),
            Err(_) => Err(Failure::new(Code::Invalid, format!("'{body}' has {} characters", body.len()))),
        }
    });
    api.test.script("a", Script { prepare, ..Script::default() });
}

async fn failing(api: &Api, bodies: &[&str]) -> Vec<u64> {
    let mut tasks = Vec::new();
    for body in bodies {
        tasks.push(
            api.ask("POST", "/v1/connectors/a/tasks?process_type=skip-on-error", &[], body.to_string()).await.ok()["task"]
                .as_u64()
                .unwrap(),
        );
    }
    api.test.process("a");
    tasks
}

#[tokio::test]
async fn failures_of_one_fault_are_one_group_and_acted_on_together() {
    let api = Api::new();
    picky(&api);
    let tasks = failing(&api, &["one", "three", "other", "twenty"]).await;
    let failures = api.get("/v1/failures").await.ok();
    assert_eq!((&failures["tasks"], &failures["groups"], &failures["others"]), (&json!(4), &json!(2), &json!(0)));
    let first = &failures["failures"][0];
    assert_eq!((&first["tasks"], &first["code"], &first["text"]), (&json!(3), &json!("invalid"), &json!("'…' has # characters")));
    assert_eq!((&first["first"]["task"], &first["last"]), (&json!(tasks[0]), &json!(tasks[3])));
    assert_eq!(first["versions"][0]["tasks"], 3, "{first}");
    assert!(first["versions"][0]["digest"].is_string(), "{first}");
    let group = first["group"].as_str().unwrap();
    let listed = api.get(&format!("/v1/tasks?group={group}")).await.ok();
    assert_eq!(listed["tasks"].as_array().unwrap().len(), 3);
    let body = json!({ "action": "delete", "filter": { "group": group } }).to_string();
    let preview =
        api.post("/v1/operations", json!({ "action": "delete", "dry_run": true, "filter": { "group": group } }).to_string()).await.ok();
    assert_eq!(preview["meant"], 3);
    let begun = api.post("/v1/operations", body).await.ok();
    assert_eq!((&begun["meant"], &begun["filter"]["group"]), (&json!(3), &json!(group)));
    api.test.wait_idle();
    let id = begun["id"].as_u64().unwrap();
    let operation = lockgate_core::operation::OperationId(id);
    api.test.bus.wait_for_operation(operation).unwrap();
    assert_eq!(api.get("/v1/failures").await.ok()["tasks"], 1);
    assert_eq!(api.get("/v1/failures?connector=b").await.ok()["tasks"], 0);
    assert_eq!(api.get("/v1/failures?connector=nobody").await.problem(), (404, "unknown-connector".into()));
    assert_eq!(api.get("/v1/tasks?group=x").await.problem(), (400, "bad-parameter".into()));
}

#[tokio::test]
async fn a_try_shows_what_would_be_stored_and_writes_nothing() {
    let api = Api::new();
    api.stored("", &user("ann")).await;
    let changed = json!({ "object": { "type": "cms.user", "code_name": "ann", "display_name": "Ann Other" } }).to_string();
    api.post("/v1/connectors/a/pause", "").await.ok();
    let task = api.task("", &changed).await;
    let before =
        (api.get("/v1/objects?type=cms.user").await.text(), api.get("/v1/history").await.text(), api.get("/v1/tasks").await.text());
    let tried = api.post(&format!("/v1/tasks/{task}/try"), "").await.ok();
    assert_eq!((&tried["outcome"], &tried["failure"]), (&json!("stored"), &Value::Null), "{tried}");
    let row = &tried["changes"][0];
    assert_eq!(
        (&row["kind"], &row["action"], &row["name"], &row["type"]),
        (&json!("object"), &json!("update"), &json!("ann"), &json!("cms.user"))
    );
    assert_eq!(row["difference"]["display_name"]["after"], "Ann Other");
    assert_eq!(row["difference"].as_object().unwrap().len(), 1, "only what differs: {row}");
    let new = json!({ "body_json": { "object": { "type": "cms.user", "code_name": "zoe" } }, "media_type": "application/vnd.lockgate.object+json" });
    let inserted = api.post(&format!("/v1/tasks/{task}/try"), new.to_string()).await.ok();
    assert_eq!((&inserted["changes"][0]["action"], &inserted["changes"][0]["name"]), (&json!("insert"), &json!("zoe")), "{inserted}");
    let after = (api.get("/v1/objects?type=cms.user").await.text(), api.get("/v1/history").await.text(), api.get("/v1/tasks").await.text());
    assert_eq!(before, after);
    let audit = api.get("/v1/audit?action=task-try").await.ok();
    assert_eq!(audit["audit"].as_array().unwrap().len(), 2, "a try is written down");
    assert_eq!(api.post("/v1/tasks/999/try", "").await.problem(), (404, "task-not-found".into()));
    let both = json!({ "body": "x", "body_base64": "eA==" }).to_string();
    assert_eq!(api.post(&format!("/v1/tasks/{task}/try"), both).await.problem(), (400, "bad-request".into()));
    let version = json!({ "with": "ffff" }).to_string();
    assert_eq!(api.post(&format!("/v1/tasks/{task}/try"), version).await.problem(), (404, "no-such-version".into()));
}

#[tokio::test]
async fn a_failing_task_is_tried_edited_and_retried() {
    let api = Api::new();
    picky(&api);
    let task = failing(&api, &["broken"]).await[0];
    let tried = api.post(&format!("/v1/tasks/{task}/try"), "").await.ok();
    assert_eq!((&tried["outcome"], &tried["failure"]["code"]), (&json!("failed"), &json!("invalid")));
    let good = user("ann");
    let as_json = json!({ "body": good }).to_string();
    assert_eq!(api.post(&format!("/v1/tasks/{task}/try"), as_json).await.ok()["outcome"], "stored");
    let edited = api.ask("PUT", &format!("/v1/tasks/{task}/external"), &[("content-type", "text/plain")], good.clone()).await.ok();
    assert_eq!((&edited["edited"], &edited["bytes"]), (&json!(true), &json!(good.len())));
    assert_eq!(api.get(&format!("/v1/tasks/{task}/external")).await.text(), good);
    assert_eq!(api.get(&format!("/v1/tasks/{task}/external?original=true")).await.text(), "broken");
    let shown = api.get(&format!("/v1/tasks/{task}")).await.ok();
    assert_eq!((&shown["edited"][0]["who"], &shown["bytes"]), (&json!("local"), &json!(good.len())));
    assert_eq!(api.post(&format!("/v1/tasks/{task}/retry"), "").await.ok()["outcome"], "stored");
    let ended = api.get(&format!("/v1/tasks/{task}")).await;
    assert_eq!(ended.status, 200);
    let ended = ended.json();
    assert_eq!((&ended["state"], &ended["outcome"], &ended["edited"][0]["who"]), (&json!("ended"), &json!("stored"), &json!("local")));
    assert_eq!(api.get(&format!("/v1/tasks/{task}/external?original=true")).await.text(), "broken", "kept as long as the log");
    assert_eq!(api.put(&format!("/v1/tasks/{task}/external"), "x").await.problem(), (404, "task-not-found".into()));
    assert_eq!(api.get("/v1/tasks/999/external?original=true").await.problem(), (404, "not-edited".into()));
    let audit = api.get("/v1/audit?action=task-edit").await.ok();
    assert_eq!(audit["audit"][0]["before"], "{\"media_type\":\"application/octet-stream\",\"bytes\":6}");
}

#[tokio::test]
async fn a_group_is_tried_with_a_summary() {
    let api = Api::new();
    picky(&api);
    failing(&api, &["one", "three", "other"]).await;
    let body = json!({ "filter": { "failing": true } }).to_string();
    let summary = api.post("/v1/tasks/try", body).await.ok();
    assert_eq!((&summary["meant"], &summary["tried"], &summary["outcomes"]), (&json!(3), &json!(3), &json!({ "failed": 3 })));
    assert_eq!((&summary["failures"][0]["tasks"], &summary["failures"][0]["code"]), (&json!(2), &json!("invalid")));
    let one = api.post("/v1/tasks/try", json!({ "filter": { "failing": true }, "limit": 1 }).to_string()).await.ok();
    assert_eq!((&one["meant"], &one["tried"]), (&json!(3), &json!(1)));
    assert_eq!(api.post("/v1/tasks/try", "{}").await.problem(), (400, "filter-missing".into()));
    assert_eq!(api.post("/v1/tasks/try", json!({ "limit": 0 }).to_string()).await.problem(), (400, "bad-request".into()));
}

#[tokio::test]
async fn whoever_waits_is_told_what_came_of_it() {
    let api = Api::new();
    api.test.bus.start().unwrap();
    let stored = api.post("/v1/connectors/a/tasks?wait=20s", user("ann")).await;
    assert_eq!((stored.status.as_u16(), stored.headers["location"].to_str().unwrap()), (201, "/v1/tasks/1"));
    assert_eq!(stored.json(), json!({ "task": 1, "repeated": false, "outcome": "stored" }));
    let failed = api.post("/v1/connectors/a/tasks?wait=20", "not an object").await.ok();
    assert_eq!(failed["state"], "failed");
    assert_eq!(api.get("/v1/tasks/1?wait=5s").await.ok()["outcome"], "stored");
    assert_eq!(api.get("/v1/tasks/2?wait=500ms").await.ok()["state"], "failed");
    for wait in ["51s", "x", "5m", "-1"] {
        assert_eq!(api.get(&format!("/v1/tasks/1?wait={wait}")).await.problem(), (400, "bad-parameter".into()), "{wait}");
    }
}

#[tokio::test]
async fn the_root_says_where_things_are() {
    let api = Api::new();
    assert!(api.get("/").await.ok()["lockgate"]["/v1/status"].is_string());
    let page = api.ask("GET", "/", &[("accept", "text/html,*/*;q=0.8")], "").await;
    assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(page.text().contains("href=\"/v1/status\""));
    let document = api.get("/v1/openapi.json").await.ok();
    assert_eq!((&document["openapi"], document["paths"]["/v1/tasks"]["post"].is_object()), (&json!("3.1.0"), true));
}

#[tokio::test]
async fn a_server_without_a_configuration_cannot_read_it_again() {
    assert_eq!(Api::new().post("/v1/reload", "").await.problem(), (409, "cannot-reload".into()));
}
