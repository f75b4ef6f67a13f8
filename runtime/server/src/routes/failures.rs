//! Failures that are one fault.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use lockgate_bus::FailureGroup;
use serde::Serialize;
use serde_json::json;

use crate::caller::Caller;
use crate::state::App;
use crate::wire::problem::Problem;
use crate::wire::task::FailureWire;
use crate::wire::time;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/v1/failures", get(list))
}

#[derive(Serialize)]
struct GroupWire {
    group: String,
    connector: String,
    code: &'static str,
    path: Option<String>,
    text: String,
    tasks: u64,
    first_at: Option<String>,
    last_at: Option<String>,
    versions: Vec<VersionWire>,
    first: ExampleWire,
    last: u64,
    advice: &'static str,
}

#[derive(Serialize)]
struct VersionWire {
    digest: Option<String>,
    tasks: u64,
}

#[derive(Serialize)]
struct ExampleWire {
    task: u64,
    title: String,
    failure: Option<FailureWire>,
}

impl From<FailureGroup> for GroupWire {
    fn from(group: FailureGroup) -> Self {
        let FailureGroup { fault, tasks, first_ms, last_ms, first, last, versions } = group;
        Self {
            group: fault.group().to_string(),
            connector: fault.connector.to_string(),
            code: fault.code.as_str(),
            path: fault.path.map(|path| path.to_string()),
            text: fault.text.to_string(),
            tasks,
            first_at: time(first_ms),
            last_at: time(last_ms),
            versions: versions.into_iter().map(|(digest, tasks)| VersionWire { digest: digest.map(|d| d.to_string()), tasks }).collect(),
            first: ExampleWire { task: first.id.0, title: first.title.to_string(), failure: first.failure.map(Into::into) },
            last: last.0,
            advice: fault.code.advice(),
        }
    }
}

async fn list(caller: Caller) -> Result<Response, Problem> {
    let query = caller.query(&["connector", "limit"])?;
    let (connector, limit) = (query.connector()?, query.limit()?);
    caller
        .json(StatusCode::OK, move |bus| {
            let failures = bus.failures(connector.as_ref())?;
            let (tasks, groups) = (failures.tasks, failures.groups.len());
            let shown: Vec<GroupWire> = failures.groups.into_iter().take(limit).map(Into::into).collect();
            Ok(json!({ "tasks": tasks, "groups": groups, "others": failures.others, "failures": shown }))
        })
        .await
}
