//! What the sample connectors' feeds share. A feed plays the external application: it reads files
//! that the application exported, makes tasks of them, and submits them to a running Lockgate.
//!
//! Knows the HTTP API and nothing of the runtime: a feed could as well be a shell script with curl.
//!
//! ```no_run
//! use std::process::ExitCode;
//! use clap::Parser;
//! use lockgate_feed::{Args, Task};
//!
//! #[derive(Parser)]
//! struct Cli {
//!     file: std::path::PathBuf,
//!     #[command(flatten)]
//!     feed: Args,
//! }
//!
//! fn main() -> ExitCode {
//!     let cli = Cli::parse();
//!     lockgate_feed::run(&cli.feed, |_told| {
//!         let text = std::fs::read_to_string(&cli.file)?;
//!         let connector = cli.feed.connector_or("shop");
//!         Ok(text
//!             .lines()
//!             .map(|line| Task::object(&connector, "shop.product", line, "text/plain", line))
//!             .collect())
//!     })
//! }
//! ```

mod args;
mod batch;
mod http;
mod keys;
mod out;
mod run;
mod send;
mod shown;
mod summary;
mod task;
mod told;

pub use args::Args;
pub use run::run;
pub use send::{SendError, send};
pub use summary::{Refusal, Summary};
pub use task::{Body, Task};
pub use told::Told;
