//! What every feed can be told.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Options that every feed has; flatten them into the feed's own.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Where Lockgate listens.
    #[arg(long, default_value = "http://127.0.0.1:7070", env = "LOCKGATE_URL")]
    pub url: String,

    /// The token to submit with.
    #[arg(long, env = "LOCKGATE_TOKEN", hide_env_values = true)]
    pub token: Option<String>,

    /// The connector to submit to, if it has another name than the sample's.
    #[arg(long)]
    pub connector: Option<String>,

    /// The site that the tasks belong to, if it has another name than the sample's.
    #[arg(long)]
    pub site: Option<String>,

    /// What happens to a task that fails: see `lockgate submit --help`.
    #[arg(long, default_value = "skip-on-error", value_parser = ["default", "skip-once", "skip-on-error", "delete-on-error"])]
    pub process_type: String,

    /// Write the tasks as NDJSON to this file (`-`: standard output), and send nothing.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Replace the file of --out if it is there.
    #[arg(long, requires = "out")]
    pub force: bool,

    /// Give each task a key, so that sending the same input twice queues it once. It is made of the object, of
    /// what was before in this run, of what is now, and of when it was fetched: one key for each change.
    #[arg(long)]
    pub repeatable: bool,

    /// When the input was fetched, for the keys [default: when each file was written]
    #[arg(long, value_name = "TEXT")]
    pub fetched: Option<String>,

    /// Print the summary as JSON.
    #[arg(long)]
    pub json: bool,
}

impl Args {
    /// The connector's name: the sample's, unless `--connector` says otherwise.
    pub fn connector_or(&self, sample: &str) -> String {
        self.connector.clone().unwrap_or_else(|| sample.to_owned())
    }

    /// When a file was fetched: as `--fetched` says, else when it was written.
    pub fn fetched(&self, file: &Path) -> String {
        self.fetched.clone().unwrap_or_else(|| {
            let written = std::fs::metadata(file).and_then(|about| about.modified()).ok();
            let since_1970 = written.and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
            since_1970.as_nanos().to_string()
        })
    }

    /// The site's name: the sample's, unless `--site` says otherwise.
    pub fn site_or(&self, sample: &str) -> String {
        self.site.clone().unwrap_or_else(|| sample.to_owned())
    }
}
