//! The queue's port.

use std::collections::BTreeSet;
use std::sync::Arc;

use lockgate_core::edit::{Edit, Edits};
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
        Ok(self.lock().queues.get(id).cloned())
    }

    fn heads(&self, ids: &[TaskId]) -> Result<Vec<TaskHead>, StoreError> {
        let ids: BTreeSet<TaskId> = ids.iter().copied().collect();
        Ok(self.lock().heads(ids, usize::MAX))
    }

    fn tasks(&self, filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        let state = self.lock();
        let ids: Option<BTreeSet<TaskId>> = filter.ids.as_ref().map(|ids| ids.iter().copied().collect());
        let all = state.queues.all().map(|task| &task.head);
        let named = all.filter(|head| ids.as_ref().is_none_or(|ids| ids.contains(&head.id)));
        let meant = named.filter(|head| after.is_none_or(|after| head.id > after) && filter.describes(head));
        Ok(meant.take(limit).cloned().collect())
    }

    fn stand(&self, stands: &[Stand]) -> Result<Vec<Stood>, StoreError> {
        let mut state = self.lock();
        Ok(stands.iter().map(|stand| state.stand_on_order(stand)).collect())
    }

    fn due(
        &self,
        connector: &ConnectorName,
        after: Option<TaskId>,
        tasks_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<DueTask>, StoreError> {
        let state = self.lock();
        let (mut tasks, mut bytes) = (Vec::new(), 0);
        for (id, how) in state.waiters.due_tasks(connector).filter(|(id, _)| after.is_none_or(|after| *id > after)) {
            let task = state.queues.get(id).cloned().expect("what is due is there");
            bytes += task.external.body.len();
            if !tasks.is_empty() && (tasks.len() >= tasks_max || bytes > bytes_max) {
                break;
            }
            tasks.push(DueTask { task, how });
        }
        Ok(tasks)
    }

    fn loose_due(&self, connector: &ConnectorName, limit: usize) -> Result<Vec<Arc<LooseEnd>>, StoreError> {
        let state = self.lock();
        Ok(state.waiters.due_ends(connector).filter_map(|id| state.rows.beside.end(id)).take(limit).collect())
    }

    fn work_off(&self, lease: &Lease, limit: usize) -> Result<bool, StoreError> {
        let mut state = self.lock();
        if !state.leases.has(lease) {
            return Err(StoreError::Fenced(lease.connector.clone()));
        }
        Ok(state.waiters.work_off(&lease.connector, limit))
    }

    fn make_due(&self, ids: &[TaskId], how: Due) -> Result<(), StoreError> {
        let mut state = self.lock();
        for head in state.heads(ids.iter().copied(), usize::MAX).iter().filter(|head| head.stands_apart()) {
            state.waiters.make_due(&head.connector, Waiter::Task(head.id), how);
        }
        Ok(())
    }

    fn stirred(&self) -> Result<Vec<ConnectorName>, StoreError> {
        Ok(self.lock().waiters.stirred().into_iter().collect())
    }

    fn in_lines(&self, connector: &ConnectorName) -> Result<u64, StoreError> {
        Ok(self.lock().lines.count(connector))
    }

    fn line(&self, connector: &ConnectorName, lines: &[Line], limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        let state = self.lock();
        Ok(state.heads(state.lines.tasks(connector, lines), limit))
    }

    fn bringing(&self, marks: &[Mark], limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        let state = self.lock();
        Ok(state.heads(state.lines.bringing(marks), limit))
    }

    fn standing(
        &self,
        connector: &ConnectorName,
        state: TaskState,
        after: Option<TaskId>,
        limit: usize,
    ) -> Result<Vec<TaskHead>, StoreError> {
        assert_ne!(state, TaskState::Queued, "those are what `fetch` is for");
        let all = self.lock();
        let standing = all.queues.of(connector, after).filter(|task| task.state == state);
        Ok(standing.take(limit).map(|task| task.head.clone()).collect())
    }

    fn parked_before(&self, connector: &ConnectorName, since_ms: i64, limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        let state = self.lock();
        let parked = state.queues.of(connector, None).filter(|task| task.state == TaskState::Parked);
        let since = parked.filter_map(|task| Some((task.waiting.as_ref()?.since_ms, &task.head)));
        let mut since: Vec<_> = since.filter(|(at_ms, _)| *at_ms < since_ms).collect();
        since.sort_by_key(|(at_ms, head)| (*at_ms, head.id));
        Ok(since.into_iter().take(limit).map(|(_, head)| head.clone()).collect())
    }

    fn missing(&self, after: Option<Mark>, limit: usize) -> Result<Vec<Missing>, StoreError> {
        Ok(self.lock().waiters.missing(after).take(limit).collect())
    }

    fn waiters(&self, mark: Mark, limit: usize) -> Result<Vec<Waiter>, StoreError> {
        Ok(self.lock().waiters.who_wants(mark).take(limit).collect())
    }

    fn edit(&self, edit: &Edit) -> Result<Stood, StoreError> {
        Ok(self.lock().edit(edit))
    }

    fn edits(&self, id: TaskId) -> Result<Option<Edits>, StoreError> {
        Ok(self.lock().edits.get(&id).cloned())
    }

    fn remove(&self, removals: Vec<Removal>) -> Result<Vec<Stood>, StoreError> {
        let mut state = self.lock();
        Ok(removals.into_iter().map(|removal| state.remove_on_order(removal)).collect())
    }
}
