//! Rights, and who has changed what (§14).

use std::collections::BTreeSet;
use std::net::SocketAddr;

use lockgate_server::{NamedToken, Needs, ROUTES, Right, ServerOptions};
use lockgate_testing::TestBus;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::asked::{Answer, Api, user};

fn token(right: Right) -> NamedToken {
    named(right.as_str(), &[right], None)
}

fn named(name: &str, rights: &[Right], connectors: Option<&[&str]>) -> NamedToken {
    NamedToken {
        name: name.to_owned(),
        digest: Sha256::digest(value(name)).into(),
        rights: rights.iter().copied().collect(),
        connectors: connectors.map(|names| names.iter().map(|name| TestBus::connector(name)).collect()),
    }
}

fn value(name: &str) -> String {
    format!("value-of-{name}-0123456789")
}

fn api(tokens: Vec<NamedToken>) -> Api {
    Api::with(TestBus::new(), &ServerOptions { named_tokens: tokens, ..ServerOptions::default() })
}

async fn ask(api: &Api, name: &str, method: &str, target: &str, body: &str) -> Answer {
    api.ask(method, target, &[("authorization", &format!("Bearer {}", value(name)))], body.to_owned()).await
}

/// Each route with a token of each right: 403 exactly where the table says so.
#[tokio::test]
async fn every_route_is_open_to_whom_the_table_says() {
    let api = api(Right::ALL.map(token).into());
    for route in ROUTES {
        let target = route.path.replace("{name}", "a").replace("{id}", "1").replace("{mark}", "0000000000000001");
        let target = target.replace("{connector}", "a").replace("{type}", "cms.user").replace("{code_name}", "x").replace("{site}", "main");
        let mut open = BTreeSet::new();
        for right in Right::ALL {
            let answer = ask(&api, right.as_str(), route.method, &target, "").await;
            let refused = answer.status == 403 && answer.json()["code"] == "right-missing";
            if !refused {
                open.insert(right);
            }
        }
        let expected: BTreeSet<Right> = match route.needs {
            Needs::Nothing | Needs::Signature => Right::ALL.into(),
            Needs::ReadOrSubmit => Right::ALL.into(),
            Needs::Right(Right::Submit) => [Right::Submit, Right::Admin].into(),
            Needs::Right(Right::Read) => [Right::Read, Right::Operate, Right::Admin].into(),
            Needs::Right(Right::Operate) => [Right::Operate, Right::Admin].into(),
            Needs::Right(Right::Admin) => [Right::Admin].into(),
        };
        assert_eq!(open, expected, "{} {}", route.method, route.path);
        if !matches!(route.needs, Needs::Nothing) {
            assert_eq!(api.ask(route.method, &target, &[], "").await.status, 401, "{} {}", route.method, route.path);
        }
    }
}

#[tokio::test]
async fn a_token_for_one_connector_hands_in_and_sees_its_tasks_only() {
    let api = api(vec![named("app", &[Right::Submit], Some(&["a"])), token(Right::Admin)]);
    let own = ask(&api, "app", "POST", "/v1/connectors/a/tasks", &user("ann")).await;
    assert_eq!(own.headers["location"], "/v1/tasks/1");
    let own = own.ok()["task"].clone();
    let refused = ask(&api, "app", "POST", "/v1/connectors/b/tasks", &user("ann")).await;
    assert_eq!(refused.problem(), (403, "connector-not-allowed".into()));
    let other = ask(&api, "admin", "POST", "/v1/connectors/b/tasks", &user("bob")).await.ok()["task"].clone();
    assert_eq!(ask(&api, "app", "GET", &format!("/v1/tasks/{own}"), "").await.ok()["connector"], "a");
    assert_eq!(ask(&api, "app", "GET", &format!("/v1/tasks/{other}"), "").await.problem(), (404, "task-not-found".into()));
    assert_eq!(ask(&api, "app", "GET", "/v1/tasks", "").await.problem(), (403, "right-missing".into()));
    let lines = ["b", "a", "c"].map(|name| json!({ "connector": name, "body_json": {} }).to_string()).join("\n");
    let batch = ask(&api, "app", "POST", "/v1/tasks", &lines).await.ok();
    let codes: Vec<Value> = batch["results"].as_array().unwrap().iter().map(|result| result["error"]["code"].clone()).collect();
    assert_eq!(codes, [json!("connector-not-allowed"), Value::Null, json!("connector-not-allowed")]);
    assert_eq!((&batch["accepted"], &batch["refused"]), (&json!(1), &json!(2)));
}

#[test]
fn names_and_digests_are_enough_to_listen_on_the_network() {
    let open =
        ServerOptions { listen: SocketAddr::from(([0, 0, 0, 0], 80)), named_tokens: vec![token(Right::Read)], ..ServerOptions::default() };
    assert!(lockgate_server::check_options(&open).is_ok());
}

