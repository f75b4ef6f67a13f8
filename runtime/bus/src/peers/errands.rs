//! What other nodes are told. A node has a thread for it, so that nobody waits for the store who has been answered by
//! it already; a process that is none says it at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use crate::Inner;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Call, StoreError, Wish};

/// What another node is to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Errand {
    /// It is kept until it is done.
    Want(Wish, ConnectorName),
    /// It is only said.
    Call(Call),
}

/// What is to be said.
#[derive(Default)]
pub(super) struct Errands {
    waiting: BTreeSet<Errand>,
    /// What is being said.
    under_way: BTreeSet<Errand>,
}

impl Inner {
    pub(super) fn send(self: &Arc<Self>, errand: Errand) {
        if self.peers.is_node() {
            self.peers.errands.lock().unwrap_or_else(PoisonError::into_inner).waiting.insert(errand);
            self.peers.changed.notify_all();
        } else {
            self.say(&BTreeSet::from([errand]));
        }
    }

    /// Connectors of which another node does not know yet what is wanted.
    pub(super) fn unsaid(&self) -> BTreeSet<ConnectorName> {
        let errands = self.peers.errands.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = |errand: &Errand| match errand {
            Errand::Want(_, connector) => Some(connector.clone()),
            Errand::Call(_) => None,
        };
        errands.waiting.iter().chain(&errands.under_way).filter_map(wanted).collect()
    }

    /// Says something to all nodes. That it could not be said is no harm.
    pub(crate) fn call(&self, calls: impl IntoIterator<Item = Call>) {
        let Some(nodes) = self.shared() else { return };
        if let Err(error) = nodes.call(&calls.into_iter().collect()) {
            tracing::debug!("other nodes were not called: {error}");
        }
    }

    fn say(&self, errands: &BTreeSet<Errand>) {
        let Some(nodes) = self.shared() else { return };
        let mut wants: BTreeMap<Wish, BTreeSet<ConnectorName>> = BTreeMap::new();
        let mut calls = BTreeSet::new();
        for errand in errands {
            match errand {
                Errand::Want(wish, connector) => {
                    wants.entry(*wish).or_default().insert(connector.clone());
                    calls.insert(Call::Look);
                }
                Errand::Call(call) => {
                    calls.insert(call.clone());
                }
            }
        }
        for (wish, connectors) in wants {
            if let Err(error) = nodes.want(wish, &connectors) {
                tracing::warn!("other nodes were not told what is wanted of {} connectors: {error}", connectors.len());
            }
        }
        self.call(calls);
    }

    /// Keeps the wish for passes, and returns when it is durable.
    pub(crate) fn want_passes(&self, connectors: &BTreeSet<ConnectorName>) -> Result<(), StoreError> {
        let Some(nodes) = self.shared() else { return Ok(()) };
        nodes.want(Wish::Pass, connectors)?;
        self.call([Call::Look]);
        Ok(())
    }

    /// The thread's work: all that has come meanwhile goes together.
    pub(super) fn run_errands(self: &Arc<Self>) {
        loop {
            let mut errands = self.peers.errands.lock().unwrap_or_else(PoisonError::into_inner);
            while errands.waiting.is_empty() && !self.peers.gone.load(Ordering::SeqCst) {
                errands = self.peers.changed.wait(errands).unwrap_or_else(PoisonError::into_inner);
            }
            let waiting = std::mem::take(&mut errands.waiting);
            errands.under_way.clone_from(&waiting);
            drop(errands);
            if waiting.is_empty() {
                return;
            }
            self.say(&waiting);
            self.peers.errands.lock().unwrap_or_else(PoisonError::into_inner).under_way.clear();
        }
    }
}
