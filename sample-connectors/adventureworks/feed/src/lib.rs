//! Reads a folder of AdventureWorks tables and makes a task of each object in them, in an order in
//! which what is referred to comes first.
//!
//! Knows the tables and the form of a task; nothing of what the connector makes of a row. The
//! external object of a task is a JSON document: one row, its columns under their names, with the
//! rows that belong to it.

mod cell;
mod dataset;
mod error;
mod org;
mod records;
mod schema;
mod table;
mod tasks;
mod text;

pub use dataset::Dataset;
pub use error::{InputError, Problem};
pub use table::Row;
pub use tasks::{Submission, tasks};
