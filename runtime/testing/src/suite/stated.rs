//! What stands beside the values: questions of references, versions, former names, tombstones (§7.2, §7.4).

use std::sync::Arc;

use uuid::Uuid;

use super::bench::{
    Bench, a_page, a_version, code_name, connector, culture, every_stated, field, insert, key_of, site, stated, type_name, update, user,
    user_role,
};
use crate::short::Commit;
use lockgate_core::change::Change;
use lockgate_core::key::{FormerKey, Key, ObjectKey, PageKey, Tomb, TombBy, TombKey};
use lockgate_core::newer::Version;
use lockgate_core::ports::StoreError;
use lockgate_core::rows::{BindingId, Link, Links, LooseId, Newer, NodeId, ObjectId, ObjectRow, PageRow, Scope, group_field};

/// A question of every kind, each at a field of its own.
fn every_link() -> Links {
    let mut links: Links = every_stated()
        .into_iter()
        .enumerate()
        .map(|(at, stated)| {
            (field(&format!("field-{at}")), Link { stated, external: format!("id ž {at}").into(), by: connector("shop"), loose: None })
        })
        .collect();
    let group = group_field().expect("a name").clone();
    links.insert(group, Link { stated: stated("ann"), external: "".into(), by: connector("shop"), loose: Some(LooseId(u64::MAX)) });
    links
}

fn versions() -> Newer {
    let versions = ["-0.5", "0", "123456789012345678901234567890.25"].map(|number| Version::Number(number.into()));
    let instants = [i128::from(i64::MIN) * 1_000_000, -1, 0, 1_767_225_600_123_456_789].map(Version::Instant);
    let fields = versions.into_iter().chain(instants).enumerate().map(|(at, version)| (format!("field-{at}").into(), version));
    Newer { row: Some(Version::Number("7".into())), fields: fields.collect() }
}

pub(super) fn questions_and_versions_come_back_with_their_rows(bench: &mut Bench<'_>) {
    let row = ObjectRow { links: every_link(), newer: versions(), ..user(1, "ann") };
    let mut page = a_page(2, None, "p");
    for (name, instant) in [("cs-CZ", 5), ("de-DE", -5)] {
        let newer = Newer { row: Some(Version::Instant(instant)), ..versions() };
        page.cultures.insert(culture(name), lockgate_core::rows::CultureVersion { links: every_link(), newer, ..a_version(name, []) });
    }
    let binding = lockgate_core::rows::BindingRow { links: every_link(), ..user_role(3, 1, 4) };
    bench.write(vec![insert(&row), insert(&page), insert(&binding)]);
    let check = |bench: &Bench<'_>| {
        assert_eq!(bench.object(&ObjectKey::Id(ObjectId(1))), Some(row.clone()));
        assert_eq!(bench.page(&PageKey::Id(NodeId(2))), Some(page.clone()));
        assert_eq!(bench.binding(&lockgate_core::key::BindingKey::Id(BindingId(3))), Some(binding.clone()));
        assert_eq!(bench.store().objects(None, None, 9).expect("objects"), [Arc::new(row.clone())]);
        assert_eq!(bench.store().pages(None, 9).expect("pages"), [Arc::new(page.clone())]);
        assert_eq!(bench.store().bindings(None, 9).expect("bindings"), [Arc::new(binding.clone())]);
    };
    check(bench);
    bench.reopen();
    check(bench);
    let bare = ObjectRow { links: Links::default(), newer: Newer::default(), ..row.clone() };
    bench.write(vec![update(&row, &bare)]);
    assert_eq!(bench.object(&ObjectKey::Id(ObjectId(1))), Some(bare));
}

fn former(object_type: &str, scope: Scope, name: &str) -> FormerKey {
    FormerKey(type_name(object_type), scope, key_of(name))
}

