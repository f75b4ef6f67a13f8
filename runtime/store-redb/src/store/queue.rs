//! The queue and its leases.

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Claim, Claimed, Generation, Lease, Queue, Removal, Stand, Stood, StoreError, Submitted, TaskFilter};
use lockgate_core::task::{NewTask, Task, TaskHead, TaskId};

use super::RedbStore;
use crate::lease::{self, Wish};
use crate::{queue, submit, tasks};

impl Queue for RedbStore {
    fn submit(&self, as_of: Generation, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Result<Vec<Submitted>, StoreError> {
        let ready = submit::ready(as_of, tasks, &self.names);
        self.writer.write(ready.weight(), move |work| submit::submit(work, ready, queue_tasks_max))
    }

    fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, StoreError> {
        // Whoever could not store what it makes must not begin.
        self.handle.can_write()?;
        if let Some(answer) = self.leases.ask(claim) {
            return Ok(answer);
        }
        let wish = Wish::new(claim, self.names.interner().id(claim.connector.as_str()));
        self.write(1, move |work| lease::take(work, wish))
    }

    fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.leases.release(lease);
        Ok(())
    }

    fn fetch(&self, connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Result<Vec<Task>, StoreError> {
        self.read(|view| tasks::fetch(view, connector, after, tasks_max, bytes_max))
    }

    fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.read(|view| tasks::task(view, id))
    }

    fn heads(&self, ids: &[TaskId]) -> Result<Vec<TaskHead>, StoreError> {
        self.read(|view| tasks::heads(view, ids.iter().copied().collect()))
    }

    fn tasks(&self, filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        self.read(|view| tasks::tasks(view, filter, after, limit))
    }

    fn stand(&self, stands: &[Stand]) -> Result<Vec<Stood>, StoreError> {
        let stands = stands.to_vec();
        self.write(stands.len(), move |work| queue::stand(work, &stands))
    }

    fn remove(&self, removals: Vec<Removal>) -> Result<Vec<Stood>, StoreError> {
        let ready = queue::removals(&removals, &self.names);
        self.write(ready.len(), move |work| queue::remove(work, &ready))
    }
}
