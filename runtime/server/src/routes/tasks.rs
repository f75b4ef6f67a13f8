//! Queued tasks, and what operators do with them (§9 of the semantics).

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use lockgate_bus::{Bus, Processed, Reach, TaskAction};
use lockgate_core::history::{Entry, Outcome};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::HistoryFilter;
use lockgate_core::task::{ProcessType, Task, TaskId};
use serde::Serialize;
use serde_json::json;

use crate::caller::{Caller, Id};
use crate::filter;
use crate::query::{LOOK_AT_MAX, Query};
use crate::routes::wait;
use crate::state::App;
use crate::wire::entry::EntryWire;
use crate::wire::missing::HelperWire;
use crate::wire::problem::Problem;
use crate::wire::standing::FollowersWire;
use crate::wire::task::{ActedWire, BulkWire, EndedWire, LogLineWire, TaskWire};
use crate::wire::time;

/// History entries of one task that are shown with it.
const HISTORY_SHOWN_MAX: usize = 100;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/tasks/actions", post(act_on_all))
        .route("/v1/tasks/{id}", get(show).delete(delete))
        .route("/v1/tasks/{id}/log", get(log))
        .route("/v1/tasks/{id}/retry", post(retry))
        .route("/v1/tasks/{id}/skip", post(skip))
        .route("/v1/tasks/{id}/process-type", post(set_process_type))
}

#[derive(Serialize)]
struct ListWire {
    tasks: Vec<TaskWire>,
    next: Option<u64>,
    /// Of a bounded look: how far it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    looked_at: Option<u64>,
}

pub(super) async fn list(caller: Caller) -> Result<Response, Problem> {
    let query = caller.query(&[&filter::FILTERS[..], &["contains", "after", "limit", "look_at"]].concat())?;
    let (contains, look_at) = (query.text("contains").map(ToOwned::to_owned), query.look_at()?);
    let (filter, after, limit) = (filter::of_query(&query)?, query.number("after")?.map(TaskId), query.limit()?);
    caller
        .json(StatusCode::OK, move |bus| {
            if let Some(name) = &filter.connector {
                is_installed(bus, name)?;
            }
            if look_at.is_some() || contains.is_some() {
                let reach = Reach { limit, look_at: look_at.unwrap_or(LOOK_AT_MAX) };
                let looked = bus.look_for_tasks(&filter, contains.as_deref(), after, reach)?;
                let tasks = looked.found.into_iter().map(TaskWire::from).collect();
                return Ok(ListWire { tasks, next: looked.next, looked_at: Some(looked.looked_at) });
            }
            let mut tasks = bus.tasks(&filter, after, limit + 1)?;
            let more = tasks.len() > limit;
            tasks.truncate(limit);
            let next = tasks.last().filter(|_| more).map(|task| task.id.0);
            Ok(ListWire { tasks: tasks.into_iter().map(TaskWire::from).collect(), next, looked_at: None })
        })
        .await
}

/// That nothing is queued for a connector that nobody knows says too little.
fn is_installed(bus: &Bus, name: &ConnectorName) -> Result<(), Problem> {
    match bus.is_installed(name)? {
        true => Ok(()),
        false => Err(Problem::not_found("unknown-connector", format!("no connector is named {name}"))),
    }
}

#[derive(Serialize)]
struct ShowWire {
    #[serde(flatten)]
    task: TaskWire,
    helped_by: Vec<HelperWire>,
    followers: FollowersWire,
    edited: Vec<EditedWire>,
    history: Vec<EntryWire>,
}

#[derive(Serialize)]
struct EditedWire {
    at: Option<String>,
    who: String,
}

#[derive(Serialize)]
struct ShowEndedWire {
    #[serde(flatten)]
    task: EndedWire,
    edited: Vec<EditedWire>,
    history: Vec<EntryWire>,
}

/// Queued, or ended.
#[derive(Serialize)]
#[serde(untagged)]
enum AnyWire {
    Queued(Box<ShowWire>),
    Ended(Box<ShowEndedWire>),
}

