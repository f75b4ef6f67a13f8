//! What makes a new generation of the configuration, and what does not: each one makes running batches
//! stale, and they are translated again.

use super::bench::{Bench, connector, record};
use crate::model_files;
use crate::short::{Commit, Short};
use lockgate_core::model::Unused;
use lockgate_core::ports::{ConnectorRecord, Generation, GrantsDigest, ModelPut, StoreError, Switches};

const OFF: Switches = Switches { bus: true, logging: false, processing: true };

/// Puts everything as it is put by the checks, all by one copy of the configuration.
fn put_all(bench: &Bench<'_>, as_of: impl Fn() -> Generation) -> Result<(), StoreError> {
    let store = bench.store();
    store.put_connector(as_of(), &record("a", "d1"), Some(b"one"))?;
    store.put_connector(as_of(), &record("a", "d1"), None)?;
    store.put_switches(as_of(), OFF)?;
    store.put_grants(as_of(), GrantsDigest(7))?;
    let put = store.put_model(as_of(), &model_files(), &bench.model, &Unused::default())?;
    assert_eq!(put, ModelPut::Done);
    Ok(())
}

pub(super) fn what_changes_nothing_makes_no_generation(bench: &mut Bench<'_>) {
    put_all(bench, || bench.store().now()).expect("put");
    let lease = bench.claim("a");
    let (before, planned) =
        (bench.store().configuration().expect("configuration"), bench.store().effects(&Commit::default(), &bench.model));
    put_all(bench, || before.generation).expect("put again");
    assert_eq!(bench.store().configuration().expect("configuration"), before);
    assert_eq!(bench.store().now(), before.generation);
    bench.store().commit(&lease, &planned).expect("nothing has changed for a pass");
    bench.reopen();
    put_all(bench, || before.generation).expect("put after opening");
    assert_eq!(bench.store().now(), before.generation);
}

pub(super) fn what_is_there_already_is_taken_from_an_old_copy_too(bench: &mut Bench<'_>) {
    let old = bench.store().now();
    put_all(bench, || bench.store().now()).expect("put");
    let before = bench.store().now();
    assert!(before > old);
    put_all(bench, || old).expect("all of it is there already");
    assert_eq!(bench.store().now(), before);
    let store = bench.store();
    for stale in [
        store.put_connector(old, &ConnectorRecord { enabled: false, ..record("a", "d1") }, None),
        store.put_switches(old, Switches::default()),
        store.put_grants(old, GrantsDigest(8)),
        store.put_model(old, &Default::default(), &Default::default(), &Unused::default()).map(drop),
    ] {
        assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    }
    assert_eq!(store.now(), before);
}

pub(super) fn a_component_that_is_not_there_is_stored_though_the_record_is_the_same(bench: &mut Bench<'_>) {
    let store = bench.store();
    store.put_connector_now(&record("a", "d1"), None).expect("put_connector");
    store.put_connector_now(&record("a", "d1"), Some(b"one")).expect("put_connector");
    assert_eq!(store.component("d1").expect("component"), Some(b"one".to_vec()));
    let before = store.now();
    store.delete_connector(&connector("a")).expect("delete");
    store.put_connector_now(&record("a", "d1"), Some(b"one")).expect("put_connector");
    assert!(store.now() > before, "one that was removed is put back");
    assert_eq!(store.connectors().expect("connectors"), [record("a", "d1")]);
}
