//! The store as a whole: its parts together, what they may answer, and what keeps it going.

use std::collections::BTreeMap;

use crate::names::{ConnectorName, TypeName};
use crate::ports::{Audit, Content, Journal, Nodes, Operations, Queue, Registry};

/// A store. Every method of every part blocks, is safe to call from many threads, and is atomic: it
/// happens whole or not at all. What returned `Ok` from a writing method survives power loss.
pub trait Store: Queue + Operations + Content + Registry + Journal + Audit + Upkeep {}

impl<S: Queue + Operations + Content + Registry + Journal + Audit + Upkeep + ?Sized> Store for S {}

/// What keeps a store going, and numbers about it.
pub trait Upkeep: Send + Sync {
    /// Numbers for the operator. Costs no scan.
    fn counts(&self) -> Result<Counts, StoreError>;

    /// Why nothing is written at the moment: after a failed write, until the store has recovered by
    /// itself. Never blocks for long.
    fn can_write(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// How much room the store takes, and how much is left for it. `None`: it does not know.
    fn space(&self) -> Option<Space> {
        None
    }

    /// Who else shares the store. `None`: it is one process's own.
    fn nodes(&self) -> Option<&dyn Nodes> {
        None
    }

    /// A copy of everything as of one moment, made while the store goes on. Returns when it is made,
    /// which takes as long as reading everything.
    fn backup(&self) -> Result<Backup, StoreError>;
}

/// Why a store did not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Another process owns the connector now: stop working on it.
    #[error("another process has taken over connector {0}")]
    Fenced(ConnectorName),
    /// Rows or tasks that were relied on have changed: look again and plan again. Nothing was written.
    #[error("rows or tasks that the plan relied on have changed meanwhile")]
    Conflict,
    /// The configuration that was relied on has changed: read it again and decide anew. Nothing was
    /// written.
    #[error("the configuration has changed meanwhile")]
    Stale,
    /// The write may or may not have happened: look when the store is open again, and go on from
    /// there. Asking again with the same idempotency key tells.
    #[error("it is unknown whether the write happened: {0}")]
    Unknown(String),
    /// Nothing was written; the disk is broken. The store gives the file up and opens it again by
    /// itself (style 21), and refuses with this meanwhile.
    #[error("the store cannot write: {0}")]
    Unavailable(String),
    /// The file holds something that this version cannot read.
    #[error("the store's file is damaged or from a newer version: {0}")]
    Unreadable(String),
    /// The disk is full, or another limit of the system is reached. Nothing was written, unless the
    /// file cannot even be opened again: then it is as with `Unknown`. Refused with this until a
    /// write works again.
    #[error("the disk is full: {0}")]
    Full(String),
}

impl StoreError {
    /// Stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Full(_) => "disk-full",
            Self::Unknown(_) => "outcome-unknown",
            Self::Unreadable(_) => "store-damaged",
            Self::Fenced(_) | Self::Conflict | Self::Stale | Self::Unavailable(_) => "store-unavailable",
        }
    }
}

/// Numbers for the operator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tasks in the state `queued` by connector.
    pub queued: BTreeMap<ConnectorName, u64>,
    /// Parked tasks by connector.
    pub parked: BTreeMap<ConnectorName, u64>,
    /// Tasks behind others by connector.
    pub behind: BTreeMap<ConnectorName, u64>,
    /// Failed tasks by connector.
    pub failed: BTreeMap<ConnectorName, u64>,
    /// Of the tasks in the state `queued`, those whose last try failed, by connector.
    pub failing: BTreeMap<ConnectorName, u64>,
    /// Loose ends by connector.
    pub loose_ends: BTreeMap<ConnectorName, u64>,
    /// How many different things are waited for, by tasks and loose ends: as many as `Queue::missing` lists.
    pub waits_for: u64,
    /// Stored objects by type.
    pub objects: BTreeMap<TypeName, u64>,
    /// Stored pages by page type.
    pub pages: BTreeMap<TypeName, u64>,
    /// Stored culture versions of pages, all together.
    pub culture_versions: u64,
    /// Stored bindings by type.
    pub bindings: BTreeMap<TypeName, u64>,
    /// History entries.
    pub history: u64,
}

/// Room on the disk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// What the store takes.
    pub store_bytes: u64,
    /// What is free where it lies.
    pub free_bytes: u64,
}

/// A copy of a store, as a file of its own format.
pub struct Backup {
    /// How many bytes `content` has.
    pub bytes: u64,
    /// The file. Reading it does not hold up the store.
    pub content: Box<dyn std::io::Read + Send>,
}

impl std::fmt::Debug for Backup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backup").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}
