//! Operations over many tasks, and previews of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_core::failure::Code;
use lockgate_core::operation::{Operation, Preview, TaskAction};
use lockgate_core::ports::{LastOutcome, TaskFilter};
use lockgate_core::task::{ProcessType, TaskState, TaskType};
use serde::Serialize;

use super::time;

/// An operation.
#[derive(Serialize)]
pub(crate) struct OperationWire {
    id: u64,
    #[serde(flatten)]
    action: ActionWire,
    filter: FilterWire,
    state: &'static str,
    started_at: Option<String>,
    ended_at: Option<String>,
    meant: u64,
    done: u64,
    failed: u64,
    waiting: u64,
    passed_over: u64,
    left: u64,
    by_code: BTreeMap<&'static str, u64>,
    why: Option<Arc<str>>,
}

impl From<Operation> for OperationWire {
    fn from(operation: Operation) -> Self {
        let left = operation.left();
        let Operation { id, action, filter, state, started_ms, ended_ms, meant, came, why } = operation;
        Self {
            id: id.0,
            action: action.into(),
            filter: filter.into(),
            state: state.as_str(),
            started_at: time(started_ms),
            ended_at: ended_ms.and_then(time),
            meant,
            done: came.done,
            failed: came.failed,
            waiting: came.waiting,
            passed_over: came.passed_over,
            left,
            by_code: came.by_code.into_iter().map(|(code, count)| (code.as_str(), count)).collect(),
            why,
        }
    }
}

/// What is done.
#[derive(Serialize)]
struct ActionWire {
    action: &'static str,
    /// Of `process-type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    process_type: Option<&'static str>,
    /// Of `retry`.
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_deletes: Option<bool>,
}

impl From<TaskAction> for ActionWire {
    fn from(action: TaskAction) -> Self {
        Self {
            action: action.as_str(),
            process_type: if let TaskAction::SetProcessType(to) = action { Some(to.as_str()) } else { None },
            allow_deletes: action.tries().then_some(action == TaskAction::RetryWithDeletes),
        }
    }
}

/// Which tasks were named, as they were; without single ids.
#[derive(Serialize)]
struct FilterWire {
    #[serde(skip_serializing_if = "Option::is_none")]
    connector: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failing: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    process_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts_min: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
}

impl From<TaskFilter> for FilterWire {
    fn from(filter: TaskFilter) -> Self {
        Self {
            connector: filter.connector.map(|name| name.to_string()),
            state: filter.state.map(TaskState::as_str),
            failing: filter.last.map(|last| last == LastOutcome::Failed),
            code: filter.code.map(Code::as_str),
            path: filter.path,
            process_type: filter.process_type.map(ProcessType::as_str),
            attempts_min: filter.attempts_min,
            waits_for: filter.waits_for.map(|mark| mark.to_string()),
            task_type: filter.task_type.map(TaskType::as_str),
            title: filter.title,
            since: filter.since_ms.and_then(time),
            until: filter.until_ms.and_then(time),
            group: filter.group.map(|group| group.to_string()),
        }
    }
}

/// How many tasks are meant, and how they stand.
#[derive(Serialize)]
pub(crate) struct PreviewWire {
    #[serde(skip_serializing_if = "Option::is_none")]
    dry_run: Option<bool>,
    #[serde(flatten)]
    action: Option<ActionWire>,
    meant: u64,
    reasons: Vec<ReasonWire>,
}

#[derive(Serialize)]
struct ReasonWire {
    connector: String,
    state: &'static str,
    code: Option<&'static str>,
    path: Option<Arc<str>>,
    tasks: u64,
}

impl PreviewWire {
    /// `action`: of which it is a preview.
    pub(crate) fn new(action: Option<TaskAction>, preview: Preview) -> Self {
        let mut reasons: Vec<ReasonWire> = preview
            .reasons
            .into_iter()
            .map(|(reason, tasks)| ReasonWire {
                connector: reason.connector.to_string(),
                state: reason.state.as_str(),
                code: reason.code.map(Code::as_str),
                path: reason.path,
                tasks,
            })
            .collect();
        // The most first; among as many, by connector, state, code and path.
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.tasks));
        Self { dry_run: action.map(|_| true), action: action.map(Into::into), meant: preview.meant, reasons }
    }
}
