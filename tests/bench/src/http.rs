//! Submission over HTTP to the real program, on loopback; the client has one thread of its own.

mod client;
mod latency;
mod submit;

use anyhow::{Result, bail};
use tokio::runtime::{Builder, Runtime};

use crate::bench::Bench;
use crate::feed;
use crate::progress::bar;
use crate::results::Results;
use crate::rig;
use crate::server::{Place, Server};
use crate::stats::Series;
pub use client::{Connection, sum};
pub use submit::single;

/// The connector's name.
const CONNECTOR: &str = "shop-1";

pub fn measure(bench: &Bench, results: &mut Results) -> Result<()> {
    submission(bench, results)?;
    latency::measure(bench, results)
}

/// One thread, so that the server has the others.
pub fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// A server with one connector and what products refer to. `more` is added to its configuration.
fn server(bench: &Bench, folder: &std::path::Path, more: &str) -> Result<Server> {
    let place = Place::new(&bench.program, folder, more)?;
    place.apply_model()?;
    place.add_connector(CONNECTOR, &bench.component)?;
    place.serve()
}

/// Single tasks and batches, in turn, on one store. Passes begin on request alone: what is measured is
/// taking in.
fn submission(bench: &Bench, results: &mut Results) -> Result<()> {
    let folder = rig::folder(bench.folder.as_deref())?;
    let server = server(bench, folder.path(), "[defaults]\nprocessing = \"on-request\"\n")?;
    let (rounds, singles, batches) = if bench.quick { (2, 5_000, 20) } else { (5, 40_000, 60) };
    let [mut single, mut batch]: [Series; 2] = Default::default();
    let bar = bar(2 * rounds, "http");
    let runtime = runtime()?;
    let mut sent = 0;
    for _ in 0..rounds {
        let tasks = submit::singles(sent, singles);
        single.push(runtime.block_on(submit::send(server.address, tasks, submit::CONNECTIONS))?);
        sent += singles;
        bar.inc(1);
        let tasks = submit::batches(sent, batches);
        batch.push(runtime.block_on(submit::send(server.address, tasks, submit::BATCH_CONNECTIONS))?);
        sent += batches * submit::BATCH_TASKS;
        bar.inc(1);
    }
    bar.finish_and_clear();
    let status = runtime.block_on(async { Connection::open(server.address).await?.get("/v1/status").await })?;
    let queued = sum(&status, "queued");
    if queued != sent {
        bail!("{queued} tasks are queued, {sent} were acknowledged");
    }
    server.stop()?;
    let note = format!("{} bytes each, from {} connections, durable", feed::Size::Medium.bytes(), submit::CONNECTIONS);
    results.row("http", "single tasks", &single, "tasks/s", note);
    let note = format!("NDJSON, {} tasks each, {} connections", submit::BATCH_TASKS, submit::BATCH_CONNECTIONS);
    results.row("http", "batches", &batch, "tasks/s", note);
    results.key("http_single_tasks_per_s", single.median(), single.noise());
    results.key("http_batch_tasks_per_s", batch.median(), batch.noise());
    Ok(())
}
