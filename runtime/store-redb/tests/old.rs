//! Files of older formats (promise 7).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeMap;

use common::*;
use lockgate_core::history::Used;
use lockgate_core::key::{FormerKey, LooseOf, ObjectKey, TombBy, TombKey};
use lockgate_core::newer::Version;
use lockgate_core::ports;
use lockgate_core::ports::{ConnectorRecord, Due, HistoryFilter};
use lockgate_core::rows::{ObjectRow, Owner, Scope, Stated, StatedObject, Target};
use lockgate_core::task::{TaskId, TaskState};
use lockgate_core::value::{Plain, Stored};
use lockgate_store_redb::{Depth, RedbStore, check};
use redb::{ReadableTable, TableDefinition};

#[test]
fn a_store_of_format_1_is_read_and_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    std::fs::write(&path, format_1()).unwrap();
    let store = RedbStore::open(&path, small()).unwrap();

    let installed = store.connectors().unwrap();
    let old = installed[0].clone();
    let version = ports::Version { digest: old.digest.clone(), manifest: None, installed_ms: old.installed_ms, approved: true };
    assert_eq!(old.versions, [version], "what was installed is the one version");
    let component = store.component(&old.digest).unwrap().unwrap();

    let history = store.history(&HistoryFilter::default(), None, 99).unwrap();
    assert!(history.iter().any(|(_, entry)| entry.used.guest_us > 0 && entry.used.memory_bytes > 0));
    for (_, entry) in &history {
        let said = Used { guest_us: entry.used.guest_us, memory_bytes: entry.used.memory_bytes, ..Used::default() };
        assert_eq!(entry.used, said, "zeros stand for what an old entry does not say");
    }

    let newer = ports::Version { manifest: Some("description = \"newer\"".into()), approved: false, ..common::version("d2") };
    let both = ConnectorRecord { versions: vec![newer, old.versions[0].clone()], ..old.clone() };
    store.put_connector_now(&both, Some(b"newer")).unwrap();
    let waiting = store.fetch(&old.name, None, 99, 1 << 20).unwrap();
    store.remove(vec![removal(old.name.as_str(), waiting[0].id)]).unwrap();
    let key = store.secret_key().unwrap();
    drop(store);

    let store = RedbStore::open(&path, small()).unwrap();
    assert_eq!(store.secret_key().unwrap(), key, "the key is made once");
    assert_eq!(store.connectors().unwrap(), [both]);
    assert_eq!(store.component(&old.digest).unwrap().unwrap(), component);
    assert_eq!(store.component("d2").unwrap().unwrap(), b"newer");
    let grown = store.history(&HistoryFilter::default(), None, 99).unwrap();
    assert_eq!(grown[0].1, entry(old.name.as_str(), waiting[0].id));
    assert_eq!(grown[1..], history, "old entries stand beside new ones");
    let count = history.len() as u64;
    assert_eq!(store.trim_history(1).unwrap(), count, "old entries are trimmed");
}

const NUMBERS: TableDefinition<'static, &str, u64> = TableDefinition::new("numbers");
const UNIQUE: TableDefinition<'static, (u32, u32, &str, u64), ()> = TableDefinition::new("objects-unique");

fn priced(id: u64, price: Plain) -> ObjectRow {
    ObjectRow { fields: BTreeMap::from([(field("price"), Stored::Plain(price))]), ..object(id, &format!("o{id}")) }
}

