//! What a check finds in a file.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::*;
use lockgate_core::audit::{Actor, AuditAction, AuditRow};
use lockgate_core::change::Change;
use lockgate_core::edit::Edit;
use lockgate_core::effects::Fate;
use lockgate_core::history::{Entry, Outcome};
use lockgate_core::key::{Key, ObjectsKey};
use lockgate_core::mark::Mark;
use lockgate_core::model::ContentModel;
use lockgate_core::operation::{NewOperation, TaskAction};
use lockgate_core::park::{Line, Waiting};
use lockgate_core::ports::{Audit as _, Lease, Operations, Order, Standing, TaskFilter};
use lockgate_core::rows::{ObjectId, Owner, Scope, Target};
use lockgate_core::task::{ExternalObject, TaskId, TaskState, TaskVersion};
use lockgate_core::value::Stored;
use lockgate_store_redb::{Depth, OpenError, RedbStore, Report, check};
use redb::{Database, ReadableDatabase, ReadableTableMetadata, TableDefinition, WriteTransaction};

/// A store with something of everything.
fn full_store(dir: &Path) -> PathBuf {
    let path = dir.join("store");
    let store = RedbStore::open(&path, small()).unwrap();
    let text = "[[object_type]]\nname = \"cms.user\"\n[[object_type.fields]]\nname = \"email\"\nkind = \"text\"\nunique = true\n";
    let files = BTreeMap::from([("model.toml".to_owned(), text.to_owned())]);
    let model = lockgate_core::model::parse(&files).unwrap();
    store.put_model_now(&files, &model).unwrap();
    store.put_connector_now(&record("a", "d1"), Some(b"bytes")).unwrap();
    let ids = submit(&store, "a", 3);
    store.put_connector_now(&record("b", "d2"), Some(b"more bytes")).unwrap();
    submit(&store, "b", 2);
    store.submit(store.now(), vec![new_task_with_key("a", b"x", "k", 1)], 9).unwrap();
    let lease = claim(&store, "a");
    let first = store.reserve_ids(10).unwrap();
    let parent = object(first, "parent");
    let mut child = object(first + 1, "child");
    child.scope = Scope { site: Some(site("main")), parent: Some(parent.id), group: Some(parent.id) };
    child.fields.insert(field("email"), common::text("A@B"));
    child.fields.insert(field("manager"), Stored::Reference(Target::Object(parent.id)));
    let (root, leaf) = (page(first + 2, None, "root"), page(first + 3, Some(first + 2), "leaf"));
    let bound = binding(first + 4, &[Target::Object(ObjectId(first)), Target::Page(root.id)]);
    let changes = vec![
        objects(None, Some(&parent)),
        objects(None, Some(&child)),
        pages(None, Some(&root)),
        pages(None, Some(&leaf)),
        bindings(None, Some(&bound)),
    ];
    let state = BTreeMap::from([("cursor".into(), Some(b"7".as_slice().into()))]);
    let commit = Commit { tasks: vec![removed("a", ids[0])], changes, state, ..Commit::default() };
    store.commit_now(&lease, &commit, &model).unwrap();
    fill_with_waiting(&store, &lease, &ids, first + 5, &model);
    let tasks = BTreeMap::from([(connector("a"), vec![ids[1]])]);
    let operation = NewOperation { action: TaskAction::Delete, filter: TaskFilter::default(), tasks, started_ms: 1 };
    store.begin_operation(operation, 9).unwrap();
    let actor = Actor { who: "ops".into(), from: "127.0.0.1".into() };
    store.signed(&Order::Nothing, &AuditRow::new(1, &actor, AuditAction::Reload, "configuration")).unwrap();
    let external = ExternalObject { media_type: "text/plain".into(), body: b"another".as_slice().into() };
    store.edit(&Edit { id: ids[2], version: TaskVersion::default(), external, at_ms: 1, who: "ops".into() }).unwrap();
    path
}

