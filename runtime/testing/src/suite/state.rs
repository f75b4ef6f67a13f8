//! What connectors keep from task to task, and the store's own key.

use super::bench::{Bench, connector, insert, record, removed, user, writes};
use crate::MemoryStore;
use crate::short::{Commit, Short};
use lockgate_core::key::ObjectKey;
use lockgate_core::ports::{Lease, Registry, StateMap, StoreError};
use lockgate_core::rows::ObjectId;

fn keep<'w>(bench: &Bench<'_>, lease: &Lease, state: impl IntoIterator<Item = (&'w str, Option<&'w [u8]>)>) {
    bench.commit(lease, &Commit { state: writes(state), ..Commit::default() }).expect("commit");
}

fn state<'w>(state: impl IntoIterator<Item = (&'w str, &'w [u8])>) -> StateMap {
    state.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}

pub(super) fn what_a_commit_writes_is_kept_and_what_it_deletes_is_gone(bench: &mut Bench<'_>) {
    assert!(bench.state("a").is_empty());
    let lease = bench.claim("a");
    keep(bench, &lease, [("token", Some(&b"1"[..])), ("page", Some(b"7")), ("never", None)]);
    assert_eq!(bench.state("a"), state([("page", &b"7"[..]), ("token", b"1")]));
    keep(bench, &lease, [("token", Some(&b"2"[..])), ("page", None), ("since", Some(b"x"))]);
    assert_eq!(bench.state("a"), state([("since", &b"x"[..]), ("token", b"2")]));
    keep(bench, &lease, []);
    assert_eq!(bench.state("a"), state([("since", &b"x"[..]), ("token", b"2")]), "a commit without writes leaves it alone");
    keep(bench, &lease, [("since", None), ("token", None)]);
    assert!(bench.state("a").is_empty());
}

pub(super) fn every_connector_has_its_own_state(bench: &mut Bench<'_>) {
    let (a, b) = (bench.claim("a"), bench.claim("b"));
    keep(bench, &a, [("token", Some(&b"of a"[..]))]);
    keep(bench, &b, [("token", Some(&b"of b"[..])), ("page", Some(b"1"))]);
    keep(bench, &a, [("page", None)]);
    assert_eq!(bench.state("a"), state([("token", &b"of a"[..])]));
    assert_eq!(bench.state("b"), state([("page", &b"1"[..]), ("token", b"of b")]));
    assert_eq!(bench.store().clear_state(&connector("a")).expect("clear_state"), 1);
    assert!(bench.state("a").is_empty());
    assert_eq!(bench.state("b").len(), 2);
}

pub(super) fn any_key_and_value_is_taken(bench: &mut Bench<'_>) {
    let large: Vec<u8> = (0..100_000_u32).map(|at| (at % 251) as u8).collect();
    let long_key = "k".repeat(255);
    let odd = [("", &b""[..]), ("a\0b", b"\0"), ("žluť/\u{10ffff}", b"\xff\xfe"), (&long_key, &large)];
    keep(bench, &bench.claim("a"), odd.map(|(key, value)| (key, Some(value))));
    assert_eq!(bench.state("a"), state(odd));
    assert_eq!(bench.store().clear_state(&connector("a")).expect("clear_state"), 4);
    assert!(bench.state("a").is_empty());
}

pub(super) fn state_and_effects_come_together(bench: &mut Bench<'_>) {
    let id = bench.submit("a", &["1"])[0];
    let commit = Commit {
        tasks: vec![removed(&bench.task(id), Vec::new())],
        changes: vec![insert(&user(1, "ann"))],
        state: writes([("token", Some(&b"1"[..]))]),
        ..Commit::default()
    };
    bench.commit(&bench.claim("a"), &commit).expect("commit");
    assert!(!bench.is_queued(id));
    assert_eq!(bench.object(&ObjectKey::Id(ObjectId(1))), Some(user(1, "ann")));
    assert_eq!(bench.state("a"), state([("token", &b"1"[..])]));
}

