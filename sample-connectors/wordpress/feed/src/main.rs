//! `wordpress-feed EXPORT.xml…`: submits WordPress exports, object by object.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use lockgate_feed::{Args, Task, Told};
use wordpress_feed::{Export, Submission, tasks};

/// Submits WordPress exports (Tools, Export, "All content") to Lockgate, object by object.
///
/// What is wrong is told with file, line and column. One bad object is left out and the others go; a file that is cut off
/// or no export is left out whole, and the next one goes on.
///
/// Exit codes: 0 all submitted, 1 some left out or refused, 2 nothing can be taken and nothing was submitted, 3 Lockgate
/// cannot be reached.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// The exports, WXR files (WordPress eXtended RSS), in the order in which they were made.
    #[arg(required = true)]
    exports: Vec<PathBuf>,

    #[command(flatten)]
    feed: Args,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    lockgate_feed::run(&cli.feed, |told| Ok(read(&cli, told)))
}

fn read(cli: &Cli, told: &mut Told) -> Vec<Task> {
    let mut all = Vec::new();
    for file in &cli.exports {
        let name = file.display().to_string();
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(cause) => {
                told.error(format!("cannot read {name}: {cause}"));
                continue;
            }
        };
        match Export::read(&name, &bytes) {
            Err(refused) => told.error(refused),
            Ok(export) => {
                for said in export.told() {
                    if said.is_error { told.error(&said.what) } else { told.warning(&said.what) }
                }
                let connector = cli.feed.connector_or("wordpress");
                let fetched = cli.feed.fetched(file);
                all.extend(tasks(&export, &Submission { connector, site: cli.feed.site_or("wordpress"), fetched }));
            }
        }
    }
    all
}
