//! The queue, as the bus sees it.

use std::sync::Arc;

use crate::edit::{Edit, Edits};
use crate::failure::{Code, Failure};
use crate::fingerprint::Fault;
use crate::history::Entry;
use crate::mark::Mark;
use crate::names::ConnectorName;
use crate::park::{Line, LooseEnd, Waiting, Want};
use crate::ports::{Claim, Claimed, Generation, Lease, StoreError};
use crate::rows::LooseId;
use crate::task::{NewTask, ProcessType, Task, TaskHead, TaskId, TaskState, TaskType, TaskVersion};

/// Tasks that wait, and the right to process them. Every method blocks and is atomic. Each may answer
/// `Unavailable`, `Unreadable` and `Full`; those that write also `Unknown`.
pub trait Queue: Send + Sync {
    /// Queues tasks, in order, with ascending ids. Returns after the fsync (promise 1). Many calls
    /// share one transaction. `queue_tasks_max` counts a connector's tasks that do not stand apart:
    /// a queue full of those that wait would refuse what they wait for. `Stale`, and
    /// nothing is queued, when one of the connectors is not there, or what admission looked at has
    /// changed since `as_of`.
    fn submit(&self, as_of: Generation, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Result<Vec<Submitted>, StoreError>;

    /// Takes the right to process a connector, or goes on having it. Durable. Cheap when it is held.
    fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, StoreError>;

    /// Gives the right back. One that a newer claim has fenced is passed over.
    fn release(&self, lease: &Lease) -> Result<(), StoreError>;

    /// The connector's tasks after an id that do not stand apart (`task::stands_apart`), ascending; stops at
    /// either limit, but gives one task if there is one. Reads only what it gives.
    fn fetch(&self, connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Result<Vec<Task>, StoreError>;

    /// Of these tasks of a connector, ascending, those that are queued, whatever they wait for; stops at the bytes, but
    /// gives one task if there is one. The last id that it has looked at, besides.
    fn these(&self, connector: &ConnectorName, ids: &[TaskId], bytes_max: usize) -> Result<(Vec<Task>, Option<TaskId>), StoreError> {
        let (mut tasks, mut bytes, mut last) = (Vec::new(), 0usize, None);
        for id in ids {
            if let Some(task) = self.task(*id)?.filter(|task| task.connector == *connector) {
                bytes = bytes.saturating_add(task.external.body.len());
                if !tasks.is_empty() && bytes > bytes_max {
                    break;
                }
                tasks.push(task);
            }
            last = Some(*id);
        }
        Ok((tasks, last))
    }

    /// One task.
    fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError>;

    /// Of these tasks, those that are queued, ascending.
    fn heads(&self, ids: &[TaskId]) -> Result<Vec<TaskHead>, StoreError>;

    /// Tasks after an id, ascending, over all connectors. Walks through what the filter leaves out.
    fn tasks(&self, filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Result<Vec<TaskHead>, StoreError>;

    /// Changes what an operator may change of queued tasks, in one transaction; one answer for each. A task
    /// that was due and still stands apart is still due.
    fn stand(&self, stands: &[Stand]) -> Result<Vec<Stood>, StoreError>;

    /// Tasks of a connector that stand apart and are due: what they wait for was touched, or an operator or
    /// a change of the configuration has made them due. Ascending, after an id; stops at either limit,
    /// but gives one task if there is one.
    fn due(&self, connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize)
    -> Result<Vec<DueTask>, StoreError>;

    /// Loose ends of a connector that are due: what they wait for was touched. Ascending.
    fn loose_due(&self, connector: &ConnectorName, limit: usize) -> Result<Vec<Arc<LooseEnd>>, StoreError>;

    /// Works off what was touched and had too many waiters for the commit that touched it (§11.8): makes
    /// at most so many of the connector's waiters due, in one transaction. True when there is more.
    /// `Fenced` when the lease is not the newest.
    fn work_off(&self, lease: &Lease, limit: usize) -> Result<bool, StoreError>;

    /// Makes tasks due that stand apart: to be tried alone, or with a group only. Those that do not stand
    /// apart are passed over. In one transaction.
    fn make_due(&self, ids: &[TaskId], how: Due) -> Result<(), StoreError>;

    /// Connectors for which something is due, or is to be worked off. Costs next to nothing.
    fn stirred(&self) -> Result<Vec<ConnectorName>, StoreError>;

    /// How many tasks of a connector are known by their lines. Where there are none, none is asked
    /// for (§11.9). Costs next to nothing.
    fn in_lines(&self, connector: &ConnectorName) -> Result<u64, StoreError>;

    /// Tasks of a connector that stand in one of these lines, in the way that is named, ascending, so
    /// many at most.
    fn line(&self, connector: &ConnectorName, lines: &[Line], limit: usize) -> Result<Vec<TaskHead>, StoreError>;

    /// Tasks of any connector that are waiting (parked, behind, or waited too long) and would bring one of
    /// these (`Waiting::brings`), ascending, so many at most.
    fn bringing(&self, marks: &[Mark], limit: usize) -> Result<Vec<TaskHead>, StoreError>;

    /// Tasks of a connector in one of the states that are not `Queued`, after an id, ascending. Walks through
    /// no other.
    fn standing(
        &self,
        connector: &ConnectorName,
        state: TaskState,
        after: Option<TaskId>,
        limit: usize,
    ) -> Result<Vec<TaskHead>, StoreError>;

    /// Parked tasks of a connector that have waited since before then, the longest first, then by id.
    fn parked_before(&self, connector: &ConnectorName, since_ms: i64, limit: usize) -> Result<Vec<TaskHead>, StoreError>;

    /// What tasks (`TaskHead::waits`) and loose ends want, by ascending mark, after a mark. What only groups
    /// want is not among it.
    fn missing(&self, after: Option<Mark>, limit: usize) -> Result<Vec<Missing>, StoreError>;

    /// Who wants this, as in `missing`: tasks and loose ends, ascending, so many at most.
    fn waiters(&self, mark: Mark, limit: usize) -> Result<Vec<Waiter>, StoreError>;

    /// Removes queued tasks on an operator's order, one history entry each, in one transaction; one
    /// answer for each. Whoever waits for the end of one is due.
    fn remove(&self, removals: Vec<Removal>) -> Result<Vec<Stood>, StoreError>;

    /// Replaces the external object of a queued task (§13); its standing stays, and it is another version of it. The
    /// object as it came is kept as long as the task's log. `Changed` also when it waits (`edit::may_edit`).
    fn edit(&self, edit: &Edit) -> Result<Stood, StoreError>;

    /// What is remembered of a task that was edited, queued or gone.
    fn edits(&self, id: TaskId) -> Result<Option<Edits>, StoreError>;
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
    /// It failed and stands apart from the queue: later tasks pass it (§12).
    pub aside: bool,
    /// By what it failed for its data (§11).
    pub failed_by: Option<Mark>,
    /// Whether its next try may delete more rows than a task may (§7.5).
    pub deletes_allowed: bool,
    /// What is known of it since a pass came to it.
    pub waiting: Option<Arc<Waiting>>,
}

/// An operator's change of one queued task.
#[derive(Debug, Clone, PartialEq)]
pub struct Stand {
    /// Which task.
    pub id: TaskId,
    /// As the operator saw it.
    pub version: TaskVersion,
    /// What it is to be.
    pub standing: Standing,
}

/// An operator's removal of one queued task.
#[derive(Debug, Clone, PartialEq)]
pub struct Removal {
    /// As the operator saw the task.
    pub version: TaskVersion,
    /// What remains of it; says which task and whose.
    pub entry: Entry,
}

/// What came of an operator's change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stood {
    /// It is done.
    Done,
    /// The task is queued, and not as the operator saw it: look again. Nothing was done.
    Changed,
    /// The task is not queued. Nothing was done.
    Gone,
}

/// A task that stands apart and is due.
#[derive(Debug, Clone, PartialEq)]
pub struct DueTask {
    /// The task.
    pub task: Task,
    /// What it is due for.
    pub how: Due,
}

/// What a task that stands apart is due for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Due {
    /// To be tried alone, and then with a group.
    Alone,
    /// To be tried with a group (§11.6).
    Group,
}

/// Waiters that one line of what is missing names, at most.
pub const MISSING_FIRST_MAX: usize = 5;

/// One thing that is waited for, and by whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Missing {
    /// What, as one of the waiters says it.
    pub want: Want,
    /// How many tasks wait for it.
    pub tasks: u64,
    /// How many loose ends do.
    pub loose_ends: u64,
    /// Of which connectors.
    pub connectors: Vec<ConnectorName>,
    /// Since when the longest of those below waits, in ms since 1970.
    pub since_ms: i64,
    /// The first few: [`MISSING_FIRST_MAX`] at most.
    pub first: Vec<Waiter>,
}

