//! Who may process which connector's queue.

use std::collections::BTreeMap;

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Claim, Claimed, Lease, NodeName};

#[derive(Debug, Default)]
pub(super) struct Leases {
    epochs: BTreeMap<ConnectorName, u64>,
    /// Who holds a connector, and until when in ms since 1970.
    holders: BTreeMap<ConnectorName, (NodeName, i64)>,
}

impl Leases {
    pub(super) fn claim(&mut self, claim: &Claim<'_>) -> Claimed {
        self.holders.retain(|connector, (node, _)| node != claim.node || claim.held.contains(connector));
        let until_ms = claim.now_ms.saturating_add_unsigned(claim.lease_ms);
        let epoch = self.epochs.entry(claim.connector.clone()).or_default();
        match self.holders.get(claim.connector) {
            Some((node, _)) if node == claim.node => {}
            Some((node, until_ms)) if *until_ms > claim.now_ms => return Claimed::HeldBy(node.clone(), *until_ms),
            _ => *epoch += 1,
        }
        self.holders.insert(claim.connector.clone(), (claim.node.clone(), until_ms));
        Claimed::Yes(Lease { connector: claim.connector.clone(), node: claim.node.clone(), epoch: *epoch })
    }

    pub(super) fn has(&self, lease: &Lease) -> bool {
        self.epochs.get(&lease.connector) == Some(&lease.epoch)
    }

    pub(super) fn release(&mut self, lease: &Lease) {
        if self.has(lease) && self.holders.get(&lease.connector).is_some_and(|(node, _)| *node == lease.node) {
            self.holders.remove(&lease.connector);
        }
    }

    /// Whoever holds it is fenced.
    pub(super) fn fence(&mut self, connector: &ConnectorName) {
        *self.epochs.entry(connector.clone()).or_default() += 1;
        self.holders.remove(connector);
    }
}
