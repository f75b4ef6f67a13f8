//! Stored bindings.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use lockgate_core::rows::BindingId;
use serde::Serialize;

use crate::caller::Caller;
use crate::references::{self, References};
use crate::state::App;
use crate::wire::object::BindingWire;
use crate::wire::problem::Problem;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/v1/bindings", get(list))
}

#[derive(Serialize)]
struct ListWire {
    bindings: Vec<BindingWire>,
    next: Option<u64>,
}

async fn list(caller: Caller) -> Result<Response, Problem> {
    let query = caller.query(&["after", "limit"])?;
    let (after, limit) = (query.number("after")?.map(BindingId), query.limit()?);
    caller
        .json(StatusCode::OK, move |bus| {
            let mut rows = bus.store().bindings(after, limit + 1)?;
            let more = rows.len() > limit;
            rows.truncate(limit);
            let references = References::load(bus, rows.iter().flat_map(|row| references::of_binding(row)))?;
            let next = rows.last().filter(|_| more).map(|row| row.id.0);
            Ok(ListWire { bindings: rows.iter().map(|row| BindingWire::new(row, &references)).collect(), next })
        })
        .await
}
