//! What a store is told at the end of a batch, and what it may answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::change::Change;
use crate::failure::Failure;
use crate::history::{Entry, LogLine};
use crate::key::Key;
use crate::names::ConnectorName;
use crate::task::{ProcessType, TaskId, TaskState};

/// Why a store did not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Another process owns the connector now: stop working on it.
    #[error("another process has taken over connector {0}")]
    Fenced(ConnectorName),
    /// Rows that the plan relied on have changed: load and plan again. Nothing was written.
    #[error("rows that the plan relied on have changed meanwhile")]
    Conflict,
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

/// What became of one submitted task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    /// Queued under this id.
    Queued(TaskId),
    /// The same idempotency key with the same content was queued before, under this id.
    Repeated(TaskId),
    /// The same idempotency key with other content: refused, nothing stored.
    KeyReused(TaskId),
    /// The connector's queue holds as many tasks as it may: refused, nothing stored.
    QueueFull,
}

/// The right to process a connector's queue. One holder at a time; a newer claim fences an older.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Which connector.
    pub connector: ConnectorName,
    /// Counts the claims of this connector.
    pub epoch: u64,
}

/// What becomes of one processed task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskCommit {
    /// Which task.
    pub id: TaskId,
    /// Its place in the queue from now on.
    pub fate: Fate,
    /// Lines to append to its log.
    pub log: Vec<LogLine>,
}

/// A task's place in the queue.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// Out of the queue, with a history entry that says why.
    Removed(Box<Entry>),
    /// It stays, with these attributes.
    Stays(Standing),
}

/// What changes of a task that stays in the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// How it behaves from now on.
    pub process_type: ProcessType,
    /// Waiting, or failed.
    pub state: TaskState,
    /// How often it was tried.
    pub attempts: u32,
    /// Not to be tried before.
    pub not_before_ms: Option<i64>,
    /// Why the last try failed.
    pub failure: Option<Failure>,
}

/// One value that a store carries out whole or not at all (promise 1).
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// Ascending task ids.
    pub tasks: Vec<TaskCommit>,
    /// In the order in which they were planned. The same row may be changed more than once.
    pub changes: Vec<Change>,
    /// What the tasks wrote to their connector's state, by key; `None`: deleted.
    pub state: BTreeMap<Arc<str>, Option<Arc<[u8]>>>,
    /// The store's counter when the first of `relied` was loaded.
    pub as_of: u64,
    /// Questions whose answers the plan relied on: when another connector's commit has touched one
    /// since `as_of`, the answer is `Conflict` and nothing is written.
    pub relied: Vec<Key>,
}
