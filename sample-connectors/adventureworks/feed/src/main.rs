//! `adventureworks-feed DIR`: submits the AdventureWorks tables, object by object.

use std::path::PathBuf;
use std::process::ExitCode;

use adventureworks_feed::{Dataset, Submission, tasks};
use clap::Parser;
use lockgate_feed::{Args, Task};

/// Submits the tables of AdventureWorks (the OLTP sample database as text files) to Lockgate,
/// object by object.
///
/// Exit codes: 0 all submitted, 1 some refused, 2 the tables or the command line are wrong and
/// nothing was submitted, 3 Lockgate cannot be reached.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// The folder with `Product.csv` and the other tables.
    dir: PathBuf,

    #[command(flatten)]
    feed: Args,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    lockgate_feed::run(&cli.feed, |_| read(&cli))
}

fn read(cli: &Cli) -> anyhow::Result<Vec<Task>> {
    let dataset = Dataset::read(&cli.dir)?;
    let submission = Submission { connector: cli.feed.connector_or("adventureworks"), site: cli.feed.site_or("adventureworks") };
    let fetched = cli.feed.fetched(&cli.dir.join("Product.csv"));
    Ok(tasks(&dataset, &submission).into_iter().map(|task| task.fetched(&fetched)).collect())
}
