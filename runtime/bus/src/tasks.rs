//! What operators do with one queued task (§9).

use crate::Bus;
use crate::pass::{Allows, Processed};
use lockgate_core::audit::AuditAction;
use lockgate_core::decide::waiting_again;
use lockgate_core::effects::deleted;
use lockgate_core::history::{Entry, LogLine};
use lockgate_core::names::ConnectorName;
use lockgate_core::operation::{OPERATIONS_RUNNING_MAX, OperationId, TaskAction, stands_failed};
use lockgate_core::ports::{HistoryFilter, Order, Ordered, Removal, Stand, Stood, StoreError, TaskFilter};
use lockgate_core::task::{ProcessType, Task, TaskHead, TaskId, TaskState};

/// Log lines that `log` gives at most.
pub const LOG_LINES_SHOWN_MAX: usize = 10_000;

/// Why an action was not carried out.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TaskError {
    /// No such task is queued.
    #[error("no task {0} is queued; `lockgate task show {0}` tells what became of it")]
    NotQueued(TaskId),
    /// Its connector is not installed, disabled, or cannot be loaded.
    #[error("connector {0} cannot process it: {1}")]
    CannotProcess(ConnectorName, String),
    /// No connector has this name.
    #[error("no connector is named {0}; `lockgate connector list` shows those that are installed")]
    UnknownConnector(ConnectorName),
    /// There is none, or it ended long ago.
    #[error("no operation {0} is known; `lockgate operation list` shows those that are")]
    NoOperation(OperationId),
    /// As many run as may.
    #[error("{OPERATIONS_RUNNING_MAX} operations run, as many as may; wait for one, or cancel it")]
    TooManyOperations,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Bus {
    /// Tasks after an id, ascending.
    pub fn tasks(&self, filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        self.inner.parts.store.tasks(filter, after, limit)
    }

    /// One queued task.
    pub fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.inner.parts.store.task(id)
    }

    /// A task's log, queued or gone.
    pub fn task_log(&self, id: TaskId) -> Result<Vec<LogLine>, StoreError> {
        self.inner.parts.store.log(id, LOG_LINES_SHOWN_MAX)
    }

    /// History entries, newest first.
    pub fn history(&self, filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Entry)>, StoreError> {
        self.inner.parts.store.history(filter, before, limit)
    }

    /// Carries out an action on one task. A retry waits for its end, and tries no other. `Skip` of a task that stands
    /// failed takes in what stands failed before it: a pass would not get to it otherwise.
    pub fn act(&self, id: TaskId, action: TaskAction) -> Result<Option<Processed>, TaskError> {
        match action {
            TaskAction::Retry => self.retry(id, Allows::Nothing).map(Some),
            TaskAction::RetryWithDeletes => self.retry(id, Allows::Deletes).map(Some),
            TaskAction::Skip | TaskAction::SetProcessType(_) | TaskAction::Delete => self.change(id, action).map(|()| None),
        }
    }

    fn retry(&self, id: TaskId, allows: Allows) -> Result<Processed, TaskError> {
        let head = self.heads(&[id])?.pop().ok_or(TaskError::NotQueued(id))?;
        let processed = match self.inner.elsewhere(&head.connector) {
            // The operation that it becomes there is what is written down.
            Some(_) => self.retry_elsewhere(&head, allows),
            None => {
                let row = self.row(AuditAction::TaskRetry, &format!("task {id}"));
                let row = row.map(|row| row.of(&head.connector).before(&standing(&head)));
                self.inner.run_one(&head, allows, row)
            }
        };
        // §12: what waited behind it goes on. Nothing else is tried because of it.
        let goes_on = match &processed {
            Ok(processed) => head.may_hold_up() && processed.outcome != "failed",
            Err(error) => matches!(error, TaskError::Store(StoreError::Unknown(_))),
        };
        if goes_on {
            self.inner.begin(&head.connector, true);
        }
        processed
    }

    /// An operation over this one task: a row that the node carries out which works for its connector.
    fn retry_elsewhere(&self, head: &TaskHead, allows: Allows) -> Result<Processed, TaskError> {
        let (task, connector) = (head.id, head.connector.clone());
        let action = match allows {
            Allows::Nothing => TaskAction::Retry,
            Allows::Deletes => TaskAction::RetryWithDeletes,
        };
        let filter = TaskFilter { ids: Some(vec![task]), connector: Some(connector.clone()), ..TaskFilter::default() };
        let begun = self.begin_operation(&filter, action)?;
        let ended = self.wait_for_operation(begun.id)?;
        if ended.came.done + ended.came.failed + ended.came.waiting == 0 {
            let why = ended.why.map_or_else(|| "the node that works for it has not done it".to_owned(), |why| why.to_string());
            return Err(if self.heads(&[task])?.is_empty() {
                TaskError::NotQueued(task)
            } else {
                TaskError::CannotProcess(connector, why)
            });
        }
        if let Some(now) = self.heads(&[task])?.pop() {
            let outcome = match now.state {
                TaskState::Parked | TaskState::Behind => now.state.as_str(),
                TaskState::Queued | TaskState::Failed => "failed",
            };
            return Ok(Processed { task, outcome, failure: now.failure, due_ms: now.not_before_ms });
        }
        let ended = self.history(&HistoryFilter { task: Some(task), ..HistoryFilter::default() }, None, 1)?;
        let outcome = ended.first().map_or("processed", |(_, entry)| entry.outcome.as_str());
        Ok(Processed { task, outcome, failure: None, due_ms: None })
    }

    fn change(&self, id: TaskId, action: TaskAction) -> Result<(), TaskError> {
        loop {
            let head = self.heads(&[id])?.pop().ok_or(TaskError::NotQueued(id))?;
            let connector = head.connector.clone();
            let (what, order) = match action {
                TaskAction::Delete => (AuditAction::TaskDelete, Order::Remove(vec![removal(&head, self.now_ms())])),
                TaskAction::SetProcessType(process_type) => (AuditAction::TaskProcessType, Order::Stand(vec![stand(&head, process_type)])),
                _ if stands_failed(&head) => {
                    let before = self.failed_before(&connector, id)?;
                    let all = std::iter::once(&head).chain(&before).map(|head| stand(head, ProcessType::SkipOnce)).collect();
                    (AuditAction::TaskSkip, Order::Stand(all))
                }
                _ => (AuditAction::TaskSkip, Order::Stand(vec![stand(&head, ProcessType::SkipOnce)])),
            };
            let row = self.row(what, &format!("task {id}")).map(|row| row.of(&connector).before(&standing(&head)));
            let row = row.map(|row| match &order {
                Order::Stand(stands) => {
                    let now = stands.first().map_or("", |stand| stand.standing.process_type.as_str());
                    row.after(&format!("{{\"process_type\":\"{now}\",\"tasks\":{}}}", stands.len()))
                }
                _ => row,
            });
            let stood = self.inner.or_begin(self.order(&order, row).map(Ordered::stood), [&connector])?;
            match stood.first() {
                Some(Stood::Done) => {
                    if sets_going(&head, action) {
                        self.inner.begin(&connector, true);
                    }
                    self.inner.stir(None)?;
                    return Ok(());
                }
                // A pass has just tried it: what the operator wants of it is wanted all the same.
                Some(Stood::Changed) => {}
                Some(Stood::Gone) | None => return Err(TaskError::NotQueued(id)),
            }
        }
    }

    pub(crate) fn heads(&self, ids: &[TaskId]) -> Result<Vec<TaskHead>, StoreError> {
        self.inner.parts.store.heads(ids)
    }
}

/// How a task stands, as JSON.
fn standing(head: &TaskHead) -> String {
    let code = head.failure.as_ref().map_or("null".to_owned(), |failure| format!("\"{}\"", failure.code.as_str()));
    let (state, process_type, attempts) = (head.state, head.process_type, head.attempts);
    format!("{{\"state\":\"{state}\",\"process_type\":\"{process_type}\",\"attempts\":{attempts},\"code\":{code}}}")
}

/// Whether a pass has something to do when this is done with a task as it stands.
pub(crate) fn sets_going(head: &TaskHead, action: TaskAction) -> bool {
    let waits_again = action != TaskAction::Delete && (head.state != TaskState::Queued || head.not_before_ms.is_some());
    head.may_hold_up() || waits_again
}

pub(crate) fn stand(head: &TaskHead, process_type: ProcessType) -> Stand {
    Stand { id: head.id, version: head.version, standing: waiting_again(head, process_type) }
}

pub(crate) fn removal(head: &TaskHead, now_ms: i64) -> Removal {
    Removal { version: head.version, entry: deleted(head, now_ms) }
}
