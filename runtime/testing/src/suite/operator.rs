//! Connectors, the model, switches, numbers (§9).

use std::collections::BTreeMap;

use super::bench::{
    Bench, QUEUE_MAX, a_page, a_version, an_object, connector, culture, delete, failed, field, fields, insert, line, record, removed,
    stays, text, tree, type_name, update, user, user_role, version,
};
use crate::short::{Commit, Short};
use crate::{MODEL_TOML, model_files, new_task_with_key};
use lockgate_core::key::{BindingKey, ObjectKey, PageKey, ReferrersOf};
use lockgate_core::model::{ContentModel, parse};
use lockgate_core::ports::{ConnectorRecord, Counts, HistoryFilter, StoreError, Submitted, Switches, TaskFilter};
use lockgate_core::rows::{BindingId, NodeId, ObjectId, ObjectRow, Target};
use lockgate_core::task::TaskId;
use lockgate_core::unique::unique_key;
use lockgate_core::value::Plain;

pub(super) fn connectors_are_listed_by_name_with_their_components(bench: &mut Bench<'_>) {
    let store = bench.store();
    let records = [record("a", "d1"), record("b", "d2"), record("c", "d1")];
    for at in [2, 0, 1] {
        let bytes = vec![at as u8; 100_000];
        let digest = &*records[at].digest;
        let bytes = if digest == "d1" { b"one".to_vec() } else { bytes };
        store.put_connector_now(&records[at], Some(&bytes)).expect("put_connector");
    }
    assert_eq!(store.connectors().expect("connectors"), records);
    assert_eq!(store.component("d1").expect("component"), Some(b"one".to_vec()));
    assert_eq!(store.component("d2").expect("component"), Some(vec![1; 100_000]));
    assert_eq!(store.component("d3").expect("component"), None);
}

pub(super) fn a_connector_is_replaced_and_switched(bench: &mut Bench<'_>) {
    let store = bench.store();
    store.put_connector_now(&record("a", "d1"), Some(b"one")).expect("put_connector");
    store.put_connector_now(&record("b", "d1"), None).expect("put_connector");
    let replaced = ConnectorRecord { installed_ms: i64::MIN, versions: vec![version("d2", i64::MIN)], ..record("a", "d2") };
    store.put_connector_now(&replaced, Some(b"")).expect("put_connector");
    let disabled = ConnectorRecord { enabled: false, ..replaced };
    store.put_connector_now(&disabled, None).expect("put_connector");
    assert_eq!(store.connectors().expect("connectors"), [disabled, record("b", "d1")]);
    assert_eq!(store.component("d1").expect("component"), Some(b"one".to_vec()), "another connector still has it");
    assert_eq!(store.component("d2").expect("component"), Some(Vec::new()));
}

pub(super) fn a_deleted_connector_takes_its_own_queue_only(bench: &mut Bench<'_>) {
    bench.store().put_connector_now(&record("a", "d1"), Some(b"one")).expect("put_connector");
    bench.store().put_connector_now(&record("b", "d1"), None).expect("put_connector");
    let of_a = bench.submit("a", &["1", "2", "3"]);
    let of_b = bench.submit("b", &["4"]);
    let lease = bench.claim("a");
    bench.end(&lease, &bench.task(of_a[0]), vec![line("done")]);
    assert!(bench.store().stand_now(of_a[1], &failed()).expect("stand"));
    let task = bench.task(of_a[2]);
    assert_eq!(bench.store().delete_connector(&connector("a")).expect("delete"), 2);
    assert_eq!(bench.store().connectors().expect("connectors"), [record("b", "d1")]);
    assert_eq!(bench.store().component("d1").expect("component"), Some(b"one".to_vec()));
    assert!(bench.fetch_all("a").is_empty());
    assert_eq!(bench.fetch_all("b"), of_b);
    assert!(of_a.iter().all(|id| !bench.is_queued(*id)));
    assert_eq!(bench.store().history(&HistoryFilter::default(), None, 9).expect("history").len(), 1, "history stays, and grows by none");
    assert_eq!(bench.store().log(of_a[0], 9).expect("log"), [line("done")]);
    let counts = bench.store().counts().expect("counts");
    assert_eq!(without_zeros(counts), Counts { queued: BTreeMap::from([(connector("b"), 1)]), history: 1, ..Counts::default() });
    let late = bench.commit(&lease, &Commit { tasks: vec![removed(&task, Vec::new())], ..Commit::default() });
    assert!(matches!(late, Err(StoreError::Fenced(_) | StoreError::Conflict)), "{late:?}");
    assert_eq!(bench.store().delete_connector(&connector("nobody")).expect("delete"), 0);
}

pub(super) fn a_deleted_connectors_keys_are_free_again(bench: &mut Bench<'_>) {
    let task = new_task_with_key(&connector("a"), b"x", "key", 7);
    bench.submit_tasks(vec![task.clone()]);
    bench.store().delete_connector(&connector("a")).expect("delete");
    let again = bench.store().submit_now(vec![task], QUEUE_MAX).expect("submit");
    assert!(matches!(again[0], Submitted::Queued(_)), "a task that is gone without history is not a repeated one: {again:?}");
}

