//! Operations over many tasks (§9 of the semantics).

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use lockgate_core::operation::{OperationId, TaskAction};
use lockgate_core::ports::TaskFilter;
use lockgate_core::task::ProcessType;
use serde::Serialize;

use crate::body::Sent;
use crate::caller::{Caller, Id, json_response, to_json};
use crate::filter;
use crate::json::Members;
use crate::state::App;
use crate::wire::operation::{OperationWire, PreviewWire};
use crate::wire::problem::Problem;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/operations", post(begin).get(list))
        .route("/v1/operations/{id}", get(show))
        .route("/v1/operations/{id}/cancel", post(cancel))
        .route("/v1/tasks/reasons", get(reasons))
}

/// What is ordered.
struct Order {
    action: TaskAction,
    filter: TaskFilter,
    dry_run: bool,
}

async fn begin(caller: Caller, sent: Sent) -> Result<Response, Problem> {
    caller.query(&[])?;
    let members = ["action", "process_type", "allow_deletes", "filter", "all", "dry_run"];
    let order = sent.read_json(&caller, &members, order).await?.ok_or_else(filter::missing)?;
    let Order { action, filter, dry_run } = order;
    if dry_run {
        return caller.json(StatusCode::OK, move |bus| Ok(PreviewWire::new(Some(action), bus.preview(&filter, Some(action))?))).await;
    }
    let begun = caller.work(move |bus| Ok(bus.begin_operation(&filter, action)?)).await?;
    let place = HeaderValue::from_str(&format!("/v1/operations/{}", begun.id));
    let mut response = json_response(StatusCode::ACCEPTED, to_json(&OperationWire::from(begun))?);
    if let Ok(place) = place {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// `None`: it does not say which tasks are meant.
fn order(members: &Members<'_>) -> Result<Option<Order>, String> {
    let filter = match members.members("filter", &filter::MEMBERS)? {
        Some(members) => filter::of_members(&members)?,
        None => TaskFilter::default(),
    };
    let named = filter != TaskFilter::default();
    let all = members.flag("all")?.unwrap_or(false);
    let order = Order { action: action(members)?, filter, dry_run: members.flag("dry_run")?.unwrap_or(false) };
    Ok((named || all).then_some(order))
}

fn action(members: &Members<'_>) -> Result<TaskAction, String> {
    let allow_deletes = members.flag("allow_deletes")?;
    let process_type = members.text("process_type")?;
    let words = "retry, skip, delete, process-type";
    let action = match members.text("action")?.as_deref() {
        Some("retry") if allow_deletes == Some(true) => TaskAction::RetryWithDeletes,
        Some("retry") => TaskAction::Retry,
        Some("skip") => TaskAction::Skip,
        Some("delete") => TaskAction::Delete,
        Some("process-type") => {
            let known = || ProcessType::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(", ");
            let word = process_type.as_deref().ok_or_else(|| format!("process_type is needed: one of {}", known()))?;
            TaskAction::SetProcessType(word.parse().map_err(|error: lockgate_core::task::UnknownWord| error.to_string())?)
        }
        Some(other) => return Err(format!("unknown action {other:?}; known are: {words}")),
        None => return Err(format!("action is needed: one of {words}")),
    };
    if allow_deletes.is_some() && !action.tries() {
        return Err("allow_deletes belongs to the action retry".to_owned());
    }
    if process_type.is_some() && !matches!(action, TaskAction::SetProcessType(_)) {
        return Err("process_type belongs to the action process-type; to choose tasks by theirs, put it into filter".to_owned());
    }
    Ok(action)
}

#[derive(Serialize)]
struct ListWire {
    operations: Vec<OperationWire>,
    next: Option<u64>,
}

async fn list(caller: Caller) -> Result<Response, Problem> {
    let query = caller.query(&["before", "limit"])?;
    let (before, limit) = (query.number("before")?.map(OperationId), query.limit()?);
    caller
        .json(StatusCode::OK, move |bus| {
            let mut operations = bus.operations(before, limit + 1)?;
            let more = operations.len() > limit;
            operations.truncate(limit);
            let next = operations.last().filter(|_| more).map(|operation| operation.id.0);
            Ok(ListWire { operations: operations.into_iter().map(Into::into).collect(), next })
        })
        .await
}

async fn show(caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    caller.query(&[])?;
    caller.json(StatusCode::OK, move |bus| Ok(OperationWire::from(bus.operation(OperationId(id))?))).await
}

async fn cancel(caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    caller.query(&[])?;
    caller.json(StatusCode::OK, move |bus| Ok(OperationWire::from(bus.cancel_operation(OperationId(id))?))).await
}

async fn reasons(caller: Caller) -> Result<Response, Problem> {
    let filter = filter::of_query(&caller.query(&filter::FILTERS)?)?;
    caller.json(StatusCode::OK, move |bus| Ok(PreviewWire::new(None, bus.preview(&filter, None)?))).await
}
