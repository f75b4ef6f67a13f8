//! The configuration: who decides by an old copy of it is told so, and nothing of another's change is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::owner::Owner;
use super::table::{Over, Table, all, both, one_is_in_time};
use crate::short::Short;
use crate::suite::bench::{QUEUE_MAX, an_object, delete, field, fields, insert, record, text, type_name, user, version, writes};
use crate::{MODEL_TOML, model_files, new_task};
use lockgate_core::effects::EffectsParts;
use lockgate_core::key::{ObjectKey, unique_key};
use lockgate_core::model::{SharedModel, Unused, parse};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{ConnectorRecord, Generation, GrantsDigest, ModelPut, Store, StoreError, Switches};
use lockgate_core::rows::{ObjectId, ObjectRow};
use lockgate_core::value::Plain;

/// The tests' model with the text replaced.
fn changed(from: &str, to: &str) -> (BTreeMap<String, String>, SharedModel) {
    let changed = MODEL_TOML.replace(from, to);
    assert_ne!(changed, MODEL_TOML);
    let files = BTreeMap::from([("test.toml".to_owned(), changed)]);
    let model = Arc::new(parse(&files).expect("a model"));
    (files, model)
}

/// With another name for a field's length.
fn another(length: usize) -> (BTreeMap<String, String>, SharedModel) {
    changed("length_max = 2000", &format!("length_max = {length}"))
}

/// Tries of one change: who needs more makes no progress.
const TRIES_MAX: u32 = 1_000;

