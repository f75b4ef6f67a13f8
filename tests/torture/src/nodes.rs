//! The same over several nodes on one PostgreSQL: nodes are killed, frozen, stopped and drained, the database is killed
//! and started again, and its connections are cut.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use indicatif::ProgressBar;
use lockgate_test_postgres::Postgres;
use serde_json::Value;

use crate::api::Api;
use crate::rng::Rng;
use crate::server::{Place, Server};
use crate::shared::Shared;
use crate::{Options, undisturbed};

/// The database of a run.
const DATABASE: &str = "tortured";
/// Each connector has a node that works for it so long after the last thing was broken, at the latest: a lease, two
/// beats, and what a machine takes that does much else.
const MOVED_WAIT: Duration = Duration::from_secs(30);
/// How long connections are cut.
const CUT_MS_MAX: u64 = 2_000;

/// What it can do, and how often of a hundred times.
const ACTIONS: [(u64, Action); 6] =
    [(25, Action::Kill), (25, Action::Freeze), (12, Action::Stop), (14, Action::KillDatabase), (14, Action::Cut), (10, Action::Drain)];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Kill,
    Freeze,
    Stop,
    KillDatabase,
    Cut,
    Drain,
}

/// Owns the nodes and their database.
pub struct Nodes {
    pub postgres: Postgres,
    places: Vec<Place>,
    servers: Vec<Option<Server>>,
    shared: Arc<Shared>,
    rng: Rng,
    api: Api,
    /// What was done, by name.
    pub counts: BTreeMap<&'static str, u64>,
}

impl Nodes {
    /// Starts a database and so many nodes on it.
    pub fn new(options: &Options, count: usize, shared: Arc<Shared>) -> Result<Self> {
        let postgres = Postgres::start("")?;
        let store = PathBuf::from(postgres.database(DATABASE)?);
        let mut places = Vec::new();
        for number in 1..=count {
            let mut place = undisturbed::prepare(options, &format!("node-{number}"))?;
            place.store.clone_from(&store);
            let file = place.folder.join("lockgate.toml");
            let text = std::fs::read_to_string(&file)? + &format!("[node]\nname = \"node-{number}\"\n");
            std::fs::write(file, text)?;
            places.push(place);
        }
        undisturbed::install(options, places.first().context("no node")?)?;
        let servers = places.iter().map(|place| Server::start(place).map(Some)).collect::<Result<_>>()?;
        let (rng, api) = (Rng::new(options.seed, 0), Api::new(Duration::from_secs(5)));
        let nodes = Self { postgres, places, servers, shared, rng, api, counts: BTreeMap::new() };
        nodes.tell();
        Ok(nodes)
    }

    /// Where a command of the first node works.
    pub fn place(&self) -> Result<&Place> {
        self.places.first().context("no node")
    }

