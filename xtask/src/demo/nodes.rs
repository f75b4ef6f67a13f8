//! The demo over three nodes on a PostgreSQL that it starts, one of which is killed in the middle.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use lockgate_test_postgres::Postgres;
use serde_json::Value;

use super::api::{self, Api};
use super::report::{self, Example, Report};
use super::server::{self, Server};
use super::set::Set;
use super::{feed, progress};
use crate::build;

const NAMES: [&str; 3] = ["north", "east", "west"];
/// Longest that another node may take to take over.
const TAKE_OVER_MAX: Duration = Duration::from_secs(60);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(10);

/// Starts everything, feeds one node, and kills the one that works.
pub fn carry(set: Set, path: &Path, folder: &Path) -> Result<(Report, Example)> {
    let postgres = Postgres::start("")?;
    let store = postgres.database("demo")?;
    let mut servers = Vec::new();
    for name in NAMES {
        let own = folder.join(name);
        std::fs::create_dir(&own)?;
        let grants = std::fs::read_to_string(set.configuration())?;
        std::fs::write(own.join("lockgate.toml"), format!("{grants}\n[store]\nurl = \"{store}\"\n[node]\nname = \"{name}\"\n"))?;
        servers.push((name, Server::start_as(server::configured(&own), &own)?));
    }
    let first = folder.join(NAMES[0]);
    build::run(server::configured(&first).args(["model", "apply"]).arg(set.model()).stdout(std::process::Stdio::null()))?;
    let component = build::guest(set.package());
    build::run(server::configured(&first).args(["connector", "add", set.connector()]).arg(component).stdout(std::process::Stdio::null()))?;
    let urls: Vec<String> = servers.iter().map(|(_, server)| server.url.clone()).collect();
    let url = urls.first().context("no node")?;
    let owner = owner_of(&Api::new(url), set.connector(), None)?;
    eprintln!("three nodes on one PostgreSQL: {}; {owner} works for {}", NAMES.join(", "), set.connector());
    let at = servers.iter().position(|(name, _)| *name == owner).context("an owner that was not started")?;
    // Whoever is fed stays.
    let (_, fed) = servers.iter().find(|(name, _)| *name != owner).context("no other node")?;
    let url = fed.url.clone();
    let start = Instant::now();
    let (said, took_over) = std::thread::scope(|scope| {
        let feeding = scope.spawn(|| feed(set, path, &url));
        let api = Api::new(&url);
        // In the middle: something is done, or all is on its way.
        while api::number(&api.get("/status")?, "history") == 0 && !feeding.is_finished() {
            std::thread::sleep(LOOK);
        }
        let (name, killed) = servers.remove(at);
        killed.kill()?;
        let begun = Instant::now();
        eprintln!("{name} is killed after {:.2} s", start.elapsed().as_secs_f64());
        let next = owner_of(&api, set.connector(), Some(name))?;
        eprintln!("{next} took over {} ms later", begun.elapsed().as_millis());
        let said = feeding.join().map_err(|_| anyhow::anyhow!("the feed panicked"))??;
        Ok::<_, anyhow::Error>((said, next))
    })?;
    let api = Api::new(&url);
    let submitted = api::number(&said, "submitted");
    progress::until_idle(&api, submitted)?;
    let seconds = start.elapsed().as_secs_f64();
    let mut report = report::collect(&api, seconds)?;
    report.submitted = submitted;
    report.refused = api::number(&said, "refused");
    report.refusals = said.get("refusals").cloned().unwrap_or_else(|| Value::Array(Vec::new()));
    let example = report::example(&api)?;
    ensure!(took_over != owner, "{owner} was killed, and works");
    for (_, server) in servers {
        server.stop()?;
    }
    Ok((report, example))
}

/// Who works for a connector, and is not this one.
fn owner_of(api: &Api, connector: &str, but: Option<&str>) -> Result<String> {
    let begun = Instant::now();
    while begun.elapsed() < TAKE_OVER_MAX {
        let nodes = api.get("/nodes")?;
        for node in nodes.get("nodes").and_then(Value::as_array).into_iter().flatten() {
            let name = api::text(node, "name");
            let connectors = node.get("connectors").and_then(Value::as_array).into_iter().flatten();
            let works = api::text(node, "state") == "works" && connectors.clone().any(|held| held.as_str() == Some(connector));
            if works && Some(name.as_str()) != but {
                return Ok(name);
            }
        }
        std::thread::sleep(LOOK);
    }
    bail!("no node works for {connector} after {} s", TAKE_OVER_MAX.as_secs())
}
