//! The suite that every store must pass, on a real server.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{OneStore, Server};
use lockgate_testing::{MemoryStore, store_suite};

#[test]
fn it_passes_the_suite() {
    store_suite::run(&mut || Box::new(OneStore::new()));
}

#[test]
fn it_agrees_with_the_store_in_memory() {
    for seed in 1..=10 {
        let database = Server::get().database();
        store_suite::agree(seed, &database.open(), &MemoryStore::new(), 300);
    }
}
