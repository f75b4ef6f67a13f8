//! What every feed can be told.

use std::path::PathBuf;

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

    /// Give each task a key made from its content, so that sending the same input twice queues it once.
    #[arg(long)]
    pub repeatable: bool,

    /// Print the summary as JSON.
    #[arg(long)]
    pub json: bool,
}

impl Args {
    /// The connector's name: the sample's, unless `--connector` says otherwise.
    pub fn connector_or(&self, sample: &str) -> String {
        self.connector.clone().unwrap_or_else(|| sample.to_owned())
    }

    /// The site's name: the sample's, unless `--site` says otherwise.
    pub fn site_or(&self, sample: &str) -> String {
        self.site.clone().unwrap_or_else(|| sample.to_owned())
    }
}
