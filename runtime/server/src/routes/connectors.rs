//! Installing and switching connectors.

use axum::Router;
use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use lockgate_bus::{Bus, ConnectorStatus, Force};
use lockgate_core::names::ConnectorName;
use serde_json::json;

use crate::body::Sent;
use crate::caller::{Caller, Part, connector_in_path, json_response, to_json};
use crate::state::App;
use crate::wire::connector::{AddedWire, CheckedWire, ConnectorWire};
use crate::wire::problem::Problem;
use crate::wire::state::{StateSizeWire, StateWire};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/connectors", get(list))
        .route("/v1/connectors/{name}", get(show).put(add).delete(remove).post(check))
        .route("/v1/connectors/{name}/enable", post(enable))
        .route("/v1/connectors/{name}/disable", post(disable))
        .route("/v1/connectors/{name}/pause", post(pause))
        .route("/v1/connectors/{name}/resume", post(resume))
        .route("/v1/connectors/{name}/approve", post(approve))
        .route("/v1/connectors/{name}/rollback", post(roll_back))
        .route("/v1/connectors/{name}/state", get(state).delete(clear_state))
}

fn wire(bus: &Bus, status: ConnectorStatus, state: Option<StateSizeWire>) -> ConnectorWire {
    let settings = bus.settings();
    let of = settings.of(&status.record.name).clone();
    ConnectorWire::new(status, &of, state)
}

fn one(bus: &Bus, name: &ConnectorName) -> Result<ConnectorWire, Problem> {
    let found = bus.connectors()?.into_iter().find(|status| status.record.name == *name);
    let status = found.ok_or_else(|| Problem::not_found("unknown-connector", format!("no connector is named {name}")))?;
    let state = StateSizeWire::from(&bus.connector_state(name)?);
    Ok(wire(bus, status, Some(state)))
}

async fn list(caller: Caller) -> Result<Response, Problem> {
    caller.query(&[])?;
    caller
        .json(StatusCode::OK, |bus| {
            let connectors: Vec<ConnectorWire> = bus.connectors()?.into_iter().map(|status| wire(bus, status, None)).collect();
            Ok(json!({ "connectors": connectors }))
        })
        .await
}

async fn show(caller: Caller, Part(name): Part<String>) -> Result<Response, Problem> {
    caller.query(&[])?;
    let name = connector_in_path(&name)?;
    caller.json(StatusCode::OK, move |bus| one(bus, &name)).await
}

async fn add(caller: Caller, Part(name): Part<String>, sent: Sent) -> Result<Response, Problem> {
    caller.query(&[])?;
    let name = ConnectorName::new(name).map_err(|error| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad-name", error.to_string()))?;
    let received = sent.read(&caller, caller.app.component_bytes_max).await?;
    let (status, json) = caller
        .work(move |bus| {
            let added = bus.add_connector(&name, &received.bytes)?;
            let status = if added.replaced.is_some() { StatusCode::OK } else { StatusCode::CREATED };
            Ok((status, to_json(&AddedWire::new(added, bus.settings().of(&name)))?))
        })
        .await?;
    Ok(json_response(status, json))
}

/// `POST /v1/connectors/check`. Not a path of its own, so that a connector may be named so.
async fn check(caller: Caller, method: Method, uri: Uri, Part(name): Part<String>, sent: Sent) -> Result<Response, Problem> {
    if name != "check" {
        return Err(super::wrong_method(method, uri).await);
    }
    let granted_to = caller.query(&["name"])?.read_as("name", |name| ConnectorName::new(name))?;
    let received = sent.read(&caller, caller.app.component_bytes_max).await?;
    caller
        .json(StatusCode::OK, move |bus| {
            let checked = bus.check_component(granted_to.as_ref(), &received.bytes)?;
            let settings = bus.settings();
            let of = granted_to.as_ref().map_or(&settings.defaults, |name| settings.of(name));
            Ok(CheckedWire::new(checked, of))
        })
        .await
}

async fn enable(caller: Caller, Part(name): Part<String>) -> Result<Response, Problem> {
    switch(caller, &name, true).await
}

async fn disable(caller: Caller, Part(name): Part<String>) -> Result<Response, Problem> {
    switch(caller, &name, false).await
}

async fn switch(caller: Caller, name: &str, enabled: bool) -> Result<Response, Problem> {
    caller.query(&[])?;
    let name = connector_in_path(name)?;
    caller
        .json(StatusCode::OK, move |bus| {
            bus.enable_connector(&name, enabled)?;
            one(bus, &name)
        })
        .await
}

async fn pause(caller: Caller, Part(name): Part<String>) -> Result<Response, Problem> {
    set_paused(caller, &name, true).await
}

async fn resume(caller: Caller, Part(name): Part<String>) -> Result<Response, Problem> {
    set_paused(caller, &name, false).await
}

async fn set_paused(caller: Caller, name: &str, paused: bool) -> Result<Response, Problem> {
    caller.query(&[])?;
    let name = connector_in_path(name)?;
    caller
        .json(StatusCode::OK, move |bus| {
            bus.pause_connector(&name, paused)?;
            one(bus, &name)
        })
        .await
}

async fn approve(caller: Caller, Part(name): Part<String>) -> Result<Response, Problem> {
    let digest = caller.query(&["digest"])?.text("digest").map(str::to_owned);
    let name = connector_in_path(&name)?;
    caller
        .json(StatusCode::OK, move |bus| {
            bus.approve_connector(&name, digest.as_deref())?;
            one(bus, &name)
        })
        .await
}

async fn roll_back(caller: Caller, Part(name): Part<String>) -> Result<Response, Problem> {
    let to = caller.query(&["to"])?.text("to").map(str::to_owned);
    let name = connector_in_path(&name)?;
    caller
        .json(StatusCode::OK, move |bus| {
            bus.roll_back_connector(&name, to.as_deref())?;
            one(bus, &name)
        })
        .await
}

async fn state(caller: Caller, Part(name): Part<String>) -> Result<Response, Problem> {
    let with_values = caller.query(&["values"])?.flag("values")?;
    let name = connector_in_path(&name)?;
    caller
        .json(StatusCode::OK, move |bus| {
            let state = bus.connector_state(&name)?;
            Ok(StateWire::new(&state, bus.settings().of(&name).limits.state_bytes_max, with_values))
        })
        .await
}

async fn clear_state(caller: Caller, Part(name): Part<String>) -> Result<Response, Problem> {
    caller.query(&[])?;
    let name = connector_in_path(&name)?;
    caller.json(StatusCode::OK, move |bus| Ok(json!({ "removed_keys": bus.clear_connector_state(&name)? }))).await
}

async fn remove(caller: Caller, Part(name): Part<String>) -> Result<Response, Problem> {
    let force = if caller.query(&["force"])?.flag("force")? { Force::Yes } else { Force::No };
    let name = connector_in_path(&name)?;
    caller.json(StatusCode::OK, move |bus| Ok(json!({ "removed_tasks": bus.remove_connector(&name, force)? }))).await
}