/// Who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Waiter {
    /// A task.
    Task(TaskId),
    /// A loose end.
    Loose(LooseId),
}

/// Which tasks an operator means.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TaskFilter {
    /// These tasks only.
    pub ids: Option<Vec<TaskId>>,
    /// Of this connector only.
    pub connector: Option<ConnectorName>,
    /// In this state only.
    pub state: Option<TaskState>,
    /// With this last outcome only.
    pub last: Option<LastOutcome>,
    /// Whose last try failed by this code only, or that wait by it.
    pub code: Option<Code>,
    /// With the failure, or what they wait by, at this path of the external or prepared object only.
    pub path: Option<String>,
    /// Of this process type only.
    pub process_type: Option<ProcessType>,
    /// Tried so often at least.
    pub attempts_min: Option<u32>,
    /// That wait for this only, as in `Queue::missing`.
    pub waits_for: Option<Mark>,
    /// Of this type only.
    pub task_type: Option<TaskType>,
    /// Whose title contains this, without regard to case.
    pub title: Option<String>,
    /// Submitted at or after, in ms since 1970.
    pub since_ms: Option<i64>,
    /// Submitted before, in ms since 1970.
    pub until_ms: Option<i64>,
    /// Whose last try failed by this fault only (`fingerprint::Fault::group`).
    pub group: Option<Mark>,
}

