//! Processes that share a store.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::names::ConnectorName;
use crate::ports::{Generation, GrantsDigest, NodeName, StoreError};

/// What a store keeps of the processes that share it. Nothing depends on it but who works when: that each task is
/// applied once is the leases' part. Every method blocks.
pub trait Nodes: Send + Sync {
    /// Says that a node is there, which holds for `lease_ms`, keeps its leases as long, and tells what there is. Called
    /// some times within that time. Not durable: it is said again.
    fn beat(&self, beat: &Beat<'_>) -> Result<Beaten, StoreError>;

    /// The same without saying anything.
    fn look(&self) -> Result<Heard, StoreError>;

    /// A node goes: its name is free, and nobody waits for it.
    fn leave(&self, node: &NodeName, life: Life) -> Result<(), StoreError>;

    /// Whether a node gives its connectors to others, and takes none. False when there is no such node.
    fn drain(&self, node: &NodeName, drains: bool) -> Result<bool, StoreError>;

    /// Keeps wishes until they are served, whoever holds the connectors then. Durable.
    fn want(&self, kind: Wish, connectors: &BTreeSet<ConnectorName>) -> Result<(), StoreError>;

    /// Calls all nodes. A call may get lost: whoever is called finds out by himself, some time later.
    fn call(&self, calls: &BTreeSet<Call>) -> Result<(), StoreError>;

    /// Waits so long for calls, and gives those that came, if any did.
    fn listen(&self, wait: Duration) -> Result<Vec<Call>, StoreError>;
}

/// One run of a process: two processes of one name have two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Life(pub u128);

/// What a node says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Beat<'a> {
    /// Its name.
    pub node: &'a NodeName,
    /// Its life.
    pub life: Life,
    /// For how long it is there without saying so again, in ms.
    pub lease_ms: u64,
    /// The connectors whose leases it goes on holding, if it has them.
    pub held: &'a BTreeSet<ConnectorName>,
    /// What it grants.
    pub grants: GrantsDigest,
    /// For operators: its version and where it is reached.
    pub about: &'a str,
    /// Queues that it has looked at since they were so, and has nothing in hand of.
    pub seen: &'a [Seen],
}

/// What a node knew of a connector when it looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Which connector.
    pub connector: ConnectorName,
    /// How much had happened.
    pub marks: Marks,
}

/// How much has happened to a connector: numbers that only grow as long as it is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// Tasks that were submitted.
    pub came: u64,
    /// Wishes for a pass.
    pub passes: u64,
    /// Wishes for what it does by itself.
    pub begins: u64,
    /// Wishes for what has become due.
    pub dues: u64,
}

/// What came of a beat.
#[derive(Debug, Clone, PartialEq)]
pub enum Beaten {
    /// The others know of it.
    Heard(Heard),
    /// Another process has this name, and was heard of a moment ago. For so long it is there, in ms.
    NameTaken(u64),
}

/// What there is, as of one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Heard {
    /// Nodes that were there lately, by name.
    pub nodes: Vec<Node>,
    /// Installed connectors, by name.
    pub connectors: Vec<Shared>,
    /// The configuration's.
    pub generation: Generation,
    /// The newest grants.
    pub grants: GrantsDigest,
}

/// One node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: NodeName,
    /// Its life.
    pub life: Life,
    /// Since when it is there, in ms since 1970.
    pub since_ms: i64,
    /// For how long it was not heard of, in ms.
    pub silent_ms: u64,
    /// Whether it is there: it was heard of within its lease.
    pub is_there: bool,
    /// Whether it gives its connectors to others.
    pub drains: bool,
    /// What it grants.
    pub grants: GrantsDigest,
    /// Its version and where it is reached.
    pub about: String,
}

/// One connector, as all nodes see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// Its name.
    pub name: ConnectorName,
    /// Who has its lease, or had it last.
    pub holder: Option<NodeName>,
    /// How much has happened.
    pub now: Marks,
    /// How much of it has been looked at.
    pub seen: Marks,
    /// Whether operations have tasks of it.
    pub operations: bool,
    /// Whether something of it is due, or was and waits for its turn.
    pub due: bool,
}

impl Heard {
    /// Nodes that may process: they are there, go on, and grant what is granted last.
    pub fn workers(&self) -> BTreeSet<NodeName> {
        self.nodes.iter().filter(|node| node.is_there && !node.drains && node.grants == self.grants).map(|node| node.name.clone()).collect()
    }

    /// A connector.
    pub fn connector(&self, name: &ConnectorName) -> Option<&Shared> {
        self.connectors.iter().find(|shared| shared.name == *name)
    }
}

/// What somebody wants of a connector that another node may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wish {
    /// A pass.
    Pass,
    /// What it does by itself: a pass if its settings say so.
    Begin,
    /// What has become due.
    Due,
}

/// What nodes tell each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    /// Tasks of it were submitted.
    Came(ConnectorName),
    /// An operation has tasks of it.
    Operations(ConnectorName),
    /// Nodes, leases, wishes or the configuration have changed.
    Look,
}
