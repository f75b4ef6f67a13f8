//! A small Jepsen against the real program: clients that record every request and answer on the
//! disk, a nemesis that kills, freezes, stops and starves the server, and a checker that compares
//! the record with what the server has in the end.
//!
//! What it relies on: the program, its HTTP API and its exit codes. What it must not know: anything
//! inside the other crates.

mod api;
pub mod check;
mod client;
mod disk;
mod nemesis;
mod nodes;
mod observe;
pub mod record;
mod report;
mod rng;
mod server;
mod shared;
mod undisturbed;
mod workload;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use indicatif::ProgressBar;
use serde_json::Value;

use api::Api;
use check::{Observed, Violation};
use client::Client;
use disk::Disk;
use nemesis::Nemesis;
use nodes::Nodes;
use record::Record;
pub use report::Report;
use server::Place;
use shared::Shared;
pub use workload::Sample;

/// Clients that submit synthetic tasks.
const SYNTHETIC_CLIENTS: usize = 3;
/// Longest that one answer of a server may take once it is left alone.
const PATIENCE: Duration = Duration::from_secs(120);

/// One run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder of `lockgate` and the feeds.
    pub programs: PathBuf,
    /// Folder of the connectors' components.
    pub guests: PathBuf,
    /// Folder of the sample connectors: models and configurations.
    pub samples: PathBuf,
    /// Whose data is submitted, besides synthetic tasks.
    pub sets: Vec<Sample>,
    /// Where everything goes; empty.
    pub folder: PathBuf,
    /// How long things are broken.
    pub time: Duration,
    /// For every random decision.
    pub seed: u64,
    /// Put an older copy of the store back in between, which the checker must find.
    pub sabotage: bool,
    /// So many nodes on one database instead of one server on a file.
    pub nodes: Option<usize>,
    /// This process has a mount namespace of its own and may mount a tmpfs in it.
    pub may_mount: bool,
}

/// Does it. What is wrong stands in the report; an error says that the run itself did not work.
pub fn run(options: &Options, progress: &ProgressBar) -> Result<Report> {
    let records = options.folder.join("records");
    std::fs::create_dir(&records)?;
    let mut tasks = Vec::new();
    for sample in &options.sets {
        tasks.push((sample.name.clone(), sample.tasks(&options.programs, &options.folder)?));
    }
    progress.set_message("an undisturbed run, to compare with");
    let expected = undisturbed::run(options, tasks.iter().flat_map(|(_, tasks)| tasks))?;

    if let Some(count) = options.nodes {
        return run_nodes(options, count, tasks, &expected, progress);
    }
    let place = undisturbed::prepare(options, "tortured")?;
    let store_folder = place.store.parent().context("a store without a folder")?;
    let disk = if options.may_mount { Disk::mount(store_folder)? } else { Disk::FileSize };
    let disk_name = disk.name();
    undisturbed::install(options, &place)?;
    let shared = Arc::new(Shared::default());
    let mut nemesis = Nemesis::new(place.clone(), disk, shared.clone(), options.seed)?;
    let clients = start_clients(options, &records, &shared, tasks)?;
    let broken = nemesis.run(options.time, options.sabotage, progress);
    shared.close();
    if let Err(error) = &broken {
        shared.set_url(None);
        shared.violated("unusable", format!("{error:#}: {}", place.log_tail()));
    }
    progress.set_message("all that is left is processed and compared");
    let rounds = join(clients, &shared);
    let observed = match shared.url() {
        Some(url) => settle(&url, &shared),
        None => Observed::default(),
    };
    let counts = nemesis.counts.clone();
    let disk = nemesis.end()?;
    if broken.is_ok() {
        closed_store(&place, &observed, &shared)?;
    }
    let mut violations = shared.take_violations();
    violations.extend(checked(&records, &observed, &expected)?);
    if !violations.is_empty() && options.may_mount {
        copy_files(store_folder, &options.folder.join("kept"))?;
    }
    disk.unmount()?;
    Ok(report(options, &shared, &observed, Told { rounds, disk: disk_name, nemesis: counts, violations }))
}

/// The same over several nodes.
fn run_nodes(
    options: &Options,
    count: usize,
    tasks: Vec<(String, Vec<Value>)>,
    expected: &BTreeSet<String>,
    progress: &ProgressBar,
) -> Result<Report> {
    let records = options.folder.join("records");
    let shared = Arc::new(Shared::default());
    let mut nodes = Nodes::new(options, count, shared.clone())?;
    let clients = start_clients(options, &records, &shared, tasks)?;
    let broken = nodes.run(options.time, progress);
    shared.close();
    if let Err(error) = &broken {
        shared.set_url(None);
        shared.violated("unusable", format!("{error:#}"));
    }
    progress.set_message("all that is left is processed and compared");
    let rounds = join(clients, &shared);
    let observed = match shared.url() {
        Some(url) => settle(&url, &shared),
        None => Observed::default(),
    };
    nodes.end()?;
    if broken.is_ok() {
        same_export(nodes.place()?, &observed, &shared)?;
    }
    let mut violations = shared.take_violations();
    violations.extend(checked(&records, &observed, expected)?);
    let told = Told { rounds, disk: "none: a database", nemesis: nodes.counts.clone(), violations };
    Ok(report(options, &shared, &observed, told))
}

