//! What waits, what is missing, and what stands in the way.

use std::sync::Arc;

use lockgate_core::failure::{Code, Failure};
use lockgate_core::mark::{Mark, ended};
use lockgate_core::park::{Waiting, Want};
use lockgate_core::ports::{Queue, Stand, Standing, Stood};
use lockgate_core::task::{ProcessType, TaskId, TaskState};
use lockgate_testing::FixedClock;
use serde_json::{Value, json};

use crate::asked::{Api, user};

const TEA: Mark = Mark(0x17);

fn want(mark: Mark, what: &str) -> Want {
    Want { mark, what: what.into(), external: Some("tea".into()) }
}

/// As a pass leaves a task that waits.
fn wait(api: &Api, id: u64, waiting: Waiting) {
    let store = &api.test.store;
    let version = store.heads(&[TaskId(id)]).unwrap()[0].version;
    let standing = Standing {
        process_type: ProcessType::Default,
        state: if waiting.behind.is_some() { TaskState::Behind } else { TaskState::Parked },
        attempts: 0,
        not_before_ms: None,
        failure: waiting.behind.is_none().then(|| Failure::new(Code::UnresolvedReference, "no tea").at("fields.product")),
        aside: false,
        failed_by: None,
        deletes_allowed: false,
        waiting: Some(Arc::new(Waiting { since_ms: FixedClock::START_MS, ..waiting })),
    };
    assert_eq!(store.stand(&[Stand { id: TaskId(id), version, standing }]).unwrap(), [Stood::Done]);
}

/// A task that waits for tea, and one behind it.
async fn parked(api: &Api) -> (u64, u64) {
    let (first, second) = (api.task("title=Cup", "{}").await, api.task("", "{}").await);
    wait(api, first, Waiting { wants: vec![want(TEA, "shop.product 'Tea' (tea)")], ..Waiting::default() });
    let behind = TaskId(first);
    wait(api, second, Waiting { wants: vec![want(ended(behind), "its end")], behind: Some(behind), ..Waiting::default() });
    (first, second)
}

#[tokio::test]
async fn what_is_missing_is_listed_once_with_who_waits() {
    let api = Api::new();
    assert_eq!(api.get("/v1/missing").await.ok(), json!({ "missing": [], "next": null }));
    let (first, _) = parked(&api).await;
    let other = api.task("", "{}").await;
    wait(&api, other, Waiting { wants: vec![want(Mark(0x99), "shop.product 'Milk'")], ..Waiting::default() });
    let listed = api.get("/v1/missing?limit=1").await.ok();
    assert_eq!(
        listed["missing"][0],
        json!({
            "mark": "0000000000000017", "what": "shop.product 'Tea' (tea)", "external": "tea", "tasks": 1, "loose_ends": 0, "connectors": ["a"],
            "since": "2026-01-01T00:00:00.000Z", "first": [{ "task": first, "connector": "a", "title": "Cup", "loose_end": null }],
            "helped_by": [],
        })
    );
    let next = listed["next"].as_str().unwrap();
    let rest = api.get(&format!("/v1/missing?limit=1&after={next}")).await.ok();
    assert_eq!((&rest["missing"][0]["mark"], &rest["next"]), (&json!("0000000000000099"), &json!(null)));
    assert_eq!(api.get("/v1/missing?after=17").await.problem(), (400, "bad-parameter".into()));
}

#[tokio::test]
async fn what_does_not_come_is_given_up() {
    let api = Api::new();
    let (first, second) = parked(&api).await;
    let given = api.post("/v1/missing/0000000000000017/ignore", "").await.ok();
    assert_eq!(given, json!({ "what": "shop.product 'Tea' (tea)", "tasks": 1, "loose_ends": 0 }));
    let task = api.get(&format!("/v1/tasks/{first}")).await.ok();
    assert_eq!((&task["state"], &task["aside"], &task["failure"]["code"]), (&json!("failed"), &json!(true), &json!("given-up")));
    assert_eq!(task["waits_for"], json!([]));
    assert_eq!(api.get(&format!("/v1/tasks/{second}")).await.ok()["state"], "behind");
    for mark in ["0000000000000017", "tea", "ffffffffffffffff", &ended(TaskId(first)).to_string()] {
        assert_eq!(api.post(&format!("/v1/missing/{mark}/ignore"), "").await.problem(), (404, "not-missing".into()), "{mark}");
    }
}

#[tokio::test]
async fn a_task_says_what_it_waits_for_and_who_waits_for_it() {
    let api = Api::new();
    let (first, second) = parked(&api).await;
    let task = api.get(&format!("/v1/tasks/{first}")).await.ok();
    assert_eq!(task["waits_for"], json!([{ "mark": "0000000000000017", "what": "shop.product 'Tea' (tea)", "external": "tea" }]));
    assert_eq!((&task["state"], &task["since"]), (&json!("parked"), &json!("2026-01-01T00:00:00.000Z")));
    assert_eq!(task["followers"], json!({ "total": 1, "more": false, "first": [second] }));
    assert!(task["advice"].as_str().unwrap().starts_with("It waits for shop.product 'Tea' (tea), and then goes on by itself."));
    let task = api.get(&format!("/v1/tasks/{second}")).await.ok();
    assert_eq!((&task["behind"], &task["waits_for"], &task["failure"]), (&json!(first), &json!([]), &json!(null)));
    let listed = api.get("/v1/tasks?state=parked").await.ok();
    assert_eq!((listed["tasks"].as_array().unwrap().len(), &listed["tasks"][0]["waits_for_total"]), (1, &json!(1)));
}