pub(super) fn a_former_name_means_whom_it_meant(bench: &mut Bench<'_>) {
    let within = |parent, group| Scope { site: Some(site("main")), parent, group };
    let keys = [
        former("cms.user", Scope::default(), "ann"),
        former("cms.role", Scope::default(), "ann"),
        former("cms.user", Scope::default(), "Žluť"),
        former("cms.user", within(None, None), "ann"),
        former("cms.user", within(Some(ObjectId(1)), None), "ann"),
        former("cms.user", within(None, Some(ObjectId(1))), "ann"),
    ];
    let guid = |at: usize| Uuid::from_u128(100 + at as u128);
    assert!(keys.iter().all(|key| bench.ask(key).is_none()));
    bench.write(keys.iter().enumerate().map(|(at, key)| Change::Former(key.clone(), None, Some(guid(at)))).collect());
    for (at, key) in keys.iter().enumerate() {
        assert_eq!(bench.ask(key), Some(guid(at)), "{key:?}");
    }
    assert_eq!(bench.ask(&former("cms.user", Scope::default(), "bob")), None);
    bench.write(vec![
        Change::Former(keys[0].clone(), Some(guid(0)), Some(Uuid::max())),
        Change::Former(keys[1].clone(), Some(guid(1)), None),
        Change::Former(keys[2].clone(), Some(guid(2)), None),
        Change::Former(keys[2].clone(), None, Some(Uuid::nil())),
    ]);
    for _ in 0..2 {
        assert_eq!([0, 1, 2, 3].map(|at| bench.ask(&keys[at])), [Some(Uuid::max()), None, Some(Uuid::nil()), Some(guid(3))]);
        bench.reopen();
    }
}

fn tomb(version: Version, until_ms: i64) -> Option<Arc<Tomb>> {
    Some(Arc::new(Tomb { version, until_ms }))
}

fn tombs() -> Vec<TombKey> {
    let by =
        |type_name_: &str, culture_: Option<&str>, by| TombKey { type_name: type_name(type_name_), culture: culture_.map(culture), by };
    let guid = || TombBy::Guid(Uuid::from_u128(7));
    vec![
        by("cms.user", None, guid()),
        by("cms.role", None, guid()),
        by("cms.page", Some("cs-CZ"), guid()),
        by("cms.page", Some("en-US"), guid()),
        by("cms.user", None, TombBy::Name(Scope::default(), key_of("ann"))),
        by("cms.user", None, TombBy::Name(Scope { parent: Some(ObjectId(7)), ..Scope::default() }, key_of("ann"))),
        by("cms.page", Some("cs-CZ"), TombBy::Alias(site("main"), None, code_name("ann").key().into())),
        by("cms.page", Some("cs-CZ"), TombBy::Alias(site("main"), Some(NodeId(7)), key_of("ann"))),
        by("cms.page", Some("cs-CZ"), TombBy::Alias(site("other"), None, key_of("ann"))),
    ]
}

pub(super) fn a_tombstone_is_found_by_what_was_deleted(bench: &mut Bench<'_>) {
    let keys = tombs();
    assert!(keys.iter().all(|key| bench.ask(key).is_none()));
    let of = |at: usize| tomb(Version::Instant(at as i128), i64::MIN + at as i64);
    bench.write(keys.iter().enumerate().map(|(at, key)| Change::Tomb(key.clone(), None, of(at))).collect());
    for (at, key) in keys.iter().enumerate() {
        assert_eq!(bench.ask(key), of(at), "{key:?}");
    }
    let newer = tomb(Version::Number("-12345678901234567890.5".into()), i64::MAX);
    bench.write(vec![Change::Tomb(keys[0].clone(), of(0), newer.clone()), Change::Tomb(keys[1].clone(), of(1), None)]);
    for _ in 0..2 {
        assert_eq!((bench.ask(&keys[0]), bench.ask(&keys[1]), bench.ask(&keys[2])), (newer.clone(), None, of(2)));
        bench.reopen();
    }
}

