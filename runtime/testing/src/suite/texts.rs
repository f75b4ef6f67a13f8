//! Values at the edges.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bench::{
    Bench, a_full_task_with, a_page, a_version, code_name, connector, culture, entry, failed, fields, insert, key_of, line, site, stays,
    text, type_name, user,
};
use crate::new_task;
use crate::short::{AS_STORED, Commit};
use lockgate_core::effects::{Fate, TaskEnd};
use lockgate_core::history::{Entry, LogLine, Used};
use lockgate_core::key::{BindingKey, BindingsOf, ObjectKey, ObjectsKey, PageKey};
use lockgate_core::names::{KEY_BYTES_MAX, NAME_BYTES_MAX};
use lockgate_core::ports::{HistoryFilter, Standing};
use lockgate_core::rows::{NodeId, ObjectId, ObjectRow, PageRow, Scope};
use lockgate_core::task::ExternalObject;

pub(super) fn bodies_of_every_size_come_back(bench: &mut Bench<'_>) {
    let bytes = |len: usize| (0..len).map(|at| (at % 251) as u8).collect::<Vec<u8>>();
    for len in [0, 1, 127, 128, 65_535, 65_536, 1 << 20] {
        let id = bench.submit_tasks(vec![new_task(&connector("a"), &bytes(len))])[0];
        assert_eq!(&*bench.task(id).external.body, bytes(len));
    }
    assert_eq!(bench.store().fetch(&connector("a"), None, 99, usize::MAX).expect("fetch").len(), 7);
}

pub(super) fn titles_and_names_of_any_script_come_back(bench: &mut Bench<'_>) {
    let texts = ["", "žluťoučký kůň", "日本語のタイトル", "👩‍👩‍👧‍👦 family", "e\u{301} NFD", "עברית", "a\nb\tc\"\\"];
    for given in texts {
        let task = a_full_task_with("a", |task| {
            task.head.title = given.into();
            task.external = ExternalObject { media_type: given.into(), body: Arc::from(given.as_bytes()) };
        });
        let id = bench.submit_tasks(vec![task.clone()])[0];
        assert_eq!(bench.task(id), task.queued(id));
    }
    for (id, given) in (1..).zip(texts) {
        let row = ObjectRow { display_name: given.into(), fields: fields([("full_name", text(given))]), ..user(id, &format!("u{id}")) };
        let mut page = a_page(id, None, &format!("p{id}"));
        page.cultures = BTreeMap::from([(culture("cs-CZ"), a_version(given, [("title", text(given))]))]);
        bench.write(vec![insert(&row), insert(&page)]);
        assert_eq!(bench.object(&ObjectKey::Id(row.id)), Some(row));
        assert_eq!(bench.page(&PageKey::Id(page.id)), Some(page));
    }
}

pub(super) fn code_names_compare_by_their_rule_and_are_kept_as_given(bench: &mut Bench<'_>) {
    let row = ObjectRow { code_name: code_name("CAFE\u{301} 中文"), ..user(1, "x") };
    let page = PageRow { alias: code_name("U\u{308}ber-Uns"), ..a_page(2, None, "x") };
    bench.write(vec![insert(&row), insert(&page)]);
    let found = bench.object(&ObjectKey::Name(type_name("cms.user"), Scope::default(), key_of("caf\u{e9} 中文"))).expect("found");
    assert_eq!(found.code_name.as_str(), "CAFE\u{301} 中文");
    assert_eq!(found.code_name.key(), row.code_name.key());
    assert_eq!(bench.objects(&ObjectsKey::AnyNamed(type_name("cms.user"), None, key_of("Caf\u{c9} 中文"))), [row.id]);
    let found = bench.page(&PageKey::Alias(site("main"), None, key_of("\u{fc}ber-uns"))).expect("found");
    assert_eq!(found.alias.as_str(), "U\u{308}ber-Uns");
    let neighbours = ["caf", "cafe", "caf\u{e9}", "caf\u{e9} 中", "caf\u{e9} 中文x"];
    assert!(neighbours.iter().all(|name| bench.objects(&ObjectsKey::AnyNamed(type_name("cms.user"), None, key_of(name))).is_empty()));
}

pub(super) fn the_longest_names_are_taken(bench: &mut Bench<'_>) {
    let long = "n".repeat(NAME_BYTES_MAX);
    let id = bench.submit(&long, &["x"])[0];
    assert_eq!(bench.task(id).connector.as_str(), long);
    let names = ["x".repeat(KEY_BYTES_MAX), "ž".repeat(KEY_BYTES_MAX / 2), format!("{}y", "x".repeat(KEY_BYTES_MAX - 1))];
    for (id, name) in (1..).zip(&names) {
        let object_type = type_name(&"t".repeat(NAME_BYTES_MAX));
        let scope = Scope { site: Some(site(&long)), ..Scope::default() };
        let row = ObjectRow { object_type: object_type.clone(), scope: scope.clone(), ..user(id, name) };
        let page = PageRow { site: site(&long), ..a_page(id, None, name) };
        bench.write(vec![insert(&row), insert(&page)]);
        assert_eq!(bench.object(&ObjectKey::Name(object_type, scope, key_of(name))), Some(row));
        assert_eq!(bench.page(&PageKey::Alias(site(&long), None, key_of(name))), Some(page));
    }
}

