//! `cargo xtask torture`: builds what `lockgate-torture` needs, and starts it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::build::{self, Ended, cargo};

/// Flags of `torture`.
#[derive(Debug, Args)]
pub struct Torture {
    /// How long things are broken
    #[arg(long, default_value_t = 1)]
    minutes: u64,
    /// Repeats the decisions of another run [default: a new one, which is printed]
    #[arg(long)]
    seed: Option<u64>,
    /// Whose data is submitted, besides synthetic tasks: wordpress, adventureworks or both
    #[arg(long, default_value = "both", value_parser = ["wordpress", "adventureworks", "both"])]
    set: String,
    /// Another WordPress export than the sample's own
    #[arg(long, value_name = "FILE")]
    wordpress: Option<PathBuf>,
    /// Another folder of AdventureWorks tables than the sample's own
    #[arg(long, value_name = "FOLDER")]
    adventureworks: Option<PathBuf>,
    /// Print the result as one JSON object
    #[arg(long)]
    json: bool,
    /// Keep store, record and log even when all is well
    #[arg(long)]
    keep: bool,
    /// Torture so many nodes on one PostgreSQL, which it starts, instead of one server on a file
    #[arg(long, value_name = "NUMBER", conflicts_with = "sabotage")]
    nodes: Option<usize>,
    /// Put an older copy of the store back in between: must end with 1
    #[arg(long)]
    sabotage: bool,
}

impl Torture {
    pub fn run(self) -> Result<()> {
        build::guests()?;
        // The same features as the tests': another choice of packages would compile wasmtime again.
        build::run(&mut cargo(["build", "--workspace", "--bins"]))?;
        let program = build::program("lockgate-torture");
        let mut command = Command::new(&program);
        command.arg("--guests").arg(build::guest_dir()).arg("--samples").arg(build::root().join("sample-connectors"));
        command.args(["--seconds", &(self.minutes * 60).to_string(), "--set", &self.set]);
        if let Some(seed) = self.seed {
            command.args(["--seed", &seed.to_string()]);
        }
        if let Some(nodes) = self.nodes {
            command.args(["--nodes", &nodes.to_string()]);
        }
        for (flag, path) in [("--wordpress", self.wordpress), ("--adventureworks", self.adventureworks)] {
            if let Some(path) = path {
                command.arg(flag).arg(std::path::absolute(path)?);
            }
        }
        for (flag, is_set) in [("--json", self.json), ("--keep", self.keep), ("--sabotage", self.sabotage)] {
            if is_set {
                command.arg(flag);
            }
        }
        let status = command.status().with_context(|| format!("cannot run {}", program.display()))?;
        match status.code() {
            Some(0) => Ok(()),
            code => {
                let code = code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
                Err(Ended { message: "the torture found something; what it says above is kept".to_owned(), code }.into())
            }
        }
    }
}
