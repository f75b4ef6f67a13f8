//! The embedded store: queue, objects and pages in one redb file.
//!
//! This crate must not know wasmtime, tokio, axum, the time or what a task means: it keeps what
//! `core` decided, whole or not at all, and says when it cannot.
//!
//! One thread owns all writing (`writer`): requests that wait together share one transaction and one
//! fsync, and are answered after it. Callers prepare and encode on their own threads; reads use
//! snapshots and never wait for the writer.

mod amend;
mod audit;
mod backup;
mod check;
mod commit;
mod compact;
mod configuration;
mod conflict;
mod connectors;
mod counters;
mod edit;
mod exposed;
mod fault;
mod generation;
mod handle;
mod history;
mod image;
mod index;
mod lease;
mod load;
mod loose;
mod making;
mod model;
mod moves;
mod open;
mod operations;
mod overlay;
mod queue;
mod reached;
mod read;
mod recovery;
mod reopen;
mod state;
mod store;
mod submit;
mod tables;
mod tasks;
mod traces;
mod upgrade;
mod waits;
mod whose;
mod work;
mod writer;

use lockgate_store_rows as disk;
use lockgate_store_rows::names;

pub use backup::copy_store;
pub use check::{Depth, Finding, Progress, Report, check};
pub use compact::compact;
pub use exposed::{Exposed, exposed, exposed_file};
pub use making::{Making, Rights};
pub use open::{OpenError, Options};
pub use store::RedbStore;
pub use upgrade::{Upgrade, Upgraded, upgrade};