    /// Breaks things for so long. In the end all nodes run, and were started anew.
    pub fn run(&mut self, time: Duration, progress: &ProgressBar) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < time {
            progress.tick();
            std::thread::sleep(Duration::from_millis(self.rng.between(100, 2_500)));
            self.look_after()?;
            let action = self.choose();
            progress.set_message(format!(
                "{} s of {} s: {} acknowledged, {action:?}",
                begun.elapsed().as_secs(),
                time.as_secs(),
                self.shared.acknowledged.load(Ordering::Relaxed)
            ));
            self.act(action)?;
            if self.rng.percent(30) {
                self.healed()?;
            }
        }
        for at in 0..self.servers.len() {
            self.stop(at)?;
            self.start(at)?;
        }
        self.healed()
    }

    /// Stops all for good.
    pub fn end(&mut self) -> Result<()> {
        (0..self.servers.len()).try_for_each(|at| self.stop(at))
    }

    fn choose(&mut self) -> Action {
        let mut drawn = self.rng.between(1, 100);
        for (share, action) in ACTIONS {
            if drawn <= share {
                return action;
            }
            drawn -= share;
        }
        Action::Kill
    }

    fn act(&mut self, action: Action) -> Result<()> {
        let at = usize::try_from(self.rng.between(0, self.servers.len() as u64 - 1))?;
        match action {
            Action::Kill => {
                self.count("SIGKILL of a node");
                if let Some(server) = self.servers.get_mut(at).and_then(Option::take) {
                    server.kill()?;
                }
                self.tell();
                std::thread::sleep(Duration::from_millis(self.rng.between(0, 2_500)));
                self.start(at)
            }
            Action::Stop => {
                self.count("SIGTERM of a node");
                self.stop(at)?;
                self.start(at)
            }
            Action::Freeze => {
                self.count("SIGSTOP of a node");
                let pause = Duration::from_millis(self.rng.between(200, 4_000));
                let server = self.servers.get(at).and_then(Option::as_ref).context("no server runs")?;
                server.freeze()?;
                std::thread::sleep(pause);
                server.thaw()
            }
            Action::KillDatabase => {
                self.count("SIGKILL of the database");
                self.postgres.kill()?;
                std::thread::sleep(Duration::from_millis(self.rng.between(0, 1_500)));
                self.postgres.start_again()
            }
            Action::Cut => {
                self.count("connections cut");
                let end = Instant::now() + Duration::from_millis(self.rng.between(200, CUT_MS_MAX));
                while Instant::now() < end {
                    let sql = format!("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{DATABASE}'");
                    self.postgres.sql("postgres", &sql)?;
                }
                Ok(())
            }
            Action::Drain => {
                self.count("node drained");
                let place = self.places.get(at).context("no node")?;
                let name = place.folder.file_name().and_then(|name| name.to_str()).context("a node without a name")?.to_owned();
                for undo in [&["node", "drain", &name][..], &["node", "drain", &name, "--undo"]] {
                    let output = place.output(undo)?;
                    if !output.status.success() {
                        self.shared.violated("command", format!("{undo:?}: {}", String::from_utf8_lossy(&output.stderr)));
                    }
                    std::thread::sleep(Duration::from_millis(self.rng.between(0, 1_000)));
                }
                Ok(())
            }
        }
    }

    /// Every connector has a node that works for it, soon after the last thing was broken.
    fn healed(&self) -> Result<()> {
        let begun = Instant::now();
        loop {
            let urls: Vec<&str> = self.servers.iter().flatten().map(|server| server.url.as_str()).collect();
            let url = urls.first().context("no server runs")?;
            let nodes = self.api.get(&format!("{url}/v1/nodes")).unwrap_or_default();
            let without = nodes.get("without_node").and_then(Value::as_array);
            if without.is_some_and(Vec::is_empty) {
                return Ok(());
            }
            if begun.elapsed() > MOVED_WAIT {
                self.shared.violated("stuck", format!("{} s after all was healed: {nodes}", MOVED_WAIT.as_secs()));
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A server that ended by itself is a violation.
    fn look_after(&mut self) -> Result<()> {
        for at in 0..self.servers.len() {
            let ended = match self.servers.get_mut(at).and_then(Option::as_mut) {
                Some(server) => server.has_ended()?,
                None => None,
            };
            if let Some(status) = ended {
                let tail = self.places.get(at).map(Place::log_tail).unwrap_or_default();
                self.shared.violated("died", format!("node {} ended with {status}: {tail}", at + 1));
                self.start(at)?;
            }
        }
        Ok(())
    }

    fn start(&mut self, at: usize) -> Result<()> {
        let server = Server::start(self.places.get(at).context("no such node")?)?;
        if let Some(place) = self.servers.get_mut(at) {
            *place = Some(server);
        }
        self.tell();
        Ok(())
    }

    fn stop(&mut self, at: usize) -> Result<()> {
        let server = self.servers.get_mut(at).and_then(Option::take);
        self.tell();
        if let Some(server) = server {
            let status = server.stop()?;
            if !status.success() {
                let tail = self.places.get(at).map(Place::log_tail).unwrap_or_default();
                self.shared.violated("stop", format!("after SIGTERM node {} ended with {status}: {tail}", at + 1));
            }
        }
        Ok(())
    }

    /// Clients go to any that runs.
    fn tell(&self) {
        self.shared.set_urls(self.servers.iter().flatten().map(|server| server.url.clone()).collect());
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }
}
