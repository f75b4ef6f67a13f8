//! Processes that share a store.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use lockgate_bus::Bus;
use lockgate_core::audit::AuditAction;
use lockgate_core::ports::{Heard, Node, NodeName, StoreError};
use serde::Serialize;

use crate::caller::{Caller, Part};
use crate::state::App;
use crate::wire::problem::Problem;
use crate::wire::time;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/nodes", get(list))
        .route("/v1/nodes/{name}/drain", post(async |caller: Caller, name: Part<String>| drain(caller, name, true).await))
        .route("/v1/nodes/{name}/resume", post(async |caller: Caller, name: Part<String>| drain(caller, name, false).await))
}

#[derive(Serialize)]
struct NodesWire {
    /// Who answers.
    answered_by: String,
    shared: bool,
    nodes: Vec<NodeWire>,
    /// Connectors that no node works for.
    without_node: Vec<String>,
}

#[derive(Serialize)]
struct NodeWire {
    name: String,
    state: &'static str,
    grants: &'static str,
    since: Option<String>,
    silent_ms: u64,
    about: String,
    connectors: Vec<String>,
}

impl NodeWire {
    fn new(node: &Node, heard: &Heard) -> Self {
        let is_its = |holder: &Option<NodeName>| node.is_there && holder.as_ref() == Some(&node.name);
        Self {
            name: node.name.to_string(),
            state: match node {
                Node { is_there: false, .. } => "gone",
                Node { drains: true, .. } => "drains",
                _ => "works",
            },
            grants: if node.grants == heard.grants { "newest" } else { "older" },
            since: time(node.since_ms),
            silent_ms: node.silent_ms,
            about: node.about.clone(),
            connectors: heard.connectors.iter().filter(|shared| is_its(&shared.holder)).map(|shared| shared.name.to_string()).collect(),
        }
    }
}

fn nodes_of(bus: &Bus) -> Result<NodesWire, StoreError> {
    let heard = bus.nodes()?;
    let shared = heard.is_some();
    let heard = heard.unwrap_or_default();
    let there = |name: &NodeName| heard.nodes.iter().any(|node| node.is_there && node.name == *name);
    Ok(NodesWire {
        answered_by: bus.node().to_string(),
        shared,
        nodes: heard.nodes.iter().map(|node| NodeWire::new(node, &heard)).collect(),
        without_node: heard
            .connectors
            .iter()
            .filter(|connector| !connector.holder.as_ref().is_some_and(there))
            .map(|connector| connector.name.to_string())
            .collect(),
    })
}

/// Names of nodes that are there and work for no connector, because others have come with newer grants.
pub(super) fn by_older_grants(bus: &Bus) -> Result<Vec<String>, StoreError> {
    let heard = bus.nodes()?.unwrap_or_default();
    let older = heard.nodes.iter().filter(|node| node.is_there && node.grants != heard.grants);
    Ok(older.map(|node| node.name.to_string()).collect())
}

async fn list(caller: Caller) -> Result<Response, Problem> {
    caller.query(&[])?;
    caller.json(StatusCode::OK, |bus| Ok(nodes_of(bus)?)).await
}

async fn drain(caller: Caller, Part(name): Part<String>, drains: bool) -> Result<Response, Problem> {
    caller.query(&[])?;
    caller
        .json(StatusCode::OK, move |bus| {
            if !bus.drain_node(&NodeName::new(&name), drains)? {
                return Err(Problem::new(StatusCode::NOT_FOUND, "node-not-found", format!("no node is named {name}")));
            }
            let action = if drains { AuditAction::NodeDrain } else { AuditAction::NodeResume };
            bus.note(action, &format!("node {name}"), None)?;
            Ok(nodes_of(bus)?)
        })
        .await
}
