//! The queues, one for each connector.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Counts, Standing, Stood, Submitted};
use lockgate_core::task::{NewTask, Task, TaskId, TaskState, TaskVersion};

#[derive(Debug, Default)]
pub(super) struct Queues {
    queues: BTreeMap<ConnectorName, BTreeMap<TaskId, Task>>,
    owners: BTreeMap<TaskId, ConnectorName>,
    /// Idempotency keys, kept as long as the task, or its history entry if it was not given up.
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
        let is_full = |tasks: usize| tasks as u64 >= queue_tasks_max;
        if is_full(queue.len()) && is_full(queue.values().filter(|task| !task.stands_apart()).count()) {
            return Submitted::QueueFull;
        }
        self.last += 1;
        let id = TaskId(self.last);
        if let Some((key, digest)) = key {
            self.keys.insert(key, (digest, id));
        }
        self.owners.insert(id, task.connector().clone());
        queue.insert(id, task.queued(id));
        Submitted::Queued(id)
    }

    pub(super) fn fetch(&self, connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Vec<Task> {
        let mut tasks: Vec<Task> = Vec::new();
        let mut bytes = 0;
        for task in self.of(connector, after).filter(|task| !task.stands_apart()) {
            bytes += task.external.body.len();
            if !tasks.is_empty() && (tasks.len() >= tasks_max || bytes > bytes_max) {
                break;
            }
            tasks.push(task.clone());
        }
        tasks
    }

    /// A connector's tasks after an id, ascending.
    pub(super) fn of(&self, connector: &ConnectorName, after: Option<TaskId>) -> impl Iterator<Item = &Task> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.queues.get(connector).into_iter().flat_map(move |queue| queue.range((from, Bound::Unbounded))).map(|(_, task)| task)
    }

    /// Every task, ascending.
    pub(super) fn all(&self) -> impl Iterator<Item = &Task> {
        self.owners.keys().filter_map(|id| self.get(*id))
    }

    pub(super) fn get(&self, id: TaskId) -> Option<&Task> {
        self.queues.get(self.owners.get(&id)?)?.get(&id)
    }

    /// One to be changed in place.
    pub(super) fn get_mut(&mut self, connector: &ConnectorName, id: TaskId) -> Option<&mut Task> {
        self.queues.get_mut(connector)?.get_mut(&id)
    }

    /// Which version of a task is queued.
    pub(super) fn version(&self, connector: &ConnectorName, id: TaskId) -> Option<TaskVersion> {
        self.queues.get(connector)?.get(&id).map(|task| task.version)
    }

    /// Whose task it is, if it is queued in this version.
    pub(super) fn owner(&self, id: TaskId, version: TaskVersion) -> Result<ConnectorName, Stood> {
        let task = self.get(id).ok_or(Stood::Gone)?;
        if task.version == version { Ok(task.connector.clone()) } else { Err(Stood::Changed) }
    }

    /// Queued tasks of a connector, failed ones too.
    pub(super) fn len(&self, connector: &ConnectorName) -> u64 {
        self.queues.get(connector).map_or(0, |queue| queue.len() as u64)
    }

    pub(super) fn take(&mut self, connector: &ConnectorName, id: TaskId) {
        self.owners.remove(&id);
        if let Some(queue) = self.queues.get_mut(connector) {
            queue.remove(&id);
        }
    }

    /// Gives a task another standing, and with it the next version.
    pub(super) fn stand(&mut self, connector: &ConnectorName, id: TaskId, standing: &Standing) {
        let task = self.queues.get_mut(connector).and_then(|queue| queue.get_mut(&id)).expect("it is queued");
        let Standing { process_type, state, attempts, not_before_ms, failure, aside, failed_by, deletes_allowed, waiting } =
            standing.clone();
        task.head.version = task.head.version.next();
        task.head.process_type = process_type;
        task.head.state = state;
        task.head.attempts = attempts;
        task.head.not_before_ms = not_before_ms;
        task.head.failure = failure;
        task.head.aside = aside;
        task.head.failed_by = failed_by;
        task.head.deletes_allowed = deletes_allowed;
        task.head.waiting = waiting;
    }

    /// Removes a connector's queue, with all its idempotency keys.
    pub(super) fn clear(&mut self, connector: &ConnectorName) -> Vec<TaskId> {
        self.keys.retain(|(owner, _), _| owner != connector);
        let gone: Vec<TaskId> = self.queues.remove(connector).unwrap_or_default().into_keys().collect();
        self.owners.retain(|_, owner| owner != connector);
        gone
    }

    pub(super) fn forget_key(&mut self, task: TaskId) {
        self.keys.retain(|_, (_, id)| *id != task);
    }

    pub(super) fn count(&self, counts: &mut Counts) {
        for task in self.all() {
            let states = match task.state {
                TaskState::Queued => &mut counts.queued,
                TaskState::Parked => &mut counts.parked,
                TaskState::Behind => &mut counts.behind,
                TaskState::Failed => &mut counts.failed,
            };
            *states.entry(task.connector.clone()).or_default() += 1;
            if task.state == TaskState::Queued && task.failure.is_some() {
                *counts.failing.entry(task.connector.clone()).or_default() += 1;
            }
        }
    }
}
