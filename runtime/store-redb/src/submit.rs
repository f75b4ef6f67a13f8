//! Queueing tasks.

use lockgate_core::ports::Submitted;
use lockgate_core::task::{NewTask, TaskId};
use redb::ReadableTable;

use crate::counters::Counted;
use crate::disk;
use crate::fault::Fault;
use crate::names::Names;
use crate::work::Work;

/// A task ready to be queued, encoded by the caller's thread.
pub(crate) struct Ready {
    connector: u32,
    key: Option<(Box<str>, u128)>,
    bytes: Vec<u8>,
}

/// Encodes tasks.
pub(crate) fn ready(tasks: Vec<NewTask>, names: &Names) -> Vec<Ready> {
    let mut interner = names.interner();
    tasks
        .into_iter()
        .map(|task| {
            let connector = interner.id(task.connector().as_str());
            let key = task.idempotency().map(|i| (Box::from(&*i.key), i.digest));
            // The id stands in the key, so the row can be encoded before the task has one.
            let bytes = disk::task::encode(&task.queued(TaskId(0)), &mut interner);
            Ready { connector, key, bytes }
        })
        .collect()
}

/// Queues one request's tasks. Promise 2: ids ascend in order of submission, over all connectors.
pub(crate) fn submit(work: &mut Work<'_>, tasks: Vec<Ready>, queue_tasks_max: u64) -> Result<Vec<Submitted>, Fault> {
    tasks.into_iter().map(|task| submit_one(work, task, queue_tasks_max)).collect()
}

fn submit_one(work: &mut Work<'_>, task: Ready, queue_tasks_max: u64) -> Result<Submitted, Fault> {
    if let Some((key, digest)) = &task.key
        && let Some(known) = work.tables.idempotency()?.get((task.connector, &**key))?
    {
        let (known_digest, id) = known.value();
        let id = TaskId(id);
        return Ok(if known_digest == *digest { Submitted::Repeated(id) } else { Submitted::KeyReused(id) });
    }
    let counters = &mut work.memory.counters;
    let queued = counters.get(Counted::Queued, task.connector) + counters.get(Counted::Failed, task.connector);
    // Promise 5.
    if queued >= queue_tasks_max {
        return Ok(Submitted::QueueFull);
    }
    counters.add(Counted::Queued, task.connector, 1);
    let id = work.memory.next_task.take();
    if let Some((key, digest)) = &task.key {
        work.tables.idempotency()?.insert((task.connector, &**key), (*digest, id))?;
        work.tables.task_keys()?.insert(id, (task.connector, &**key))?;
    }
    work.submitted.entry(task.connector).or_default().push((id, task.bytes));
    Ok(Submitted::Queued(TaskId(id)))
}
