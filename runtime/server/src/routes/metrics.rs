//! A few gauges and a counter in the text form of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::Counts;

use crate::caller::Caller;
use crate::state::App;
use crate::wire::problem::Problem;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/metrics", get(metrics))
}

async fn metrics(caller: Caller) -> Result<Response, Problem> {
    caller.query(&[])?;
    let (busy, counts, paused) = caller.work(|bus| Ok((bus.busy(), bus.counts()?, bus.paused()?))).await?;
    let mut text = text(&counts, &busy);
    gauges(&mut text, "lockgate_connector_paused", "1: the operator has paused it.", "connector", &paused);
    let (name, help) = ("lockgate_refusals_total", "Refused requests, and refused tasks of batches, since the start.");
    values(&mut text, name, help, "counter", "code", &caller.app.refused.totals());
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

/// Names hold no character that a label would have to escape.
fn text(counts: &Counts, busy: &[ConnectorName]) -> String {
    let mut text = String::new();
    gauges(&mut text, "lockgate_tasks_queued", "Waiting tasks, failed ones not among them.", "connector", &counts.queued);
    gauges(&mut text, "lockgate_tasks_failed", "Failed tasks that wait for an operator.", "connector", &counts.failed);
    gauges(&mut text, "lockgate_objects", "Stored objects.", "type", &counts.objects);
    gauges(&mut text, "lockgate_pages", "Stored pages.", "type", &counts.pages);
    gauges(&mut text, "lockgate_bindings", "Stored bindings.", "type", &counts.bindings);
    gauge(&mut text, "lockgate_culture_versions", "Stored culture versions of pages.", counts.culture_versions);
    gauge(&mut text, "lockgate_history_entries", "History entries.", counts.history);
    gauge(&mut text, "lockgate_busy", "Connectors whose pass is running or about to.", busy.len() as u64);
    text
}

fn gauge(text: &mut String, name: &str, help: &str, value: u64) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
}

fn gauges<N: std::fmt::Display>(text: &mut String, name: &str, help: &str, label: &str, of: &BTreeMap<N, u64>) {
    values(text, name, help, "gauge", label, of);
}

fn values<N: std::fmt::Display>(text: &mut String, name: &str, help: &str, kind: &str, label: &str, values: &BTreeMap<N, u64>) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    for (of, value) in values {
        let _ = writeln!(text, "{name}{{{label}=\"{of}\"}} {value}");
    }
}
