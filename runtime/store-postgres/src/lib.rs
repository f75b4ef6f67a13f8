//! The store that many machines share: queue, objects and pages in one PostgreSQL database.
//!
//! This crate must not know wasmtime, axum or what a task means: it keeps what `core` decided, whole or not at all,
//! and says when it cannot. Nothing in it needs a session: a pooler that gives each transaction another connection
//! may stand between.
//!
//! A write is one transaction, and nearly always one packet: statements go out together, and each condition is a
//! statement that fails when it does not hold. All writes but submissions take the one row of `clock` first, so that
//! they have an order; whoever has lost an answer finds out by `outcome` what came of his write.

mod audit;
mod block;
mod checks;
mod commit;
mod content;
mod convert;
mod desk;
mod fault;
mod found;
mod journal;
mod lease;
mod listen;
mod load;
mod model;
mod nodes;
mod open;
mod operations;
mod orders;
mod packet;
mod params;
mod passfile;
mod pool;
mod registry;
mod store;
mod submit;
mod tally;
mod tasks;
mod tls;
mod tx;
mod upkeep;
mod url;
mod waiting;

pub use checks::{CODES, Finding};
pub use open::{OpenError, Place, Tables};
pub use store::PgStore;
