//! The whole benchmark, or parts of it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use crate::results::{PARTS, Results, compare};
use crate::{growth, http, peers, pipeline, rig, sandbox};

/// Longest that `--quick` should take.
const QUICK: Duration = Duration::from_secs(120);

/// Flags of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Ratios alone, in under two minutes, compared with the committed results; writes nothing
    #[arg(long, conflicts_with = "peers")]
    quick: bool,
    /// Other programs with the same work too; installs what they need
    #[arg(long)]
    peers: bool,
    /// These parts: sandbox, pipeline, http, growth, peers [default: the first four]
    #[arg(long, value_delimiter = ',', value_parser = PARTS)]
    only: Vec<String>,
    /// Tasks that are queued and then drained
    #[arg(long, default_value_t = 1_000_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1_000..=1_000_000))]
    tasks: u64,
    /// Stored objects at which growth ends: 10000, 1000000 or 10000000
    #[arg(long, default_value_t = 10_000_000, value_name = "N")]
    growth_max: u64,
    /// Installed connectors with which the program's start is looked at
    #[arg(long, default_value_t = 500, value_name = "N")]
    connectors: u64,
    /// Where stores are made [default: beside this program]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Folder with the built connectors
    #[arg(long, value_name = "FOLDER")]
    guests: Option<PathBuf>,
    /// Where results are committed, and the peers' folder beside it
    #[arg(long, value_name = "FOLDER")]
    results: PathBuf,
    /// Print the results as one JSON object
    #[arg(long)]
    json: bool,
}

/// What every part needs to know.
pub struct Bench {
    /// Ratios alone.
    pub quick: bool,
    /// Where stores are made; `None`: beside this program.
    pub folder: Option<PathBuf>,
    /// The connector.
    pub component: Vec<u8>,
    /// The same with the toolchain's allocator, for an instance that is used again.
    pub reused_component: Vec<u8>,
    /// `lockgate`.
    pub program: PathBuf,
    /// Tasks that are queued and then drained.
    pub tasks: u64,
    /// Stored objects at which growth ends.
    pub growth_max: u64,
    /// Installed connectors with which the program's start is looked at.
    pub connectors: u64,
}

impl Run {
    pub fn run(self) -> Result<()> {
        let begun = Instant::now();
        let guests = self.guests.clone().map_or_else(rig::guests, Ok)?;
        let bench = Bench {
            quick: self.quick,
            folder: self.folder.clone(),
            component: rig::component(&guests)?,
            reused_component: rig::component(&guests.join("reused"))?,
            program: program()?,
            tasks: self.tasks,
            growth_max: self.growth_max,
            connectors: self.connectors,
        };
        let stores = match &self.folder {
            Some(folder) => folder.clone(),
            None => rig::own_folder()?,
        };
        let mut results = Results::new(&stores);
        let file = self.results.join("latest.json");
        let before = if file.exists() { Some(Results::read(&file)?) } else { None };
        let mut whole = results.clone();
        for part in PARTS.into_iter().filter(|part| self.wants(part)) {
            eprintln!("==> {part}");
            self.part(part, &bench, &mut results)?;
            if self.quick {
                continue;
            }
            // After each part: what comes later may fail.
            whole = results.clone();
            before.iter().for_each(|before| whole.complete_from(before));
            peers::best(&mut whole);
            whole.write(&self.results)?;
        }
        match (self.quick, before) {
            (true, Some(before)) => self.compare(&results, &before, begun),
            (true, None) => bail!("there is no {} to compare with: `cargo xtask bench` makes it", file.display()),
            (false, _) => {
                println!("{}", if self.json { serde_json::to_string(&whole)? } else { whole.table() });
                Ok(())
            }
        }
    }

    fn wants(&self, part: &str) -> bool {
        let named = self.only.iter().any(|only| only == part);
        match (self.quick, part) {
            (_, "peers") => self.peers || named,
            (true, "http") => named,
            _ => self.only.is_empty() || named,
        }
    }

    fn part(&self, part: &str, bench: &Bench, results: &mut Results) -> Result<()> {
        match part {
            "sandbox" => sandbox::measure(bench, results),
            "pipeline" => pipeline::measure(bench, results),
            "http" => http::measure(bench, results),
            "growth" => growth::measure(bench, results),
            _ => peers::measure(&self.results.with_file_name("peers"), results),
        }
    }

    fn compare(&self, results: &Results, before: &Results, begun: Instant) -> Result<()> {
        eprintln!("{}", results.table());
        if begun.elapsed() > QUICK {
            eprintln!("this took {} s, longer than it should: the machine is busy", begun.elapsed().as_secs());
        }
        compare(results, before)
    }
}

/// `lockgate`, which is built beside this program.
fn program() -> Result<PathBuf> {
    let program = rig::own_folder()?.join(format!("lockgate{}", std::env::consts::EXE_SUFFIX));
    if !Path::new(&program).is_file() {
        bail!("there is no {}: `cargo xtask bench` builds it", program.display());
    }
    Ok(program)
}
