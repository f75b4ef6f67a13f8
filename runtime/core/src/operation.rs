//! Operations: what an operator does with many tasks at once (§9). One has an id, outlives whoever ordered it,
//! and tells how far it is.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::failure::Code;
use crate::names::ConnectorName;
use crate::ports::TaskFilter;
use crate::task::{ProcessType, TaskHead, TaskId, TaskState};

/// An operation's id: ascending, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId(pub u64);

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What an operator does with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskAction {
    /// Tries it now, once, out of turn; its process type stays.
    Retry,
    /// The same, and this try may delete more rows than a task may (§7.5).
    RetryWithDeletes,
    /// Sets it aside for one pass: `skip-once`, and waiting again if it had failed.
    Skip,
    /// Waiting again, with this process type.
    SetProcessType(ProcessType),
    /// Out of the queue, with a history entry.
    Delete,
}

impl TaskAction {
    /// The word that operators know.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retry | Self::RetryWithDeletes => "retry",
            Self::Skip => "skip",
            Self::SetProcessType(_) => "process-type",
            Self::Delete => "delete",
        }
    }

    /// Whether the tasks are tried, which only their connector's worker does.
    pub fn tries(self) -> bool {
        matches!(self, Self::Retry | Self::RetryWithDeletes)
    }
}

words!(
    /// Where an operation stands.
    OperationState, "operation state" {
        /// Tasks are left, and it goes on by itself.
        Running = "running",
        /// Every task that it meant was dealt with.
        Done = "done",
        /// An operator has cancelled it: what was left is as it was.
        Cancelled = "cancelled",
        /// It could not go on: what was left is as it was.
        Failed = "failed",
    }
);

/// Tasks of an operation that are worked off together, at most: one transaction.
pub const PACKET_TASKS_MAX: usize = 1_000;

/// Operations that run at the same time, at most (promise 5).
pub const OPERATIONS_RUNNING_MAX: usize = 100;

/// An operation that is to begin.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOperation {
    /// What is done.
    pub action: TaskAction,
    /// Which tasks were named.
    pub filter: TaskFilter,
    /// The tasks that it means, by connector, ascending: they are fixed when it begins.
    pub tasks: BTreeMap<ConnectorName, Vec<TaskId>>,
    /// When it begins, in ms since 1970.
    pub started_ms: i64,
}

/// An operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// What is done.
    pub action: TaskAction,
    /// Which tasks were named. Without their ids: those are in its packets.
    pub filter: TaskFilter,
    /// Where it stands.
    pub state: OperationState,
    /// When it began, in ms since 1970.
    pub started_ms: i64,
    /// When it ended.
    pub ended_ms: Option<i64>,
    /// How many tasks it meant when it began.
    pub meant: u64,
    /// What came of those that were dealt with.
    pub came: Came,
    /// Why it failed.
    pub why: Option<Arc<str>>,
}

impl Operation {
    /// Tasks that are still to be dealt with, or were when it ended.
    pub fn left(&self) -> u64 {
        self.meant.saturating_sub(self.came.tasks())
    }
}

/// What came of tasks: so many each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Came {
    /// Carried out; of a retry: stored, or skipped by the connector.
    pub done: u64,
    /// Tried, and failed.
    pub failed: u64,
    /// Tried, and waits on: parked, or behind another.
    pub waiting: u64,
    /// Not touched: it had left the queue, or was no longer one of those that the filter means.
    pub passed_over: u64,
    /// Of those that failed or wait: why.
    pub by_code: BTreeMap<Code, u64>,
}

impl Came {
    /// How many tasks.
    pub fn tasks(&self) -> u64 {
        [self.done, self.failed, self.waiting, self.passed_over].into_iter().fold(0, u64::saturating_add)
    }

    /// With more.
    pub fn add(&mut self, more: &Self) {
        self.done += more.done;
        self.failed += more.failed;
        self.waiting += more.waiting;
        self.passed_over += more.passed_over;
        for (code, count) in &more.by_code {
            *self.by_code.entry(*code).or_default() += count;
        }
    }

