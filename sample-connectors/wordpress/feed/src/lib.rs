//! Reads a WordPress export and makes a task of each object in it, in an order in which what is
//! referred to comes first.
//!
//! Knows WXR and the form of a task; nothing of what the connector makes of an object. The external
//! object of a task is a small XML document with the object's own elements, byte for byte.

mod decode;
mod document;
mod export;
mod mend;
mod namespaces;
mod order;
mod place;
mod tasks;
mod twice;
mod xml;

pub use export::{Export, Told};
pub use place::Refused;
pub use tasks::{Submission, tasks};
