//! What operators do with queued tasks (§9).

use std::collections::BTreeSet;

use crate::Bus;
use crate::pass::Processed;
use lockgate_core::decide::waiting_again;
use lockgate_core::effects::deleted;
use lockgate_core::history::{Entry, LogLine};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{HistoryFilter, Removal, Stand, Stood, Store, StoreError, TaskFilter};
use lockgate_core::task::{ProcessType, Task, TaskHead, TaskId};

/// Log lines that `log` gives at most.
pub const LOG_LINES_SHOWN_MAX: usize = 10_000;
/// Tasks that one bulk action looks at, at a time.
const BULK_PAGE: usize = 1_000;

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

    /// Carries out an action on one task. A retry waits for its end.
    pub fn act(&self, id: TaskId, action: TaskAction) -> Result<Option<Processed>, TaskError> {
        self.act_if(id, &TaskFilter::default(), action)
    }

    /// The same on a task that is still meant.
    fn act_if(&self, id: TaskId, filter: &TaskFilter, action: TaskAction) -> Result<Option<Processed>, TaskError> {
        loop {
            let head = self.heads(&[id])?.pop().filter(|head| filter.matches(head)).ok_or(TaskError::NotQueued(id))?;
            let connector = head.connector.clone();
            let stood = match action {
                TaskAction::Retry => {
                    let processed = self.inner.run_one(&head);
                    if matches!(processed, Ok(_) | Err(TaskError::Store(StoreError::Unknown(_)))) {
                        self.inner.begin(&connector, true);
                    }
                    return Ok(Some(processed?));
                }
                TaskAction::Delete => self.inner.parts.store.remove(vec![removal(&head, self.now_ms())]),
                TaskAction::Skip => self.inner.parts.store.stand(&[stand(&head, ProcessType::SkipOnce)]),
                TaskAction::SetProcessType(process_type) => self.inner.parts.store.stand(&[stand(&head, process_type)]),
            };
            let stood = self.inner.or_begin(stood, [&connector])?;
            match stood.first() {
                Some(Stood::Done) => {
                    // Others may have waited behind it.
                    self.inner.begin(&connector, true);
                    return Ok(None);
                }
                // A pass has just tried it: what the operator wants of it is wanted all the same.
                Some(Stood::Changed) => {}
                Some(Stood::Gone) | None => return Err(TaskError::NotQueued(id)),
            }
        }
    }

    /// Carries out an action on every task that the filter selects, in order of id. One transaction changes a
    /// page of tasks; retries run one by one. Skips a task that has left the queue or no longer fits the filter.
    pub fn act_on_all(&self, filter: &TaskFilter, action: TaskAction) -> Result<Bulk, TaskError> {
        let mut bulk = Bulk::default();
        let mut after = None;
        loop {
            let page = self.tasks(filter, after, BULK_PAGE)?;
            let Some(last) = page.last() else { return Ok(bulk) };
            after = Some(last.id);
            match action {
                TaskAction::Retry => {
                    for head in page {
                        match self.act_if(head.id, filter, action) {
                            Ok(processed) => {
                                bulk.done += 1;
                                bulk.failed += u64::from(processed.is_some_and(|p| p.failure.is_some()));
                            }
                            Err(TaskError::NotQueued(_)) => {}
                            Err(error) => return Err(error),
                        }
                    }
                }
                TaskAction::Delete => {
                    bulk.done += self.act_on_page(page, filter, |store, heads, now_ms| {
                        store.remove(heads.iter().map(|head| removal(head, now_ms)).collect())
                    })?
                }
                TaskAction::Skip => bulk.done += self.stand_page(page, filter, ProcessType::SkipOnce)?,
                TaskAction::SetProcessType(process_type) => bulk.done += self.stand_page(page, filter, process_type)?,
            }
        }
    }

    fn stand_page(&self, page: Vec<TaskHead>, filter: &TaskFilter, process_type: ProcessType) -> Result<u64, TaskError> {
        self.act_on_page(page, filter, |store, heads, _| {
            let stands: Vec<Stand> = heads.iter().map(|head| stand(head, process_type)).collect();
            store.stand(&stands)
        })
    }

    /// Acts on tasks in one transaction, and again on those that have changed meanwhile and are
    /// still meant.
    fn act_on_page(
        &self,
        mut heads: Vec<TaskHead>,
        filter: &TaskFilter,
        act: impl Fn(&dyn Store, &[TaskHead], i64) -> Result<Vec<Stood>, StoreError>,
    ) -> Result<u64, TaskError> {
        let connectors: BTreeSet<ConnectorName> = heads.iter().map(|head| head.connector.clone()).collect();
        let mut done = 0;
        while !heads.is_empty() {
            let stood = self.inner.or_begin(act(&*self.inner.parts.store, &heads, self.now_ms()), &connectors)?;
            done += stood.iter().filter(|stood| **stood == Stood::Done).count() as u64;
            let changed: Vec<TaskId> =
                heads.iter().zip(&stood).filter(|(_, stood)| **stood == Stood::Changed).map(|(head, _)| head.id).collect();
            heads = if changed.is_empty() { Vec::new() } else { self.heads(&changed)? };
            heads.retain(|head| filter.matches(head));
        }
        connectors.iter().for_each(|name| self.inner.begin(name, true));
        Ok(done)
    }

    pub(crate) fn heads(&self, ids: &[TaskId]) -> Result<Vec<TaskHead>, StoreError> {
        self.inner.parts.store.heads(ids)
    }
}

fn stand(head: &TaskHead, process_type: ProcessType) -> Stand {
    Stand { id: head.id, version: head.version, standing: waiting_again(head, process_type) }
}

fn removal(head: &TaskHead, now_ms: i64) -> Removal {
    Removal { version: head.version, entry: deleted(head, now_ms) }
}
