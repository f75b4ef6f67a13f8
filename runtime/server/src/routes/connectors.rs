//! Installing and switching connectors.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use lockgate_core::bus::{Bus, Force};
use lockgate_core::names::ConnectorName;
use serde_json::json;

use crate::body;
use crate::caller::{Caller, Part, connector_in_path, json_response, to_json};
use crate::state::App;
use crate::wire::connector::{AddedWire, CheckedWire, ConnectorWire};
use crate::wire::problem::Problem;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/connectors", get(list))
        .route("/v1/connectors/{name}", get(show).put(add).delete(remove).post(check))
        .route("/v1/connectors/{name}/enable", post(enable))
        .route("/v1/connectors/{name}/disable", post(disable))
}

fn statuses(bus: &Bus) -> Result<Vec<(ConnectorName, ConnectorWire)>, Problem> {
    let wire = |status: lockgate_core::bus::ConnectorStatus| {
        let name = status.record.name.clone();
        let wire = ConnectorWire::new(status, bus.settings().of(&name));
        (name, wire)
    };
    Ok(bus.connectors()?.into_iter().map(wire).collect())
}

fn one(bus: &Bus, name: &ConnectorName) -> Result<ConnectorWire, Problem> {
    let found = statuses(bus)?.into_iter().find(|(found, _)| found == name).map(|(_, wire)| wire);
    found.ok_or_else(|| Problem::not_found("unknown-connector", format!("no connector is named {name}")))
}

async fn list(caller: Caller) -> Result<Response, Problem> {
    caller.query(&[])?;
    caller
        .json(StatusCode::OK, |bus| {
            let connectors: Vec<ConnectorWire> = statuses(bus)?.into_iter().map(|(_, wire)| wire).collect();
            Ok(json!({ "connectors": connectors }))
        })
        .await
}

async fn show(caller: Caller, Part(name): Part<String>) -> Result<Response, Problem> {
    caller.query(&[])?;
    let name = connector_in_path(&name)?;
    caller.json(StatusCode::OK, move |bus| one(bus, &name)).await
}

async fn add(caller: Caller, Part(name): Part<String>, body: Body) -> Result<Response, Problem> {
    caller.query(&[])?;
    let name = ConnectorName::new(name).map_err(|error| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad-name", error.to_string()))?;
    let received = body::read(&caller.app, body, caller.app.component_bytes_max).await?;
    let (status, json) = caller
        .work(move |bus| {
            let added = bus.add_connector(&name, &received.bytes)?;
            let status = if added.replaced.is_some() { StatusCode::OK } else { StatusCode::CREATED };
            Ok((status, to_json(&AddedWire::from(added))?))
        })
        .await?;
    Ok(json_response(status, json))
}

/// `POST /v1/connectors/check`. Not a path of its own, so that a connector may be named so.
async fn check(caller: Caller, method: Method, uri: Uri, Part(name): Part<String>, body: Body) -> Result<Response, Problem> {
    if name != "check" {
        return Err(super::wrong_method(method, uri).await);
    }
    caller.query(&[])?;
    let received = body::read(&caller.app, body, caller.app.component_bytes_max).await?;
    caller.json(StatusCode::OK, move |bus| Ok(CheckedWire::from(bus.check_component(&received.bytes)?))).await
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

async fn remove(caller: Caller, Part(name): Part<String>) -> Result<Response, Problem> {
    let force = if caller.query(&["force"])?.flag("force")? { Force::Yes } else { Force::No };
    let name = connector_in_path(&name)?;
    caller.json(StatusCode::OK, move |bus| Ok(json!({ "removed_tasks": bus.remove_connector(&name, force)? }))).await
}