#[tokio::test]
async fn each_change_leaves_one_row_and_reading_leaves_none() {
    let api = api(vec![token(Right::Admin), token(Right::Operate), token(Right::Read)]);
    let mut tasks = Vec::new();
    for body in ["one", "two", "three"] {
        let task = ask(&api, "admin", "POST", "/v1/connectors/a/tasks", body).await.ok()["task"].clone();
        tasks.push(task.as_u64().unwrap());
    }
    let [one, two, three] = tasks[..] else { panic!("three tasks") };
    for (who, method, target, body) in [
        ("read", "GET", "/v1/status".to_owned(), String::new()),
        ("operate", "POST", format!("/v1/tasks/{one}/retry"), String::new()),
        ("operate", "POST", format!("/v1/tasks/{one}/process-type?value=skip-on-error"), String::new()),
        ("operate", "POST", format!("/v1/tasks/{two}/skip"), String::new()),
        ("operate", "DELETE", format!("/v1/tasks/{two}"), String::new()),
        ("operate", "DELETE", format!("/v1/tasks/{two}"), String::new()),
        ("operate", "PUT", "/v1/switches".to_owned(), json!({ "logging": false }).to_string()),
        ("operate", "PUT", "/v1/switches".to_owned(), json!({ "logging": false }).to_string()),
        ("operate", "POST", "/v1/connectors/a/pause".to_owned(), String::new()),
        ("operate", "POST", "/v1/connectors/a/resume".to_owned(), String::new()),
        ("operate", "POST", "/v1/operations".to_owned(), json!({ "action": "delete", "filter": { "ids": [three] } }).to_string()),
        ("admin", "DELETE", "/v1/connectors/b".to_owned(), String::new()),
        ("admin", "DELETE", "/v1/connectors/b".to_owned(), String::new()),
    ] {
        ask(&api, who, method, &target, &body).await;
    }
    let audit = ask(&api, "operate", "GET", "/v1/audit", "").await.ok();
    let rows = audit["audit"].as_array().unwrap();
    let told: Vec<(&str, &str, &str)> = rows
        .iter()
        .rev()
        .map(|row| (row["who"].as_str().unwrap(), row["action"].as_str().unwrap(), row["subject"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("operate", "task-retry", format!("task {one}").as_str()),
            ("operate", "task-process-type", &format!("task {one}")),
            ("operate", "task-skip", &format!("task {two}")),
            ("operate", "task-delete", &format!("task {two}")),
            ("operate", "switches", "switches"),
            ("operate", "connector-pause", "connector a"),
            ("operate", "connector-resume", "connector a"),
            ("operate", "operation-begin", "1 tasks: delete"),
            ("admin", "connector-remove", "connector b"),
        ]
    );
    let retry = rows.last().unwrap();
    assert_eq!(
        (&retry["connector"], &retry["from"], &retry["after"]),
        (&json!("a"), &json!("command line"), &json!("{\"outcome\":\"failed\"}"))
    );
    let switched = rows.iter().find(|row| row["action"] == "switches").unwrap();
    assert_eq!(switched["after"], "{\"bus\":true,\"logging\":false,\"processing\":true}");
    for (query, count) in [("who=admin", 1), ("action=task-skip", 1), ("connector=a", 6), ("limit=2", 2), ("until=2000-01-01T00:00:00Z", 0)]
    {
        let found = ask(&api, "operate", "GET", &format!("/v1/audit?{query}"), "").await.ok();
        assert_eq!(found["audit"].as_array().unwrap().len(), count, "{query}: {found}");
    }
    assert_eq!(ask(&api, "operate", "GET", "/v1/audit?action=nothing", "").await.problem(), (400, "bad-parameter".into()));
}

#[tokio::test]
async fn old_tokens_are_admins_with_numbers_for_names() {
    let old = "0123456789abcdef";
    let api = Api::with(TestBus::new(), &ServerOptions { tokens: vec![old.to_owned()], ..ServerOptions::default() });
    let answer = api.ask("POST", "/v1/connectors/a/disable", &[("authorization", &format!("Bearer {old}"))], "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let audit = api.ask("GET", "/v1/audit", &[("authorization", &format!("Bearer {old}"))], "").await.ok();
    assert_eq!((&audit["audit"][0]["who"], &audit["audit"][0]["action"]), (&json!("tokens-1"), &json!("connector-disable")));
}

#[tokio::test]
async fn doors_are_replaced_while_the_server_runs() {
    let options = ServerOptions { named_tokens: vec![token(Right::Read)], ..ServerOptions::default() };
    let api = Api::with(TestBus::new(), &options);
    assert_eq!(ask(&api, "read", "GET", "/v1/tasks", "").await.status, 200);
    options.doors.replace(&ServerOptions { named_tokens: vec![token(Right::Operate)], ..ServerOptions::default() });
    assert_eq!(ask(&api, "read", "GET", "/v1/tasks", "").await.status, 401);
    assert_eq!(ask(&api, "operate", "GET", "/v1/tasks", "").await.status, 200);
}
