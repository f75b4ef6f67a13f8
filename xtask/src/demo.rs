//! `cargo xtask demo`: a server, a model, a connector, a feed; then what came of it.

mod api;
mod nodes;
mod print;
mod progress;
mod report;
mod server;
mod set;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::Value;

use crate::build::{self, Ended};
use crate::console;
use api::Api;
use report::{Example, Report};
use server::Server;
use set::Set;

/// Flags of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// WordPress export file, or folder of AdventureWorks files [default: the sample's own]
    path: Option<PathBuf>,
    /// Over three nodes on a PostgreSQL that it starts; one is killed in the middle
    #[arg(long)]
    postgres: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Keep the store, and say where it is
    #[arg(long)]
    keep: bool,
    /// Leave the server running until Ctrl-C, and say where its console is
    #[arg(long, conflicts_with = "postgres")]
    stay: bool,
    /// Take a picture of the console, as README shows one
    #[arg(long, value_name = "FILE.png", conflicts_with = "postgres")]
    picture: Option<PathBuf>,
    /// Which sample [default: a folder is AdventureWorks, else WordPress]
    #[arg(long, value_enum)]
    set: Option<Set>,
}

impl Demo {
    pub fn run(self) -> Result<()> {
        build::guests()?;
        build::programs()?;
        let set = self.set.unwrap_or_else(|| Set::of(self.path.as_deref()));
        let path = match &self.path {
            Some(path) => std::path::absolute(path)?,
            None => set.sample(),
        };
        let folder = tempfile::Builder::new().prefix("lockgate-demo-").tempdir()?;
        let carried = if self.postgres {
            nodes::carry(set, &path, folder.path()).and_then(|(report, example)| self.show(None, &report, &example))
        } else {
            carry(set, &path, folder.path(), |server, report, example| self.show(Some(server), report, example)).map(drop)
        };
        if self.keep {
            eprintln!("kept: {}", folder.keep().display());
        }
        carried
    }

    /// What is shown, while the one server still runs.
    fn show(&self, server: Option<&mut Server>, report: &Report, example: &Example) -> Result<()> {
        if self.json {
            print::json(report)?;
        } else {
            print::text(report, example)?;
        }
        let Some(server) = server else { return Ok(()) };
        if let Some(file) = &self.picture {
            console::picture(&server.url, file)?;
        }
        if self.stay {
            eprintln!("\nThe console is at {}/console; Enter or Ctrl-C ends the server.", server.url);
            server.until_somebody_ends_it()?;
        }
        Ok(())
    }
}

/// Both samples with their own data, for CI: everything is stored or has a reason.
pub fn smoke() -> Result<()> {
    for set in [Set::Wordpress, Set::Adventureworks] {
        let folder = tempfile::tempdir()?;
        let report = carry(set, &set.sample(), folder.path(), |_, report, _| Ok(print::json(report)?))?;
        anyhow::ensure!(!report.stored.is_empty(), "{set:?}: nothing was stored");
        anyhow::ensure!(report.still_queued == 0, "{set:?}: {} tasks wait and have no reason to", report.still_queued);
        let folder = tempfile::tempdir()?;
        let (of_nodes, _) = nodes::carry(set, &set.sample(), folder.path())?;
        anyhow::ensure!(of_nodes.stored == report.stored, "{set:?}: three nodes of which one is killed store something else");
    }
    Ok(())
}

/// The server is stopped when this ends, however it does.
fn carry(set: Set, path: &Path, folder: &Path, show: impl FnOnce(&mut Server, &Report, &Example) -> Result<()>) -> Result<Report> {
    // The server reads what is granted when it starts.
    std::fs::copy(set.configuration(), folder.join("lockgate.toml"))?;
    let mut server = Server::start(folder)?;
    let api = Api::new(&server.url);
    lockgate(folder, &["model", "apply"], &[&set.model()])?;
    lockgate(folder, &["connector", "add", set.connector()], &[&build::guest(set.package())])?;
    let start = Instant::now();
    let said = feed(set, path, &server.url)?;
    let submitted = api::number(&said, "submitted");
    progress::until_idle(&api, submitted)?;
    let seconds = start.elapsed().as_secs_f64();
    let mut report = report::collect(&api, seconds)?;
    report.submitted = submitted;
    report.refused = api::number(&said, "refused");
    report.refusals = said.get("refusals").cloned().unwrap_or_else(|| Value::Array(Vec::new()));
    let example = report::example(&api)?;
    show(&mut server, &report, &example)?;
    server.stop()?;
    Ok(report)
}

fn lockgate(folder: &Path, arguments: &[&str], paths: &[&Path]) -> Result<()> {
    let mut command = server::lockgate(folder);
    command.args(arguments).args(paths).stdout(Stdio::null());
    build::run(&mut command)
}

/// Its bar and its errors go to the terminal; what it says at the end is one JSON object.
fn feed(set: Set, path: &Path, url: &str) -> Result<Value> {
    let program = build::program(set.feed());
    let mut command = Command::new(&program);
    command.arg(path).args(["--url", url, "--connector", set.connector(), "--json"]);
    command.env_remove("LOCKGATE_TOKEN").stderr(Stdio::inherit());
    let output = command.output().with_context(|| format!("cannot run {}", program.display()))?;
    let code = output.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    // 1: some tasks were refused; it says which, and the others go on.
    if code > 1 || (code == 1 && output.stdout.is_empty()) {
        return Err(Ended { message: format!("{} did not submit {}", set.feed(), path.display()), code }.into());
    }
    serde_json::from_slice(&output.stdout).with_context(|| format!("{} did not end with one JSON object", set.feed()))
}
