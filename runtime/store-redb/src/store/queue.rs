//! The queue and its leases.

use std::sync::Arc;

use lockgate_core::edit::{Edit, Edits};
use lockgate_core::mark::Mark;
use lockgate_core::names::ConnectorName;
use lockgate_core::park::{Line, LooseEnd};
use lockgate_core::ports::{
    Claim, Claimed, Due, DueTask, Generation, Lease, Missing, Queue, Removal, Stand, Stood, StoreError, Submitted, TaskFilter, Waiter,
};
use lockgate_core::task::{NewTask, Task, TaskHead, TaskId, TaskState};

use super::RedbStore;
use crate::lease::{self, Wish};
use crate::waits::{due, read, wake};
use crate::{edit, queue, submit, tasks};

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

    fn these(&self, connector: &ConnectorName, ids: &[TaskId], bytes_max: usize) -> Result<(Vec<Task>, Option<TaskId>), StoreError> {
        self.read(|view| tasks::these(view, connector, ids, bytes_max))
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

    fn due(
        &self,
        connector: &ConnectorName,
        after: Option<TaskId>,
        tasks_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<DueTask>, StoreError> {
        self.read(|view| due::tasks(view, connector, after, tasks_max, bytes_max))
    }

    fn loose_due(&self, connector: &ConnectorName, limit: usize) -> Result<Vec<Arc<LooseEnd>>, StoreError> {
        self.read(|view| due::loose(view, connector, limit))
    }

    fn work_off(&self, lease: &Lease, limit: usize) -> Result<bool, StoreError> {
        let (lease, connector) = (lease.clone(), self.names.interner().id(lease.connector.as_str()));
        self.writer.write(limit, move |work| wake::work_off(work, &lease, connector, limit))
    }

    fn make_due(&self, ids: &[TaskId], how: Due) -> Result<(), StoreError> {
        let ids = ids.to_vec();
        self.write(ids.len(), move |work| due::make(work, &ids, how))
    }

    fn stirred(&self) -> Result<Vec<ConnectorName>, StoreError> {
        let stirred = self.reached.stirred();
        let known = self.names.known();
        stirred.into_iter().map(|id| Ok(known.connector(id).map_err(crate::fault::Fault::from)?)).collect()
    }

    fn in_lines(&self, connector: &ConnectorName) -> Result<u64, StoreError> {
        Ok(self.names.known().id(connector.as_str()).map_or(0, |id| self.reached.in_lines(id)))
    }

    fn line(&self, connector: &ConnectorName, lines: &[Line], limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        self.read(|view| read::line(view, connector, lines, limit))
    }

    fn bringing(&self, marks: &[Mark], limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        self.read(|view| read::bringing(view, marks, limit))
    }

    fn standing(
        &self,
        connector: &ConnectorName,
        state: TaskState,
        after: Option<TaskId>,
        limit: usize,
    ) -> Result<Vec<TaskHead>, StoreError> {
        self.read(|view| read::standing(view, connector, state, after, limit))
    }

    fn parked_before(&self, connector: &ConnectorName, since_ms: i64, limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        self.read(|view| read::parked_before(view, connector, since_ms, limit))
    }

    fn missing(&self, after: Option<Mark>, limit: usize) -> Result<Vec<Missing>, StoreError> {
        self.read(|view| read::missing(view, after, limit))
    }

    fn waiters(&self, mark: Mark, limit: usize) -> Result<Vec<Waiter>, StoreError> {
        self.read(|view| read::waiters(view, mark, limit))
    }

    fn edit(&self, edit: &Edit) -> Result<Stood, StoreError> {
        let edit = edit.clone();
        self.write(1, move |work| edit::edit(work, &edit))
    }

    fn edits(&self, id: TaskId) -> Result<Option<Edits>, StoreError> {
        self.read(|view| edit::of(view, id))
    }

    fn remove(&self, removals: Vec<Removal>) -> Result<Vec<Stood>, StoreError> {
        let ready = queue::removals(&removals, &self.names);
        self.write(ready.len(), move |work| queue::remove(work, &ready))
    }
}
