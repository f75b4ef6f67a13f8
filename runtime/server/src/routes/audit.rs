//! Who has changed what (§14), and the configuration that is read again.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use lockgate_core::audit::{AuditAction, AuditRow};
use lockgate_core::ports::AuditFilter;
use serde::Serialize;
use serde_json::json;

use crate::caller::Caller;
use crate::state::App;
use crate::wire::problem::Problem;
use crate::wire::time;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/v1/audit", get(list)).route("/v1/reload", post(reload))
}

#[derive(Serialize)]
struct ListWire {
    audit: Vec<RowWire>,
    next: Option<u64>,
}

#[derive(Serialize)]
struct RowWire {
    number: u64,
    at: Option<String>,
    who: String,
    from: String,
    action: &'static str,
    connector: Option<String>,
    subject: String,
    before: Option<String>,
    after: Option<String>,
}

impl From<(u64, AuditRow)> for RowWire {
    fn from((number, row): (u64, AuditRow)) -> Self {
        Self {
            number,
            at: time(row.at_ms),
            who: row.actor.who.to_string(),
            from: row.actor.from.to_string(),
            action: row.action.as_str(),
            connector: row.connector.map(|name| name.to_string()),
            subject: row.subject.to_string(),
            before: row.before.map(|text| text.to_string()),
            after: row.after.map(|text| text.to_string()),
        }
    }
}

async fn list(caller: Caller) -> Result<Response, Problem> {
    let query = caller.query(&["who", "action", "connector", "since", "until", "before", "limit"])?;
    let filter = AuditFilter {
        who: query.text("who").map(ToOwned::to_owned),
        action: query.word::<AuditAction>("action")?,
        connector: query.connector()?,
        since_ms: query.time_ms("since")?,
        until_ms: query.time_ms("until")?,
    };
    let (before, limit) = (query.number("before")?, query.limit()?);
    caller
        .json(StatusCode::OK, move |bus| {
            let rows = bus.audit(&filter, before, limit + 1)?;
            let more = rows.len() > limit;
            let audit: Vec<RowWire> = rows.into_iter().take(limit).map(Into::into).collect();
            let next = audit.last().filter(|_| more).map(|row| row.number);
            Ok(ListWire { audit, next })
        })
        .await
}

/// Reads the configuration again: whole, or nothing of it.
async fn reload(caller: Caller) -> Result<Response, Problem> {
    caller.query(&[])?;
    let Some(reload) = caller.app.reload.clone() else {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "cannot-reload",
            "this server was started without a configuration that it could read again",
        ));
    };
    caller
        .json(StatusCode::OK, move |bus| {
            let reloaded = reload(bus).map_err(|why| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-configuration", why))?;
            bus.note(AuditAction::Reload, "configuration", Some(&json!(reloaded.changed).to_string()))?;
            Ok(json!({ "changed": reloaded.changed, "needs_restart": reloaded.needs_restart }))
        })
        .await
}