pub(super) fn a_tombstone_goes_with_the_trimming_after_its_time(bench: &mut Bench<'_>) {
    let keys = tombs();
    let task = bench.task(bench.submit("a", &["1"])[0]);
    let now_ms = super::bench::entry(&task).ended_ms;
    let of = |at: usize| tomb(Version::Instant(7), [i64::MIN, now_ms - 1, now_ms + 1, i64::MAX][at]);
    bench.write((0..4).map(|at| Change::Tomb(keys[at].clone(), None, of(at))).collect());
    bench.store().trim_history(9).expect("trim");
    assert_eq!([0, 1, 2, 3].map(|at| bench.ask(&keys[at])), [0, 1, 2, 3].map(of), "nothing has ended yet that tells the time");
    bench.end(&bench.claim("a"), &task, Vec::new());
    bench.store().trim_history(9).expect("trim");
    assert_eq!([0, 1, 2, 3].map(|at| bench.ask(&keys[at])), [None, None, of(2), of(3)]);
    let again = tomb(Version::Instant(8), i64::MAX);
    // The first was planned when it was still there.
    bench.write(vec![Change::Tomb(keys[0].clone(), of(0), again.clone()), Change::Tomb(keys[1].clone(), None, again.clone())]);
    bench.reopen();
    assert_eq!([0, 1, 2, 3].map(|at| bench.ask(&keys[at])), [again.clone(), again, of(2), of(3)]);
}

pub(super) fn former_names_and_tombstones_conflict_when_another_changes_them(bench: &mut Bench<'_>) {
    let (a, b) = (bench.claim("a"), bench.claim("b"));
    let name = former("cms.user", Scope::default(), "ann");
    let deleted = tombs().remove(0);
    let of = |version: &str| tomb(Version::Number(version.into()), 9);
    let changes: [(Key, Change); 4] = [
        (name.clone().into(), Change::Former(name.clone(), None, Some(Uuid::max()))),
        (name.clone().into(), Change::Former(name, Some(Uuid::max()), None)),
        (deleted.clone().into(), Change::Tomb(deleted.clone(), None, of("1"))),
        (deleted.clone().into(), Change::Tomb(deleted, of("1"), of("2"))),
    ];
    for (key, change) in changes {
        let relying = Commit { as_of: bench.as_of(), relied: vec![key], ..Commit::default() };
        bench.commit(&b, &Commit { changes: vec![change.clone()], ..Commit::default() }).expect("commit");
        let outcome = bench.commit(&a, &relying);
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{change:?}: {outcome:?}");
        bench.commit(&b, &relying).expect("its own touch does not conflict");
    }
}

pub(super) fn an_object_is_found_by_its_guid_wherever_it_is(bench: &mut Bench<'_>) {
    let guid = Uuid::from_u128(7);
    let by_guid = ObjectKey::Guid(type_name("test.tree"), guid);
    let before = ObjectRow { guid, ..super::bench::tree(1, None, "leaf") };
    let mut row = before.clone();
    bench.write(vec![insert(&before)]);
    for scope in [
        Scope { parent: Some(ObjectId(9)), ..Scope::default() },
        Scope { site: Some(site("other")), ..Scope::default() },
        Scope { group: Some(ObjectId(8)), ..Scope::default() },
    ] {
        let after = ObjectRow { scope, code_name: code_name("other"), ..row.clone() };
        bench.write(vec![update(&row, &after)]);
        assert_eq!(bench.object(&by_guid), Some(after.clone()));
        row = after;
    }
    assert_eq!(bench.object(&ObjectKey::Guid(type_name("cms.user"), guid)), None, "of its type");
    bench.write(vec![insert(&ObjectRow { guid, ..user(2, "ann") })]);
    assert_eq!(bench.object(&by_guid), Some(row.clone()));
    let page = PageRow { guid, ..a_page(3, None, "p") };
    bench.write(vec![insert(&page), super::bench::delete(&row)]);
    assert_eq!(bench.object(&by_guid), None);
}
