//! What remains of tasks, as the bus sees it.

use crate::history::{Entry, LogLine};
use crate::names::ConnectorName;
use crate::ports::StoreError;
use crate::task::TaskId;

/// History and logs. Every method blocks and is atomic. Each may answer `Unavailable`, `Unreadable` and
/// `Full`.
pub trait Journal: Send + Sync {
    /// A task's log lines, in order, the first `limit` of those that are kept: its newest
    /// `history::LOG_LINES_KEPT_MAX` over all its tries.
    fn log(&self, id: TaskId, limit: usize) -> Result<Vec<LogLine>, StoreError>;

    /// History entries with a number below `before`, newest first, each with its number. Walks through
    /// what the filter leaves out, except for one task's.
    fn history(&self, filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Entry)>, StoreError>;

    /// Removes the oldest history entries beyond `entries_max`, with the logs of their tasks, and what
    /// deletes left behind (`key::Tomb`) that is to be kept until before the newest entry's end: a store has no
    /// clock. Not in one transaction when there are many.
    fn trim_history(&self, entries_max: u64) -> Result<u64, StoreError>;
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
    /// With such a warning only.
    pub warning: Option<WarningFilter>,
    /// That name a row of this type, among those that the entry lists.
    pub row_type: Option<String>,
    /// That name a row of this name, among those that the entry lists.
    pub row_name: Option<String>,
    /// Ended at or after, in ms since 1970.
    pub since_ms: Option<i64>,
    /// Ended before, in ms since 1970.
    pub until_ms: Option<i64>,
}

/// Which warnings an operator means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WarningFilter {
    /// Any.
    Any,
    /// One of this code, among those that the entry lists.
    Code(String),
}

impl WarningFilter {
    fn matches(&self, entry: &Entry) -> bool {
        match self {
            Self::Any => entry.warnings_total > 0 || !entry.warnings.is_empty(),
            Self::Code(code) => entry.warnings.iter().any(|warning| *warning.code == **code),
        }
    }
}

impl HistoryFilter {
    /// Whether the entry is meant.
    pub fn matches(&self, entry: &Entry) -> bool {
        self.connector.as_ref().is_none_or(|name| *name == entry.connector)
            && self.task.is_none_or(|task| task == entry.task)
            && self.outcome.as_ref().is_none_or(|outcome| outcome == entry.outcome.as_str())
            && self.warning.as_ref().is_none_or(|warning| warning.matches(entry))
            && self.since_ms.is_none_or(|at| entry.ended_ms >= at)
            && self.until_ms.is_none_or(|at| entry.ended_ms < at)
            && self.names_row(entry)
    }

    fn names_row(&self, entry: &Entry) -> bool {
        let is = |wanted: &Option<String>, said: &str| wanted.as_ref().is_none_or(|wanted| wanted == said);
        let any = self.row_type.is_none() && self.row_name.is_none();
        any || entry.written.iter().any(|row| is(&self.row_type, &row.type_name) && is(&self.row_name, &row.name))
    }
}