/// What came of a task's last try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastOutcome {
    /// It failed.
    Failed,
    /// There was none, or it did not fail.
    NotFailed,
}

impl TaskFilter {
    /// Whether the task is meant.
    pub fn matches(&self, task: &TaskHead) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(&task.id)) && self.describes(task)
    }

    /// The same but for the ids.
    pub fn describes(&self, task: &TaskHead) -> bool {
        let failure = task.failure.as_ref();
        let waits_for = |mark| task.waits() && task.waiting.iter().any(|waiting| waiting.wants.iter().any(|want| want.mark == mark));
        self.connector.as_ref().is_none_or(|name| *name == task.connector)
            && self.state.is_none_or(|state| state == task.state)
            && self.last.is_none_or(|last| (last == LastOutcome::Failed) == task.failing())
            && self.code.is_none_or(|code| failure.is_some_and(|failure| failure.code == code))
            && self.path.as_ref().is_none_or(|path| failure.and_then(|failure| failure.path.as_deref()) == Some(path))
            && self.process_type.is_none_or(|process_type| process_type == task.process_type)
            && self.attempts_min.is_none_or(|min| task.attempts >= min)
            && self.waits_for.is_none_or(waits_for)
            && self.task_type.is_none_or(|task_type| task_type == task.task_type)
            && self.title.as_ref().is_none_or(|t| task.title.to_lowercase().contains(&t.to_lowercase()))
            && self.since_ms.is_none_or(|at| task.submitted_ms >= at)
            && self.until_ms.is_none_or(|at| task.submitted_ms < at)
            // Last: it costs the most.
            && self.group.is_none_or(|group| Fault::of_task(task).is_some_and(|fault| fault.group() == group))
    }
}
