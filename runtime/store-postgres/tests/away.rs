//! A database that is away while the store serves, and comes back; and one that something holds up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use common::Server;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Claim, Claimed, NodeName, Queue as _, Registry as _, StoreError, Submitted, Upkeep as _};
use lockgate_core::task::TaskId;
use lockgate_store_postgres::PgStore;
use lockgate_testing::{Commit, Short as _, model, new_task};

fn name() -> ConnectorName {
    ConnectorName::new("a").unwrap()
}

fn submit(store: &PgStore) -> Result<TaskId, StoreError> {
    match store.submit_now(vec![new_task(&name(), b"x")], 99)?.as_slice() {
        [Submitted::Queued(id)] => Ok(*id),
        other => panic!("it was not queued: {other:?}"),
    }
}

#[test]
fn a_store_serves_again_when_its_database_is_back() {
    // What was acknowledged outlives this server.
    let server = Server::start("synchronous_commit = on\nfull_page_writes = on\n", |_| {});
    let store = PgStore::open(&server.url(&server.bare())).unwrap();
    let before = submit(&store).unwrap();
    store.can_write().expect("it can");
    let generation = store.generation().unwrap();
    server.stop();
    let submitted = store.submit(generation, vec![new_task(&name(), b"y")], 99);
    assert!(matches!(submitted, Err(StoreError::Unavailable(_) | StoreError::Unknown(_))), "{submitted:?}");
    assert!(matches!(store.can_write(), Err(StoreError::Unavailable(_))), "it is not ready");
    assert!(matches!(store.fetch(&name(), None, 9, 99), Err(StoreError::Unavailable(_))));
    server.start_again();
    store.can_write().expect("it is ready again");
    let ids = |tasks: Vec<lockgate_core::task::Task>| tasks.into_iter().map(|task| task.id).collect::<Vec<_>>();
    assert_eq!(ids(store.fetch(&name(), None, 9, 99).unwrap()), [before], "nothing is lost, and what failed is not there");
    let after = submit(&store).unwrap();
    assert_eq!(ids(store.fetch(&name(), None, 9, 99).unwrap()), [before, after]);
}

#[test]
fn a_store_goes_on_with_the_standby_that_takes_the_place_of_its_primary() {
    let primary = Server::start("synchronous_commit = on\nfull_page_writes = on\n", |_| {});
    let database = primary.bare();
    drop(PgStore::open(&primary.url(&database)).unwrap());
    let standby = primary.standby();
    let store = PgStore::open(&primary.url_of_either(&standby, &database)).unwrap();
    let before: Vec<TaskId> = (0..20).map(|_| submit(&store).unwrap()).collect();
    let lease = store.claim_now(&name()).unwrap();
    primary.stop();
    assert!(store.can_write().is_ok(), "nobody has noticed yet");
    assert!(matches!(store.generation(), Err(StoreError::Unavailable(_))), "the standby cannot be written, and is not asked");
    standby.execute("postgres", "SELECT pg_promote()");
    store.can_write().expect("it is ready again");
    let after = submit(&store).unwrap();
    store.commit_now(&lease, &Commit::default(), &model()).expect("the lease outlives the primary");
    let there: Vec<TaskId> = store.fetch(&name(), None, 99, usize::MAX).unwrap().into_iter().map(|task| task.id).collect();
    assert_eq!(there, before.into_iter().chain([after]).collect::<Vec<_>>(), "what was acknowledged is there");
}

#[test]
fn a_process_that_is_frozen_in_the_midst_of_a_write_holds_nobody_up_for_long() {
    let database = Server::get().database();
    let store = database.open();
    let lease = store.claim_now(&name()).unwrap();
    let frozen = database.open();
    // As a store that has sent the first half of a packet.
    database.hold("SET LOCAL idle_in_transaction_session_timeout = '5s'; UPDATE clock SET n = n + 1");
    store.commit_now(&lease, &Commit::default(), &model()).expect("it waits, and no longer than a transaction may stand still");
    frozen.commit_now(&lease, &Commit::default(), &model()).expect("what was frozen goes on");
}

#[test]
fn nodes_whose_clocks_are_hours_off_do_not_take_each_others_leases() {
    let database = Server::get().database();
    let stores = [database.open(), database.open()];
    let (held, name) = (BTreeSet::new(), name());
    let [first, second] = [("one", 0, 0), ("two", 1, i64::MAX / 2)].map(|(node, store, now_ms)| {
        let claim = Claim { connector: &name, node: &NodeName::new(node), held: &held, lease_ms: 3_600_000, now_ms };
        stores.get(store).unwrap().claim(&claim).unwrap()
    });
    assert!(matches!(first, Claimed::Yes(_)), "{first:?}");
    assert!(matches!(second, Claimed::HeldBy(..)), "{second:?}");
}
