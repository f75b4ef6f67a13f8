//! The sandbox against a real guest (`tests/guests`, scripted) and against hand-written ones.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

mod answers;
mod artefacts;
mod bombs;
mod compiler;
mod egress;
mod failures;
mod hostile;
mod install;
mod repeat;
mod support;
mod versions;
