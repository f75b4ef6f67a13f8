//! What remains of a task: its history entry and its log.

use std::sync::Arc;

use crate::failure::Failure;
use crate::names::{ConnectorName, SiteName};
use crate::task::{DataType, ProcessType, TaskId, TaskType};

/// How a task left the queue.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Its effects are stored.
    Stored,
    /// Everything was as it says already.
    Unchanged,
    /// Something newer had written everything that it says (§7.4).
    Superseded,
    /// What it was to delete was not there.
    Absent,
    /// A loose end that it left is mended (§11.4).
    Mended,
    /// The connector said that there is nothing to do, and why.
    Skipped(Arc<str>),
    /// It failed under `delete-on-error`, or used up its attempts.
    Failed(Failure),
    /// An operator deleted it; with the last failure, if there was one.
    Deleted(Option<Failure>),
}

impl Outcome {
    /// The words of all of them.
    pub const WORDS: &'static [&'static str] = &["stored", "unchanged", "superseded", "absent", "mended", "skipped", "failed", "deleted"];

    /// Whether what the task says is so, or need not be.
    pub fn is_success(&self) -> bool {
        !matches!(self, Self::Failed(_) | Self::Deleted(_))
    }

    /// The word for lists and filters.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Unchanged => "unchanged",
            Self::Superseded => "superseded",
            Self::Absent => "absent",
            Self::Mended => "mended",
            Self::Skipped(_) => "skipped",
            Self::Failed(_) => "failed",
            Self::Deleted(_) => "deleted",
        }
    }
}

/// What happened to one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// It was new.
    Inserted,
    /// It was there and is different now.
    Updated,
    /// It was there and is the same.
    Unchanged,
    /// It is gone.
    Deleted,
    /// It was to be deleted and was not there.
    Absent,
}

impl Action {
    /// The word for lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inserted => "inserted",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Deleted => "deleted",
            Self::Absent => "absent",
        }
    }
}

/// One row that a task wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its type.
    pub type_name: Arc<str>,
    /// Code name, page path with culture, or what a binding binds.
    pub name: Arc<str>,
    /// What happened to it.
    pub action: Action,
}

/// Something that did not stop the task and that the operator should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Stable: [`Warning::BY_CONNECTOR`], `unresolved-reference` (an optional field was left empty) or `binding-not-made`
    /// or `default-used` or `reference-cleared`.
    pub code: Arc<str>,
    /// For the operator.
    pub message: Arc<str>,
}

impl Warning {
    /// The code of what a connector warned of.
    pub const BY_CONNECTOR: &str = "connector-warning";
}

/// What one task used and what its limits were. Zeros: no instance was needed, or the entry was
/// written before these were kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Used {
    /// Time in the guest, all calls, in µs.
    pub guest_us: u64,
    /// Longest single call, in µs; its limit is the deadline.
    pub longest_call_us: u64,
    /// Deadline of one call, in ms.
    pub deadline_ms: u64,
    /// Most linear memory that the guest had, in bytes.
    pub memory_bytes: u64,
    /// Its limit.
    pub memory_bytes_max: u64,
    /// Most that the guest handed over in one call, in bytes.
    pub output_bytes: u64,
    /// Its limit.
    pub output_bytes_max: u64,
    /// Outbound calls.
    pub http_calls: u32,
    /// Their limit.
    pub http_calls_max: u32,
    /// Bytes of their bodies, both ways.
    pub http_bytes: u64,
    /// Their limit.
    pub http_bytes_max: u64,
}

/// One history entry: bounded in number, kept when the task is gone.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The task's id.
    pub task: TaskId,
    /// Tasks that it was carried out together with, because they needed each other (§11.6).
    pub together: Vec<TaskId>,
    /// Who translated it.
    pub connector: ConnectorName,
    /// What was to be done.
    pub task_type: TaskType,
    /// How much was meant.
    pub data_type: DataType,
    /// How it behaved.
    pub process_type: ProcessType,
    /// Where.
    pub site: Option<SiteName>,
    /// For people.
    pub title: Arc<str>,
    /// How it ended.
    pub outcome: Outcome,
    /// How often it was tried.
    pub attempts: u32,
    /// Hexadecimal SHA-256 of the component that ran; empty when none did.
    pub digest: Arc<str>,
    /// When it was submitted, in ms since 1970.
    pub submitted_ms: i64,
    /// When it left the queue, in ms since 1970.
    pub ended_ms: i64,
    /// What the guest used of what it might.
    pub used: Used,
    /// Rows written, [`WRITTEN_MAX`] at most.
    pub written: Vec<Written>,
    /// Rows written, all of them.
    pub written_total: u32,
    /// How many of them, by what happened to them. All zero in entries from before it was counted.
    pub counted: Counted,
    /// References that were resolved.
    pub references_resolved: u32,
    /// Warnings, [`WARNINGS_MAX`] at most.
    pub warnings: Vec<Warning>,
    /// Warnings, all of them.
    pub warnings_total: u32,
}

/// Rows by what happened to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// New ones.
    pub inserted: u32,
    /// Those that are different now.
    pub updated: u32,
    /// Those that are gone.
    pub deleted: u32,
    /// Those that were as stated already.
    pub unchanged: u32,
}

/// Most written rows that a history entry lists.
pub const WRITTEN_MAX: usize = 100;
/// Most warnings that a history entry lists.
pub const WARNINGS_MAX: usize = 100;

/// Log lines that are kept of one task, over all its tries: the newest.
pub const LOG_LINES_KEPT_MAX: u32 = 10_000;

/// How much a log line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Finest.
    Trace,
    /// For authors.
    Debug,
    /// For operators.
    Info,
    /// Worth a look.
    Warn,
    /// A failure.
    Error,
}

impl Level {
    /// All, finest first.
    pub const ALL: [Self; 5] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error];

    /// The word for lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Who wrote a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Lockgate itself.
    Host,
    /// The connector.
    Guest,
}

/// One line of a task's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When, in ms since 1970.
    pub at_ms: i64,
    /// How much it matters.
    pub level: Level,
    /// Who wrote it.
    pub source: Source,
    /// Bounded, without control characters.
    pub message: Arc<str>,
}
