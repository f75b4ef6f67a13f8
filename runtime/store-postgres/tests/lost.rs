//! Connections that are lost: what was asked for is done once, and whoever asked hears of it.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use common::Server;
use common::network::Network;
use lockgate_store_postgres::PgStore;
use lockgate_testing::{MemoryStore, store_suite};

/// Steps of one comparison.
const STEPS: usize = 300;

#[test]
fn a_store_whose_packets_are_lost_agrees_with_the_store_in_memory() {
    let mut lost = 0;
    for seed in 1..=2 {
        let (server, database) = (Server::get(), Server::get().database());
        let network = Network::to(server.folder().to_owned(), seed);
        let store = PgStore::open(&network.url(&database.name)).unwrap();
        store_suite::agree(seed, &store, &MemoryStore::new(), STEPS);
        lost += network.lost();
    }
    assert!(lost > 30, "much was lost on the way: {lost}");
}

#[test]
fn a_store_whose_connections_are_ended_agrees_with_the_store_in_memory() {
    let (server, database) = (Server::get(), Server::get().database());
    let over = AtomicBool::new(false);
    let ends = format!(
        "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE datname = '{}' LIMIT 1) one, pg_sleep(0.1)",
        database.name
    );
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::SeqCst) {
                server.execute("postgres", &ends);
            }
        });
        let compared = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            store_suite::agree(7, &database.open(), &MemoryStore::new(), STEPS);
        }));
        over.store(true, Ordering::SeqCst);
        compared.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}
