//! Queueing tasks.

use std::collections::BTreeSet;

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Generation, StoreError, Submitted};
use lockgate_core::task::{NewTask, TaskId};
use redb::ReadableTable;

use crate::counters::Counted;
use crate::fault::Fault;
use crate::names::Names;
use crate::work::Work;
use crate::writer::Reply;
use crate::{disk, queue};

/// A task ready to be queued, encoded by the caller's thread.
pub(crate) struct Ready {
    connector: u32,
    key: Option<(Box<str>, u128)>,
    bytes: Vec<u8>,
}

/// One request's tasks, and what they were admitted by.
pub(crate) struct Request {
    as_of: Generation,
    connectors: BTreeSet<ConnectorName>,
    tasks: Vec<Ready>,
}

impl Request {
    /// Roughly how much work it is.
    pub(crate) fn weight(&self) -> usize {
        self.tasks.len()
    }
}

/// Encodes tasks.
pub(crate) fn ready(as_of: Generation, tasks: Vec<NewTask>, names: &Names) -> Request {
    let mut interner = names.interner();
    let mut connectors = BTreeSet::new();
    let tasks = tasks
        .into_iter()
        .map(|task| {
            if !connectors.contains(task.connector()) {
                connectors.insert(task.connector().clone());
            }
            let connector = interner.id(task.connector().as_str());
            let key = task.idempotency().map(|i| (Box::from(&*i.key), i.digest));
            // The id stands in the key, so the row can be encoded before the task has one.
            let bytes = disk::task::encode(&task.queued(TaskId(0)), &mut interner);
            Ready { connector, key, bytes }
        })
        .collect();
    Request { as_of, connectors, tasks }
}

/// Queues one request's tasks. Promise 2: ids ascend in order of submission, over all connectors.
pub(crate) fn submit(work: &mut Work<'_>, request: Request, queue_tasks_max: u64) -> Result<Reply<Vec<Submitted>>, Fault> {
    let Request { as_of, connectors, tasks } = request;
    if connectors.iter().any(|connector| work.memory.generations.is_stale(connector, as_of)) {
        return Ok(Err(StoreError::Stale));
    }
    tasks.into_iter().map(|task| submit_one(work, task, queue_tasks_max)).collect::<Result<_, _>>().map(Ok)
}

fn submit_one(work: &mut Work<'_>, task: Ready, queue_tasks_max: u64) -> Result<Submitted, Fault> {
    if let Some((key, digest)) = &task.key
        && let Some(known) = work.tables.idempotency()?.get((task.connector, &**key))?
    {
        let (known_digest, id) = known.value();
        let id = TaskId(id);
        return Ok(if known_digest == *digest { Submitted::Repeated(id) } else { Submitted::KeyReused(id) });
    }
    // Promise 5. Those that stand apart do not count: a queue full of them would refuse what they wait for.
    let queued = queue::count(work, task.connector).saturating_sub(queue::apart(work, task.connector));
    if queued >= queue_tasks_max {
        return Ok(Submitted::QueueFull);
    }
    work.memory.counters.add(Counted::Queued, task.connector, 1);
    let id = work.memory.next_task.take();
    if let Some((key, digest)) = &task.key {
        work.tables.idempotency()?.insert((task.connector, &**key), (*digest, id))?;
        work.tables.task_keys()?.insert(id, (task.connector, &**key))?;
    }
    work.submitted.entry(task.connector).or_default().push((id, task.bytes));
    Ok(Submitted::Queued(TaskId(id)))
}