async fn show(caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    if let Some(wait) = wait::of(&caller.query(&["wait"])?)? {
        wait::until_tried(&caller, TaskId(id), wait).await?;
    }
    let holder = caller.holder.clone();
    caller
        .json(StatusCode::OK, move |bus| {
            let task = bus.task(TaskId(id))?;
            let filter = HistoryFilter { task: Some(TaskId(id)), ..HistoryFilter::default() };
            let entries: Vec<(u64, Entry)> = bus.history(&filter, None, HISTORY_SHOWN_MAX)?;
            let own = entries.iter().map(|(_, entry)| entry).find(|entry| entry.outcome != Outcome::Mended);
            // Whoever may only hand in is told of his own.
            let connector = task.as_ref().map(|task| &task.connector).or(own.map(|entry| &entry.connector));
            if !connector.is_some_and(|connector| holder.may_see_task_of(connector)) {
                return Err(not_found(TaskId(id)));
            }
            let ended = own.map(EndedWire::new);
            let edits = bus.edits(TaskId(id))?.map(|edits| edits.edits).unwrap_or_default();
            let edited = edits.into_iter().map(|(at_ms, who)| EditedWire { at: time(at_ms), who: who.to_string() }).collect();
            let history: Vec<EntryWire> = entries.into_iter().map(Into::into).collect();
            match (task, ended) {
                (Some(Task { head, .. }), _) => {
                    let helped_by = bus.helped_by(&head)?.into_iter().map(Into::into).collect();
                    let followers = bus.followers(&head)?.into();
                    Ok(AnyWire::Queued(Box::new(ShowWire { task: head.into(), helped_by, followers, edited, history })))
                }
                (None, Some(task)) => Ok(AnyWire::Ended(Box::new(ShowEndedWire { task, edited, history }))),
                (None, None) => Err(not_found(TaskId(id))),
            }
        })
        .await
}

fn not_found(id: TaskId) -> Problem {
    Problem::not_found("task-not-found", format!("no task {id} is queued, and the history has none"))
}

fn not_queued(id: TaskId) -> Problem {
    Problem::not_found("task-not-found", format!("no task {id} is queued"))
}

pub(super) async fn external(caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    let original = caller.query(&["original"])?.flag("original")?;
    let external = caller
        .work(move |bus| match original {
            true => super::trial::original(bus, TaskId(id)),
            false => Ok(bus.task(TaskId(id))?.ok_or_else(|| not_queued(TaskId(id)))?.external),
        })
        .await?;
    let media_type = HeaderValue::from_str(&external.media_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut response = super::trial::body(&external).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media_type);
    // Promise 3: what came from outside is never shown as a page of this server.
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    Ok(response)
}

async fn log(caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    caller.query(&[])?;
    caller
        .json(StatusCode::OK, move |bus| {
            let lines = bus.task_log(TaskId(id))?;
            Ok(json!({ "log": lines.into_iter().map(LogLineWire::from).collect::<Vec<_>>() }))
        })
        .await
}

async fn retry(caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    let query = caller.query(&["allow_deletes"])?;
    act(&caller, id, if query.flag("allow_deletes")? { TaskAction::RetryWithDeletes } else { TaskAction::Retry }).await
}

async fn skip(caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    caller.query(&[])?;
    act(&caller, id, TaskAction::Skip).await
}

async fn set_process_type(caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    let query = caller.query(&["value"])?;
    act(&caller, id, TaskAction::SetProcessType(process_type(&query)?)).await
}

async fn delete(caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    caller.query(&[])?;
    act(&caller, id, TaskAction::Delete).await
}

fn process_type(query: &Query) -> Result<ProcessType, Problem> {
    let words = || ProcessType::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(", ");
    let missing = || Problem::new(StatusCode::BAD_REQUEST, "bad-parameter", format!("parameter value is needed: one of {}", words()));
    query.word("value")?.ok_or_else(missing)
}

async fn act(caller: &Caller, id: u64, action: TaskAction) -> Result<Response, Problem> {
    caller
        .json(StatusCode::OK, move |bus| {
            let processed = bus.act(TaskId(id), action)?;
            let outcome = match action {
                TaskAction::Delete => return Ok(json!({ "task": id, "outcome": "deleted" })),
                _ => processed,
            };
            Ok(json!(acted(id, outcome)))
        })
        .await
}

fn acted(task: u64, processed: Option<Processed>) -> ActedWire {
    match processed {
        Some(processed) => ActedWire { task, outcome: processed.outcome, failure: processed.failure.map(Into::into) },
        None => ActedWire { task, outcome: "changed", failure: None },
    }
}

/// The older way to begin an operation: it is answered at the operation's end.
async fn act_on_all(caller: Caller) -> Result<Response, Problem> {
    let query = caller.query(&[&filter::FILTERS[..], &["action", "value", "all"]].concat())?;
    let action = match query.one_of("action", &["retry", "skip", "delete", "process-type"])? {
        Some("retry") => TaskAction::Retry,
        Some("skip") => TaskAction::Skip,
        Some("delete") => TaskAction::Delete,
        Some(_) => TaskAction::SetProcessType(process_type(&query)?),
        None => {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "bad-parameter",
                "parameter action is needed: one of retry, skip, delete, process-type",
            ));
        }
    };
    let tasks = filter::of_query(&query)?;
    if query.has_none(&filter::FILTERS) && !query.flag("all")? {
        return Err(filter::missing());
    }
    caller
        .json(StatusCode::OK, move |bus| {
            if let Some(name) = &tasks.connector {
                is_installed(bus, name)?;
            }
            Ok(BulkWire::from(bus.act_on_all(&tasks, action)?))
        })
        .await
}
