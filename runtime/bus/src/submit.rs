//! ProcessExternalTask (§2).

use std::collections::BTreeSet;

use crate::Bus;
use crate::known::Known;
use lockgate_core::admit::{Admission, Refusal, Submission, admit};
use lockgate_core::history::Outcome;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{HistoryFilter, StoreError, Submitted};
use lockgate_core::task::{NewTask, TaskId, TaskState};

/// A task that is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// Its id.
    pub task: TaskId,
    /// What has become of it, if an earlier request with the same idempotency key had queued it: nothing was
    /// queued now.
    pub repeated: Option<First>,
}

/// What has become of a task that was submitted before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// It is queued.
    Queued(TaskState),
    /// It has ended so (`Outcome::as_str`).
    Ended(&'static str),
    /// It ended, and it is not known how: the history does not keep it, or cannot be read.
    Forgotten,
}

impl Bus {
    /// Queues what may be queued; one answer for each submission, in order. Returns after the
    /// fsync (promise 1). A refused submission stores nothing and does not touch the others. That each
    /// connector is there and takes tasks is checked in the transaction that queues them.
    pub fn submit(&self, submissions: Vec<Submission>) -> Result<Vec<Result<Accepted, Refusal>>, StoreError> {
        let connectors: Vec<_> = submissions.iter().map(|s| s.connector.clone()).collect();
        let mut known = self.inner.known();
        let answers = loop {
            let (answers, admitted) = self.admitted(&known, &submissions);
            let by_configuration = answers.iter().flatten().any(Refusal::is_by_configuration);
            if by_configuration && self.inner.parts.store.generation()? > known.generation {
                known = self.inner.reload()?;
                continue;
            }
            let submitted = match admitted.is_empty() {
                true => Ok(Vec::new()),
                false => self.inner.parts.store.submit(known.generation, admitted, self.settings().queue_tasks_max),
            };
            let admitted = connectors.iter().zip(&answers).filter(|(_, refused)| refused.is_none()).map(|(name, _)| name);
            match self.inner.or_begin(submitted, admitted) {
                Ok(submitted) => break self.answered(answers, submitted, &connectors),
                Err(StoreError::Stale) => known = self.inner.reload()?,
                Err(error) => return Err(error),
            }
        };
        // A repeated task, too, may have been queued by a process that ended before its pass began.
        let in_turn = |answer: &Result<Accepted, Refusal>| {
            matches!(answer, Ok(Accepted { repeated: None | Some(First::Queued(TaskState::Queued)), .. }))
        };
        let queued: BTreeSet<_> = connectors.iter().zip(&answers).filter(|(_, answer)| in_turn(answer)).map(|(name, _)| name).collect();
        queued.into_iter().for_each(|name| self.inner.wake_if_started(name));
        Ok(answers)
    }

    /// Refusals in the places of what is refused, and the rest.
    fn admitted(&self, known: &Known, submissions: &[Submission]) -> (Vec<Option<Refusal>>, Vec<NewTask>) {
        let now_ms = self.now_ms();
        let mut admitted = Vec::with_capacity(submissions.len());
        let answers = submissions.iter().map(|submission| {
            let admission = Admission {
                model: &known.model,
                connector: known.connectors.get(&submission.connector),
                switches: known.switches,
                payload_bytes_max: self.settings().payload_bytes_max,
                now_ms,
            };
            match admit(submission.clone(), &admission) {
                Ok(task) => {
                    admitted.push(task);
                    None
                }
                Err(refusal) => Some(refusal),
            }
        });
        (answers.collect(), admitted)
    }

    fn answered(
        &self,
        refused: Vec<Option<Refusal>>,
        submitted: Vec<Submitted>,
        connectors: &[ConnectorName],
    ) -> Vec<Result<Accepted, Refusal>> {
        let mut submitted = submitted.into_iter();
        let each = refused.into_iter().zip(connectors).map(|(refused, connector)| {
            match refused {
                Some(refusal) => Err(refusal),
                None => match submitted.next() {
                    Some(Submitted::Queued(task)) => {
                        self.inner.numbers.submitted(connector);
                        Ok(Accepted { task, repeated: None })
                    }
                    // That it was taken is certain, whatever can be said of it now.
                    Some(Submitted::Repeated(task)) => {
                        Ok(Accepted { task, repeated: Some(self.what_became_of(task).unwrap_or(First::Forgotten)) })
                    }
                    Some(Submitted::KeyReused(task)) => Err(Refusal::KeyReused(task)),
                    Some(Submitted::QueueFull) | None => Err(Refusal::QueueFull(connector.clone())),
                },
            }
        });
        each.collect()
    }

    /// What has become of a task.
    fn what_became_of(&self, task: TaskId) -> Result<First, StoreError> {
        let store = &self.inner.parts.store;
        if let Some(head) = store.heads(&[task])?.pop() {
            return Ok(First::Queued(head.state));
        }
        let ended = store.history(&HistoryFilter { task: Some(task), ..HistoryFilter::default() }, None, MENDED_MAX)?;
        let own = ended.iter().find(|(_, entry)| entry.outcome != Outcome::Mended);
        Ok(own.map_or(First::Forgotten, |(_, entry)| First::Ended(entry.outcome.as_str())))
    }
}

/// Entries of loose ends of one task that may stand before its own.
const MENDED_MAX: usize = 1_000;
