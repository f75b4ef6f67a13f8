//! `cargo xtask bench`: builds what `lockgate-bench` needs, and starts it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::build::{self, Ended, cargo};

/// Flags of `bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// Ratios alone, in under two minutes, compared with the committed results; writes nothing
    #[arg(long, conflicts_with = "peers")]
    quick: bool,
    /// Run other programs on the same work too, and install what they need
    #[arg(long)]
    peers: bool,
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
        command.arg("run").arg("--results").arg(build::root().join("tests/bench/results"));
        command.arg("--growth-max").arg(self.growth_max.to_string());
        if !self.only.is_empty() {
            command.arg("--only").arg(self.only.join(","));
        }
        if let Some(folder) = self.folder {
            command.arg("--folder").arg(std::path::absolute(folder)?);
        }
        for (flag, is_set) in [("--quick", self.quick), ("--peers", self.peers), ("--json", self.json)] {
            if is_set {
                command.arg(flag);
            }
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
}
