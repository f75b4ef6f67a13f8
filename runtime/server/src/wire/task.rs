//! Tasks, their failures and their log lines.

use std::sync::Arc;

use lockgate_bus::{Accepted, Bulk, First};
use lockgate_core::advice::of_task;
use lockgate_core::failure::Failure;
use lockgate_core::history::{Entry, LogLine, Outcome, Source};
use lockgate_core::task::TaskHead;
use serde::Serialize;

use super::missing::WantWire;
use super::time;

/// A queued task, without its external object.
#[derive(Serialize)]
pub(crate) struct TaskWire {
    pub id: u64,
    connector: String,
    state: &'static str,
    process_type: &'static str,
    task_type: &'static str,
    data_type: &'static str,
    site: Option<String>,
    title: Arc<str>,
    subject: Option<Arc<str>>,
    file_name: Option<Arc<str>>,
    media_type: Arc<str>,
    bytes: u64,
    submitted_at: Option<String>,
    attempts: u32,
    not_before: Option<String>,
    traceparent: Option<Arc<str>>,
    aside: bool,
    /// Since when it waits or fails.
    since: Option<String>,
    behind: Option<u64>,
    waits_for: Vec<WantWire>,
    waits_for_total: usize,
    failure: Option<FailureWire>,
    advice: Option<String>,
}

/// Things that one task waits for and that are listed with it.
const WANTS_SHOWN_MAX: usize = 20;

impl From<TaskHead> for TaskWire {
    fn from(task: TaskHead) -> Self {
        let waiting = task.waiting.as_deref();
        // The end of another task is said by `behind`.
        let wants = waiting.map_or(&[][..], |waiting| if waiting.behind.is_some() { &[] } else { &waiting.wants });
        Self {
            advice: of_task(&task),
            since: waiting.and_then(|waiting| time(waiting.since_ms)),
            behind: waiting.and_then(|waiting| waiting.behind).map(|task| task.0),
            waits_for: wants.iter().take(WANTS_SHOWN_MAX).map(Into::into).collect(),
            waits_for_total: wants.len(),
            aside: task.aside,
            subject: task.subject,
            file_name: task.file_name,
            id: task.id.0,
            connector: task.connector.to_string(),
            state: task.state.as_str(),
            process_type: task.process_type.as_str(),
            task_type: task.task_type.as_str(),
            data_type: task.data_type.as_str(),
            site: task.site.as_ref().map(ToString::to_string),
            title: task.title,
            media_type: task.media_type,
            bytes: task.external_bytes,
            submitted_at: time(task.submitted_ms),
            attempts: task.attempts,
            not_before: task.not_before_ms.and_then(time),
            traceparent: task.traceparent,
            failure: task.failure.map(Into::into),
        }
    }
}

/// Why a task failed, and what to do about it.
#[derive(Serialize)]
pub(crate) struct FailureWire {
    code: &'static str,
    message: Arc<str>,
    path: Option<Arc<str>>,
    advice: &'static str,
}

impl From<Failure> for FailureWire {
    fn from(failure: Failure) -> Self {
        Self { code: failure.code.as_str(), message: failure.message, path: failure.path, advice: failure.code.advice() }
    }
}

/// A task that is durable.
#[derive(Serialize)]
pub(crate) struct AcceptedWire {
    task: u64,
    repeated: bool,
    /// Of one that was submitted before: how it stands, while it is queued.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    /// Of one that was submitted before: how it ended, as far as that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
}

impl From<Accepted> for AcceptedWire {
    fn from(accepted: Accepted) -> Self {
        let (state, outcome) = match accepted.repeated {
            Some(First::Queued(state)) => (Some(state.as_str()), None),
            Some(First::Ended(outcome)) => (None, Some(outcome)),
            Some(First::Forgotten) | None => (None, None),
        };
        Self { task: accepted.task.0, repeated: accepted.repeated.is_some(), state, outcome }
    }
}

impl AcceptedWire {
    /// After it was waited for.
    pub(crate) fn after(accepted: Accepted, stands: Stands) -> Self {
        let Stands { state, outcome } = stands;
        Self { task: accepted.task.0, repeated: accepted.repeated.is_some(), state, outcome }
    }
}

/// How a task stands, or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stands {
    pub state: Option<&'static str>,
    pub outcome: Option<&'static str>,
}

/// A task that has ended, as its history entry has it.
#[derive(Serialize)]
pub(crate) struct EndedWire {
    id: u64,
    connector: String,
    state: &'static str,
    outcome: &'static str,
    process_type: &'static str,
    task_type: &'static str,
    data_type: &'static str,
    site: Option<String>,
    title: Arc<str>,
    submitted_at: Option<String>,
    ended_at: Option<String>,
    attempts: u32,
    failure: Option<FailureWire>,
}

impl EndedWire {
    pub(crate) fn new(entry: &Entry) -> Self {
        let failure = match &entry.outcome {
            Outcome::Failed(failure) | Outcome::Deleted(Some(failure)) => Some(failure.clone()),
            _ => None,
        };
        Self {
            id: entry.task.0,
            connector: entry.connector.to_string(),
            state: "ended",
            outcome: entry.outcome.as_str(),
            process_type: entry.process_type.as_str(),
            task_type: entry.task_type.as_str(),
            data_type: entry.data_type.as_str(),
            site: entry.site.as_ref().map(ToString::to_string),
            title: entry.title.clone(),
            submitted_at: time(entry.submitted_ms),
            ended_at: time(entry.ended_ms),
            attempts: entry.attempts,
            failure: failure.map(Into::into),
        }
    }
}

/// What came of an action on one task.
#[derive(Serialize)]
pub(crate) struct ActedWire {
    pub task: u64,
    pub outcome: &'static str,
    pub failure: Option<FailureWire>,
}

/// What came of an action on many.
#[derive(Serialize)]
pub(crate) struct BulkWire {
    done: u64,
    failed: u64,
}

impl From<Bulk> for BulkWire {
    fn from(bulk: Bulk) -> Self {
        Self { done: bulk.done, failed: bulk.failed }
    }
}

/// A line of a task's log.
#[derive(Serialize)]
pub(crate) struct LogLineWire {
    at: Option<String>,
    level: &'static str,
    source: &'static str,
    message: Arc<str>,
}

impl From<LogLine> for LogLineWire {
    fn from(line: LogLine) -> Self {
        Self {
            at: time(line.at_ms),
            level: line.level.as_str(),
            source: match line.source {
                Source::Host => "host",
                Source::Guest => "guest",
            },
            message: line.message,
        }
    }
}