    /// A task that was tried, and how it stands since.
    pub fn stays(&mut self, state: TaskState, code: Option<Code>) {
        match state {
            TaskState::Parked | TaskState::Behind => self.waiting += 1,
            TaskState::Queued | TaskState::Failed => self.failed += 1,
        }
        // Who is behind another waits for its end, and not for what failed before.
        if let Some(code) = code.filter(|_| state != TaskState::Behind) {
            *self.by_code.entry(code).or_default() += 1;
        }
    }
}

/// Some tasks of an operation, of one connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Whose tasks.
    pub connector: ConnectorName,
    /// Which packet of the operation.
    pub number: u64,
    /// What is left of it, ascending: [`PACKET_TASKS_MAX`] at most.
    pub tasks: Vec<TaskId>,
}

/// How an operation moves on: part of the transaction that carries out what it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which operation.
    pub operation: OperationId,
    /// Whose tasks.
    pub connector: ConnectorName,
    /// Which packet.
    pub packet: u64,
    /// The tasks that are dealt with, ascending: they leave the packet.
    pub tasks: Vec<TaskId>,
    /// What came of them.
    pub came: Came,
    /// Tasks that were counted as waiting and were carried out with a group after all, each with the code by which
    /// it was counted.
    pub together: BTreeMap<TaskId, Option<Code>>,
    /// When, in ms since 1970.
    pub at_ms: i64,
}

impl Step {
    /// What it makes of the counts.
    pub fn count(&self, came: &mut Came) {
        came.add(&self.came);
        for code in self.together.values() {
            came.waiting = came.waiting.saturating_sub(1);
            came.done += 1;
            if let Some(code) = code
                && let Some(count) = came.by_code.get_mut(code)
            {
                *count = count.saturating_sub(1);
            }
        }
        came.by_code.retain(|_, count| *count > 0);
    }
}

/// Whether a task's last try failed and, as it stands, a pass would not get past it: what `skip` lets one pass
/// get past, besides the task that is named.
pub fn stands_failed(task: &TaskHead) -> bool {
    task.process_type == ProcessType::Default && task.failing() && !task.aside
}

/// Different reasons that a preview tells apart, at most (promise 5).
pub const REASONS_MAX: usize = 1_000;

/// Why tasks stand as they do, and how many.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// Whose tasks.
    pub connector: ConnectorName,
    /// How they stand.
    pub state: TaskState,
    /// Why the last try failed, or what they wait by.
    pub code: Option<Code>,
    /// Where in the external or prepared object.
    pub path: Option<Arc<str>>,
}

/// How many tasks are meant, and how they stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// How many.
    pub meant: u64,
    /// By reason. Where there are too many, those with further paths are counted without them.
    pub reasons: BTreeMap<Reason, u64>,
}

impl Preview {
    /// One more.
    pub fn add(&mut self, task: &TaskHead) {
        self.meant += 1;
        let (code, path) = task.failure.as_ref().map_or((None, None), |failure| (Some(failure.code), failure.path.clone()));
        let mut reason = Reason { connector: task.connector.clone(), state: task.state, code, path };
        if self.reasons.len() >= REASONS_MAX && !self.reasons.contains_key(&reason) {
            reason.path = None;
        }
        *self.reasons.entry(reason).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_that_a_group_carries_out_is_counted_once() {
        let mut came = Came::default();
        came.stays(TaskState::Parked, Some(Code::UnresolvedReference));
        came.stays(TaskState::Behind, Some(Code::Invalid));
        came.stays(TaskState::Failed, Some(Code::Invalid));
        assert_eq!((came.waiting, came.failed, came.tasks()), (2, 1, 3));
        let step = Step {
            operation: OperationId(1),
            connector: ConnectorName::new("a").unwrap(),
            packet: 0,
            tasks: Vec::new(),
            came: Came::default(),
            together: BTreeMap::from([(TaskId(1), Some(Code::UnresolvedReference)), (TaskId(2), None)]),
            at_ms: 0,
        };
        step.count(&mut came);
        assert_eq!(came, Came { done: 2, failed: 1, by_code: BTreeMap::from([(Code::Invalid, 1)]), ..Came::default() });
    }
}
