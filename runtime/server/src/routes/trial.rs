//! Tries and edits (§13).

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lockgate_bus::{TRIED_MAX, Tried, TryWith};
use lockgate_core::ports::TaskFilter;
use lockgate_core::task::{ExternalObject, TaskId};
use serde_json::json;

use crate::body::Sent;
use crate::caller::{Caller, Id};
use crate::filter;
use crate::json::Members;
use crate::rights::Right;
use crate::routes::tasks;
use crate::state::App;
use crate::wire::problem::Problem;
use crate::wire::trial::{SummaryWire, TriedWire};

/// Tasks of a group that are tried when nothing is said.
const TRIED_DEFAULT: usize = 100;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/tasks/{id}/try", post(try_one))
        .route("/v1/tasks/try", post(try_group))
        .route("/v1/tasks/{id}/external", get(tasks::external).put(edit))
}

/// What is tried, and with what.
struct Order {
    external: Option<ExternalObject>,
    with: TryWith,
}

async fn try_one(caller: Caller, Id(id): Id, sent: Sent) -> Result<Response, Problem> {
    caller.query(&[])?;
    let members = ["body", "body_base64", "body_json", "media_type", "with", "component_base64"];
    let Order { external, with } =
        read(&caller, sent, &members, |members| Ok(Order { external: external(members)?, with: with(members)? })).await?;
    may_bring(&caller, &with)?;
    caller
        .json(StatusCode::OK, move |bus| {
            let tried = bus.try_task(TaskId(id), external, &with)?;
            Ok(TriedWire::new(bus, tried)?)
        })
        .await
}

async fn try_group(caller: Caller, sent: Sent) -> Result<Response, Problem> {
    caller.query(&[])?;
    let members = ["filter", "limit", "with", "component_base64"];
    let (filter, limit, with) = read(&caller, sent, &members, |members| {
        let filter = members.members("filter", &filter::MEMBERS)?.map(|members| filter::of_members(&members)).transpose()?;
        let limit = match members.number("limit")? {
            None => TRIED_DEFAULT,
            Some(limit) => {
                let limit = usize::try_from(limit).unwrap_or(usize::MAX);
                if limit == 0 || limit > TRIED_MAX { return Err(format!("limit is a whole number from 1 to {TRIED_MAX}")) } else { limit }
            }
        };
        Ok((filter.unwrap_or_default(), limit, with(members)?))
    })
    .await?;
    if filter == TaskFilter::default() {
        return Err(filter::missing());
    }
    may_bring(&caller, &with)?;
    caller
        .json(StatusCode::OK, move |bus| {
            let mut summary = SummaryWire::default();
            let meant = bus.try_tasks(&filter, limit, &with, |head, tried: Tried| summary.add(head, &tried))?;
            Ok(summary.of(meant))
        })
        .await
}

/// A body may be left out where nothing need be said.
async fn read<T>(
    caller: &Caller,
    sent: Sent,
    members: &[&str],
    read: impl FnOnce(&Members<'_>) -> Result<T, String>,
) -> Result<T, Problem> {
    let settings = caller.app.bus.settings();
    // Base64 has four characters for three bytes; each may be written in more.
    let bytes_max = caller.app.component_bytes_max.saturating_add(settings.payload_bytes_max).saturating_mul(2);
    let received = sent.read(caller, bytes_max).await?;
    let bytes = if received.bytes.is_empty() { b"{}" } else { received.bytes.as_slice() };
    Members::read("the body", bytes, members).and_then(|members| read(&members)).map_err(Problem::bad_request)
}

fn external(members: &Members<'_>) -> Result<Option<ExternalObject>, String> {
    let given = (members.text("body")?, members.text("body_base64")?, members.raw("body_json"));
    let (media_type, body) = match given {
        (None, None, None) if members.text("media_type")?.is_some() => return Err("media_type belongs to a body".to_owned()),
        (None, None, None) => return Ok(None),
        (Some(text), None, None) => ("text/plain; charset=utf-8", text.into_bytes()),
        (None, Some(text), None) => {
            ("application/octet-stream", STANDARD.decode(text).map_err(|error| format!("body_base64 is not base64: {error}"))?)
        }
        (None, None, Some(json)) => ("application/json", json.get().as_bytes().to_vec()),
        _ => return Err("one of body, body_base64 and body_json may be given".to_owned()),
    };
    let given = members.text("media_type")?;
    let media_type = super::submit::media_type_of(given.as_deref().unwrap_or(media_type))?;
    Ok(Some(ExternalObject { media_type: media_type.into(), body: body.into() }))
}

fn with(members: &Members<'_>) -> Result<TryWith, String> {
    match (members.text("with")?, members.text("component_base64")?) {
        (None, None) => Ok(TryWith::Active),
        (Some(digest), None) => Ok(TryWith::Version(digest.to_ascii_lowercase())),
        (None, Some(text)) => {
            let bytes = STANDARD.decode(text).map_err(|error| format!("component_base64 is not base64: {error}"))?;
            Ok(TryWith::Component(bytes.into()))
        }
        (Some(_), Some(_)) => Err("one of with and component_base64 may be given".to_owned()),
    }
}

/// Promise 3: who brings a component decides what runs here.
fn may_bring(caller: &Caller, with: &TryWith) -> Result<(), Problem> {
    match with {
        TryWith::Component(_) if !caller.holder.has(Right::Admin) => {
            let detail = "a component that is not installed may be brought by who has the right admin";
            Err(Problem::new(StatusCode::FORBIDDEN, "right-missing", detail))
        }
        _ => Ok(()),
    }
}

async fn edit(caller: Caller, Id(id): Id, sent: Sent) -> Result<Response, Problem> {
    caller.query(&[])?;
    let media_type = super::submit::media_type_of_header(&caller)?;
    let received = sent.read(&caller, caller.app.bus.settings().payload_bytes_max).await?;
    let external = ExternalObject { media_type: media_type.into(), body: received.bytes.as_slice().into() };
    caller
        .json(StatusCode::OK, move |bus| {
            let bytes = external.body.len();
            bus.edit_task(TaskId(id), external)?;
            drop(received);
            Ok(json!({ "task": id, "edited": true, "bytes": bytes }))
        })
        .await
}

/// An object of a task that was edited, as it came.
pub(super) fn original(bus: &lockgate_bus::Bus, id: TaskId) -> Result<ExternalObject, Problem> {
    let edits = bus.edits(id)?;
    edits.map(|edits| edits.original).ok_or_else(|| Problem::not_found("not-edited", format!("task {id} was not edited")))
}

/// For `Body::from` of what is sent back.
pub(super) fn body(external: &ExternalObject) -> Body {
    Body::from(external.body.to_vec())
}
