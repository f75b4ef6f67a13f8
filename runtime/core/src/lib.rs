//! The words of the bus and every decision about it.
//!
//! This crate must not know wasmtime, redb, tokio, axum, a thread, a lock, the system clock or the
//! system's randomness: those are behind the ports in [`ports`]. It decides, and decides purely
//! (promise 6); the crates around it act.

#[macro_use]
mod words;

pub mod admit;
pub mod advice;
pub mod audit;
pub mod change;
pub mod decide;
pub mod direct;
pub mod edit;
pub mod effects;
pub mod egress;
pub mod element;
pub mod failure;
pub mod fingerprint;
pub mod forms;
pub mod grants;
pub mod history;
pub mod internal;
pub mod json;
pub mod key;
pub mod maps;
pub mod mark;
pub mod media;
pub mod model;
pub mod names;
pub mod newer;
pub mod operation;
pub mod park;
pub mod plan;
pub mod ports;
pub mod prepared;
pub mod rows;
pub mod schedule;
pub mod settings;
pub mod share;
pub mod task;
pub mod text;
pub mod translate;
pub mod unique;
pub mod validate;
pub mod value;
pub mod versions;