pub(super) fn the_model_is_replaced_whole(bench: &mut Bench<'_>) {
    assert_eq!(bench.store().model_files().expect("model"), model_files());
    let files = BTreeMap::from([("a.toml".to_owned(), String::new()), ("ž.toml".to_owned(), "# only a comment\n".to_owned())]);
    bench.store().put_model_now(&files, &ContentModel::default()).expect("put_model");
    assert_eq!(bench.store().model_files().expect("model"), files);
    bench.store().put_model_now(&BTreeMap::new(), &ContentModel::default()).expect("put_model");
    assert!(bench.store().model_files().expect("model").is_empty());
}

fn put_model_text(bench: &mut Bench<'_>, toml: &str) {
    let files = BTreeMap::from([("test.toml".to_owned(), toml.to_owned())]);
    bench.model = parse(&files).unwrap_or_else(|errors| panic!("{errors:?}"));
    bench.store().put_model_now(&files, &bench.model).expect("put_model");
}

fn by(bench: &Bench<'_>, name: &str, value: &str) -> Option<ObjectId> {
    let key = ObjectKey::Unique(type_name("cms.user"), field(name), unique_key(&Plain::Text(value.into())));
    bench.object(&key).map(|row| row.id)
}

fn named(id: u64, full_name: &str) -> ObjectRow {
    ObjectRow {
        fields: fields([("full_name", text(full_name)), ("email", text(&format!("{id}@example.com")))]),
        ..user(id, &format!("user-{id}"))
    }
}

