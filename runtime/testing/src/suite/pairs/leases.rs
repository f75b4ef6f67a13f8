//! Claims beside each other: one holder at a time, and the newest epoch alone writes.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::owner::{Owner, ends};
use super::table::{LEASE_MS, NOW_MS, Table, all, both};
use crate::short::Short;
use crate::suite::bench::connector;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Claim, Claimed, HistoryFilter, Lease, NodeName, Store, StoreError};

/// A node with a handle.
struct Node {
    store: Arc<dyn Store>,
    name: NodeName,
}

impl Node {
    fn claim_at(&self, connector: &ConnectorName, held: &BTreeSet<ConnectorName>, lease_ms: u64, now_ms: i64) -> Claimed {
        self.store.claim(&Claim { connector, node: &self.name, held, lease_ms, now_ms }).expect("claim")
    }

    /// For long, holding nothing.
    fn claim(&self, connector: &ConnectorName) -> Claimed {
        self.claim_at(connector, &BTreeSet::new(), LEASE_MS, NOW_MS)
    }

    fn owns(&self, table: &Table, lease: Lease) -> Owner {
        Owner::new(self.store.clone(), lease, table.model.clone())
    }

    fn is_fenced(&self, table: &Table, lease: &Lease) -> bool {
        let owner = self.owns(table, lease.clone());
        match owner.commit(&owner.plan(|_| Vec::new())) {
            Ok(()) => false,
            Err(StoreError::Fenced(_)) => true,
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn nodes<const N: usize>(table: &Table) -> [Node; N] {
    std::array::from_fn(|n| Node { store: table.handle(), name: NodeName::new(&format!("node {n}")) })
}

fn installed(table: &Table, name: &str) -> ConnectorName {
    let name = connector(name);
    table.handle().install([&name]);
    name
}

/// The one lease that was given, and to which node; the others know who has it.
fn the_one(nodes: &[Node], claims: &[Claimed]) -> (usize, Lease) {
    let given: Vec<(usize, &Lease)> = claims
        .iter()
        .enumerate()
        .filter_map(|(n, claimed)| if let Claimed::Yes(lease) = claimed { Some((n, lease)) } else { None })
        .collect();
    let [(holder, lease)] = given[..] else { panic!("one gets it: {claims:?}") };
    assert_eq!(lease.node, nodes[holder].name);
    for claimed in claims {
        if let Claimed::HeldBy(node, _) = claimed {
            assert_eq!(*node, nodes[holder].name, "the others are told who has it");
        }
    }
    (holder, lease.clone())
}

pub(super) fn of_three_nodes_that_claim_one_gets_it(table: &Table) {
    let nodes = nodes::<3>(table);
    for n in table.rounds() {
        let name = installed(table, &format!("c{n}"));
        let claims = all(3, |node| nodes[node].claim(&name));
        let (holder, lease) = the_one(&nodes, &claims);
        assert!(!nodes[holder].is_fenced(table, &lease), "round {n}: who has got it may write");
    }
}

pub(super) fn a_lease_ends_by_time_and_one_of_two_takes_it(table: &Table) {
    let nodes = nodes::<3>(table);
    for n in table.rounds().take(20) {
        let name = installed(table, &format!("c{n}"));
        let nothing = BTreeSet::new();
        let Claimed::Yes(first) = nodes[0].claim_at(&name, &nothing, 50, NOW_MS) else { panic!("nobody had it") };
        assert!(matches!(nodes[1].claim_at(&name, &nothing, LEASE_MS, NOW_MS), Claimed::HeldBy(..)), "round {n}: it is held");
        let later_ms = table.engine.later(NOW_MS, 60);
        let claims = all(2, |other| nodes[1 + other].claim_at(&name, &nothing, LEASE_MS, later_ms));
        let (_, second) = the_one(&nodes[1..], &claims);
        assert!(second.epoch > first.epoch, "round {n}: a newer one: {first:?}, {second:?}");
        assert!(nodes[0].is_fenced(table, &first), "round {n}: whose time was over is fenced");
        let held = BTreeSet::from([name.clone()]);
        let again = nodes[0].claim_at(&name, &held, LEASE_MS, later_ms);
        assert!(matches!(again, Claimed::HeldBy(..)), "round {n}: whatever it believes to hold: {again:?}");
    }
}

pub(super) fn going_on_with_a_lease_keeps_its_epoch(table: &Table) {
    let nodes = nodes::<2>(table);
    let name = installed(table, "a");
    let Claimed::Yes(lease) = nodes[0].claim(&name) else { panic!("nobody had it") };
    let held = BTreeSet::from([name.clone()]);
    for n in table.rounds() {
        let (mine, others) = both(|| nodes[0].claim_at(&name, &held, LEASE_MS, NOW_MS), || nodes[1].claim(&name));
        assert_eq!(mine, Claimed::Yes(lease.clone()), "round {n}");
        assert!(matches!(&others, Claimed::HeldBy(node, _) if *node == nodes[0].name), "round {n}: {others:?}");
    }
}

pub(super) fn a_node_that_starts_again_gets_what_it_does_not_hold(table: &Table) {
    for n in table.rounds().take(20) {
        let (a, b) = (installed(table, &format!("a{n}")), installed(table, &format!("b{n}")));
        let name = NodeName::new(&format!("restarts {n}"));
        let before = Node { store: table.handle(), name: name.clone() };
        let Claimed::Yes(old) = before.claim(&a) else { panic!("nobody had it") };
        let held = BTreeSet::from([a.clone()]);
        let Claimed::Yes(old_b) = before.claim_at(&b, &held, LEASE_MS, NOW_MS) else { panic!("nobody had it") };
        // It crashes: nothing is given back.
        drop(before);
        let [other] = nodes::<1>(table);
        let after = Node { store: table.handle(), name };
        let Claimed::Yes(new) = after.claim(&a) else { panic!("round {n}: its own earlier life holds up a node") };
        assert!(new.epoch > old.epoch, "round {n}: what the earlier life sent must not count: {old:?}, {new:?}");
        assert!(after.is_fenced(table, &old), "round {n}");
        let taken = other.claim(&b);
        assert!(matches!(&taken, Claimed::Yes(lease) if lease.epoch > old_b.epoch), "round {n}: the rest is given back: {taken:?}");
    }
}

pub(super) fn a_released_lease_is_free_and_a_late_release_is_passed_over(table: &Table) {
    let nodes = nodes::<3>(table);
    let name = installed(table, "a");
    let Claimed::Yes(mut lease) = nodes[0].claim(&name) else { panic!("nobody had it") };
    let mut holder = 0;
    for n in table.rounds() {
        let late = lease.clone();
        nodes[holder].store.release(&late).expect("release");
        let (next, third) = ((holder + 1) % 3, (holder + 2) % 3);
        let Claimed::Yes(given) = nodes[next].claim(&name) else { panic!("round {n}: it was given back") };
        assert!(given.epoch > late.epoch, "round {n}");
        nodes[holder].store.release(&late).expect("release");
        let taken = nodes[third].claim(&name);
        assert!(matches!(&taken, Claimed::HeldBy(node, _) if *node == nodes[next].name), "round {n}: a late release: {taken:?}");
        (lease, holder) = (given, next);
    }
}

pub(super) fn a_task_is_ended_once_however_often_the_lease_moves(table: &Table) {
    let nodes = nodes::<3>(table);
    let name = installed(table, "a");
    for n in table.rounds() {
        let task = table.queue("a", 1).remove(0);
        let ended = all(3, |node| {
            let node = &nodes[node];
            // Over as soon as it begins: each takes it from the one before.
            let Claimed::Yes(lease) = node.claim_at(&name, &BTreeSet::new(), 0, NOW_MS) else { return false };
            let Some(seen) = node.store.task(task.id).expect("task") else { return false };
            let owner = node.owns(table, lease);
            match owner.commit(&owner.plan_with(vec![ends(&seen)], |_| Vec::new())) {
                Ok(()) => true,
                Err(StoreError::Fenced(_) | StoreError::Conflict) => false,
                Err(error) => panic!("{error:?}"),
            }
        });
        let times = ended.iter().filter(|ended| **ended).count();
        assert!(times <= 1, "round {n}: ended {times} times");
        let filter = HistoryFilter { task: Some(task.id), ..HistoryFilter::default() };
        assert_eq!(nodes[0].store.history(&filter, None, 9).expect("history").len(), times, "round {n}");
    }
}
