//! What operators ask a store for, and what they set.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::history::Entry;
use crate::names::{ConnectorName, TypeName};
use crate::task::{Task, TaskId, TaskState, TaskType};

/// Which tasks an operator means.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    /// These tasks only.
    pub ids: Option<Vec<TaskId>>,
    /// Of this connector only.
    pub connector: Option<ConnectorName>,
    /// In this state only.
    pub state: Option<TaskState>,
    /// Of this type only.
    pub task_type: Option<TaskType>,
    /// Whose title contains this, without regard to case.
    pub title: Option<String>,
    /// Submitted at or after, in ms since 1970.
    pub since_ms: Option<i64>,
    /// Submitted before, in ms since 1970.
    pub until_ms: Option<i64>,
}

impl TaskFilter {
    /// Whether the task is meant.
    pub fn matches(&self, task: &Task) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(&task.id))
            && self.connector.as_ref().is_none_or(|name| *name == task.connector)
            && self.state.is_none_or(|state| state == task.state)
            && self.task_type.is_none_or(|task_type| task_type == task.task_type)
            && self.title.as_ref().is_none_or(|t| task.title.to_lowercase().contains(&t.to_lowercase()))
            && self.since_ms.is_none_or(|at| task.submitted_ms >= at)
            && self.until_ms.is_none_or(|at| task.submitted_ms < at)
    }
}

/// Which history entries an operator means.
#[derive(Debug, Clone, Default)]
pub struct HistoryFilter {
    /// Of this connector only.
    pub connector: Option<ConnectorName>,
    /// Of this task only.
    pub task: Option<TaskId>,
    /// With this outcome only (`Outcome::as_str`).
    pub outcome: Option<String>,
}

impl HistoryFilter {
    /// Whether the entry is meant.
    pub fn matches(&self, entry: &Entry) -> bool {
        self.connector.as_ref().is_none_or(|name| *name == entry.connector)
            && self.task.is_none_or(|task| task == entry.task)
            && self.outcome.as_ref().is_none_or(|outcome| outcome == entry.outcome.as_str())
    }
}

/// One component of a connector, beside others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Hexadecimal SHA-256 of its bytes.
    pub digest: Arc<str>,
    /// The text of its manifest, if it has one: what it asks for.
    pub manifest: Option<Arc<str>>,
    /// When it was installed, in ms since 1970.
    pub installed_ms: i64,
    /// Whether it may run. One that asks for more than the active one waits for the operator.
    pub approved: bool,
}

/// A connector as it is installed. What it is granted stands in the operator's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorRecord {
    /// Its code name.
    pub name: ConnectorName,
    /// Hexadecimal SHA-256 of the component that runs: one of `versions`.
    pub digest: Arc<str>,
    /// A disabled connector keeps its queue, takes no tasks and processes none.
    pub enabled: bool,
    /// When the active component was installed, in ms since 1970.
    pub installed_ms: i64,
    /// Newest first, [`VERSIONS_KEPT_MAX`] at most; the active one is among them.
    pub versions: Vec<Version>,
}

/// Versions of one connector that are kept for `rollback`.
pub const VERSIONS_KEPT_MAX: usize = 5;

impl ConnectorRecord {
    /// The version that runs.
    pub fn active(&self) -> Option<&Version> {
        self.version(&self.digest)
    }

    /// The version with this digest.
    pub fn version(&self, digest: &str) -> Option<&Version> {
        self.versions.iter().find(|version| &*version.digest == digest)
    }

    /// The version that waits for the operator, if one does.
    pub fn pending(&self) -> Option<&Version> {
        self.versions.iter().find(|version| !version.approved)
    }
}

/// The operator's switches (§9). All on by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    /// Everything.
    pub bus: bool,
    /// Taking in tasks.
    pub logging: bool,
    /// Processing them.
    pub processing: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self { bus: true, logging: true, processing: true }
    }
}

/// Numbers for the operator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting tasks by connector.
    pub queued: BTreeMap<ConnectorName, u64>,
    /// Failed tasks by connector.
    pub failed: BTreeMap<ConnectorName, u64>,
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
