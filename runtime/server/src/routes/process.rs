//! Requests for processing (§3 of the semantics), the bus's state and its switches.

use std::collections::BTreeMap;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use lockgate_bus::{Bus, Started};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{StoreError, Switches};
use serde::Serialize;
use serde_json::json;

use crate::body::Sent;
use crate::caller::{Caller, Part, connector_in_path};
use crate::state::App;
use crate::wire::connector::StartedWire;
use crate::wire::problem::Problem;
use crate::wire::standing::{QueueWire, queues};
use crate::wire::time;

/// The page by which the original is asked to process; also as callers of case-insensitive servers
/// write it.
const NOTIFY: [&str; 2] = ["/CMSPages/IntegrationNotify.aspx", "/cmspages/integrationnotify.aspx"];

/// Whether this path is that page.
pub(crate) fn is_notify(path: &str) -> bool {
    NOTIFY.contains(&path)
}

pub(super) fn routes() -> Router<App> {
    let mut routes = Router::new()
        .route("/v1/process", post(process_all))
        .route("/v1/connectors/{name}/process", post(process_one))
        .route("/v1/token", get(token))
        .route("/v1/status", get(status))
        .route("/v1/switches", put(put_switches));
    for path in NOTIFY {
        routes = routes.route(path, get(notify).post(notify));
    }
    routes
}

async fn process_all(caller: Caller) -> Result<Response, Problem> {
    caller.query(&[])?;
    let started = request(&caller, None).await?;
    Ok(accepted(started))
}

async fn process_one(caller: Caller, Part(name): Part<String>) -> Result<Response, Problem> {
    caller.query(&[])?;
    let started = request(&caller, Some(connector_in_path(&name)?)).await?;
    Ok(accepted(started))
}

async fn request(caller: &Caller, connector: Option<ConnectorName>) -> Result<Vec<Started>, Problem> {
    caller.work(move |bus| Ok(bus.request_processing(connector.as_ref())?)).await
}

fn accepted(started: Vec<Started>) -> Response {
    let started: Vec<StartedWire> = started.into_iter().map(Into::into).collect();
    (StatusCode::ACCEPTED, axum::Json(json!({ "started": started }))).into_response()
}

/// As the original: what it does not know in the query it passes over.
async fn notify(caller: Caller) -> Result<Response, Problem> {
    let connector = caller.value_of("connectorName")?.map(|name| connector_in_path(&name)).transpose()?;
    let started = request(&caller, connector).await?;
    let names: Vec<&str> = started.iter().map(|started| started.connector.as_str()).collect();
    let line = if names.is_empty() { "no connector to process\n".to_owned() } else { format!("processing: {}\n", names.join(", ")) };
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], line).into_response())
}

/// Who asks, and what he may do.
async fn token(caller: Caller) -> Result<Response, Problem> {
    caller.query(&[])?;
    Ok(axum::Json(json!({ "name": caller.holder.name, "rights": caller.holder.words() })).into_response())
}

#[derive(Serialize)]
struct StatusWire {
    version: &'static str,
    now: Option<String>,
    switches: SwitchesWire,
    busy: Vec<String>,
    queued: BTreeMap<String, u64>,
    failing: BTreeMap<String, u64>,
    parked: BTreeMap<String, u64>,
    behind: BTreeMap<String, u64>,
    failed: BTreeMap<String, u64>,
    loose_ends: BTreeMap<String, u64>,
    waits_for: u64,
    queues: BTreeMap<String, QueueWire>,
    objects: BTreeMap<String, u64>,
    pages: BTreeMap<String, u64>,
    culture_versions: u64,
    bindings: BTreeMap<String, u64>,
    history: u64,
    /// Nodes that work for nothing, because others grant otherwise, and later.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nodes_by_older_grants: Vec<String>,
}

#[derive(Serialize)]
struct SwitchesWire {
    bus: bool,
    logging: bool,
    processing: bool,
}

fn status_of(bus: &Bus) -> Result<StatusWire, StoreError> {
    // First: what a connector did that is idle now is in what is counted afterwards.
    let busy = bus.busy();
    let counts = bus.counts()?;
    let switches = bus.switches()?;
    Ok(StatusWire {
        version: env!("CARGO_PKG_VERSION"),
        now: time(bus.now_ms()),
        switches: SwitchesWire { bus: switches.bus, logging: switches.logging, processing: switches.processing },
        busy: busy.iter().map(ToString::to_string).collect(),
        queued: by_name(&counts.queued),
        failing: by_name(&counts.failing),
        parked: by_name(&counts.parked),
        behind: by_name(&counts.behind),
        failed: by_name(&counts.failed),
        loose_ends: by_name(&counts.loose_ends),
        waits_for: counts.waits_for,
        queues: queues(bus.standings(&counts)?),
        objects: by_name(&counts.objects),
        pages: by_name(&counts.pages),
        culture_versions: counts.culture_versions,
        bindings: by_name(&counts.bindings),
        history: counts.history,
        nodes_by_older_grants: super::nodes::by_older_grants(bus)?,
    })
}

fn by_name<T: ToString>(counts: &BTreeMap<T, u64>) -> BTreeMap<String, u64> {
    counts.iter().map(|(name, count)| (name.to_string(), *count)).collect()
}

async fn status(caller: Caller) -> Result<Response, Problem> {
    caller.query(&[])?;
    caller.json(StatusCode::OK, |bus| Ok(status_of(bus)?)).await
}

/// Those that are not named stay.
async fn put_switches(caller: Caller, sent: Sent) -> Result<Response, Problem> {
    caller.query(&[])?;
    let (bus_on, logging, processing) = sent
        .read_json(&caller, &["bus", "logging", "processing"], |given| {
            Ok((given.flag("bus")?, given.flag("logging")?, given.flag("processing")?))
        })
        .await?;
    caller
        .json(StatusCode::OK, move |bus| {
            bus.change_switches(|now| Switches {
                bus: bus_on.unwrap_or(now.bus),
                logging: logging.unwrap_or(now.logging),
                processing: processing.unwrap_or(now.processing),
            })?;
            Ok(status_of(bus)?)
        })
        .await
}