/// As often as the configuration has changed in between.
fn decide(store: &dyn Store, change: impl Fn(Generation) -> Result<(), StoreError>) {
    for _ in 0..TRIES_MAX {
        match change(store.now()) {
            Ok(()) => return,
            Err(StoreError::Stale) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    panic!("the configuration was old {TRIES_MAX} times");
}

pub(super) fn of_changes_of_one_connector_by_one_copy_one_wins(table: &Table) {
    let handles: Vec<_> = (0..3).map(|_| table.handle()).collect();
    table.put("a");
    for n in table.rounds() {
        let as_of = handles[0].now();
        // Another content in each round: what is there already is no change.
        let installed = |one: usize| ConnectorRecord { installed_ms: n as i64 * 3 + one as i64, ..record("a", "d2") };
        let outcomes = all(3, |one| handles[one].put_connector(as_of, &installed(one), None));
        one_is_in_time(&format!("round {n}"), &outcomes);
        let stored = handles[0].connectors().expect("connectors").remove(0);
        assert!((0..3).any(|one| outcomes[one].is_ok() && stored == installed(one)), "round {n}: the winner's record is stored");
        assert!(handles[1].now() > as_of, "round {n}: a newer generation");
    }
}

pub(super) fn no_version_is_lost_when_three_install(table: &Table) {
    let handles: Vec<_> = (0..3).map(|_| table.handle()).collect();
    for n in table.rounds() {
        table.put("a");
        all(3, |one| {
            loop {
                let now = handles[one].configuration().expect("configuration");
                let mut record = now.connectors.into_iter().find(|record| record.name.as_str() == "a").expect("it is there");
                record.versions.insert(0, version(&format!("new {one}"), 7));
                match handles[one].put_connector(now.generation, &record, Some(&[one as u8])) {
                    Ok(()) => return,
                    Err(StoreError::Stale) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
        });
        let stored = handles[0].connectors().expect("connectors").remove(0);
        let digests: BTreeSet<&str> = stored.versions.iter().map(|version| &*version.digest).collect();
        assert_eq!(digests, BTreeSet::from(["d1", "new 0", "new 1", "new 2"]), "round {n}");
        for one in 0..3 {
            assert_eq!(handles[0].component(&format!("new {one}")).expect("component"), Some(vec![one]), "round {n}");
        }
    }
}

pub(super) fn connectors_do_not_disturb_each_other(table: &Table) {
    let owners = table.three();
    for n in table.rounds() {
        let as_of = owners[0].store.now();
        let effects = owners[0].plan(|_| Vec::new());
        let task = new_task(owners[0].connector(), b"x");
        let (put, (committed, submitted)) = both(
            || owners[1].store.put_connector(as_of, &ConnectorRecord { installed_ms: n as i64, ..record("b", "d1") }, None),
            || (owners[0].commit(&effects), owners[0].store.submit(as_of, vec![task], QUEUE_MAX)),
        );
        assert!(put.is_ok() && committed.is_ok() && submitted.is_ok(), "round {n}: {put:?}, {committed:?}, {submitted:?}");
        let also = owners[2].store.put_connector(as_of, &ConnectorRecord { installed_ms: n as i64, ..record("c", "d1") }, None);
        assert!(also.is_ok(), "round {n}: another connector's change makes no copy of this one old: {also:?}");
    }
}

pub(super) fn of_grants_by_one_copy_one_wins(table: &Table) {
    let handles: Vec<_> = (0..3).map(|_| table.handle()).collect();
    for n in table.rounds() {
        let as_of = handles[0].now();
        let digest = |one: usize| GrantsDigest(u128::from(n + 1) << 64 | one as u128);
        let outcomes = all(3, |one| handles[one].put_grants(as_of, digest(one)));
        one_is_in_time(&format!("round {n}"), &outcomes);
        let stored = handles[0].configuration().expect("configuration").grants;
        assert!((0..3).any(|one| outcomes[one].is_ok() && stored == digest(one)), "round {n}: the winner's grants are stored");
    }
}

pub(super) fn no_switch_is_lost_when_three_switch(table: &Table) {
    let handles: Vec<_> = (0..3).map(|_| table.handle()).collect();
    for n in table.rounds() {
        handles[0].put_switches_now(Switches::default()).expect("put_switches");
        all(3, |one| {
            loop {
                let now = handles[one].configuration().expect("configuration");
                let switches = match one {
                    0 => Switches { bus: false, ..now.switches },
                    1 => Switches { logging: false, ..now.switches },
                    _ => Switches { processing: false, ..now.switches },
                };
                match handles[one].put_switches(now.generation, switches) {
                    Ok(()) => return,
                    Err(StoreError::Stale) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
        });
        let off = Switches { bus: false, logging: false, processing: false };
        assert_eq!(handles[0].switches().expect("switches"), off, "round {n}: all three are off");
    }
}

pub(super) fn of_models_by_one_copy_one_wins(table: &Table) {
    let handles: Vec<_> = (0..3).map(|_| table.handle()).collect();
    for n in table.rounds() {
        let as_of = handles[0].now();
        let new = |one| 3_000 + n as usize * 3 + one;
        let outcomes = all(3, |one| {
            let (files, model) = another(new(one));
            handles[one].put_model(as_of, &files, &model, &Unused::default()).map(|put| assert_eq!(put, ModelPut::Done))
        });
        one_is_in_time(&format!("round {n}"), &outcomes);
        let stored = handles[0].model_files().expect("files");
        assert!((0..3).any(|one| outcomes[one].is_ok() && stored == another(new(one)).0), "round {n}: the winner's files are stored");
    }
}

pub(super) fn what_was_planned_by_another_configuration_is_stale(table: &Table) {
    let (owner, admin) = (table.owner("a"), table.handle());
    let put = |n: u64| match n % 4 {
        0 => {
            let (files, model) = another(4_000 + n as usize);
            admin.put_model_now(&files, &model).expect("put_model");
        }
        1 => admin.put_switches_now(Switches { logging: n % 8 != 1, ..Switches::default() }).expect("put_switches"),
        2 => admin.put_grants(admin.now(), GrantsDigest((n + 1).into())).expect("put_grants"),
        _ => {
            let disabled = ConnectorRecord { enabled: n % 8 == 3, ..record("a", "d1") };
            admin.put_connector_now(&disabled, None).expect("put_connector");
        }
    };
    for n in table.rounds() {
        let row = user(owner.new_id(), &format!("u{n}"));
        let effects = owner.plan(|_| vec![insert(&row)]);
        let is_there = || !admin.objects(None, Some(ObjectId(row.id.0 - 1)), 1).expect("objects").is_empty();
        let committed = match n % 8 < 4 {
            true => {
                put(n);
                owner.commit(&effects)
            }
            false => both(|| owner.commit(&effects), || put(n)).0,
        };
        match committed {
            Ok(()) => assert!(n % 8 >= 4 && is_there(), "round {n}: planned before the change, committed after it"),
            Err(StoreError::Stale) => assert!(!is_there(), "round {n}: refused, and written all the same"),
            Err(error) => panic!("round {n}: {error:?}"),
        }
        let late = owner.commit(&effects);
        assert!(matches!(late, Err(StoreError::Stale)), "round {n}: the change is in: {late:?}");
        owner.write(Vec::new());
    }
}

pub(super) fn nothing_is_written_on_top_of_a_cleared_state(table: &Table) {
    let (owner, admin) = (table.owner("a"), table.handle());
    let write = |key: &str, n: u64| {
        let state = writes([(key, Some(&n.to_le_bytes()[..]))]);
        EffectsParts { model: table.model.clone(), generation: owner.store.now(), state, ..EffectsParts::default() }.into()
    };
    for n in table.rounds() {
        owner.commit(&write("old", n)).expect("nobody clears it yet");
        let planned = write("new", n);
        let clear = || admin.clear_state(owner.connector()).expect("clear_state");
        let (committed, cleared) = match n % 2 {
            0 => {
                let cleared = clear();
                (owner.commit(&planned), cleared)
            }
            _ => both(|| owner.commit(&planned), clear),
        };
        let left = admin.state(owner.connector()).expect("state");
        match (&committed, cleared) {
            (Ok(()), 2) | (Err(StoreError::Stale), 1) => assert!(left.is_empty(), "round {n}: {left:?}"),
            other => panic!("round {n}: it comes before and is cleared, or is refused: {other:?}, {left:?}"),
        }
        let late = owner.commit(&planned);
        assert!(matches!(late, Err(StoreError::Stale)), "round {n}: it has read what is cleared: {late:?}");
    }
}

pub(super) fn an_index_fits_the_model_whatever_was_committed_beside_it(table: &Table) {
    let admin = table.handle();
    let plain = changed("unique = true, ", "");
    let unique = (model_files(), table.model.clone());
    let owner = table.owner("a");
    for n in table.rounds() {
        let (before, after) = if n % 2 == 0 { (&unique, &plain) } else { (&plain, &unique) };
        let owner = Owner::new(owner.store.clone(), owner.lease.clone(), before.1.clone());
        let mail = format!("{n}@example.com");
        let row = ObjectRow { fields: fields([("email", text(&mail))]), ..user(owner.new_id(), &format!("u{n}")) };
        let effects = owner.plan(|_| vec![insert(&row)]);
        let (committed, ()) = both(|| owner.commit(&effects), || admin.put_model_now(&after.0, &after.1).expect("put_model"));
        match committed {
            Ok(()) => {}
            Err(StoreError::Stale) => Owner::new(owner.store.clone(), owner.lease.clone(), after.1.clone()).write(vec![insert(&row)]),
            Err(error) => panic!("round {n}: {error:?}"),
        }
        let late = owner.commit(&effects);
        assert!(matches!(late, Err(StoreError::Stale)), "round {n}: planned by a model that is gone: {late:?}");
        let key = ObjectKey::Unique(type_name("cms.user"), field("email"), unique_key(&Plain::Text(mail.as_str().into())));
        let found = owner.look().ask(&key).map(|found| found.id);
        assert_eq!(found, (n % 2 == 1).then_some(row.id), "round {n}: found by its value if that is unique now");
    }
}

pub(super) fn a_type_does_not_go_while_a_row_of_it_comes(table: &Table) {
    let (owner, admin) = (table.owner("a"), table.handle());
    let shop = "[[object_type]]\nname = \"shop.brand\"\n";
    let without = MODEL_TOML.replace(shop, "").replace("group = \"shop.brand\"\n", "");
    let files = BTreeMap::from([("test.toml".to_owned(), without)]);
    let model = parse(&files).expect("a model without brands");
    let brand = type_name("shop.brand");
    let unused = Unused { types: BTreeSet::from([brand.clone()]), everything: false };
    for n in table.rounds() {
        let row = an_object(owner.new_id(), "shop.brand", &format!("b{n}"));
        let effects = owner.plan(|_| vec![insert(&row)]);
        let as_of = admin.now();
        let put = || admin.put_model(as_of, &files, &model, &unused).expect("put_model");
        let (committed, put) = match n % 4 {
            0 => (owner.commit(&effects), put()),
            1 => {
                let put = put();
                (owner.commit(&effects), put)
            }
            _ => both(|| owner.commit(&effects), put),
        };
        let rows = admin.objects(Some(&brand), None, 9).expect("objects").len();
        match (&committed, put) {
            (Ok(()), ModelPut::InUse) => {
                assert_eq!(rows, 1, "round {n}");
                owner.write(vec![delete(&row)]);
            }
            (Err(StoreError::Stale), ModelPut::Done) => {
                assert_eq!(rows, 0, "round {n}");
                admin.put_model_now(&model_files(), &table.model).expect("put_model");
            }
            other => panic!("round {n}: one of the two wins: {other:?}, {rows} rows"),
        }
    }
}

pub(super) fn a_model_is_applied_under_load(table: &Table) {
    const MODELS: usize = 5;
    let (owners, admin) = (table.three(), table.handle());
    let (over, store) = (AtomicBool::new(false), table.handle());
    let producer: ConnectorName = owners[0].connector().clone();
    let committed = all(5, |n| {
        let mut times = 0u64;
        match n {
            0 => {
                let _over = Over(&over);
                for n in 0..MODELS {
                    let (files, model) = another(5_000 + n);
                    let put = |as_of| admin.put_model(as_of, &files, &model, &Unused::default());
                    decide(&*admin, |as_of| put(as_of).map(|put| assert_eq!(put, ModelPut::Done)));
                }
            }
            4 => {
                while !over.load(Ordering::SeqCst) {
                    decide(&*store, |as_of| store.submit(as_of, vec![new_task(&producer, b"x")], QUEUE_MAX).map(drop));
                    times += 1;
                }
            }
            _ => {
                let owner = &owners[n - 1];
                let mut last = None;
                while !over.load(Ordering::SeqCst) {
                    let row = user(owner.new_id(), &format!("u{n}-{times}"));
                    owner.change(|_| last.iter().map(delete).chain([insert(&row)]).collect());
                    last = Some(row);
                    times += 1;
                }
            }
        }
        times
    });
    assert_eq!(admin.model_files().expect("files"), another(5_000 + MODELS - 1).0, "the load: {committed:?}");
    let rows = admin.objects(None, None, 9).expect("objects").len();
    let left = (1..4).filter(|n| committed[*n] > 0).count();
    assert_eq!(rows, left, "each left its last row");
}
