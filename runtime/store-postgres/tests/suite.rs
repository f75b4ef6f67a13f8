//! The suite that every store must pass, on a real server.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{OneStore, Server};
use lockgate_store_redb::{Options, RedbStore};
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

#[test]
fn it_agrees_with_the_embedded_store() {
    for seed in 101..=105 {
        let (database, folder) = (Server::get().database(), tempfile::tempdir().unwrap());
        let embedded = RedbStore::open(folder.path().join("store"), Options { cache_bytes: 8 << 20, ..Options::default() }).unwrap();
        store_suite::agree(seed, &database.open(), &embedded, 300);
    }
}
