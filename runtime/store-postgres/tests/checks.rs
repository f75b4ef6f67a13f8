//! What an operator is told of the server's settings.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use common::Server;
use lockgate_store_postgres::PgStore;

fn codes(store: &PgStore) -> BTreeSet<&'static str> {
    store.findings().unwrap().into_iter().map(|finding| finding.code).collect()
}

#[test]
fn settings_by_which_tasks_are_lost_and_what_slows_the_server_down_are_found() {
    let server = Server::start("fsync = on\nfull_page_writes = on\nsynchronous_commit = on\nautovacuum = on\n", |_| {});
    let database = server.bare();
    let store = PgStore::open(&server.url(&database)).unwrap();
    assert_eq!(codes(&store), BTreeSet::from(["postgres-no-synchronous-standby"]));
    server.execute(&database, "SELECT pg_create_physical_replication_slot('nobody')");
    server.execute("postgres", "ALTER SYSTEM SET full_page_writes = off");
    server.execute("postgres", "ALTER SYSTEM SET fsync = off");
    server.execute("postgres", "SELECT pg_reload_conf()");
    server.execute("postgres", &format!("ALTER DATABASE {database} SET synchronous_commit = off"));
    let store = PgStore::open(&server.url(&database)).unwrap();
    let begun = std::time::Instant::now();
    // The server reads its settings again some time after it was told to.
    while !codes(&store).contains("postgres-fsync") && begun.elapsed().as_secs() < 10 {
        std::thread::yield_now();
    }
    let all = [
        "postgres-fsync",
        "postgres-full-page-writes",
        "postgres-idle-slot",
        "postgres-no-synchronous-standby",
        "postgres-synchronous-commit",
    ];
    assert_eq!(codes(&store), BTreeSet::from(all));
    assert!(store.findings().unwrap().iter().filter(|finding| finding.may_lose).count() == 3);
}