/// One task parks, one is behind it, and one comes back from it; loose ends wait for what has come.
fn fill_with_waiting(store: &RedbStore, lease: &Lease, ids: &[TaskId], first: u64, model: &ContentModel) {
    let mark = |name: &str| Key::from(ObjectsKey::AnyNamed(type_name("cms.user"), None, name.into())).mark();
    let waiting = Waiting {
        since_ms: 7,
        lines: vec![Line::submitted("x")],
        brings: vec![Mark(6)],
        helpers: Vec::new(),
        wants: vec![want(&mark("one")), want(&mark("other"))],
        group_wants: vec![Mark(8)],
        behind: None,
    };
    let parks = Standing { waiting: Some(Arc::new(waiting)), ..standing(TaskState::Parked) };
    let owner = Owner::Row(Target::Object(ObjectId(first)));
    let ends_of = |mark: Mark, first: u64, count: u64| {
        let owner = owner.clone();
        (first..first + count).map(move |id| loose_ends(None, Some(&not_made(id, "a", owner.clone(), &[mark]))))
    };
    let reserved = store.reserve_ids(1_000).unwrap();
    let traces =
        [Change::Former(former("left"), None, Some(uuid::Uuid::from_u128(1))), Change::Tomb(tomb_key(1), None, Some(tomb("7", i64::MAX)))];
    let changes = ends_of(mark("one"), reserved, 3).chain(ends_of(mark("many"), reserved + 3, 257)).chain(traces).collect();
    let mended = Entry { outcome: Outcome::Mended, ..entry("a", ids[0]) };
    let tasks = vec![ends("a", ids[1], 0, Fate::Stays(parks))];
    let commit = Commit { tasks, changes, mends: vec![mended], ..Commit::default() };
    store.commit_now(lease, &commit, model).unwrap();
    let come = [(reserved + 900, "one"), (reserved + 901, "many")].map(|(id, name)| objects(None, Some(&object(id, name))));
    change(store, lease, come.to_vec(), model).unwrap();
}

fn checked(path: &Path) -> Report {
    check(path, Depth::References, &mut |_| {}).unwrap()
}

fn codes(report: &Report) -> BTreeSet<&'static str> {
    report.findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn a_whole_file_has_no_findings_every_row_is_read_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = full_store(dir.path());
    let before = std::fs::read(&path).unwrap();
    let mut last = None;
    let report = check(&path, Depth::References, &mut |progress| last = Some(progress)).unwrap();
    assert_eq!(report.findings, []);
    assert_eq!(last.unwrap().rows, last.unwrap().rows_total, "a table was passed over");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let db = Database::open(&path).unwrap();
    let txn = db.begin_read().unwrap();
    for table in txn.list_tables().unwrap() {
        let rows = txn.open_untyped_table(table.clone()).unwrap().len().unwrap();
        assert!(rows > 0, "this test's store has nothing in {}", redb::TableHandle::name(&table));
    }
}

#[test]
fn kept_stores_have_no_findings() {
    for kept in kept_stores() {
        let before = std::fs::read(&kept).unwrap();
        let report = checked(&kept);
        let changed = std::fs::read(&kept).unwrap() != before;
        let kept = kept.display();
        assert_eq!(report.findings, [], "{kept}");
        assert!(report.rows > 50, "{kept}: {report:?}");
        assert!(!changed, "{kept}: it was written to");
    }
}

