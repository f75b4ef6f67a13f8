//! The queue's port.

use std::sync::Arc;

use lockgate_core::edit::{Edit, Edits};
use lockgate_core::mark::Mark;
use lockgate_core::names::ConnectorName;
use lockgate_core::park::{Line, LooseEnd};
use lockgate_core::ports::{
    Claim, Claimed, Due, DueTask, Generation, Lease, Missing, Queue, Removal, Stand, Stood, StoreError, Submitted, TaskFilter, Waiter,
};
use lockgate_core::task::{NewTask, Task, TaskHead, TaskId, TaskState};

use super::PgStore;
use crate::{audit, lease, orders, submit, tasks, waiting};

impl Queue for PgStore {
    fn submit(&self, as_of: Generation, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Result<Vec<Submitted>, StoreError> {
        if tasks.is_empty() {
            return Ok(Vec::new());
        }
        let request = submit::prepare(self, as_of, tasks, queue_tasks_max)?;
        submit::share(self, request)
    }

    fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, StoreError> {
        lease::claim(self, claim)
    }

    fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        lease::release(self, lease)
    }

    fn fetch(&self, connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Result<Vec<Task>, StoreError> {
        tasks::fetch(self, connector, after, tasks_max, bytes_max)
    }

    fn these(&self, connector: &ConnectorName, ids: &[TaskId], bytes_max: usize) -> Result<(Vec<Task>, Option<TaskId>), StoreError> {
        tasks::these(self, connector, ids, bytes_max)
    }

    fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        tasks::one(self, id)
    }

    fn heads(&self, ids: &[TaskId]) -> Result<Vec<TaskHead>, StoreError> {
        tasks::heads(self, ids)
    }

    fn tasks(&self, filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        tasks::list(self, filter, after, limit)
    }

    fn stand(&self, stands: &[Stand]) -> Result<Vec<Stood>, StoreError> {
        orders::stand(self, stands, None)
    }

    fn due(
        &self,
        connector: &ConnectorName,
        after: Option<TaskId>,
        tasks_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<DueTask>, StoreError> {
        tasks::due(self, connector, after, tasks_max, bytes_max)
    }

    fn loose_due(&self, connector: &ConnectorName, limit: usize) -> Result<Vec<Arc<LooseEnd>>, StoreError> {
        waiting::loose_due(self, connector, limit)
    }

    fn work_off(&self, lease: &Lease, limit: usize) -> Result<bool, StoreError> {
        waiting::work_off(self, lease, limit)
    }

    fn make_due(&self, ids: &[TaskId], how: Due) -> Result<(), StoreError> {
        orders::make_due(self, ids, how)
    }

    fn stirred(&self) -> Result<Vec<ConnectorName>, StoreError> {
        waiting::stirred(self)
    }

    fn in_lines(&self, connector: &ConnectorName) -> Result<u64, StoreError> {
        waiting::lined(self, connector)
    }

    fn line(&self, connector: &ConnectorName, lines: &[Line], limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        tasks::in_lines(self, connector, lines, limit)
    }

    fn bringing(&self, marks: &[Mark], limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        tasks::bringing(self, marks, limit)
    }

    fn standing(
        &self,
        connector: &ConnectorName,
        state: TaskState,
        after: Option<TaskId>,
        limit: usize,
    ) -> Result<Vec<TaskHead>, StoreError> {
        tasks::standing(self, connector, state, after, limit)
    }

    fn parked_before(&self, connector: &ConnectorName, since_ms: i64, limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        tasks::parked_before(self, connector, since_ms, limit)
    }

    fn missing(&self, after: Option<Mark>, limit: usize) -> Result<Vec<Missing>, StoreError> {
        waiting::missing(self, after, limit)
    }

    fn waiters(&self, mark: Mark, limit: usize) -> Result<Vec<Waiter>, StoreError> {
        waiting::waiters(self, mark, limit)
    }

    fn remove(&self, removals: Vec<Removal>) -> Result<Vec<Stood>, StoreError> {
        orders::remove(self, &removals, None)
    }

    fn edit(&self, edit: &Edit) -> Result<Stood, StoreError> {
        audit::edit(self, edit, None)
    }

    fn edits(&self, id: TaskId) -> Result<Option<Edits>, StoreError> {
        audit::edits(self, id)
    }
}
