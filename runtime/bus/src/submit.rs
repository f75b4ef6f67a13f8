//! ProcessExternalTask (§2).

use crate::Bus;
use lockgate_core::admit::{Admission, Refusal, Submission, admit};
use lockgate_core::ports::{StoreError, Submitted};
use lockgate_core::settings::Processing;
use lockgate_core::task::TaskId;

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
    /// fsync (promise 1). A refused submission stores nothing and does not touch the others.
    pub fn submit(&self, submissions: Vec<Submission>) -> Result<Vec<Result<Accepted, Refusal>>, StoreError> {
        let connectors: Vec<_> = submissions.iter().map(|s| s.connector.clone()).collect();
        let mut answers = Vec::with_capacity(submissions.len());
        let mut admitted = Vec::with_capacity(submissions.len());
        let submitted = {
            // Held until the tasks are queued, so that no connector is removed in between.
            let state = self.inner.read_state();
            let now_ms = self.now_ms();
            for submission in submissions {
                let admission = Admission {
                    model: &state.model,
                    connector: state.connectors.get(&submission.connector),
                    switches: state.switches,
                    payload_bytes_max: self.settings().payload_bytes_max,
                    now_ms,
                };
                answers.push(match admit(submission, &admission) {
                    Ok(task) => {
                        admitted.push(task);
                        None
                    }
                    Err(refusal) => Some(Err(refusal)),
                });
            }
            if admitted.is_empty() { Vec::new() } else { self.inner.parts.store.submit(admitted, self.settings().queue_tasks_max)? }
        };
        let mut submitted = submitted.into_iter();
        let answers: Vec<_> = answers
            .into_iter()
            .zip(&connectors)
            .map(|(answer, connector)| match answer {
                Some(refused) => refused,
                None => match submitted.next() {
                    Some(Submitted::Queued(task)) => Ok(Accepted { task, repeated: false }),
                    Some(Submitted::Repeated(task)) => Ok(Accepted { task, repeated: true }),
                    Some(Submitted::KeyReused(task)) => Err(Refusal::KeyReused(task)),
                    Some(Submitted::QueueFull) | None => Err(Refusal::QueueFull(connector.clone())),
                },
            })
            .collect();
        let mut woken: Vec<_> = connectors.into_iter().zip(&answers).filter(|(_, answer)| answer.is_ok()).map(|(name, _)| name).collect();
        woken.sort();
        woken.dedup();
        for name in woken {
            if self.settings().of(&name).processing == Processing::Auto {
                self.inner.wake_if_started(&name);
            }
        }
        Ok(answers)
    }

    /// Whether a task is still queued.
    pub fn is_queued(&self, task: TaskId) -> Result<bool, StoreError> {
        Ok(self.inner.parts.store.task(task)?.is_some())
    }
}
