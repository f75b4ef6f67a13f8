//! What operators do with queued tasks (§9).

use std::collections::BTreeSet;
use std::sync::PoisonError;

use crate::Bus;
use crate::pass::Processed;
use lockgate_core::history::{Entry, LogLine, Outcome, Used};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{HistoryFilter, Standing, StoreError, TaskFilter};
use lockgate_core::task::{ProcessType, Task, TaskId, TaskState};

/// Log lines that `log` gives at most.
pub const LOG_LINES_SHOWN_MAX: usize = 10_000;
/// Tasks that one bulk action looks at, at a time.
const BULK_PAGE: usize = 500;

/// What an operator does with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskAction {
    /// Runs it now, out of turn; its process type stays.
    Retry,
    /// Sets it aside for one pass: `skip-once`, and waiting again if it had failed.
    Skip,
    /// Waiting again, with this process type.
    SetProcessType(ProcessType),
    /// Out of the queue, with a history entry.
    Delete,
}

/// What came of an action over many tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bulk {
    /// Tasks that the action was carried out on.
    pub done: u64,
    /// Retried tasks that failed again.
    pub failed: u64,
}

/// Why an action was not carried out.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TaskError {
    /// No such task is queued.
    #[error("no task {0} is queued; `lockgate task show {0}` tells what became of it")]
    NotQueued(TaskId),
    /// Its connector is not installed, disabled, or cannot be loaded.
    #[error("connector {0} cannot process it: {1}")]
    CannotProcess(ConnectorName, String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Bus {
    /// Tasks after an id, ascending.
    pub fn tasks(&self, filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Result<Vec<Task>, StoreError> {
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

    /// Carries out an action on one task. A retry waits for its end.
    pub fn act(&self, id: TaskId, action: TaskAction) -> Result<Option<Processed>, TaskError> {
        let task = self.task(id)?.ok_or(TaskError::NotQueued(id))?;
        let standing = match action {
            TaskAction::Retry => {
                let processed = self.inner.run_one(&task)?;
                self.inner.wake_if_started(&task.connector);
                return Ok(Some(processed));
            }
            TaskAction::Delete => {
                let connector = task.connector.clone();
                let entry = deleted(task, self.now_ms());
                if self.inner.parts.store.remove(vec![entry])? == 0 {
                    return Err(TaskError::NotQueued(id));
                }
                // Others may have waited behind it.
                self.inner.wake_if_started(&connector);
                return Ok(None);
            }
            TaskAction::Skip => standing(&task, ProcessType::SkipOnce),
            TaskAction::SetProcessType(process_type) => standing(&task, process_type),
        };
        let stood = {
            let mut changes = self.inner.standing.write().unwrap_or_else(PoisonError::into_inner);
            *changes += 1;
            self.inner.parts.store.stand(id, &standing)?
        };
        match stood {
            true => {
                self.inner.wake_if_started(&task.connector);
                Ok(None)
            }
            false => Err(TaskError::NotQueued(id)),
        }
    }

    /// Carries out an action on every task that is meant, ascending. A task that leaves the queue
    /// meanwhile is passed over.
    pub fn act_on_all(&self, filter: &TaskFilter, action: TaskAction) -> Result<Bulk, TaskError> {
        let mut bulk = Bulk::default();
        let mut after = None;
        loop {
            let page = self.tasks(filter, after, BULK_PAGE)?;
            let Some(last) = page.last() else { return Ok(bulk) };
            after = Some(last.id);
            if action == TaskAction::Delete {
                let now_ms = self.now_ms();
                let connectors: BTreeSet<ConnectorName> = page.iter().map(|task| task.connector.clone()).collect();
                bulk.done += self.inner.parts.store.remove(page.into_iter().map(|t| deleted(t, now_ms)).collect())?;
                connectors.iter().for_each(|name| self.inner.wake_if_started(name));
                continue;
            }
            for task in page {
                match self.act(task.id, action) {
                    Ok(processed) => {
                        bulk.done += 1;
                        bulk.failed += u64::from(processed.is_some_and(|p| p.failure.is_some()));
                    }
                    Err(TaskError::NotQueued(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }
}

fn standing(task: &Task, process_type: ProcessType) -> Standing {
    Standing { process_type, state: TaskState::Queued, attempts: task.attempts, not_before_ms: None, failure: task.failure.clone() }
}

fn deleted(task: Task, now_ms: i64) -> Entry {
    Entry {
        task: task.id,
        connector: task.connector,
        task_type: task.task_type,
        data_type: task.data_type,
        process_type: task.process_type,
        site: task.site,
        title: task.title,
        outcome: Outcome::Deleted(task.failure),
        attempts: task.attempts,
        digest: "".into(),
        submitted_ms: task.submitted_ms,
        ended_ms: now_ms,
        used: Used::default(),
        written: Vec::new(),
        written_total: 0,
        references_resolved: 0,
        warnings: Vec::new(),
    }
}
