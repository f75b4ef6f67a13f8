//! The queues, one for each connector.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Counts, Standing, Submitted};
use lockgate_core::task::{NewTask, Task, TaskId, TaskState};

#[derive(Debug, Default)]
pub(super) struct Queues {
    queues: BTreeMap<ConnectorName, BTreeMap<TaskId, Task>>,
    /// Idempotency keys, kept as long as the task or its history entry.
    keys: HashMap<(ConnectorName, Arc<str>), (u128, TaskId)>,
    /// The last task id that was given.
    last: u64,
}

impl Queues {
    pub(super) fn submit(&mut self, task: NewTask, queue_tasks_max: u64) -> Submitted {
        let key = task.idempotency().map(|known| ((task.connector().clone(), known.key.clone()), known.digest));
        if let Some((key, digest)) = &key
            && let Some((known, id)) = self.keys.get(key)
        {
            return if known == digest { Submitted::Repeated(*id) } else { Submitted::KeyReused(*id) };
        }
        let queue = self.queues.entry(task.connector().clone()).or_default();
        if queue.len() as u64 >= queue_tasks_max {
            return Submitted::QueueFull;
        }
        self.last += 1;
        let id = TaskId(self.last);
        if let Some((key, digest)) = key {
            self.keys.insert(key, (digest, id));
        }
        queue.insert(id, task.queued(id));
        Submitted::Queued(id)
    }

    pub(super) fn fetch(&self, connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Vec<Task> {
        let mut tasks: Vec<Task> = Vec::new();
        let mut bytes = 0;
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        for task in self.queues.get(connector).into_iter().flat_map(|queue| queue.range((from, Bound::Unbounded))).map(|(_, task)| task) {
            bytes += task.external.body.len();
            if !tasks.is_empty() && (tasks.len() >= tasks_max || bytes > bytes_max) {
                break;
            }
            tasks.push(task.clone());
        }
        tasks
    }

    /// Every queued task, in no order that matters.
    pub(super) fn all(&self) -> impl Iterator<Item = &Task> {
        self.queues.values().flat_map(BTreeMap::values)
    }

    pub(super) fn holds(&self, connector: &ConnectorName, id: TaskId) -> bool {
        self.queues.get(connector).is_some_and(|queue| queue.contains_key(&id))
    }

    pub(super) fn take(&mut self, connector: &ConnectorName, id: TaskId) -> bool {
        self.queues.get_mut(connector).is_some_and(|queue| queue.remove(&id).is_some())
    }

    pub(super) fn stand(&mut self, id: TaskId, standing: &Standing) -> bool {
        let Some(task) = self.queues.values_mut().find_map(|queue| queue.get_mut(&id)) else { return false };
        let Standing { process_type, state, attempts, not_before_ms, failure } = standing.clone();
        task.process_type = process_type;
        task.state = state;
        task.attempts = attempts;
        task.not_before_ms = not_before_ms;
        task.failure = failure;
        true
    }

    /// Removes a connector's queue, with all its idempotency keys.
    pub(super) fn clear(&mut self, connector: &ConnectorName) -> Vec<TaskId> {
        self.keys.retain(|(owner, _), _| owner != connector);
        self.queues.remove(connector).unwrap_or_default().into_keys().collect()
    }

    pub(super) fn forget_key(&mut self, task: TaskId) {
        self.keys.retain(|_, (_, id)| *id != task);
    }

    pub(super) fn count(&self, counts: &mut Counts) {
        for task in self.all() {
            let states = match task.state {
                TaskState::Queued => &mut counts.queued,
                TaskState::Failed => &mut counts.failed,
            };
            *states.entry(task.connector.clone()).or_default() += 1;
        }
    }
}
