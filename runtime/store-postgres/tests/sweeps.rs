//! What the store keeps for itself does not grow without end, and what is shared is shared.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use common::Server;
use lockgate_core::effects::EffectsParts;
use lockgate_core::key::{Key, ObjectKey};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Content as _, Queue as _, Registry as _, StoreError, Submitted};
use lockgate_core::rows::ObjectId;
use lockgate_testing::{Commit, Short as _, model, new_task};

fn name() -> ConnectorName {
    ConnectorName::new("a").unwrap()
}

#[test]
fn what_was_touched_long_ago_is_forgotten_and_who_planned_by_it_plans_again() {
    let database = Server::get().database();
    let store = database.open();
    let lease = store.claim_now(&name()).unwrap();
    let as_of = store.load(&[]).unwrap().as_of;
    let relied: Vec<Key> = vec![ObjectKey::Id(ObjectId(7)).into()];
    let commit = |as_of| store.commit_now(&lease, &Commit { as_of, relied: relied.clone(), ..Commit::default() }, &model());
    commit(as_of).expect("nobody has touched it");
    database.execute(
        "INSERT INTO touched (n, connector, marks, at) SELECT n, 'b', '{}', now() - interval '11 minutes' FROM clock; \
         UPDATE outcome SET at = now() - interval '2 hours'; UPDATE clock SET n = n + 1",
    );
    // More than a thousand writes of this store: one of them sweeps.
    let first = store.reserve_ids(1).unwrap();
    assert!((1..1_100).all(|n| store.reserve_ids(1).unwrap() == first + n), "they ascend");
    database.execute("DO $$ BEGIN ASSERT (SELECT count(*) FROM touched) = 0; ASSERT (SELECT count(*) FROM outcome) < 1200; END $$");
    database.execute("DO $$ BEGIN ASSERT NOT EXISTS (SELECT 1 FROM outcome WHERE at < now() - interval '1 hour'); END $$");
    assert!(matches!(commit(as_of), Err(StoreError::Conflict)), "nobody knows any more who has touched it");
    commit(store.load(&[]).unwrap().as_of).expect("planned again");
}

#[test]
fn submissions_that_come_together_share_transactions_and_are_answered_each_for_itself() {
    const THREADS: usize = 16;
    const EACH: usize = 25;
    let database = Server::get().database();
    let store = database.open();
    store.install([&name()]);
    let generation = store.generation().unwrap();
    database.execute("DELETE FROM outcome");
    let answers: Vec<Vec<_>> = std::thread::scope(|scope| {
        let submitters: Vec<_> = (0..THREADS)
            .map(|thread| {
                let store = &store;
                scope.spawn(move || {
                    let one = |n: usize| {
                        let body = format!("{thread}-{n}");
                        match store.submit(generation, vec![new_task(&name(), body.as_bytes())], 1_000).unwrap().as_slice() {
                            [Submitted::Queued(id)] => (*id, body),
                            other => panic!("it was not queued: {other:?}"),
                        }
                    };
                    (0..EACH).map(one).collect()
                })
            })
            .collect();
        submitters.into_iter().map(|submitter| submitter.join().unwrap()).collect()
    });
    database.execute(&format!("DO $$ BEGIN ASSERT (SELECT count(*) FROM outcome) < {}; END $$", THREADS * EACH / 2));
    let queued = store.fetch(&name(), None, 1_000, usize::MAX).unwrap();
    assert_eq!(queued.len(), THREADS * EACH);
    for (id, body) in answers.into_iter().flatten() {
        let task = queued.iter().find(|task| task.id == id).expect("it is queued under its id");
        assert_eq!(&*task.external.body, body.as_bytes());
    }
    let before = lockgate_core::ports::Generation(0);
    let stale = store.submit(before, vec![new_task(&name(), b"x")], 1_000);
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
}

#[test]
fn commits_that_come_together_share_transactions_and_one_that_is_refused_refuses_no_other() {
    const EACH: usize = 25;
    let database = Server::get().database();
    let store = database.open();
    let leases: Vec<_> = (0..8).map(|n| store.claim_now(&ConnectorName::new(format!("c{n}")).unwrap()).unwrap()).collect();
    let generation = store.generation().unwrap();
    // One of them has an older lease than another node.
    let fenced = leases.first().unwrap().clone();
    store.claim_now(&fenced.connector).unwrap();
    store.load(&[]).unwrap();
    database.execute("DELETE FROM outcome");
    std::thread::scope(|scope| {
        for lease in &leases {
            let (store, fenced) = (&store, &fenced);
            scope.spawn(move || {
                for n in 0..EACH {
                    let key = format!("{n}");
                    let state = [(key.as_str().into(), Some(b"x".as_slice().into()))].into();
                    let parts = EffectsParts { generation, state, ..EffectsParts::default() };
                    match store.commit(lease, &parts.into()) {
                        Ok(()) => assert_ne!(lease, fenced),
                        Err(StoreError::Fenced(name)) => assert_eq!((lease, &name), (fenced, &fenced.connector)),
                        Err(error) => panic!("{error:?}"),
                    }
                }
            });
        }
    });
    for lease in &leases {
        let kept = store.state(&lease.connector).unwrap().len();
        assert_eq!(kept, if *lease == fenced { 0 } else { EACH }, "{}", lease.connector);
    }
    database.execute(&format!("DO $$ BEGIN ASSERT (SELECT count(*) FROM outcome) < {}; END $$", 7 * EACH));
}
