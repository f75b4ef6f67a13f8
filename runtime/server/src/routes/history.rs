//! What became of tasks.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use lockgate_bus::Reach;
use lockgate_core::history::Outcome;
use lockgate_core::ports::{HistoryFilter, WarningFilter};
use lockgate_core::task::TaskId;
use serde::Serialize;

use crate::caller::Caller;
use crate::state::App;
use crate::wire::entry::EntryWire;
use crate::wire::problem::Problem;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/v1/history", get(list))
}

#[derive(Serialize)]
struct ListWire {
    history: Vec<EntryWire>,
    next: Option<u64>,
    /// Of a bounded look: how far it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    looked_at: Option<u64>,
}

async fn list(caller: Caller) -> Result<Response, Problem> {
    let query = caller.query(&[
        "connector",
        "task",
        "outcome",
        "warnings",
        "warning",
        "type",
        "name",
        "since",
        "until",
        "before",
        "limit",
        "look_at",
    ])?;
    let filter = HistoryFilter {
        connector: query.connector()?,
        task: query.number("task")?.map(TaskId),
        outcome: query.one_of("outcome", Outcome::WORDS)?.map(ToOwned::to_owned),
        warning: match query.text("warning") {
            Some(code) => Some(WarningFilter::Code(code.to_owned())),
            None => query.flag("warnings")?.then_some(WarningFilter::Any),
        },
        row_type: query.text("type").map(ToOwned::to_owned),
        row_name: query.text("name").map(ToOwned::to_owned),
        since_ms: query.time_ms("since")?,
        until_ms: query.time_ms("until")?,
    };
    let (before, limit, look_at) = (query.number("before")?, query.limit()?, query.look_at()?);
    caller
        .json(StatusCode::OK, move |bus| {
            if let Some(look_at) = look_at {
                let looked = bus.look_through_history(&filter, before, Reach { limit, look_at })?;
                let history = looked.found.into_iter().map(Into::into).collect();
                return Ok(ListWire { history, next: looked.next, looked_at: Some(looked.looked_at) });
            }
            let entries = bus.history(&filter, before, limit + 1)?;
            // The history outlives connectors: only where it has nothing, the name may be wrong.
            if let (true, Some(name)) = (entries.is_empty(), &filter.connector)
                && !bus.is_installed(name)?
            {
                let detail = format!("no connector is named {name}, and no such entry of the history is of one that was");
                return Err(Problem::not_found("unknown-connector", detail));
            }
            let more = entries.len() > limit;
            let history: Vec<EntryWire> = entries.into_iter().take(limit).map(Into::into).collect();
            let next = history.last().filter(|_| more).map(|entry| entry.number);
            Ok(ListWire { history, next, looked_at: None })
        })
        .await
}
