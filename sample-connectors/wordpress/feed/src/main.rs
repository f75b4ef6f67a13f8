//! `wordpress-feed EXPORT.xml`: submits a WordPress export, object by object.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use lockgate_feed::{Args, Task};
use wordpress_feed::{Export, Submission, tasks};

/// Submits a WordPress export (Tools, Export, "All content") to Lockgate, object by object.
///
/// Exit codes: 0 all submitted, 1 some refused, 2 the export or the command line is wrong and
/// nothing was submitted, 3 Lockgate cannot be reached.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// The export, a WXR file (WordPress eXtended RSS).
    export: PathBuf,

    #[command(flatten)]
    feed: Args,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    lockgate_feed::run(&cli.feed, || read(&cli))
}

fn read(cli: &Cli) -> anyhow::Result<Vec<Task>> {
    let name = cli.export.display().to_string();
    let bytes = std::fs::read(&cli.export).with_context(|| format!("cannot read {name}"))?;
    let export = Export::read(&name, &bytes)?;
    let submission = Submission { connector: cli.feed.connector_or("wordpress"), site: cli.feed.site_or("wordpress") };
    Ok(tasks(&export, &submission))
}
