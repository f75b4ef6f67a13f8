//! History entries.

use std::sync::Arc;

use lockgate_core::history::{Counted, Entry, Outcome, Warning, Written};
use serde::Serialize;

use super::task::FailureWire;
use super::time;
use super::used::UsedWire;

/// What remains of a task.
#[derive(Serialize)]
pub(crate) struct EntryWire {
    pub number: u64,
    task: u64,
    together: Vec<u64>,
    connector: String,
    task_type: &'static str,
    data_type: &'static str,
    process_type: &'static str,
    site: Option<String>,
    title: Arc<str>,
    outcome: &'static str,
    reason: Option<Arc<str>>,
    failure: Option<FailureWire>,
    attempts: u32,
    digest: Arc<str>,
    submitted_at: Option<String>,
    ended_at: Option<String>,
    used: Option<UsedWire>,
    written: Vec<WrittenWire>,
    written_total: u32,
    rows: Option<RowsWire>,
    references_resolved: u32,
    warnings: Vec<WarningWire>,
    warnings_total: u32,
}

/// Rows by what happened to them.
#[derive(Serialize)]
struct RowsWire {
    inserted: u32,
    updated: u32,
    deleted: u32,
    unchanged: u32,
}

impl RowsWire {
    /// `None`: the entry was written before they were counted apart.
    fn new(counted: Counted, written_total: u32) -> Option<Self> {
        let Counted { inserted, updated, deleted, unchanged } = counted;
        (counted != Counted::default() || written_total == 0).then_some(Self { inserted, updated, deleted, unchanged })
    }
}

#[derive(Serialize)]
struct WrittenWire {
    r#type: Arc<str>,
    name: Arc<str>,
    action: &'static str,
}

#[derive(Serialize)]
pub(crate) struct WarningWire {
    code: Arc<str>,
    message: Arc<str>,
}

impl From<(u64, Entry)> for EntryWire {
    fn from((number, entry): (u64, Entry)) -> Self {
        let outcome = entry.outcome.as_str();
        let (reason, failure) = match entry.outcome {
            Outcome::Stored | Outcome::Unchanged | Outcome::Superseded | Outcome::Absent | Outcome::Mended => (None, None),
            Outcome::Skipped(reason) => (Some(reason), None),
            Outcome::Failed(failure) => (None, Some(failure)),
            Outcome::Deleted(failure) => (None, failure),
        };
        Self {
            number,
            task: entry.task.0,
            together: entry.together.iter().map(|task| task.0).collect(),
            connector: entry.connector.to_string(),
            task_type: entry.task_type.as_str(),
            data_type: entry.data_type.as_str(),
            process_type: entry.process_type.as_str(),
            site: entry.site.as_ref().map(ToString::to_string),
            title: entry.title,
            outcome,
            reason,
            failure: failure.map(Into::into),
            attempts: entry.attempts,
            digest: entry.digest,
            submitted_at: time(entry.submitted_ms),
            ended_at: time(entry.ended_ms),
            used: UsedWire::new(&entry.used),
            written: entry.written.into_iter().map(Into::into).collect(),
            written_total: entry.written_total,
            rows: RowsWire::new(entry.counted, entry.written_total),
            references_resolved: entry.references_resolved,
            warnings: entry.warnings.into_iter().map(Into::into).collect(),
            warnings_total: entry.warnings_total,
        }
    }
}

impl From<Written> for WrittenWire {
    fn from(written: Written) -> Self {
        Self { r#type: written.type_name, name: written.name, action: written.action.as_str() }
    }
}

impl From<Warning> for WarningWire {
    fn from(warning: Warning) -> Self {
        Self { code: warning.code, message: warning.message }
    }
}
