//! Versions of a connector and which components are kept for them.

use super::bench::{Bench, connector, record, version};
use crate::short::Short;
use lockgate_core::ports::{ConnectorRecord, VERSIONS_KEPT_MAX, Version};

/// A connector with these versions, newest first; the first runs.
fn with(name: &str, digests: &[&str]) -> ConnectorRecord {
    let versions = (1..).zip(digests).map(|(ago, digest)| version(digest, -ago)).collect();
    ConnectorRecord { versions, ..record(name, digests[0]) }
}

fn put(bench: &Bench<'_>, record: &ConnectorRecord, component: Option<&[u8]>) {
    bench.store().put_connector_now(record, component).expect("put_connector");
}

/// Which of these have their component.
fn kept<'d>(bench: &Bench<'_>, digests: &[&'d str]) -> Vec<&'d str> {
    digests.iter().copied().filter(|digest| bench.store().component(digest).expect("component").is_some()).collect()
}

pub(super) fn versions_come_back_in_their_order(bench: &mut Bench<'_>) {
    let long = "# ".to_owned() + &"ž".repeat(10_000);
    let versions = vec![
        Version { manifest: Some(long.as_str().into()), approved: false, ..version("d5", i64::MAX) },
        Version { manifest: Some("".into()), ..version("d4", 4) },
        version("d3", 0),
        version("d2", i64::MIN),
        version("d1", -1),
    ];
    assert_eq!(versions.len(), VERSIONS_KEPT_MAX);
    let a = ConnectorRecord { digest: "d2".into(), versions, ..record("a", "d2") };
    let b = record("b", "d1");
    put(bench, &a, None);
    put(bench, &b, None);
    assert_eq!(bench.store().connectors().expect("connectors"), [a.clone(), b.clone()]);
    assert_eq!(a.active(), a.version("d2"));
    assert_eq!(a.pending(), a.version("d5"));
    bench.reopen();
    assert_eq!(bench.store().connectors().expect("connectors"), [a, b]);
}

pub(super) fn a_component_is_kept_while_a_version_names_it(bench: &mut Bench<'_>) {
    let all = ["d1", "d2", "d3"];
    put(bench, &with("a", &["d1"]), Some(b"one"));
    put(bench, &with("a", &["d2", "d1"]), Some(b"two"));
    put(bench, &with("a", &["d3", "d2", "d1"]), Some(b"three"));
    assert_eq!(kept(bench, &all), all);
    put(bench, &with("a", &["d3", "d1"]), None);
    assert_eq!(kept(bench, &all), ["d1", "d3"]);
    put(bench, &with("a", &["d3"]), None);
    assert_eq!(kept(bench, &all), ["d3"]);
    assert_eq!(bench.store().component("d3").expect("component"), Some(b"three".to_vec()));
    bench.store().delete_connector(&connector("a")).expect("delete");
    assert!(kept(bench, &all).is_empty());
}

pub(super) fn the_component_of_a_version_that_waits_is_kept_under_its_own_digest(bench: &mut Bench<'_>) {
    put(bench, &with("a", &["d1"]), Some(b"one"));
    let waits = Version { approved: false, ..version("d2", 9) };
    let record = ConnectorRecord { versions: vec![waits, version("d1", 7)], ..record("a", "d1") };
    put(bench, &record, Some(b"two"));
    assert_eq!(bench.store().component("d1").expect("component"), Some(b"one".to_vec()), "what runs is not overwritten");
    assert_eq!(bench.store().component("d2").expect("component"), Some(b"two".to_vec()));
}

pub(super) fn a_component_that_two_connectors_name_goes_with_the_last(bench: &mut Bench<'_>) {
    let all = ["d1", "d2", "d3"];
    put(bench, &with("a", &["d1"]), Some(b"one"));
    put(bench, &with("a", &["d2", "d1"]), Some(b"two"));
    put(bench, &with("b", &["d1"]), Some(b"one"));
    put(bench, &with("b", &["d3", "d1"]), Some(b"three"));
    put(bench, &with("a", &["d2"]), None);
    assert_eq!(kept(bench, &all), all, "an older version of the other one still names it");
    bench.store().delete_connector(&connector("a")).expect("delete");
    assert_eq!(kept(bench, &all), ["d1", "d3"]);
    put(bench, &with("b", &["d3"]), None);
    assert_eq!(kept(bench, &all), ["d3"]);
}

pub(super) fn a_rollback_needs_no_bytes(bench: &mut Bench<'_>) {
    put(bench, &with("a", &["d1"]), Some(b"one"));
    let newer = with("a", &["d2", "d1"]);
    put(bench, &newer, Some(b"two"));
    let back = ConnectorRecord { digest: "d1".into(), ..newer };
    put(bench, &back, None);
    bench.reopen();
    assert_eq!(bench.store().connectors().expect("connectors"), [back]);
    assert_eq!(bench.store().component("d1").expect("component"), Some(b"one".to_vec()));
    assert_eq!(kept(bench, &["d1", "d2"]), ["d1", "d2"], "forward again is possible, too");
}
