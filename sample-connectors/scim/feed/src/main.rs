//! `scim-feed FILE…`: submits what SCIM documents say has changed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use lockgate_feed::{Args, Task, Told};
use scim_feed::{Path, changes, tasks};

/// Tells Lockgate which users and groups of a SCIM application changed. The connector asks the
/// application for what they are now.
///
/// FILE is JSON as the application speaks it: a User or Group with its id, a ListResponse, a
/// BulkResponse, a BulkRequest without POST, or a PatchOp with --path.
///
/// What is wrong is told with its file; all else goes.
///
/// Exit codes: 0 all submitted, 1 some left out or refused, 2 nothing can be taken and nothing was submitted, 3 Lockgate
/// cannot be reached.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// The documents.
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
    lockgate_feed::run(&cli.feed, |told| Ok(read(&cli, told)))
}

fn read(cli: &Cli, told: &mut Told) -> Vec<Task> {
    let mut all = Vec::new();
    for file in &cli.files {
        match changes(file, cli.path.as_ref()) {
            Err(error) => told.error(error),
            Ok(read) => {
                for problem in &read.left_out {
                    told.error(format!("{}: {problem}", file.display()));
                }
                let fetched = cli.feed.fetched(file);
                let made = tasks(&read.changes, &cli.feed.connector_or("scim"));
                all.extend(made.into_iter().map(|task| task.fetched(&fetched)));
            }
        }
    }
    all
}
