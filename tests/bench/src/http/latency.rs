//! From submitting to stored at a steady rate that does not wait for answers (open loop).
//!
//! A task counts as stored when a reader sees its history entry: another connection asks for the
//! newest entries every millisecond. The API has no way to wait for a task; what is measured is thus
//! too long by half of that on average, and never too short.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::client::{Connection, sum};
use super::{runtime, server, submit};
use crate::bench::Bench;
use crate::feed;
use crate::progress::bar;
use crate::results::Results;
use crate::rig;
use crate::stats::{Series, quantile};

/// Tasks a second.
const RATE: u64 = 200;
/// How often a reader looks.
const LOOK: Duration = Duration::from_millis(1);
/// Connections that take turns.
const CONNECTIONS: usize = 32;
/// Entries that a reader asks for, and for how many when all of those are new to it.
const ENTRIES: usize = 8;
const ENTRIES_MORE: usize = 1_000;

pub fn measure(bench: &Bench, results: &mut Results) -> Result<()> {
    let folder = rig::folder(bench.folder.as_deref())?;
    let server = server(bench, folder.path(), "")?;
    let runtime = runtime()?;
    let (rounds, seconds) = if bench.quick { (2, 3) } else { (5, 12) };
    let [mut p50, mut p99]: [Series; 2] = Default::default();
    let bar = bar(rounds, "submit to stored");
    runtime.block_on(store_references(server.address))?;
    let mut next = 0;
    for _ in 0..rounds {
        let took_ms = runtime.block_on(round(server.address, next, RATE * seconds))?;
        next += RATE * seconds;
        p50.push(quantile(&took_ms, 0.5));
        p99.push(quantile(&took_ms, 0.99));
        bar.inc(1);
    }
    bar.finish_and_clear();
    server.stop()?;
    let note = format!("at {RATE} tasks/s, open loop; until a reader that looks every millisecond sees it");
    results.row("http", "submit to stored, p50", &p50, "ms", &note);
    results.row("http", "submit to stored, p99", &p99, "ms", &note);
    results.key("submit_to_stored_p50_ms", p50.median(), p50.noise());
    results.key("submit_to_stored_p99_ms", p99.median(), p99.noise());
    Ok(())
}

/// What products refer to, submitted and stored.
async fn store_references(address: SocketAddr) -> Result<()> {
    let mut connection = Connection::open(address).await?;
    for (media_type, body) in feed::reference_bodies() {
        let path = format!("/v1/connectors/{}/tasks", super::CONNECTOR);
        connection.ask(hyper::Method::POST, &path, media_type, body.into()).await?;
    }
    loop {
        let status = connection.get("/v1/status").await?;
        match (sum(&status, "objects"), sum(&status, "failed")) {
            (stored, 0) if stored == feed::REFERENCES => return Ok(()),
            (_, 0) => sleep(Duration::from_millis(20)).await,
            (_, failed) => bail!("{failed} of the tasks that products refer to failed"),
        }
    }
}

/// How long each task took, in ms.
async fn round(address: SocketAddr, from: u64, count: u64) -> Result<Vec<f64>> {
    let mut reader = Connection::open(address).await?;
    let newest = reader.get("/v1/history?limit=1").await?;
    let newest = entries(&newest).map(|(task, _)| task).max().context("an empty history")?;
    let reading = tokio::spawn(seen(reader, newest, count));
    let (give, take) = tokio::sync::mpsc::channel(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        give.send(Connection::open(address).await?).await?;
    }
    let begun = submitted(give, take, from, count).await?;
    let seen = reading.await??;
    begun
        .into_iter()
        .map(|(task, begun)| {
            let seen = seen.get(&task).with_context(|| format!("task {task} was never seen in the history"))?;
            Ok(seen.saturating_duration_since(begun).as_secs_f64() * 1e3)
        })
        .collect()
}

/// Submits on time, whatever the answers do. Ids with when each was due.
async fn submitted(
    give: tokio::sync::mpsc::Sender<Connection>,
    mut take: tokio::sync::mpsc::Receiver<Connection>,
    from: u64,
    count: u64,
) -> Result<HashMap<u64, Instant>> {
    let mut ticks = interval(Duration::from_micros(1_000_000 / RATE));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut senders = JoinSet::new();
    for number in from..from + count {
        // From when it was due, not from when a connection was free.
        let due = ticks.tick().await.into_std();
        let mut connection = take.recv().await.context("no connection came back")?;
        let give = give.clone();
        senders.spawn(async move {
            let answer = submit::single(number).send(&mut connection).await?;
            // Nobody takes it any more at the end.
            let _ = give.send(connection).await;
            let task: Value = serde_json::from_slice(&answer)?;
            Ok::<_, anyhow::Error>((task.get("task").and_then(Value::as_u64).context("an answer without a task")?, due))
        });
    }
    let mut begun = HashMap::new();
    while let Some(sent) = senders.join_next().await {
        begun.extend([sent??]);
    }
    Ok(begun)
}

/// Looks until so many tasks after this one are in the history. Ids with when each was first seen.
async fn seen(mut reader: Connection, after: u64, count: u64) -> Result<HashMap<u64, Instant>> {
    let [few, more] = [ENTRIES, ENTRIES_MORE].map(|limit| format!("/v1/history?limit={limit}"));
    let mut seen = HashMap::new();
    let mut latest = Instant::now();
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while (seen.len() as u64) < count {
        ticks.tick().await;
        let mut answer = reader.get(&few).await?;
        if entries(&answer).all(|(task, _)| task > after && !seen.contains_key(&task)) {
            answer = reader.get(&more).await?;
        }
        let now = Instant::now();
        for (task, outcome) in entries(&answer).filter(|(task, _)| *task > after) {
            if outcome != "stored" {
                bail!("task {task} ended as {outcome}");
            }
            if let Entry::Vacant(place) = seen.entry(task) {
                place.insert(now);
                latest = now;
            }
        }
        if latest.elapsed() > Duration::from_secs(30) {
            bail!("only {} of {count} tasks were stored, and no further one for 30 s", seen.len());
        }
    }
    Ok(seen)
}

fn entries(answer: &Value) -> impl Iterator<Item = (u64, &str)> {
    let entries = answer.get("history").and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| Some((entry.get("task")?.as_u64()?, entry.get("outcome")?.as_str()?)))
}
