//! The real program: how soon it is ready, and what it holds when it has nothing to do.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use bytes::Bytes;
use hyper::Method;

use crate::bench::Bench;
use crate::http::{Connection, runtime, single};
use crate::progress::bar;
use crate::results::Results;
use crate::rig;
use crate::server::{Place, Server};
use crate::stats::Series;

/// Connectors of the row that asks what it holds.
const FEW: u64 = 10;
const STARTS: usize = 5;
/// Tasks on their way when the program is killed.
const UNDER_WAY: u64 = 2_000;

/// The program is killed while it works on the store that has grown, and started again.
pub fn start_after_kill(bench: &Bench, folder: &Path, results: &mut Results) -> Result<()> {
    let place = Place::new(&bench.program, folder, "")?;
    let gigabytes = std::fs::metadata(place.store())?.len() as f64 / 1e9;
    let mut ready = Series::default();
    let bar = bar(STARTS as u64, "start after SIGKILL");
    for start in 0..=STARTS {
        let server = place.serve()?;
        // The first was closed cleanly.
        if start > 0 {
            ready.push(server.ready.as_secs_f64());
            bar.inc(1);
        }
        let from = crate::growth::fill::NEW_FROM + 10_000_000 + start as u64 * UNDER_WAY;
        runtime()?.block_on(submit(&server, from))?;
        server.kill()?;
    }
    bar.finish_and_clear();
    let note = format!("file of {gigabytes:.1} GB, killed while it processes; until /readyz says so");
    results.row("growth", "start after SIGKILL", &ready, "s", note);
    results.key("start_after_kill_s", ready.median(), ready.noise());
    Ok(())
}

/// Submits and does not wait for processing. Connector `shop-1` is installed in every rig.
async fn submit(server: &Server, from: u64) -> Result<()> {
    let mut connection = Connection::open(server.address).await?;
    for number in from..from + UNDER_WAY / 10 {
        single(number).send(&mut connection).await?;
    }
    Ok(())
}

pub fn many_connectors(bench: &Bench, results: &mut Results) -> Result<()> {
    let folder = rig::folder(bench.folder.as_deref())?;
    let place = Place::new(&bench.program, folder.path(), "")?;
    place.apply_model()?;
    let server = place.serve()?;
    let many = bench.connectors;
    let bar = bar(many, "installing connectors");
    runtime()?.block_on(async {
        let mut connection = Connection::open(server.address).await?;
        for number in 0..many {
            let path = format!("/v1/connectors/shop-{number}");
            connection.ask(Method::PUT, &path, "application/wasm", distinct(&bench.component, number)).await?;
            bar.inc(1);
        }
        Ok::<_, anyhow::Error>(())
    })?;
    bar.finish_and_clear();
    server.stop()?;
    let mut ready = Series::default();
    for _ in 0..STARTS {
        let server = place.serve()?;
        ready.push(server.ready.as_secs_f64());
        server.stop()?;
    }
    let note = format!("{many} distinct components installed; until /readyz says so");
    results.row("growth", format!("start with {many} connectors"), &ready, "s", note);
    results.key(&format!("start_{many}_connectors_s"), ready.median(), ready.noise());
    Ok(())
}

pub fn idle(bench: &Bench, results: &mut Results) -> Result<()> {
    let folder = rig::folder(bench.folder.as_deref())?;
    let place = Place::new(&bench.program, folder.path(), "")?;
    place.apply_model()?;
    for number in 0..FEW {
        place.add_connector(&format!("shop-{number}"), &distinct(&bench.component, number))?;
    }
    let [mut all, mut own]: [Series; 2] = Default::default();
    for _ in 0..3 {
        let server = place.serve()?;
        runtime()?.block_on(one_each(&server))?;
        // What is given back, is given back by then.
        std::thread::sleep(Duration::from_secs(3));
        let (rss, anonymous) = server.memory_mib()?;
        all.push(rss);
        own.push(anonymous);
        server.stop()?;
    }
    let note = format!("{FEW} distinct connectors, each loaded and used once");
    results.row("growth", format!("idle with {FEW} connectors, resident"), &all, "MiB", note);
    results.row("growth", format!("idle with {FEW} connectors, without files"), &own, "MiB", "of it, what no file backs");
    results.key("idle_10_connectors_mib", all.median(), all.noise());
    Ok(())
}

/// A task for each connector. It refers to nothing, so it needs nothing stored.
async fn one_each(server: &Server) -> Result<()> {
    let mut connection = Connection::open(server.address).await?;
    for number in 0..FEW {
        let path = format!("/v1/connectors/shop-{number}/tasks");
        let body = format!(r#"{{"id":{number},"sku":"A-{number}","name":"Mug"}}"#);
        connection.ask(Method::POST, &path, "application/json", body.into()).await?;
    }
    for _ in 0..500 {
        let status = connection.get("/v1/status").await?;
        if crate::http::sum(&status, "queued") == 0 && crate::http::sum(&status, "failed") == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bail!("the connectors' tasks were not processed within 5 s")
}

/// The same component with another digest: a custom section more, which says nothing to anybody.
fn distinct(component: &[u8], number: u64) -> Bytes {
    let mut bytes = component.to_vec();
    // Section 0, its size, the size of its name, its name, eight bytes.
    bytes.extend_from_slice(&[0, 14, 5]);
    bytes.extend_from_slice(b"bench");
    bytes.extend_from_slice(&number.to_be_bytes());
    Bytes::from(bytes)
}
