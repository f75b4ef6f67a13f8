//! The embedded store: queue, objects and pages in one redb file.
//!
//! This crate must not know wasmtime, tokio, axum, the time or what a task means: it keeps what
//! `core` decided, whole or not at all, and says when it cannot.
//!
//! One thread owns all writing (`writer`): requests that wait together share one transaction and one
//! fsync, and are answered after it. Callers prepare and encode on their own threads; reads use
//! snapshots and never wait for the writer.

mod commit;
mod conflict;
mod connectors;
mod counters;
mod disk;
mod fault;
mod history;
mod index;
mod load;
mod model;
mod names;
mod open;
mod queue;
mod read;
mod state;
mod store;
mod submit;
mod tables;
mod work;
mod writer;

pub use open::{OpenError, Options};
pub use store::RedbStore;
