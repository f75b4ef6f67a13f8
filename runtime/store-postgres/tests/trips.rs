//! How often the server is asked: once for whatever the bus does all the time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use common::Server;
use lockgate_core::change::Change;
use lockgate_core::key::{Key, ObjectKey, PageKey, ReferrersOf};
use lockgate_core::names::{CodeName, ConnectorName, TypeName};
use lockgate_core::ports::{Claim, Claimed, Content as _, NodeName, Queue as _, Registry as _};
use lockgate_core::rows::{NodeId, ObjectId, ObjectRow, Scope, Target};
use lockgate_store_postgres::PgStore;
use lockgate_testing::{Commit, Short as _, model, model_files, new_task};

/// Round trips that something takes.
fn trips<T>(store: &PgStore, act: impl FnOnce() -> T) -> (u64, T) {
    let before = store.round_trips();
    let done = act();
    (store.round_trips() - before, done)
}

fn user(id: u64) -> ObjectRow {
    ObjectRow {
        id: ObjectId(id),
        object_type: TypeName::new("cms.user").unwrap(),
        scope: Scope::default(),
        code_name: CodeName::new(format!("user-{id}")).unwrap(),
        guid: uuid::Uuid::from_u128(id.into()),
        guid_given: true,
        display_name: "".into(),
        sites: BTreeSet::new(),
        fields: Default::default(),
        links: Default::default(),
        newer: Default::default(),
        created_ms: 0,
        modified_ms: 0,
    }
}

#[test]
fn a_batch_is_submitted_in_two_round_trips_and_fetched_loaded_and_committed_in_one_each() {
    const TASKS: u64 = 1_000;
    let database = Server::get().database();
    let (store, name) = (database.open(), ConnectorName::new("a").unwrap());
    store.put_model_now(&model_files(), &model()).unwrap();
    store.install([&name]);
    let generation = store.generation().unwrap();
    // Names get their ids, once.
    let lease = store.claim_now(&name).unwrap();
    let commit = |users: std::ops::Range<u64>| Commit {
        changes: users.map(|id| Change::Object(None, Some(Arc::new(user(id))))).collect(),
        as_of: u64::MAX >> 1,
        relied: vec![ObjectKey::Id(ObjectId(1)).into()],
        ..Commit::default()
    };
    store.commit_now(&lease, &commit(1..2), &model()).unwrap();
    store.load(&[]).unwrap();

    let tasks = (0..TASKS).map(|_| new_task(&name, b"x")).collect();
    let (submitted, _) = trips(&store, || store.submit(generation, tasks, TASKS).unwrap());
    let (fetched, tasks) = trips(&store, || store.fetch(&name, None, 1_000, usize::MAX).unwrap());
    assert_eq!(tasks.len() as u64, TASKS);
    let objects = (1..TASKS).map(|id| ObjectKey::Id(ObjectId(id)).into());
    let others = (1..TASKS).flat_map(|id| [PageKey::Id(NodeId(id)).into(), ReferrersOf(Target::Object(ObjectId(id))).into()]);
    let keys: Vec<Key> = objects.chain(others).collect();
    let (loaded, _) = trips(&store, || store.load(&keys).unwrap());
    let effects = store.effects(&commit(2..TASKS), &model());
    let (committed, _) = trips(&store, || store.commit(&lease, &effects).unwrap());
    assert_eq!((submitted, fetched, loaded, committed), (2, 1, 1, 1));

    let node = NodeName::new("n");
    let held = BTreeSet::from([name.clone()]);
    let claim = Claim { connector: &name, node: &node, held: &held, lease_ms: 1_000, now_ms: 0 };
    let (claimed, lease) = trips(&store, || store.claim(&claim).unwrap());
    let Claimed::Yes(lease) = lease else { panic!("nobody else holds it: {lease:?}") };
    let (released, ()) = trips(&store, || store.release(&lease).unwrap());
    let (reserved, _) = trips(&store, || store.reserve_ids(9).unwrap());
    let (stirred, _) = trips(&store, || store.stirred().unwrap());
    assert_eq!((claimed, released, reserved, stirred), (1, 1, 1, 1));
}
