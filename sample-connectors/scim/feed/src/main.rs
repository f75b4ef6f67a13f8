//! `scim-feed FILE…`: submits what SCIM documents say has changed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use lockgate_feed::{Args, Task};
use scim_feed::{Change, Path, changes, tasks};

/// Tells Lockgate which users and groups of a SCIM application changed. The connector asks the
/// application for what they are now.
///
/// FILE is JSON as the application speaks it: a User or Group with its id, a ListResponse, a
/// BulkResponse, a BulkRequest without POST, or a PatchOp with --path.
///
/// Exit codes: 0 all submitted, 1 some refused, 2 a file or the command line is wrong and nothing
/// was submitted, 3 Lockgate cannot be reached.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// The documents; all of them are one change.
    #[arg(required = true)]
    files: Vec<PathBuf>,

    /// Where a PatchOp was sent to, which it does not say itself: `/Users/2819c223`.
    #[arg(long)]
    path: Option<Path>,

    #[command(flatten)]
    feed: Args,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    lockgate_feed::run(&cli.feed, || read(&cli))
}

fn read(cli: &Cli) -> anyhow::Result<Vec<Task>> {
    let mut all: Vec<Change> = Vec::new();
    for file in &cli.files {
        all.extend(changes(file, cli.path.as_ref())?);
    }
    Ok(tasks(&all, &cli.feed.connector_or("scim")))
}
