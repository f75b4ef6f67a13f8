//! A refusal leaves a handle as it was.

use std::collections::{BTreeMap, BTreeSet};

use super::owner::{Owner, ends};
use super::table::{LEASE_MS, NOW_MS, Table, queued};
use crate::short::Short;
use crate::suite::bench::{QUEUE_MAX, connector, entry, failed, insert, record, update, user};
use crate::{new_task, new_task_with_key};
use lockgate_core::key::ObjectKey;
use lockgate_core::model::Unused;
use lockgate_core::ports::{
    Claim, Claimed, ConnectorRecord, Force, Generation, Lease, ModelPut, NodeName, Removal, Removed, Stand, Stood, StoreError, Submitted,
};
use lockgate_core::rows::ObjectRow;

/// The handle does everything that it could do before.
fn serves(table: &Table, owner: &Owner, after: &str, n: u64) {
    let (store, row) = (&owner.store, user(owner.new_id(), &format!("{after} {n}")));
    let submitted = store.submit(store.now(), vec![new_task(owner.connector(), b"x")], QUEUE_MAX);
    let id = queued(submitted.unwrap_or_else(|error| panic!("submit after {after}: {error:?}"))[0]);
    let task = store.task(id).expect("task").expect("queued");
    let effects = owner.plan_with(vec![ends(&task)], |look| {
        assert!(look.ask(&ObjectKey::Id(row.id)).is_none());
        vec![insert(&row)]
    });
    owner.commit(&effects).unwrap_or_else(|error| panic!("commit after {after}: {error:?}"));
    let seen = table.owner("reader").look().ask(&ObjectKey::Id(row.id));
    assert!(seen.is_some(), "another handle sees what was written after {after}");
}

pub(super) fn a_handle_serves_on_after_each_refusal(table: &Table) {
    let (owner, other) = (table.owner("a"), table.owner("b"));
    let (store, name) = (owner.store.clone(), owner.connector().clone());
    let shared = user(owner.new_id(), "shared");
    owner.write(vec![insert(&shared)]);
    for n in table.rounds().take(20) {
        let changes = |look: &mut super::owner::Look<'_>| {
            let now = look.ask(&ObjectKey::Id(shared.id)).expect("it is there");
            vec![update(&*now, &ObjectRow { modified_ms: now.modified_ms + 1, ..(*now).clone() })]
        };
        let plan = owner.plan(changes);
        other.change(changes);
        assert!(matches!(owner.commit(&plan), Err(StoreError::Conflict)));
        serves(table, &owner, "a conflict", n);

        let plan = owner.plan(|_| Vec::new());
        let changed = ConnectorRecord { installed_ms: n as i64, ..record("a", "d1") };
        store.put_connector_now(&changed, None).expect("put_connector");
        assert!(matches!(owner.commit(&plan), Err(StoreError::Stale)));
        serves(table, &owner, "a stale commit", n);

        assert!(matches!(store.submit(Generation(0), vec![new_task(&name, b"x")], QUEUE_MAX), Err(StoreError::Stale)));
        serves(table, &owner, "a stale submission", n);

        let old = Lease { epoch: owner.lease.epoch.wrapping_sub(1), ..owner.lease.clone() };
        assert!(matches!(store.commit(&old, &owner.plan(|_| Vec::new())), Err(StoreError::Fenced(_))));
        serves(table, &owner, "a fenced commit", n);

        let key = n.to_string();
        let submit = |digest| store.submit(store.now(), vec![new_task_with_key(&name, b"x", &key, digest)], QUEUE_MAX).expect("submit")[0];
        let id = queued(submit(1));
        assert_eq!(submit(2), Submitted::KeyReused(id));
        serves(table, &owner, "a reused key", n);

        let full = store.submit(store.now(), vec![new_task(&name, b"x")], 0).expect("submit");
        assert_eq!(full, [Submitted::QueueFull]);
        serves(table, &owner, "a full queue", n);

        let task = store.task(id).expect("task").expect("queued");
        let stand = [Stand { id, version: task.version, standing: failed() }];
        assert_eq!(store.stand(&stand).expect("stand"), [Stood::Done]);
        assert_eq!(store.stand(&stand).expect("stand"), [Stood::Changed]);
        assert_eq!(store.remove(vec![Removal { version: task.version, entry: entry(&task) }]).expect("remove"), [Stood::Changed]);
        serves(table, &owner, "an old version", n);

        assert!(matches!(store.put_connector(Generation(0), &record("a", "d2"), None), Err(StoreError::Stale)));
        assert_eq!(store.remove_connector(&connector("nobody"), Force::No).expect("remove"), Removed::NotThere);
        assert!(matches!(store.remove_connector(&name, Force::No).expect("remove"), Removed::HasTasks(_)));
        serves(table, &owner, "a refused change of the connector", n);

        let unused = Unused { types: BTreeSet::new(), everything: true };
        let put = store.put_model(store.now(), &BTreeMap::new(), &table.model, &unused).expect("put_model");
        assert_eq!(put, ModelPut::InUse);
        let old = store.put_model(Generation(0), &BTreeMap::new(), &table.model, &Unused::default());
        assert!(matches!(old, Err(StoreError::Stale)));
        serves(table, &owner, "a refused model", n);

        let node = NodeName::new("another");
        let claim = Claim { connector: &name, node: &node, held: &BTreeSet::new(), lease_ms: LEASE_MS, now_ms: NOW_MS };
        assert!(matches!(store.claim(&claim).expect("claim"), Claimed::HeldBy(..)));
        serves(table, &owner, "a claim that was refused", n);
    }
}