/// A violation, and the codes by which it must be found.
type Planted = (&'static str, fn(&WriteTransaction), &'static [&'static str]);

const BYTES_BY_ID: fn(&'static str) -> TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new;

const PLANTED: &[Planted] = &[
    (
        "an object that is not in its index of types",
        |txn| drop(txn.open_table(TableDefinition::<(u32, u64), ()>::new("objects-typed")).unwrap().pop_first().unwrap()),
        &["index-missing"],
    ),
    (
        "an entry of an index that is no row's",
        |txn| drop(txn.open_table(TableDefinition::<(u64, u64), ()>::new("pages-children")).unwrap().insert((77, 78), ()).unwrap()),
        &["index-dangling"],
    ),
    (
        "an alias that leads to another page",
        |txn| {
            let mut table = txn.open_table(TableDefinition::<(u32, u64, &str), u64>::new("pages-aliases")).unwrap();
            let (s, p, alias) = table.pop_first().unwrap().map(|(k, _)| (k.value().0, k.value().1, k.value().2.to_owned())).unwrap();
            table.insert((s, p, alias.as_str()), 99).unwrap();
        },
        &["index-wrong", "index-dangling"],
    ),
    (
        "a value that is not in the unique index",
        |txn| drop(txn.open_table(TableDefinition::<(u32, u32, &str, u64), ()>::new("objects-unique")).unwrap().pop_first().unwrap()),
        &["index-missing"],
    ),
    (
        "a reference to an object that is not there",
        |txn| drop(txn.open_table(BYTES_BY_ID("objects")).unwrap().pop_first().unwrap()),
        &["reference-dangling", "index-dangling", "counter-wrong"],
    ),
    (
        "a binding of a page that is not there",
        |txn| drop(txn.open_table(BYTES_BY_ID("pages")).unwrap().pop_first().unwrap()),
        &["reference-dangling", "index-dangling", "counter-wrong"],
    ),
    (
        "a row that cannot be read",
        |txn| drop(txn.open_table(BYTES_BY_ID("bindings")).unwrap().insert(5, [9, 9].as_slice()).unwrap()),
        &["row-unreadable", "index-dangling", "counter-wrong"],
    ),
    (
        "a counter that is wrong",
        |txn| drop(txn.open_table(TableDefinition::<(u8, u32), u64>::new("counters")).unwrap().insert((3, 1), 1_000).unwrap()),
        &["counter-wrong"],
    ),
    (
        "ids that would be given again",
        |txn| {
            let mut numbers = txn.open_table(TableDefinition::<&str, u64>::new("numbers")).unwrap();
            for name in ["next-task", "next-row", "next-history"] {
                numbers.insert(name, 1).unwrap();
            }
        },
        &["id-beyond-next"],
    ),
    (
        "a task in two queues",
        |txn| {
            let mut queue = txn.open_table(TableDefinition::<(u32, u64), &[u8]>::new("queue")).unwrap();
            let (connector, id, bytes) = queue.pop_last().unwrap().map(|(k, v)| (k.value().0, k.value().1, v.value().to_vec())).unwrap();
            queue.insert((connector, id), bytes.as_slice()).unwrap();
            queue.insert((if connector == 1 { 2 } else { 1 }, id), bytes.as_slice()).unwrap();
        },
        &["task-twice", "counter-wrong"],
    ),
    (
        "history that its task does not lead to",
        |txn| drop(txn.open_table(TableDefinition::<u64, u64>::new("task-history")).unwrap().pop_first().unwrap()),
        &["index-missing", "log-dangling"],
    ),
    (
        "a version without its component",
        |txn| drop(txn.open_table(TableDefinition::<&str, &[u8]>::new("components")).unwrap().pop_first().unwrap()),
        &["component-missing"],
    ),
    (
        "a component without a connector",
        |txn| drop(txn.open_table(TableDefinition::<&str, &[u8]>::new("connectors")).unwrap().pop_first().unwrap()),
        &["component-unused"],
    ),
    (
        "an idempotency key that would stay for ever",
        |txn| drop(txn.open_table(TableDefinition::<u64, (u32, &str)>::new("task-keys")).unwrap().pop_first().unwrap()),
        &["index-missing"],
    ),
    (
        "a change of the configuration that is yet to come",
        |txn| drop(txn.open_table(TableDefinition::<&str, u64>::new("numbers")).unwrap().insert("generation", 1).unwrap()),
        &["generation-beyond"],
    ),
    (
        "a task that waits and is not among those of its state",
        |txn| drop(txn.open_table(TableDefinition::<(u32, u8, u64), ()>::new("queue-states")).unwrap().pop_first().unwrap()),
        &["index-missing"],
    ),
    (
        "a line in which nobody stands",
        |txn| {
            drop(txn.open_table(TableDefinition::<(u32, u8, u64, u64), ()>::new("queue-lines")).unwrap().insert((1, 0, 7, 7), ()).unwrap())
        },
        &["index-dangling"],
    ),
    (
        "a want that nobody would be woken by",
        |txn| drop(txn.open_table(TableDefinition::<(u64, u32, u8, u64), ()>::new("wants")).unwrap().pop_first().unwrap()),
        &["index-missing", "counter-wrong"],
    ),
    (
        "a want that is not counted",
        |txn| drop(txn.open_table(TableDefinition::<u64, (u64, u64, u64)>::new("wanted")).unwrap().pop_first().unwrap()),
        &["counter-wrong"],
    ),
    (
        "a task that is due and is not there",
        |txn| drop(txn.open_table(TableDefinition::<(u32, u64), u8>::new("queue-due")).unwrap().insert((1, 777), 0).unwrap()),
        &["index-dangling", "counter-wrong"],
    ),
    (
        "a task that waits without its body",
        |txn| drop(txn.open_table(BYTES_BY_ID("queue-bodies")).unwrap().pop_first().unwrap()),
        &["index-missing"],
    ),
    (
        "a task that stands apart in its queue's way",
        |txn| {
            let rows = TableDefinition::<(u32, u64), &[u8]>::new;
            let (key, bytes) =
                txn.open_table(rows("queue-apart")).unwrap().pop_first().unwrap().map(|(k, v)| (k.value(), v.value().to_vec())).unwrap();
            txn.open_table(rows("queue")).unwrap().insert(key, bytes.as_slice()).unwrap();
        },
        &["index-wrong", "index-dangling"],
    ),
    (
        "a loose end that is gone",
        |txn| drop(txn.open_table(BYTES_BY_ID("loose-ends")).unwrap().pop_first().unwrap()),
        &["index-dangling", "counter-wrong"],
    ),
    (
        "a tombstone that would stay for ever",
        |txn| drop(txn.open_table(TableDefinition::<(i64, &[u8]), ()>::new("tombs-until")).unwrap().pop_first().unwrap()),
        &["index-missing"],
    ),
    (
        "an entry about a mend that its task does not lead to",
        |txn| drop(txn.open_table(TableDefinition::<(u64, u64), ()>::new("history-mends")).unwrap().pop_first().unwrap()),
        &["index-missing"],
    ),
    ("a table of something else", |txn| drop(txn.open_table(TableDefinition::<u8, u8>::new("else")).unwrap()), &["table-unknown"]),
    (
        "a content model that cannot be read",
        |txn| drop(txn.open_table(TableDefinition::<&str, &str>::new("model-files")).unwrap().insert("x.toml", "nonsense").unwrap()),
        &["model-unreadable"],
    ),
];

#[test]
fn every_planted_violation_is_found_by_its_code() {
    let dir = tempfile::tempdir().unwrap();
    let good = std::fs::read(full_store(dir.path())).unwrap();
    let path = dir.path().join("planted");
    for (what, plant, expected) in PLANTED {
        std::fs::write(&path, &good).unwrap();
        let db = Database::open(&path).unwrap();
        let txn = db.begin_write().unwrap();
        plant(&txn);
        txn.commit().unwrap();
        drop(db);
        let report = checked(&path);
        assert_eq!(codes(&report), expected.iter().copied().collect(), "{what}: {report:#?}");
        assert_eq!(report.findings_total, report.findings.len() as u64);
    }
}

#[test]
fn a_bit_that_flipped_anywhere_in_the_content_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let path = full_store(dir.path());
    let good = std::fs::read(&path).unwrap();
    // What was written last: of other rows there are older copies in pages that nobody reads.
    let at = good.windows(7).position(|bytes| bytes == b"another").unwrap();
    let mut bad = good;
    bad[at] ^= 1;
    std::fs::write(&path, bad).unwrap();
    match check(&path, Depth::Rows, &mut |_| {}) {
        Ok(report) => assert!(codes(&report).contains("engine-integrity"), "{report:?}"),
        Err(error) => assert!(matches!(error, OpenError::Damaged(_)), "{error:?}"),
    }
}

#[test]
fn a_file_that_is_open_or_something_else_is_not_checked() {
    let dir = tempfile::tempdir().unwrap();
    let path = full_store(dir.path());
    let store = RedbStore::open(&path, small()).unwrap();
    assert!(matches!(check(&path, Depth::Rows, &mut |_| {}), Err(OpenError::InUse)));
    drop(store);
    let other = dir.path().join("other");
    std::fs::write(&other, "something else").unwrap();
    assert!(matches!(check(&other, Depth::Rows, &mut |_| {}), Err(OpenError::NotLockgate)));
    std::fs::write(&other, "").unwrap();
    assert!(matches!(check(&other, Depth::Rows, &mut |_| {}), Err(OpenError::Damaged(why)) if why.contains("empty")));
    drop(Database::create(dir.path().join("empty")).unwrap());
    assert!(matches!(check(&dir.path().join("empty"), Depth::Rows, &mut |_| {}), Err(OpenError::NotLockgate)));
    assert!(matches!(check(&dir.path().join("none"), Depth::Rows, &mut |_| {}), Err(OpenError::Unreachable { .. })));
}