/// The unique index once held values as they were spelled, so that 1.0 and 1.00 were two values. A
/// store of that time was found by today's keys in nothing that was stored before.
#[test]
fn a_unique_index_of_an_older_rule_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let text = "[[object_type]]\nname = \"cms.user\"\nfields = [{ name = \"price\", kind = \"decimal\", unique = true }]\n";
    let files = BTreeMap::from([("model.toml".to_owned(), text.to_owned())]);
    let model = lockgate_core::model::parse(&files).unwrap();
    let price = |price: &str| Plain::Decimal(price.into());
    let key = |value: Plain| ObjectKey::Unique(type_name("cms.user"), field("price"), lockgate_core::unique::unique_key(&value));
    let store = RedbStore::open(&path, small()).unwrap();
    store.put_model_now(&files, &model).unwrap();
    store.put_connector_now(&record("a", "d1"), Some(b"component")).unwrap();
    let lease = store.claim_now(&connector("a")).unwrap();
    let first = store.reserve_ids(9).unwrap();
    let rows = [priced(first, price("1.0")), priced(first + 1, Plain::Integer(5)), priced(first + 2, price("5.00"))];
    let changes = rows.iter().map(|row| objects(None, Some(row))).collect();
    change(&store, &lease, changes, &model).unwrap();
    drop(store);

    // As the older rule wrote it.
    let db = redb::Database::open(&path).unwrap();
    let txn = db.begin_write().unwrap();
    {
        let mut unique = txn.open_table(UNIQUE).unwrap();
        let (t, f) = unique.first().unwrap().map(|(key, _)| (key.value().0, key.value().1)).unwrap();
        unique.retain(|_, _| false).unwrap();
        for (value, id) in [("d1.0", first), ("i5", first + 1), ("d5.00", first + 2)] {
            unique.insert((t, f, value, id), ()).unwrap();
        }
        txn.open_table(NUMBERS).unwrap().remove("unique-rule").unwrap();
    }
    txn.commit().unwrap();
    drop(db);

    let report = check(&path, Depth::References, &mut |_| {}).unwrap();
    assert_eq!(report.findings, [], "an older rule is no damage");
    let store = RedbStore::open(&path, small()).unwrap();
    assert_eq!(found(&store, key(price("1.000"))), Some(first));
    assert_eq!(found(&store, key(price("5.0"))), Some(first + 1), "the first of two that are the same now");
    // What is indexed goes with its row: no old key is left over.
    store.put_connector_now(&record("a", "d1"), Some(b"component")).unwrap();
    let lease = store.claim_now(&connector("a")).unwrap();
    change(&store, &lease, rows.iter().map(|row| objects(Some(row), None)).collect(), &model).unwrap();
    assert_eq!(found(&store, key(price("5"))), None);
    drop(store);
    assert_eq!(check(&path, Depth::References, &mut |_| {}).unwrap().findings, []);
}

#[test]
fn a_kept_store_of_each_format_is_found_by_todays_keys() {
    for kept in kept_stores() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store");
        std::fs::copy(&kept, &path).unwrap();
        let kept = kept.display();
        let store = RedbStore::open(&path, small()).unwrap();
        let model = lockgate_core::model::parse(&store.model_files().unwrap()).unwrap();
        let mut looked_up = 0;
        for row in store.objects(None, None, 99).unwrap() {
            for (name, value) in lockgate_core::change::unique_values(&row, &model) {
                assert_eq!(found(&store, ObjectKey::Unique(row.object_type.clone(), name, value)), Some(row.id.0), "{kept}");
                looked_up += 1;
            }
        }
        assert!(looked_up > 0, "{kept} has unique fields");
        drop(store);
        assert_eq!(check(&path, Depth::References, &mut |_| {}).unwrap().findings, [], "{kept}");
    }
}

