//! The right to process a connector's queue.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::names::ConnectorName;

/// A process among those that share a store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName(Arc<str>);

impl NodeName {
    /// Any text; the operator sees it.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The right to process a connector's queue. One holder at a time; a newer claim fences an older.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Which connector.
    pub connector: ConnectorName,
    /// Who holds it.
    pub node: NodeName,
    /// Counts the claims of this connector.
    pub epoch: u64,
}

/// A wish to process a connector's queue, or to go on doing so.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Which connector.
    pub connector: &'a ConnectorName,
    /// Who wants it.
    pub node: &'a NodeName,
    /// What the node holds as far as it knows. What the store has under its name beyond that is left
    /// from an earlier life of it, and given back: a restart under the same name must not wait.
    pub held: &'a BTreeSet<ConnectorName>,
    /// How long the lease holds without being claimed again, in ms.
    pub lease_ms: u64,
    /// The claimer's clock, in ms since 1970. A store that many machines share uses its own clock.
    pub now_ms: i64,
}

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// It is the claimer's. The same epoch as before when it held it already, else a newer one, and
    /// the holder before is fenced.
    Yes(Lease),
    /// Another node holds it, whose lease ends then, in ms since 1970.
    HeldBy(NodeName, i64),
}
