//! What became of tasks.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use lockgate_core::ports::HistoryFilter;
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
}

async fn list(caller: Caller) -> Result<Response, Problem> {
    let query = caller.query(&["connector", "task", "outcome", "before", "limit"])?;
    let filter = HistoryFilter {
        connector: query.connector()?,
        task: query.number("task")?.map(TaskId),
        outcome: query.one_of("outcome", &["stored", "skipped", "failed", "deleted"])?.map(ToOwned::to_owned),
    };
    let (before, limit) = (query.number("before")?, query.limit()?);
    caller
        .json(StatusCode::OK, move |bus| {
            let entries = bus.history(&filter, before, limit + 1)?;
            let more = entries.len() > limit;
            let history: Vec<EntryWire> = entries.into_iter().take(limit).map(Into::into).collect();
            let next = history.last().filter(|_| more).map(|entry| entry.number);
            Ok(ListWire { history, next })
        })
        .await
}