#[tokio::test]
async fn a_status_says_which_task_blocks_whom_since_when() {
    let api = Api::new();
    let bad = api.task("title=Bad", "no object").await;
    for name in ["ann", "bob"] {
        api.task("", &user(name)).await;
    }
    api.test.process("a");
    parked(&api).await;
    let status = api.get("/v1/status").await.ok();
    let queue = &status["queues"]["a"];
    let of = |key: &str| queue[key].as_u64().unwrap();
    assert_eq!((of("queued"), of("failing"), of("parked"), of("behind"), of("failed"), of("loose_ends")), (2, 0, 1, 1, 1, 0), "{queue}");
    let blocked = &queue["blocked"];
    assert_eq!((&blocked["task"], &blocked["title"], &blocked["waiting"]), (&json!(bad), &json!("Bad"), &json!(2)));
    assert_eq!((&blocked["since"], &blocked["until"]), (&json!("2026-01-01T00:00:00.000Z"), &json!(null)));
    assert_eq!(blocked["failure"]["code"], "invalid");
    assert_eq!(
        (&status["parked"], &status["behind"], &status["queues"]["b"]["queued"]),
        (&json!({ "a": 1 }), &json!({ "a": 1 }), &json!(0))
    );
    let shown = api.get("/v1/connectors/a").await.ok();
    assert_eq!((&shown["parked"], &shown["blocked"]), (&json!(1), blocked));
    assert_eq!(api.get(&format!("/v1/tasks/{bad}")).await.ok()["followers"]["total"], 2);
}

#[tokio::test]
async fn every_connector_has_every_series() {
    let api = Api::new();
    api.task("", "no object").await;
    api.task("", &user("ann")).await;
    api.test.process("a");
    api.test.clock.advance(90_000);
    let metrics = api.get("/metrics").await.text();
    let series = [
        ("lockgate_tasks_queued", 1),
        ("lockgate_tasks_failing", 0),
        ("lockgate_tasks_parked", 0),
        ("lockgate_tasks_behind", 0),
        ("lockgate_tasks_failed", 1),
        ("lockgate_loose_ends", 0),
        ("lockgate_oldest_task_seconds", 90),
        ("lockgate_tasks_blocked", 1),
        ("lockgate_blocked_seconds", 90),
    ];
    for (name, value) in series {
        for (connector, value) in [("a", value), ("b", 0)] {
            let line = format!("{name}{{connector=\"{connector}\"}} {value}");
            assert!(metrics.lines().any(|l| l == line), "{line} in\n{metrics}");
        }
    }
}

#[tokio::test]
async fn a_connector_that_is_not_there_has_no_empty_lists() {
    let api = Api::new();
    for target in ["/v1/tasks?connector=nobody", "/v1/history?connector=nobody"] {
        assert_eq!(api.get(target).await.problem(), (404, "unknown-connector".into()), "{target}");
    }
    assert_eq!(api.post("/v1/tasks/actions?action=skip&connector=nobody", "").await.problem(), (404, "unknown-connector".into()));
    assert_eq!(api.get("/v1/history?connector=b").await.ok()["history"], json!([]));
}

#[tokio::test]
async fn the_history_tells_rows_apart_and_finds_warnings() {
    let api = Api::new();
    api.stored("data_type=snapshot", &user("ann")).await;
    api.stored("data_type=snapshot", &user("ann")).await;
    let object = json!({ "type": "cms.user", "code_name": "bob", "fields": { "manager": { "reference": "nobody" } } });
    api.stored("data_type=snapshot", &json!({ "object": object }).to_string()).await;
    let entries = |target: &'static str| {
        let api = &api;
        async move {
            let listed: Vec<Value> = api.get(target).await.ok()["history"].as_array().unwrap().clone();
            listed.iter().map(|entry| entry["task"].as_u64().unwrap()).collect::<Vec<_>>()
        }
    };
    assert_eq!(entries("/v1/history?outcome=unchanged").await, [2]);
    assert_eq!(entries("/v1/history?warnings=true").await, [3]);
    assert_eq!(entries("/v1/history?warning=unresolved-reference").await, [3]);
    assert_eq!(entries("/v1/history?warning=default-used").await, [0; 0]);
    let all = api.get("/v1/history").await.ok();
    let rows = |inserted: u64, unchanged: u64| json!({ "inserted": inserted, "updated": 0, "deleted": 0, "unchanged": unchanged });
    assert_eq!((&all["history"][1]["rows"], &all["history"][2]["rows"]), (&rows(0, 1), &rows(1, 0)));
    assert_eq!((&all["history"][0]["warnings_total"], &all["history"][0]["together"]), (&json!(1), &json!([])));
}
