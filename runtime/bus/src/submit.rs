//! ProcessExternalTask (§2).

use std::collections::BTreeSet;

use crate::Bus;
use crate::known::Known;
use lockgate_core::admit::{Admission, Refusal, Submission, admit};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{StoreError, Submitted};
use lockgate_core::task::{NewTask, TaskId};

/// A task that is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// Its id.
    pub task: TaskId,
    /// Whether an earlier request with the same idempotency key had queued it.
    pub repeated: bool,
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
                Ok(submitted) => break answered(answers, submitted, &connectors),
                Err(StoreError::Stale) => known = self.inner.reload()?,
                Err(error) => return Err(error),
            }
        };
        let queued: BTreeSet<_> = connectors.iter().zip(&answers).filter(|(_, answer)| answer.is_ok()).map(|(name, _)| name).collect();
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
}

fn answered(refused: Vec<Option<Refusal>>, submitted: Vec<Submitted>, connectors: &[ConnectorName]) -> Vec<Result<Accepted, Refusal>> {
    let mut submitted = submitted.into_iter();
    let each = refused.into_iter().zip(connectors).map(|(refused, connector)| match refused {
        Some(refusal) => Err(refusal),
        None => match submitted.next() {
            Some(Submitted::Queued(task)) => Ok(Accepted { task, repeated: false }),
            Some(Submitted::Repeated(task)) => Ok(Accepted { task, repeated: true }),
            Some(Submitted::KeyReused(task)) => Err(Refusal::KeyReused(task)),
            Some(Submitted::QueueFull) | None => Err(Refusal::QueueFull(connector.clone())),
        },
    });
    each.collect()
}