#[test]
fn what_waits_in_a_store_of_format_4_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    std::fs::write(&path, kept("format-4")).unwrap();
    let store = RedbStore::open(&path, small()).unwrap();
    let kept = connector("kept");
    let parked = store.standing(&kept, TaskState::Parked, None, 9).unwrap();
    assert_eq!(parked.iter().map(|task| task.id).collect::<Vec<_>>(), [TaskId(9)]);
    let waiting = parked[0].waiting.as_deref().unwrap();
    assert_eq!((waiting.wants.len(), waiting.lines.len(), waiting.brings.len(), waiting.group_wants.len()), (1, 1, 1, 1));
    assert_eq!(store.bringing(&waiting.brings, 9).unwrap(), parked);
    let counts = store.counts().unwrap();
    assert_eq!((counts.waits_for, counts.loose_ends[&kept], counts.parked[&kept]), (2, 1, 1));

    let users = store.objects(Some(&type_name("cms.user")), None, 9).unwrap();
    let products = store.objects(Some(&type_name("shop.product")), None, 9).unwrap();
    let maker = &products[0].links[&field("maker")];
    assert!(matches!(&*maker.stated, Stated::Object(StatedObject::Named { name, .. }) if name.as_str() == "acme"));
    assert_eq!(products[0].newer.row, Some(Version::Number("7".into())));
    assert_eq!(products[0].newer.fields["price"], Version::Number("6.5".into()));
    let page = store.pages(None, 9).unwrap().remove(0);
    let owner = StatedObject::Guid(type_name("cms.user"), users[0].guid);
    assert!(page.cultures.values().all(|version| *version.links[&field("owner")].stated == Stated::Object(owner.clone())));
    assert_eq!(store.bindings(None, 9).unwrap()[0].links.len(), 2);
    let ends = answer(&store, LooseOf(type_name("shop.product-tag"), Owner::Row(Target::Object(products[0].id))));
    assert_eq!(ends.iter().map(|end| &*end.wants[0].what).collect::<Vec<_>>(), ["shop.tag \"blue\""]);
    let former = FormerKey(type_name("shop.maker"), Scope::default(), "acme-of-old".into());
    assert!(answer(&store, former).is_some());
    let tomb = TombKey { type_name: type_name("shop.tag"), culture: None, by: TombBy::Name(Scope::default(), "green".into()) };
    assert_eq!(answer(&store, tomb).unwrap().version, Version::Number("41.5".into()));
    let history = store.history(&HistoryFilter { task: Some(TaskId(1)), ..HistoryFilter::default() }, None, 9).unwrap();
    assert_eq!(history.iter().map(|(_, entry)| entry.outcome.as_str()).collect::<Vec<_>>(), ["mended", "stored"]);
    assert_eq!((history[0].1.counted.unchanged, history[0].1.warnings_total), (2, 3));

    // Its maker comes.
    let lease = lease_of(&store, "kept").unwrap();
    let id = store.reserve_ids(1).unwrap();
    let zenith = ObjectRow { object_type: type_name("shop.maker"), ..object(id, "zenith") };
    change(&store, &lease, vec![objects(None, Some(&zenith))], &lockgate_core::model::parse(&store.model_files().unwrap()).unwrap())
        .unwrap();
    assert_eq!(store.stirred().unwrap(), std::slice::from_ref(&kept));
    let due = store.due(&kept, None, 9, 1 << 20).unwrap();
    assert_eq!(due.iter().map(|due| (due.task.id, due.how)).collect::<Vec<_>>(), [(TaskId(9), Due::Alone)]);
    assert!(due[0].task.external.body.starts_with(b"{\"prepare\""));
}

/// Up to format 3 a GUID was unique within its scope only.
#[test]
fn of_two_objects_that_an_old_store_has_with_one_guid_the_first_answers() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    std::fs::write(&path, kept("format-3")).unwrap();
    {
        let db = redb::Database::open(&path).unwrap();
        let txn = db.begin_write().unwrap();
        {
            let mut objects = txn.open_table(TableDefinition::<u64, &[u8]>::new("objects")).unwrap();
            let mut guids = txn.open_table(TableDefinition::<(u32, u32, u128, u64, u64), u64>::new("objects-guids")).unwrap();
            let (key, id) = guids.first().unwrap().map(|(key, id)| (key.value(), id.value())).unwrap();
            // The same row again, as if in a group; its other indexes are of no interest here.
            let row = objects.get(id).unwrap().unwrap().value().to_vec();
            objects.insert(id + 1_000_000, row.as_slice()).unwrap();
            guids.insert((key.0, key.1, key.2, key.3, 7), id + 1_000_000).unwrap();
        }
        txn.commit().unwrap();
    }
    let store = RedbStore::open(&path, small()).unwrap();
    let rows = store.objects(None, None, 99).unwrap();
    let twice = rows.last().unwrap();
    let first = rows.iter().find(|row| row.guid == twice.guid).unwrap();
    assert_eq!(twice.id.0, first.id.0 + 1_000_000);
    assert_eq!(found(&store, ObjectKey::Guid(first.object_type.clone(), first.guid)), Some(first.id.0));
    drop(store);
    let db = redb::Database::open(&path).unwrap();
    let tables = redb::ReadableDatabase::begin_read(&db).unwrap();
    assert!(tables.list_tables().unwrap().all(|table| redb::TableHandle::name(&table) != "objects-guids"), "the old index is gone");
}
