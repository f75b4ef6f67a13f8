//! Other processes on the same store: which connectors this one works for, and how it tells the others what it cannot
//! do itself. Nothing that is lost here loses a task: leases decide who may write.

mod beats;
mod errands;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;

use crate::{Bus, Inner};
use lockgate_core::admit::may_process;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Call, Heard, Lease, NodeName, Nodes, Shared, StoreError, Wish};
use lockgate_core::settings::Processing;

/// Why a process does not take part as a node.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JoinError {
    /// Another process has its name.
    #[error("another process takes part as node {0}; each has a name of its own")]
    NameTaken(NodeName),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What this process knows of the others.
#[derive(Default)]
pub(crate) struct Peers {
    /// Whether this process is one of the nodes. Others that use the store leave work to those that are.
    is_node: AtomicBool,
    /// Set when it goes; no beat follows.
    gone: AtomicBool,
    /// Locked while it says that it is there.
    beat: Mutex<beats::State>,
    /// Connectors that this node works for, with the leases by which it took them.
    mine: RwLock<BTreeMap<ConnectorName, Lease>>,
    /// Since when nobody has looked at the schedules of connectors that were taken over, in ms since 1970.
    looked_ms: Mutex<BTreeMap<ConnectorName, i64>>,
    /// As heard last.
    heard: RwLock<Arc<Heard>>,
    errands: Mutex<errands::Errands>,
    changed: Condvar,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Peers {
    fn is_node(&self) -> bool {
        self.is_node.load(Ordering::SeqCst)
    }

    fn heard(&self) -> Arc<Heard> {
        self.heard.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn mine(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<ConnectorName, Lease>> {
        self.mine.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn mine_to_change(&self) -> std::sync::RwLockWriteGuard<'_, BTreeMap<ConnectorName, Lease>> {
        self.mine.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_beat(&self) -> MutexGuard<'_, beats::State> {
        self.beat.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bus {
    /// Starts the bus as one of the nodes that share its store: from now on it works for its share of the connectors.
    /// The same as [`Bus::start`] where the store is this process's own. `about`: for operators. Waits for the end of
    /// a process of the same name that was killed a moment ago, and refuses when there is one still.
    pub fn join(&self, about: &str) -> Result<(), JoinError> {
        if self.inner.shared().is_none() {
            return Ok(self.start()?);
        }
        self.inner.begin_beats(about)?;
        Ok(self.resume_operations()?)
    }

    /// What there is of nodes and their connectors; `None`: the store is this process's own.
    pub fn nodes(&self) -> Result<Option<Heard>, StoreError> {
        self.inner.shared().map(Nodes::look).transpose()
    }

    /// Lets a node give its connectors to others and take none, or take part again. False when there is none of this
    /// name.
    pub fn drain_node(&self, node: &NodeName, drains: bool) -> Result<bool, StoreError> {
        let Some(nodes) = self.inner.shared() else { return Ok(false) };
        let done = nodes.drain(node, drains)?;
        self.inner.call([Call::Look]);
        Ok(done)
    }

    /// Under which name this process takes part.
    pub fn node(&self) -> &NodeName {
        &self.inner.parts.node
    }
}

impl Inner {
    fn shared(&self) -> Option<&dyn Nodes> {
        self.parts.store.nodes()
    }

    /// The node that works for a connector, if it is not this one. A process that is no node works itself as long as
    /// there is none.
    pub(crate) fn elsewhere(&self, connector: &ConnectorName) -> Option<NodeName> {
        let nodes = self.shared()?;
        let heard = if self.peers.is_node() {
            if self.peers.mine().contains_key(connector) {
                return None;
            }
            self.peers.heard()
        } else {
            // Where it cannot be found out, the lease tells.
            Arc::new(nodes.look().ok()?)
        };
        let workers = heard.workers();
        let holder = heard.connector(connector).and_then(|shared| shared.holder.clone()).filter(|holder| workers.contains(holder));
        let any = || workers.first().cloned();
        match holder.or_else(any) {
            None if self.peers.is_node() => Some(self.parts.node.clone()),
            found => found,
        }
    }

    /// Since when nobody has looked at a connector's schedule, if its node has died. Told once.
    pub(crate) fn schedule_since(&self, connector: &ConnectorName) -> Option<i64> {
        self.peers.looked_ms.lock().unwrap_or_else(PoisonError::into_inner).remove(connector)
    }

    /// Whether another node works for a connector; it is told what is wanted then.
    pub(crate) fn leaves(self: &Arc<Self>, connector: &ConnectorName, errand: impl FnOnce(ConnectorName) -> errands::Errand) -> bool {
        let leaves = self.elsewhere(connector).is_some();
        if leaves {
            self.send(errand(connector.clone()));
        }
        leaves
    }

    pub(crate) fn leaves_begin(self: &Arc<Self>, connector: &ConnectorName) -> bool {
        self.leaves(connector, |name| errands::Errand::Want(Wish::Begin, name))
    }

    pub(crate) fn leaves_due(self: &Arc<Self>, connector: &ConnectorName) -> bool {
        self.leaves(connector, |name| errands::Errand::Want(Wish::Due, name))
    }

    /// What anybody finds out by himself some time later.
    pub(crate) fn leaves_call(self: &Arc<Self>, connector: &ConnectorName, call: impl FnOnce(ConnectorName) -> Call) -> bool {
        self.leaves(connector, |name| errands::Errand::Call(call(name)))
    }

    /// Connectors that another node is busy with, or will be when it has heard of what there is.
    pub(crate) fn busy_elsewhere(&self) -> Vec<ConnectorName> {
        // First: what is said meanwhile is in what is looked at.
        let unsaid = self.unsaid();
        let Some(heard) = self.shared().and_then(|nodes| nodes.look().ok()) else { return Vec::new() };
        let (known, workers) = (self.known(), heard.workers());
        let works = |shared: &&Shared| {
            let has_node = shared.holder.as_ref().is_some_and(|holder| workers.contains(holder));
            has_node && may_process(known.switches, known.connectors.get(&shared.name)).is_ok() && self.is_behind(shared)
        };
        heard.connectors.iter().filter(works).map(|shared| shared.name.clone()).chain(unsaid).collect()
    }

    /// Whether its node has not looked at all that there is.
    fn is_behind(&self, shared: &Shared) -> bool {
        let by_itself = self.settings().of(&shared.name).processing == Processing::Auto;
        let (now, seen) = (shared.now, shared.seen);
        (now.passes, now.begins, now.dues) != (seen.passes, seen.begins, seen.dues) || by_itself && now.came != seen.came
    }
}
