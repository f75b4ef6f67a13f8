//! What is waited for and not there (§11.10 of the semantics).

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use lockgate_core::mark::Mark;
use serde::Serialize;

use crate::caller::{Caller, Part};
use crate::state::App;
use crate::wire::missing::{IgnoredWire, MissingWire};
use crate::wire::problem::Problem;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/v1/missing", get(list)).route("/v1/missing/{mark}/ignore", post(ignore))
}

#[derive(Serialize)]
struct ListWire {
    missing: Vec<MissingWire>,
    next: Option<String>,
}

async fn list(caller: Caller) -> Result<Response, Problem> {
    let query = caller.query(&["after", "limit"])?;
    let (after, limit) = (query.read_as("after", read)?, query.limit()?);
    caller
        .json(StatusCode::OK, move |bus| {
            let (missing, next) = bus.missing(after, limit)?;
            Ok(ListWire { missing: missing.into_iter().map(Into::into).collect(), next: next.map(|mark| mark.to_string()) })
        })
        .await
}

async fn ignore(caller: Caller, Part(mark): Part<String>) -> Result<Response, Problem> {
    caller.query(&[])?;
    let nothing = || Problem::not_found("not-missing", format!("nothing waits for {mark:?}"));
    let read = read(&mark).map_err(|_| nothing())?;
    let ignored = caller.work(move |bus| Ok(bus.ignore_missing(read)?)).await?.ok_or_else(nothing)?;
    caller.json(StatusCode::OK, move |_| Ok(IgnoredWire::from(ignored))).await
}

/// As `mark` in an answer.
fn read(text: &str) -> Result<Mark, String> {
    let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mark = digits.then(|| text.parse().ok()).flatten();
    mark.ok_or_else(|| format!("{text:?} is not a mark: 16 hexadecimal digits"))
}