/// The tests' model, in which users' full names are unique too.
fn full_name_unique() -> String {
    MODEL_TOML.replace(r#"name = "full_name", kind = "text""#, r#"name = "full_name", kind = "text", unique = true"#)
}

pub(super) fn a_field_that_becomes_unique_is_found_by_its_values(bench: &mut Bench<'_>) {
    bench.write(vec![insert(&named(1, "Ann Lee")), insert(&named(2, "Bob Ray")), insert(&user(3, "without"))]);
    assert_eq!(by(bench, "full_name", "ann lee"), None);
    let (a, as_of) = (bench.claim("a"), bench.as_of());
    let key = ObjectKey::Unique(type_name("cms.user"), field("full_name"), unique_key(&Plain::Text("ann lee".into())));
    let planned = bench.store().effects(&Commit { as_of, relied: vec![key.into()], ..Commit::default() }, &bench.model);
    put_model_text(bench, &full_name_unique());
    let outcome = bench.store().commit(&a, &planned);
    assert!(matches!(outcome, Err(StoreError::Stale)), "the answer has changed: {outcome:?}");
    assert_eq!(by(bench, "full_name", "ann lee"), Some(ObjectId(1)));
    assert_eq!(by(bench, "email", "1@example.com"), Some(ObjectId(1)), "what was unique still is");
    bench.write(vec![update(&named(1, "Ann Lee"), &named(1, "Ann Ray")), delete(&named(2, "Bob Ray")), insert(&named(4, "Cat Fox"))]);
    assert_eq!(by(bench, "full_name", "ann lee"), None);
    assert_eq!(by(bench, "full_name", "bob ray"), None);
    assert_eq!(by(bench, "full_name", "ann ray"), Some(ObjectId(1)));
    assert_eq!(by(bench, "full_name", "cat fox"), Some(ObjectId(4)));
}

pub(super) fn a_field_that_is_not_unique_any_more_is_not_looked_up(bench: &mut Bench<'_>) {
    put_model_text(bench, &full_name_unique());
    bench.write(vec![insert(&named(1, "Ann Lee"))]);
    put_model_text(bench, MODEL_TOML);
    assert_eq!(by(bench, "full_name", "ann lee"), None);
    bench.write(vec![insert(&named(2, "Ann Lee")), delete(&named(1, "Ann Lee"))]);
    assert_eq!(by(bench, "email", "1@example.com"), None);
    put_model_text(bench, &full_name_unique());
    assert_eq!(by(bench, "full_name", "ann lee"), Some(ObjectId(2)), "what changed meanwhile is found when it is unique again");
}

pub(super) fn switches_are_kept(bench: &mut Bench<'_>) {
    assert_eq!(bench.store().switches().expect("switches"), Switches { bus: true, logging: true, processing: true });
    for bits in 0..8 {
        let switches = Switches { bus: bits & 1 == 0, logging: bits & 2 == 0, processing: bits & 4 == 0 };
        bench.store().put_switches_now(switches).expect("put_switches");
        assert_eq!(bench.store().switches().expect("switches"), switches);
    }
}

/// A name that is counted no more may be missing or zero.
pub(super) fn without_zeros(mut counts: Counts) -> Counts {
    let by_connector = [&mut counts.queued, &mut counts.parked, &mut counts.behind, &mut counts.failed, &mut counts.failing];
    by_connector.into_iter().chain([&mut counts.loose_ends]).for_each(|counts| counts.retain(|_, count| *count > 0));
    counts.objects.retain(|_, count| *count > 0);
    counts.pages.retain(|_, count| *count > 0);
    counts.bindings.retain(|_, count| *count > 0);
    counts
}

pub(super) fn counts_are_exact(bench: &mut Bench<'_>) {
    let counts = |bench: &Bench<'_>| without_zeros(bench.store().counts().expect("counts"));
    assert_eq!(counts(bench), Counts::default());
    let of_a = bench.submit("a", &["1", "2", "3", "4"]);
    bench.submit("b", &["5"]);
    let lease = bench.claim("a");
    let page = a_page(10, None, "p");
    let mut two = page.clone();
    two.cultures.insert(culture("cs-CZ"), a_version("s", []));
    let became_another_type = (user(2, "x"), an_object(2, "shop.brand", "x"));
    let commit = Commit {
        tasks: vec![removed(&bench.task(of_a[0]), Vec::new()), stays(of_a[1], failed())],
        changes: vec![
            insert(&user(1, "ann")),
            insert(&became_another_type.0),
            update(&became_another_type.0, &became_another_type.1),
            insert(&tree(3, None, "t")),
            insert(&page),
            update(&page, &two),
            insert(&a_page(11, Some(10), "q")),
            insert(&user_role(20, 1, 2)),
            insert(&user_role(21, 1, 3)),
            delete(&user_role(20, 1, 2)),
        ],
        ..Commit::default()
    };
    bench.commit(&lease, &commit).expect("commit");
    bench.store().remove_now(vec![super::bench::entry(&bench.task(of_a[2]))]).expect("remove");
    let one = |name: &str| (type_name(name), 1);
    let expected = Counts {
        queued: BTreeMap::from([(connector("a"), 1), (connector("b"), 1)]),
        failed: BTreeMap::from([(connector("a"), 1)]),
        objects: BTreeMap::from([one("cms.user"), one("shop.brand"), one("test.tree")]),
        pages: BTreeMap::from([(type_name("cms.page"), 2)]),
        culture_versions: 3,
        bindings: BTreeMap::from([one("cms.user-role")]),
        history: 2,
        ..Counts::default()
    };
    assert_eq!(counts(bench), expected);
    let refused =
        Commit { as_of: 0, relied: vec![ObjectKey::Id(ObjectId(1)).into()], changes: vec![insert(&user(9, "no"))], ..Commit::default() };
    assert!(bench.commit(&bench.claim("z"), &refused).is_err());
    assert_eq!(counts(bench), expected, "a refused commit counts nothing");
    bench.write(vec![delete(&user(1, "ann")), delete(&two), delete(&user_role(21, 1, 3))]);
    bench.store().trim_history(1).expect("trim");
    let standing = lockgate_core::ports::Standing { state: lockgate_core::task::TaskState::Queued, ..failed() };
    bench.store().stand_now(of_a[1], &standing).expect("stand");
    bench.store().stand_now(of_a[1], &standing).expect("stand");
    let expected = Counts {
        queued: BTreeMap::from([(connector("a"), 2), (connector("b"), 1)]),
        failing: BTreeMap::from([(connector("a"), 1)]),
        objects: BTreeMap::from([one("shop.brand"), one("test.tree")]),
        pages: BTreeMap::from([one("cms.page")]),
        culture_versions: 1,
        history: 1,
        ..Counts::default()
    };
    assert_eq!(counts(bench), expected);
}

pub(super) fn reserved_ids_do_not_overlap(bench: &mut Bench<'_>) {
    let mut end = 0;
    for count in [1, 5, 4_096, 1] {
        let first = bench.store().reserve_ids(count).expect("reserve_ids");
        assert!(first >= end, "{first} was given before");
        end = first + count;
    }
}

pub(super) fn an_empty_store_answers_everything(bench: &mut Bench<'_>) {
    let store = bench.store();
    assert!(store.connectors().expect("connectors").is_empty());
    assert!(store.state(&connector("nobody")).expect("state").is_empty());
    assert!(store.tasks(&TaskFilter::default(), None, 9).expect("tasks").is_empty());
    assert!(store.history(&HistoryFilter::default(), None, 9).expect("history").is_empty());
    assert!(store.log(TaskId(1), 9).expect("log").is_empty());
    assert_eq!(store.task(TaskId(1)).expect("task"), None);
    assert!(store.objects(None, None, 9).expect("objects").is_empty());
    assert!(store.pages(None, 9).expect("pages").is_empty());
    assert!(store.bindings(None, 9).expect("bindings").is_empty());
    assert!(store.submit_now(Vec::new(), 9).expect("submit").is_empty());
    assert_eq!(store.remove_now(Vec::new()).expect("remove"), 0);
    let keys = [
        ObjectKey::Id(ObjectId(1)).into(),
        PageKey::Id(NodeId(1)).into(),
        BindingKey::Id(BindingId(1)).into(),
        ReferrersOf(Target::Page(NodeId(1))).into(),
        ObjectKey::Id(ObjectId(1)).into(),
    ];
    let loaded = store.load(&keys).expect("load");
    assert_eq!(loaded.answers.len(), 4, "a question that is asked twice is answered once");
    assert_eq!(loaded.answers.get(&ReferrersOf(Target::Page(NodeId(1)))), Some(&Vec::new()));
}
