//! The HTTP surface, asked in this process; where sockets matter, over a real one.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests: a wrong assumption must end the test"
)]

mod access;
mod asked;
mod connections;
mod connectors;
mod console;
mod content;
mod encoded;
mod granted;
mod looks;
mod operate;
mod operations;
mod paused;
mod refused;
mod requests;
mod rights;
mod seeing;
mod served;
mod sockets;
mod state;
mod submit;
mod versions;
mod webhooks;
mod words;
mod workbench;
