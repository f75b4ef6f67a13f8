//! Generations of the configuration, and leases: what of them the file has, and what it costs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::disk::Disk;
use common::*;
use lockgate_core::effects::EffectsParts;
use lockgate_core::model::Unused;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Claim, Claimed, Force, Generation, GrantsDigest, ModelPut, NodeName, Removed, StoreError, Switches};
use lockgate_store_redb::RedbStore;

fn submits(store: &RedbStore, name: &str, as_of: Generation) -> bool {
    match store.submit(as_of, vec![new_task(name, b"x")], 1_000) {
        Ok(_) => true,
        Err(StoreError::Stale) => false,
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_new_file_and_one_of_an_older_format_begin_at_the_first_generation() {
    assert_eq!(memory().generation().unwrap(), Generation(1));
    for format in [format_1(), format_2()] {
        let store = RedbStore::with_backend(Disk::holding(format), small()).unwrap();
        assert_eq!(store.generation().unwrap(), Generation(1));
        assert_eq!(store.configuration().unwrap().generation, Generation(1));
        assert!(submits(&store, "kept", Generation(1)));
        assert!(!submits(&store, "kept", Generation(0)));
    }
}

#[test]
fn a_store_of_format_2_keeps_its_key() {
    let first = RedbStore::with_backend(Disk::holding(format_2()), small()).unwrap().secret_key().unwrap();
    let again = RedbStore::with_backend(Disk::holding(format_2()), small()).unwrap().secret_key().unwrap();
    assert_eq!(first, again, "the compiled components that the key vouches for would be lost");
}

#[test]
fn what_changed_when_is_known_after_reopening() {
    let disk = Disk::default();
    let store = RedbStore::with_backend(disk.clone(), small()).unwrap();
    store.install(["a", "b", "gone"].map(connector).iter());
    let before = store.generation().unwrap();
    store.put_connector_now(&record("a", "d2"), Some(b"newer")).unwrap();
    assert_eq!(store.remove_connector(&connector("gone"), Force::No).unwrap(), Removed::Gone(0));
    let (last, read) = (store.generation().unwrap(), store.configuration().unwrap());
    drop(store);

    let store = RedbStore::with_backend(disk, small()).unwrap();
    assert_eq!((store.generation().unwrap(), store.configuration().unwrap()), (last, read));
    assert!(!submits(&store, "a", before) && submits(&store, "a", last));
    assert!(submits(&store, "b", before), "a connector's change disturbs no other");
    assert!(!submits(&store, "gone", last));
    let back = store.put_connector(before, &record("gone", "d3"), Some(b"again"));
    assert!(matches!(back, Err(StoreError::Stale)), "removed by somebody since: {back:?}");
    store.put_connector(last, &record("gone", "d3"), Some(b"again")).unwrap();
}

#[test]
fn nothing_is_written_by_whoever_knows_an_older_configuration() {
    let store = memory();
    store.install([&connector("a")]);
    let old = store.generation().unwrap();
    store.put_switches(old, Switches { logging: false, ..Switches::default() }).unwrap();
    let now = store.configuration().unwrap();
    let files = BTreeMap::from([("m".to_owned(), "text".to_owned())]);
    assert!(matches!(store.put_switches(old, Switches::default()), Err(StoreError::Stale)));
    assert!(matches!(store.put_grants(old, GrantsDigest(7)), Err(StoreError::Stale)));
    assert!(matches!(store.put_model(old, &files, &model(&[]), &Unused::default()), Err(StoreError::Stale)));
    assert!(!submits(&store, "a", old));
    let lease = claim(&store, "a");
    let commit = EffectsParts { generation: old, changes: vec![objects(None, Some(&object(1, "x")))], ..EffectsParts::default() };
    assert!(matches!(store.commit(&lease, &commit.into()), Err(StoreError::Stale)));
    assert_eq!(store.configuration().unwrap(), now);
    assert_eq!(store.counts().unwrap(), memory().counts().unwrap());
}

#[test]
fn grants_of_128_bits_come_back_and_the_same_ones_change_nothing() {
    let disk = Disk::default();
    let store = RedbStore::with_backend(disk.clone(), small()).unwrap();
    let grants = GrantsDigest(0xfedc_ba98_7654_3210_0123_4567_89ab_cdef);
    let first = store.generation().unwrap();
    store.put_grants(first, grants).unwrap();
    let second = store.generation().unwrap();
    assert!(second > first);
    store.put_grants(first, grants).unwrap();
    assert_eq!(store.generation().unwrap(), second);
    drop(store);
    let read = RedbStore::with_backend(disk, small()).unwrap().configuration().unwrap();
    assert_eq!((read.grants, read.generation), (grants, second));
}

#[test]
fn a_model_is_not_replaced_while_what_it_takes_away_is_stored() {
    let store = memory();
    let lease = claim(&store, "a");
    let files = BTreeMap::from([("m".to_owned(), "text".to_owned())]);
    let unused = Unused { types: BTreeSet::from([type_name("cms.user")]), everything: false };
    let row = object(1, "x");
    change(&store, &lease, vec![objects(None, Some(&row))], &model(&[])).unwrap();
    let before = store.configuration().unwrap();
    assert_eq!(store.put_model(before.generation, &files, &model(&[]), &unused).unwrap(), ModelPut::InUse);
    assert_eq!(store.configuration().unwrap(), before);
    change(&store, &lease, vec![objects(Some(&row), None)], &model(&[])).unwrap();
    assert_eq!(store.put_model(before.generation, &files, &model(&[]), &unused).unwrap(), ModelPut::Done);
}

#[test]
fn a_connector_with_tasks_is_removed_by_force_only() {
    let store = memory();
    submit(&store, "a", 2);
    let before = store.configuration().unwrap();
    assert_eq!(store.remove_connector(&connector("a"), Force::No).unwrap(), Removed::HasTasks(2));
    assert_eq!(store.configuration().unwrap(), before);
    assert_eq!(store.remove_connector(&connector("a"), Force::Yes).unwrap(), Removed::Gone(2));
    assert_eq!(store.remove_connector(&connector("a"), Force::Yes).unwrap(), Removed::NotThere);
}

/// A claim of connector `a`.
fn ask(store: &RedbStore, node: &str, held: &BTreeSet<ConnectorName>, now_ms: i64) -> Claimed {
    let (connector, node) = (connector("a"), NodeName::new(node));
    store.claim(&Claim { connector: &connector, node: &node, held, lease_ms: 100, now_ms }).unwrap()
}

fn epoch(claimed: &Claimed) -> u64 {
    match claimed {
        Claimed::Yes(lease) => lease.epoch,
        Claimed::HeldBy(..) => panic!("{claimed:?}"),
    }
}

#[test]
fn going_on_with_a_lease_writes_nothing_and_prolongs_it() {
    let disk = Disk::default();
    let store = RedbStore::with_backend(disk.clone(), small()).unwrap();
    store.install([&connector("a")]);
    let (none, held) = (BTreeSet::new(), BTreeSet::from([connector("a")]));
    let first = epoch(&ask(&store, "one", &none, 0));
    let before = disk.operations();
    assert_eq!(epoch(&ask(&store, "one", &held, 50)), first);
    assert_eq!(ask(&store, "two", &none, 149), Claimed::HeldBy(NodeName::new("one"), 150));
    assert_eq!(disk.operations(), before);
    assert_eq!(epoch(&ask(&store, "two", &none, 150)), first + 1, "it is over");
}

#[test]
fn after_opening_nobody_holds_anything_and_older_leases_are_fenced() {
    let disk = Disk::default();
    let store = RedbStore::with_backend(disk.clone(), small()).unwrap();
    store.install([&connector("a")]);
    let none = BTreeSet::new();
    let Claimed::Yes(old) = ask(&store, "one", &none, 0) else { panic!("it is free") };
    drop(store);
    let store = RedbStore::with_backend(disk, small()).unwrap();
    assert_eq!(epoch(&ask(&store, "two", &none, 1)), old.epoch + 1);
    assert!(matches!(store.commit_now(&old, &Commit::default(), &model(&[])), Err(StoreError::Fenced(_))));
    store.release(&old).unwrap();
    assert_eq!(ask(&store, "three", &none, 1), Claimed::HeldBy(NodeName::new("two"), 101), "an older lease gives nothing back");
}

#[test]
fn a_lease_goes_on_when_the_file_was_opened_again_and_one_taken_in_vain_does_not() {
    let disk = Disk::default();
    let backends = disk.clone();
    let options = lockgate_store_redb::Options { retry_after_ms: 1, ..small() };
    let store = RedbStore::with_backends(move || backends.clone(), options).unwrap();
    store.install([&connector("a")]);
    store.install([&connector("b")]);
    let (none, held) = (BTreeSet::new(), BTreeSet::from([connector("a")]));
    let first = epoch(&ask(&store, "one", &none, 0));
    disk.work(false);
    assert!(lease_of(&store, "b").is_err());
    assert!(lease_of(&store, "a").is_err(), "who could not store must not begin");
    disk.work(true);
    while store.can_write().is_err() {
        std::thread::yield_now();
    }
    assert_eq!(epoch(&ask(&store, "one", &held, 1)), first);
    assert_eq!(ask(&store, "two", &none, 1), Claimed::HeldBy(NodeName::new("one"), 101));
    assert_eq!(lease_of(&store, "b").unwrap().epoch, 1);
}
