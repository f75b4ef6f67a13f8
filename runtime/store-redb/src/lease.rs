//! Who may process which connector. Epochs are durable, so that an older lease is fenced for ever. Who
//! holds one is known to this process alone: the file is open nowhere else, and after opening it
//! nobody holds anything.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Claim, Claimed, Lease, NodeName};

use crate::fault::Fault;
use crate::work::Work;

/// Holders of leases, shared by the writer and the callers: going on with a lease writes nothing.
#[derive(Default)]
pub(crate) struct Leases(Mutex<BTreeMap<ConnectorName, Holder>>);

struct Holder {
    node: NodeName,
    epoch: u64,
    /// In ms since 1970.
    until_ms: i64,
}

impl Holder {
    /// The answer to another node, unless the lease is over.
    fn refusal(&self, node: &NodeName, now_ms: i64) -> Option<Claimed> {
        (self.node != *node && self.until_ms > now_ms).then(|| Claimed::HeldBy(self.node.clone(), self.until_ms))
    }
}

impl Leases {
    /// Answers a claim that needs no new epoch. Gives back what the node holds without knowing.
    pub(crate) fn ask(&self, claim: &Claim<'_>) -> Option<Claimed> {
        let mut holders = self.holders();
        holders.retain(|connector, holder| holder.node != *claim.node || claim.held.contains(connector));
        let holder = holders.get_mut(claim.connector)?;
        if holder.node != *claim.node {
            return holder.refusal(claim.node, claim.now_ms);
        }
        holder.until_ms = until(claim);
        Some(Claimed::Yes(Lease { connector: claim.connector.clone(), node: claim.node.clone(), epoch: holder.epoch }))
    }

    /// Forgets the holder, if the lease is its.
    pub(crate) fn release(&self, lease: &Lease) {
        let mut holders = self.holders();
        if holders.get(&lease.connector).is_some_and(|holder| holder.epoch == lease.epoch && holder.node == lease.node) {
            holders.remove(&lease.connector);
        }
    }

    /// Nobody holds this one.
    pub(crate) fn forget(&self, connector: &ConnectorName) {
        self.holders().remove(connector);
    }

    /// The file was opened again: keeps those whose epoch it has.
    pub(crate) fn reconcile(&self, epoch: impl Fn(&ConnectorName) -> Option<u64>) {
        self.holders().retain(|connector, holder| epoch(connector) == Some(holder.epoch));
    }

    fn holders(&self) -> MutexGuard<'_, BTreeMap<ConnectorName, Holder>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A claim that needs a new epoch, as the writer gets it.
pub(crate) struct Wish {
    connector: ConnectorName,
    /// The connector's name.
    id: u32,
    node: NodeName,
    now_ms: i64,
    until_ms: i64,
}

impl Wish {
    pub(crate) fn new(claim: &Claim<'_>, id: u32) -> Self {
        Self { connector: claim.connector.clone(), id, node: claim.node.clone(), now_ms: claim.now_ms, until_ms: until(claim) }
    }
}

fn until(claim: &Claim<'_>) -> i64 {
    claim.now_ms.saturating_add_unsigned(claim.lease_ms)
}

/// Takes the right to process a connector, unless another node came first: a newer epoch fences the
/// older.
pub(crate) fn take(work: &mut Work<'_>, wish: Wish) -> Result<Claimed, Fault> {
    let Wish { connector, id, node, now_ms, until_ms } = wish;
    let refusal = work.memory.leases.holders().get(&connector).and_then(|holder| holder.refusal(&node, now_ms));
    if let Some(refusal) = refusal {
        return Ok(refusal);
    }
    let epoch = next_epoch(work, id)?;
    work.memory.leases.holders().insert(connector.clone(), Holder { node: node.clone(), epoch, until_ms });
    Ok(Claimed::Yes(Lease { connector, node, epoch }))
}

/// Fences whoever holds a connector's lease.
pub(crate) fn fence(work: &mut Work<'_>, connector: &ConnectorName, id: u32) -> Result<(), Fault> {
    next_epoch(work, id)?;
    work.memory.leases.forget(connector);
    Ok(())
}

fn next_epoch(work: &mut Work<'_>, id: u32) -> Result<u64, Fault> {
    let epoch = work.memory.epochs.entry(id).or_insert(0);
    *epoch = epoch.saturating_add(1);
    let epoch = *epoch;
    work.tables.epochs()?.insert(id, epoch)?;
    Ok(epoch)
}
