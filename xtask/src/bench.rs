//! `cargo xtask bench`: builds what `lockgate-bench` needs, and starts it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::build::{self, Ended, cargo};
use crate::languages;

/// Flags of `bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// Ratios alone, in under two minutes, compared with the committed results; writes nothing
    #[arg(long, conflicts_with = "peers")]
    quick: bool,
    /// Run other programs on the same work too, and install what they need
    #[arg(long)]
    peers: bool,
    /// What each language costs instead: the same connector in all of them; rewrites the table of guest-sdk/README.md
    #[arg(long, conflicts_with_all = ["quick", "peers", "only", "growth_max"])]
    languages: bool,
    /// These parts: sandbox, pipeline, http, growth, peers [default: the first four]
    #[arg(long, value_delimiter = ',', value_parser = ["sandbox", "pipeline", "http", "growth", "peers"])]
    only: Vec<String>,
    /// Stored objects at which growth ends: 10000, 1000000 or 10000000
    #[arg(long, default_value_t = 10_000_000, value_name = "N")]
    growth_max: u64,
    /// Where stores are made; 20 GB should be free [default: the target folder]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Print the results as one JSON object
    #[arg(long)]
    json: bool,
}

impl Bench {
    pub fn run(self) -> Result<()> {
        build::bench_guests()?;
        // The workspace's features, as for the tests: another choice would compile wasmtime again.
        build::run(&mut cargo(["build", "--release", "--workspace", "--bin", "lockgate", "--bin", "lockgate-bench"]))?;
        let program = build::released("lockgate-bench");
        let mut command = Command::new(&program);
        match self.languages {
            true => self.ask_languages(&mut command)?,
            false => self.ask_parts(&mut command),
        }
        command.arg("--results").arg(build::root().join("tests/bench/results"));
        if let Some(folder) = &self.folder {
            command.arg("--folder").arg(std::path::absolute(folder)?);
        }
        if self.json {
            command.arg("--json");
        }
        let status = command.status().with_context(|| format!("cannot run {}", program.display()))?;
        match status.code() {
            Some(0) => Ok(()),
            code => {
                let code = code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
                Err(Ended { message: "the benchmark did not end well; why stands above".to_owned(), code }.into())
            }
        }
    }

    fn ask_parts(&self, command: &mut Command) {
        command.arg("run").arg("--growth-max").arg(self.growth_max.to_string());
        if !self.only.is_empty() {
            command.arg("--only").arg(self.only.join(","));
        }
        for (flag, is_set) in [("--quick", self.quick), ("--peers", self.peers)] {
            if is_set {
                command.arg(flag);
            }
        }
    }

    /// Builds the other languages' connectors, too: with the `lockgate` that was just built.
    fn ask_languages(&self, command: &mut Command) -> Result<()> {
        command.arg("languages").arg("--document").arg(build::root().join("guest-sdk/README.md"));
        for absent in languages::bench(&build::released("lockgate"))? {
            command.arg("--absent").arg(format!("{}={}", absent.name, absent.why));
        }
        Ok(())
    }
}