/// What a report tells besides what was counted.
struct Told {
    rounds: BTreeMap<String, u64>,
    disk: &'static str,
    nemesis: BTreeMap<&'static str, u64>,
    violations: Vec<Violation>,
}

fn report(options: &Options, shared: &Shared, observed: &Observed, told: Told) -> Report {
    let Told { rounds, disk, nemesis, violations } = told;
    Report {
        seed: options.seed,
        seconds: options.time.as_secs(),
        rounds,
        disk,
        requests: shared.requests.load(Ordering::Relaxed),
        acknowledged: shared.acknowledged.load(Ordering::Relaxed),
        unanswered: shared.unanswered.load(Ordering::Relaxed),
        refused: shared.refusals(),
        nemesis,
        history: observed.history.len(),
        queued: observed.queue.len(),
        chained: observed.reports.len(),
        compared: observed.content.len(),
        violations,
        folder: None,
    }
}

/// A client's thread; those of samples say how often they sent everything.
type Running = (Option<String>, JoinHandle<Result<u64>>);

fn start_clients(options: &Options, records: &Path, shared: &Arc<Shared>, tasks: Vec<(String, Vec<Value>)>) -> Result<Vec<Running>> {
    let mut clients: Vec<Running> = Vec::new();
    let client = |number: usize| -> Result<Client> {
        let record = Record::create(&records.join(format!("client-{number}.ndjson")))?;
        Ok(Client::new(record, shared.clone(), options.seed, number as u64))
    };
    for number in 1..=SYNTHETIC_CLIENTS {
        let client = client(number)?;
        clients.push((None, std::thread::spawn(move || client.synthetic(number).map(|()| 0))));
    }
    for (number, (name, tasks)) in (SYNTHETIC_CLIENTS + 1..).zip(tasks) {
        let client = client(number)?;
        clients.push((Some(name), std::thread::spawn(move || client.sample(&tasks))));
    }
    Ok(clients)
}

fn join(clients: Vec<Running>, shared: &Shared) -> BTreeMap<String, u64> {
    let mut rounds = BTreeMap::new();
    for (name, client) in clients {
        match client.join().unwrap_or_else(|_| Err(anyhow!("it panicked"))) {
            Ok(count) => rounds.extend(name.map(|name| (name, count))),
            Err(error) => shared.violated("client", format!("a client ended: {error:#}")),
        }
    }
    rounds
}

/// Left alone, the server must come to rest.
fn settle(url: &str, shared: &Shared) -> Observed {
    let api = Api::new(PATIENCE);
    if let Err(error) = observe::drain(&api, url) {
        shared.violated("not-drained", format!("{error:#}"));
    }
    observe::observe(&api, url).unwrap_or_else(|error| {
        shared.violated("unreadable", format!("{error:#}"));
        Observed::default()
    })
}

/// The file, without a server: whole, and with the same content.
fn closed_store(place: &Place, observed: &Observed, shared: &Shared) -> Result<()> {
    if let Some(wrong) = nemesis::verify(place)? {
        shared.violated("store", format!("`lockgate check`: {wrong}"));
    }
    same_export(place, observed, shared)
}

/// What a command exports that no server answers.
fn same_export(place: &Place, observed: &Observed, shared: &Shared) -> Result<()> {
    let output = place.output(&["export", "--canonical"])?;
    let (reports, content) = observe::content(&String::from_utf8_lossy(&output.stdout))?;
    if !output.status.success() || reports != observed.reports || content != observed.content {
        shared.violated("export", format!("`lockgate export` differs from the server's: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(())
}

/// From the files, as they would be found after the client's own end.
fn checked(records: &Path, observed: &Observed, expected: &BTreeSet<String>) -> Result<Vec<Violation>> {
    let mut all = Vec::new();
    for file in std::fs::read_dir(records)? {
        all.push(record::read(&file?.path())?);
    }
    Ok(check::check(&all, observed, expected))
}

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir(to)?;
    for file in std::fs::read_dir(from)? {
        let file = file?;
        if file.file_type()?.is_file() {
            std::fs::copy(file.path(), to.join(file.file_name()))?;
        }
    }
    Ok(())
}
