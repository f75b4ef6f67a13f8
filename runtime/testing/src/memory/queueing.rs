//! The queue's port.

use std::sync::Arc;

use lockgate_core::mark::Mark;
use lockgate_core::names::ConnectorName;
use lockgate_core::park::{Line, LooseEnd};
use lockgate_core::ports::{
    Claim, Claimed, Due, DueTask, Generation, Lease, Missing, Queue, Removal, Stand, Stood, StoreError, Submitted, TaskFilter, Upkeep,
    Waiter,
};
use lockgate_core::task::{NewTask, Task, TaskHead, TaskId, TaskState};

use super::MemoryStore;

impl Queue for MemoryStore {
    fn submit(&self, as_of: Generation, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Result<Vec<Submitted>, StoreError> {
        self.can_write()?;
        let mut state = self.lock();
        for task in &tasks {
            state.configured.check(task.connector(), as_of)?;
        }
        Ok(tasks.into_iter().map(|task| state.queues.submit(task, queue_tasks_max)).collect())
    }

    fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, StoreError> {
        Ok(self.lock().leases.claim(claim))
    }

    fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.lock().leases.release(lease);
        Ok(())
    }

    fn fetch(&self, connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Result<Vec<Task>, StoreError> {
        Ok(self.lock().queues.fetch(connector, after, tasks_max, bytes_max))
    }

    fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        Ok(self.lock().queues.all().find(|task| task.id == id).cloned())
    }

    fn heads(&self, ids: &[TaskId]) -> Result<Vec<TaskHead>, StoreError> {
        let state = self.lock();
        let mut heads: Vec<TaskHead> = state.queues.all().filter(|task| ids.contains(&task.id)).map(|task| task.head.clone()).collect();
        heads.sort_by_key(|head| head.id);
        Ok(heads)
    }

    fn tasks(&self, filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        let state = self.lock();
        let mut meant: Vec<&TaskHead> = state
            .queues
            .all()
            .map(|task| &task.head)
            .filter(|head| after.is_none_or(|after| head.id > after) && filter.matches(head))
            .collect();
        meant.sort_by_key(|head| head.id);
        Ok(meant.into_iter().take(limit).cloned().collect())
    }

    fn stand(&self, stands: &[Stand]) -> Result<Vec<Stood>, StoreError> {
        let mut state = self.lock();
        let each = stands.iter().map(|stand| match state.queues.owner(stand.id, stand.version) {
            Ok(connector) => {
                state.queues.stand(&connector, stand.id, &stand.standing);
                Stood::Done
            }
            Err(stood) => stood,
        });
        Ok(each.collect())
    }

    fn due(&self, _: &ConnectorName, _: Option<TaskId>, _: usize, _: usize) -> Result<Vec<DueTask>, StoreError> {
        Ok(Vec::new())
    }

    fn loose_due(&self, _: &ConnectorName, _: usize) -> Result<Vec<Arc<LooseEnd>>, StoreError> {
        Ok(Vec::new())
    }

    fn work_off(&self, _: &Lease, _: usize) -> Result<bool, StoreError> {
        Ok(false)
    }

    fn make_due(&self, _: &[TaskId], _: Due) -> Result<(), StoreError> {
        Ok(())
    }

    fn stirred(&self) -> Result<Vec<ConnectorName>, StoreError> {
        Ok(Vec::new())
    }

    fn in_lines(&self, _: &ConnectorName) -> Result<u64, StoreError> {
        Ok(0)
    }

    fn line(&self, _: &ConnectorName, _: &[Line], _: usize) -> Result<Vec<TaskHead>, StoreError> {
        Ok(Vec::new())
    }

    fn bringing(&self, _: &[Mark], _: usize) -> Result<Vec<TaskHead>, StoreError> {
        Ok(Vec::new())
    }

    fn standing(&self, _: &ConnectorName, _: TaskState, _: Option<TaskId>, _: usize) -> Result<Vec<TaskHead>, StoreError> {
        Ok(Vec::new())
    }

    fn parked_before(&self, _: &ConnectorName, _: i64, _: usize) -> Result<Vec<TaskHead>, StoreError> {
        Ok(Vec::new())
    }

    fn missing(&self, _: Option<Mark>, _: usize) -> Result<Vec<Missing>, StoreError> {
        Ok(Vec::new())
    }

    fn waiters(&self, _: Mark, _: usize) -> Result<Vec<Waiter>, StoreError> {
        Ok(Vec::new())
    }

    fn remove(&self, removals: Vec<Removal>) -> Result<Vec<Stood>, StoreError> {
        let mut state = self.lock();
        let each = removals.into_iter().map(|removal| match state.queues.owner(removal.entry.task, removal.version) {
            Ok(connector) => {
                state.queues.take(&connector, removal.entry.task);
                state.past.add(removal.entry);
                Stood::Done
            }
            Err(stood) => stood,
        });
        Ok(each.collect())
    }
}
