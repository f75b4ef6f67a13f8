//! A few gauges and a counter in the text form of Prometheus.

mod since_start;

use std::collections::BTreeMap;
use std::fmt::Write;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use lockgate_bus::{Blocked, QueueStanding};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Counts, Space};

use crate::caller::Caller;
use crate::state::App;
use crate::wire::problem::Problem;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/metrics", get(metrics))
}

async fn metrics(caller: Caller) -> Result<Response, Problem> {
    caller.query(&[])?;
    let (busy, counts, standings, paused, now_ms, numbers, space) = caller
        .work(|bus| {
            // First: what a connector did that is idle now is in what is counted afterwards.
            let busy = bus.busy();
            let counts = bus.counts()?;
            let standings = bus.standings(&counts)?;
            Ok((busy, counts, standings, bus.paused()?, bus.now_ms(), bus.numbers(), bus.store().space()))
        })
        .await?;
    let mut text = String::new();
    queues(&mut text, &standings, now_ms);
    content(&mut text, &counts, &busy);
    since_start::put(&mut text, &standings.keys().cloned().collect::<Vec<_>>(), &numbers);
    if let Some(Space { store_bytes, free_bytes }) = space {
        gauge(&mut text, "lockgate_store_bytes", "What the store takes on the disk.", store_bytes);
        gauge(&mut text, "lockgate_disk_free_bytes", "What is free on the disk of the store.", free_bytes);
    }
    let version = env!("CARGO_PKG_VERSION");
    values(&mut text, "lockgate_build_info", "The version that runs.", "gauge", "version", &BTreeMap::from([(version, 1)]));
    values(&mut text, "lockgate_connector_paused", "1: the operator has paused it.", "gauge", "connector", &paused);
    let (name, help) = ("lockgate_refusals_total", "Refused requests, and refused tasks of batches, since the start.");
    values(&mut text, name, help, "counter", "code", &caller.app.refused.totals());
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

/// A number of one queue, now in ms since 1970.
type OfQueue = fn(&QueueStanding, i64) -> u64;

/// What is told of every installed connector, zeros too: a series that is not there cannot be watched.
const OF_QUEUES: [(&str, &str, OfQueue); 9] = [
    ("lockgate_tasks_queued", "Tasks of the queue, those that fail again and again among them.", |queue, _| queue.queued),
    ("lockgate_tasks_failing", "Queued tasks whose last try failed.", |queue, _| queue.failing),
    ("lockgate_tasks_parked", "Tasks that wait for what is not there, or not free.", |queue, _| queue.parked),
    ("lockgate_tasks_behind", "Tasks that wait behind another one about the same object.", |queue, _| queue.behind),
    ("lockgate_tasks_failed", "Failed tasks that wait for an operator, or for what they failed by to change.", |queue, _| queue.failed),
    ("lockgate_loose_ends", "References that are left open, for want of what they point to.", |queue, _| queue.loose_ends),
    ("lockgate_oldest_task_seconds", "Age of the oldest task that has not ended.", |queue, now_ms| seconds(queue.oldest_ms, now_ms)),
    ("lockgate_tasks_blocked", "Queued tasks that stand behind one that failed.", |queue, _| blocked(queue).map_or(0, |by| by.waiting)),
    ("lockgate_blocked_seconds", "How long the queue has stood behind a task that failed; 0: it does not.", |queue, now_ms| {
        // A moment that is not known, or this one, is not taken for none.
        blocked(queue).map_or(0, |by| seconds(by.since_ms, now_ms).max(1))
    }),
];

fn blocked(queue: &QueueStanding) -> Option<&Blocked> {
    queue.blocked.as_ref()
}

fn seconds(since_ms: Option<i64>, now_ms: i64) -> u64 {
    since_ms.map_or(0, |since_ms| u64::try_from(now_ms.saturating_sub(since_ms) / 1_000).unwrap_or(0))
}

/// Names hold no character that a label would have to escape.
fn queues(text: &mut String, standings: &BTreeMap<ConnectorName, QueueStanding>, now_ms: i64) {
    for (name, help, of) in OF_QUEUES {
        let each = standings.iter().map(|(connector, queue)| (connector, of(queue, now_ms))).collect();
        values(text, name, help, "gauge", "connector", &each);
    }
}

fn content(text: &mut String, counts: &Counts, busy: &[ConnectorName]) {
    gauge(text, "lockgate_wants", "Different things that are waited for, the ends of other tasks among them.", counts.waits_for);
    values(text, "lockgate_objects", "Stored objects.", "gauge", "type", &counts.objects);
    values(text, "lockgate_pages", "Stored pages.", "gauge", "type", &counts.pages);
    values(text, "lockgate_bindings", "Stored bindings.", "gauge", "type", &counts.bindings);
    gauge(text, "lockgate_culture_versions", "Stored culture versions of pages.", counts.culture_versions);
    gauge(text, "lockgate_history_entries", "History entries.", counts.history);
    gauge(text, "lockgate_busy", "Connectors whose pass is running or about to.", busy.len() as u64);
}

fn gauge(text: &mut String, name: &str, help: &str, value: u64) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
}

fn values<N: std::fmt::Display>(text: &mut String, name: &str, help: &str, kind: &str, label: &str, values: &BTreeMap<N, u64>) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    for (of, value) in values {
        let _ = writeln!(text, "{name}{{{label}=\"{of}\"}} {value}");
    }
}