pub(super) fn a_cleared_state_is_empty_and_may_be_written_again(bench: &mut Bench<'_>) {
    let lease = bench.claim("a");
    keep(bench, &lease, [("token", Some(&b"1"[..])), ("page", Some(b"2"))]);
    assert_eq!(bench.store().clear_state(&connector("a")).expect("clear_state"), 2);
    assert_eq!(bench.store().clear_state(&connector("a")).expect("clear_state"), 0);
    keep(bench, &lease, [("page", Some(&b"3"[..]))]);
    assert_eq!(bench.state("a"), state([("page", &b"3"[..])]), "clearing fences nobody");
}

pub(super) fn what_was_planned_by_a_state_that_is_cleared_is_stale(bench: &mut Bench<'_>) {
    let (a, b) = (bench.claim("a"), bench.claim("b"));
    keep(bench, &a, [("token", Some(&b"1"[..]))]);
    let id = bench.submit("a", &["1"])[0];
    let planned = |key| {
        let commit =
            Commit { tasks: vec![removed(&bench.task(id), Vec::new())], state: writes([(key, Some(&b"2"[..]))]), ..Commit::default() };
        bench.store().effects(&commit, &bench.model)
    };
    let (by_the_old, of_b) = (planned("page"), bench.store().effects(&Commit::default(), &bench.model));
    let before = bench.store().now();
    assert_eq!(bench.store().clear_state(&connector("a")).expect("clear_state"), 1);
    assert!(bench.store().now() > before, "who keeps a copy finds that it is old");
    let late = bench.store().commit(&a, &by_the_old);
    assert!(matches!(late, Err(StoreError::Stale)), "it would be written on top of what was cleared: {late:?}");
    assert!(bench.state("a").is_empty() && bench.is_queued(id), "refused, and nothing is written");
    bench.store().commit(&b, &of_b).expect("another connector's pass goes on");
    bench.store().commit(&a, &planned("page")).expect("planned again");
    assert_eq!(bench.state("a"), state([("page", &b"2"[..])]));
}

pub(super) fn clearing_an_empty_state_disturbs_nobody(bench: &mut Bench<'_>) {
    let lease = bench.claim("a");
    let planned = bench.store().effects(&Commit { state: writes([("token", Some(&b"1"[..]))]), ..Commit::default() }, &bench.model);
    let before = bench.store().now();
    assert_eq!(bench.store().clear_state(&connector("a")).expect("clear_state"), 0);
    assert_eq!(bench.store().now(), before);
    bench.store().commit(&lease, &planned).expect("it has read the empty state");
}

pub(super) fn only_an_installed_connectors_state_is_cleared(bench: &mut Bench<'_>) {
    keep(bench, &bench.claim("a"), [("token", Some(&b"1"[..]))]);
    bench.store().delete_connector(&connector("a")).expect("delete");
    let before = bench.store().now();
    for name in ["a", "nobody"] {
        let cleared = bench.store().clear_state(&connector(name));
        assert!(matches!(cleared, Err(StoreError::Stale)), "{name}: {cleared:?}");
    }
    assert_eq!(bench.store().now(), before);
}

pub(super) fn a_deleted_connectors_state_is_gone(bench: &mut Bench<'_>) {
    for name in ["a", "b"] {
        bench.store().put_connector_now(&record(name, "d1"), Some(b"one")).expect("put_connector");
        keep(bench, &bench.claim(name), [("token", Some(&b"1"[..]))]);
    }
    let late = bench.claim("a");
    bench.store().delete_connector(&connector("a")).expect("delete");
    assert!(bench.state("a").is_empty());
    let commit = Commit { state: writes([("token", Some(&b"late"[..]))]), ..Commit::default() };
    assert!(bench.commit(&late, &commit).is_err(), "a pass that is still running is fenced");
    assert!(bench.state("a").is_empty());
    assert_eq!(bench.state("b").len(), 1);
}

pub(super) fn the_secret_key_stays_and_no_other_store_has_it(bench: &mut Bench<'_>) {
    let key = bench.store().secret_key().expect("secret_key");
    assert_ne!(key, [0; 32]);
    assert_ne!(key, MemoryStore::new().secret_key().expect("secret_key"));
    bench.submit("a", &["1"]);
    bench.store().delete_connector(&connector("a")).expect("delete");
    assert_eq!(bench.store().secret_key().expect("secret_key"), key);
    bench.reopen();
    assert_eq!(bench.store().secret_key().expect("secret_key"), key);
}