pub(super) fn the_largest_numbers_come_back(bench: &mut Bench<'_>) {
    for ms in [i64::MIN, -1, 0, i64::MAX] {
        let task = a_full_task_with("a", |task| task.head.submitted_ms = ms);
        let id = bench.submit_tasks(vec![task.clone()])[0];
        let standing = Standing { not_before_ms: Some(ms), attempts: u32::MAX, ..failed() };
        let log = vec![LogLine { at_ms: ms, ..line("x") }];
        let commit = Commit { tasks: vec![TaskEnd { log: log.clone(), ..stays(id, standing) }], ..Commit::default() };
        let lease = bench.claim("a");
        bench.commit(&lease, &commit).expect("commit");
        let stored = bench.task(id);
        assert_eq!((stored.submitted_ms, stored.not_before_ms, stored.attempts), (ms, Some(ms), u32::MAX));
        assert_eq!(bench.store().log(id, 9).expect("log"), log);
        let mut task = stored;
        task.head.attempts = 0;
        let entry = Entry {
            ended_ms: ms,
            used: Used {
                guest_us: u64::MAX,
                longest_call_us: u64::MAX,
                deadline_ms: u64::MAX,
                memory_bytes: u64::MAX,
                memory_bytes_max: u64::MAX,
                output_bytes: u64::MAX,
                output_bytes_max: u64::MAX,
                http_calls: u32::MAX,
                http_calls_max: u32::MAX,
                http_bytes: u64::MAX,
                http_bytes_max: u64::MAX,
            },
            written_total: u32::MAX,
            references_resolved: u32::MAX,
            attempts: u32::MAX,
            ..entry(&task)
        };
        let gone = TaskEnd {
            id,
            connector: entry.connector.clone(),
            version: AS_STORED,
            fate: Fate::Removed(Box::new(entry.clone())),
            log: Vec::new(),
        };
        bench.commit(&lease, &Commit { tasks: vec![gone], ..Commit::default() }).expect("commit");
        assert_eq!(bench.store().history(&HistoryFilter::default(), None, 1).expect("history")[0].1, entry);
        let row = ObjectRow { created_ms: ms, modified_ms: ms, ..user(bench.store().reserve_ids(1).expect("ids"), &format!("{ms}")) };
        bench.write(vec![insert(&row)]);
        assert_eq!(bench.object(&ObjectKey::Id(row.id)), Some(row));
    }
}

pub(super) fn the_largest_ids_are_taken(bench: &mut Bench<'_>) {
    // Far more than any store will give; one below the end, so that "the next" exists.
    let id = u64::MAX - 2;
    let child = super::bench::tree(id, Some(id - 1), "child");
    let page = a_page(id, Some(id - 1), "child");
    let binding = super::bench::user_role(id, id - 1, id);
    bench.write(vec![insert(&child), insert(&page), insert(&binding)]);
    assert_eq!(bench.objects(&ObjectsKey::Children(ObjectId(id - 1), type_name("test.tree"))), [ObjectId(id)]);
    assert_eq!(bench.object(&ObjectKey::Name(type_name("test.tree"), child.scope.clone(), key_of("child"))), Some(child.clone()));
    assert_eq!(bench.objects(&ObjectsKey::AnyNamed(type_name("test.tree"), None, key_of("child"))), [child.id]);
    assert_eq!(bench.page(&PageKey::ChildOf(NodeId(id - 1))), Some(page));
    assert_eq!(bench.binding(&BindingKey::Binds(binding.binding_type.clone(), binding.binds.clone())), Some(binding.clone()));
    assert_eq!(bench.bindings(&BindingsOf(binding.binding_type.clone(), binding.binds[0])), [binding.id]);
    assert_eq!(bench.referrers(binding.binds[1]).len(), 1);
}

pub(super) fn texts_with_odd_characters_come_back(bench: &mut Bench<'_>) {
    let odd = "\0\u{1}\u{7f}\u{feff}\u{fffd}\u{10ffff}";
    let row = ObjectRow { fields: fields([("email", text(odd)), ("full_name", text(&"x".repeat(1 << 20)))]), ..user(1, "a'b\"c/d\\e%f") };
    bench.write(vec![insert(&row)]);
    assert_eq!(bench.object(&ObjectKey::Name(type_name("cms.user"), Scope::default(), key_of("A'B\"C/D\\E%F"))), Some(row.clone()));
    let key = ObjectKey::Unique(
        type_name("cms.user"),
        super::bench::field("email"),
        lockgate_core::unique::unique_key(&lockgate_core::value::Plain::Text(odd.into())),
    );
    assert_eq!(bench.object(&key), Some(row));
}
