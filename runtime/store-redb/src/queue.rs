//! The queue: which tasks are there, and what an operator does to them.

use lockgate_core::ports::{Removal, Stand, Standing, Stood};
use lockgate_core::task::{TaskState, TaskVersion};
use redb::ReadableTable;

use crate::counters::Counted;
use crate::disk;
use crate::fault::Fault;
use crate::history;
use crate::names::Names;
use crate::whose::Whose;
use crate::work::Work;

/// A span of ids that holds at most so many times the ids that are asked for is read as a whole.
const SPAN_FACTOR: u64 = 4;

/// A queued task as far as it must fit what was decided about it.
pub(crate) type Seen = (TaskState, TaskVersion);

/// Which counter counts tasks in this state.
pub(crate) fn counted(state: TaskState) -> Counted {
    match state {
        TaskState::Queued => Counted::Queued,
        TaskState::Failed => Counted::Failed,
    }
}

/// How many tasks a connector has, failed ones included.
pub(crate) fn count(work: &Work<'_>, connector: u32) -> u64 {
    let counters = &work.memory.counters;
    counters.get(Counted::Queued, connector).saturating_add(counters.get(Counted::Failed, connector))
}

/// Whether ascending ids lie so close that their span is better handled as a whole.
fn dense(ids: &[u64]) -> Option<(u64, u64)> {
    let (first, last) = (*ids.first()?, *ids.last()?);
    let span = last.checked_sub(first)?;
    let count = u64::try_from(ids.len()).ok()?;
    (count > 1 && span < count.saturating_mul(SPAN_FACTOR)).then_some((first, last))
}

/// The states and versions of these tasks, ids ascending; `None` when one of them is not queued.
pub(crate) fn states(work: &mut Work<'_>, connector: u32, ids: &[u64]) -> Result<Option<Vec<Seen>>, Fault> {
    work.flush_submitted()?;
    let queue = work.tables.queue()?;
    let mut states = Vec::with_capacity(ids.len());
    if let Some((first, last)) = dense(ids) {
        let mut wanted = ids.iter().peekable();
        for row in queue.range((connector, first)..=(connector, last))? {
            let (key, bytes) = row?;
            if wanted.peek().is_some_and(|id| **id == key.value().1) {
                wanted.next();
                states.push(disk::task::state(bytes.value())?);
            }
        }
    } else {
        for id in ids {
            let Some(bytes) = queue.get((connector, *id))? else { return Ok(None) };
            states.push(disk::task::state(bytes.value())?);
        }
    }
    Ok((states.len() == ids.len()).then_some(states))
}

/// Takes tasks that are there out of the queue, ids ascending.
pub(crate) fn take(work: &mut Work<'_>, connector: u32, ids: &[u64]) -> Result<(), Fault> {
    let queue = work.tables.queue()?;
    if let Some((first, last)) = dense(ids) {
        // A tenth of the cost of removing one by one.
        queue.retain_in((connector, first)..=(connector, last), |(_, id), _| ids.binary_search(&id).is_err())?;
    } else {
        for id in ids {
            queue.remove((connector, *id))?;
        }
    }
    Ok(())
}

/// Gives a task that is there another standing: its next version.
pub(crate) fn restand(work: &mut Work<'_>, connector: u32, id: u64, before: TaskState, standing: &Standing) -> Result<(), Fault> {
    let queue = work.tables.queue()?;
    let bytes = queue.get((connector, id))?.map(|bytes| disk::task::restand(bytes.value(), standing)).transpose()?;
    if let Some(bytes) = bytes {
        queue.insert((connector, id), bytes.as_slice())?;
        work.memory.counters.add(counted(before), connector, -1);
        work.memory.counters.add(counted(standing.state), connector, 1);
    }
    Ok(())
}

/// Gives tasks another standing on an operator's order.
pub(crate) fn stand(work: &mut Work<'_>, stands: &[Stand]) -> Result<Vec<Stood>, Fault> {
    let mut answers = Vec::with_capacity(stands.len());
    work.flush_submitted()?;
    let mut whose = whose(work);
    for Stand { id, version, standing } in stands {
        answers.push(match find(work, &mut whose, id.0)? {
            None => Stood::Gone,
            Some((_, (_, now))) if now != *version => Stood::Changed,
            Some((connector, (state, _))) => {
                restand(work, connector, id.0, state, standing)?;
                Stood::Done
            }
        });
    }
    Ok(answers)
}

/// The queues that are not empty.
fn whose(work: &Work<'_>) -> Whose {
    let mut connectors = work.memory.counters.names(Counted::Queued);
    connectors.extend(work.memory.counters.names(Counted::Failed));
    connectors.sort_unstable();
    connectors.dedup();
    Whose::new(connectors)
}

/// Whose queue a task is in, and how it stands there. Submitted tasks are in the queues' table already.
fn find(work: &mut Work<'_>, whose: &mut Whose, id: u64) -> Result<Option<(u32, Seen)>, Fault> {
    let queue = work.tables.queue()?;
    let mut seen = None;
    let connector = whose.find(id, |connector, id| {
        seen = queue.get((connector, id))?.map(|bytes| disk::task::state(bytes.value())).transpose()?;
        if seen.is_some() {
            return Ok(Some(id));
        }
        let next = queue.range((connector, id)..=(connector, u64::MAX))?.next().transpose()?;
        Ok(next.map(|(key, _)| key.value().1))
    })?;
    Ok(connector.zip(seen))
}

/// One task's state and version, if it is queued.
fn state(work: &mut Work<'_>, connector: u32, id: u64) -> Result<Option<Seen>, Fault> {
    Ok(states(work, connector, &[id])?.and_then(|states| states.first().copied()))
}

/// An operator's removal of a task, with the encoded entry.
pub(crate) struct ReadyRemoval {
    connector: u32,
    id: u64,
    version: TaskVersion,
    entry: Vec<u8>,
}

pub(crate) fn removals(removals: &[Removal], names: &Names) -> Vec<ReadyRemoval> {
    let mut interner = names.interner();
    let ready = |Removal { version, entry }: &Removal| ReadyRemoval {
        connector: interner.id(entry.connector.as_str()),
        id: entry.task.0,
        version: *version,
        entry: disk::entry::encode(entry, &mut interner),
    };
    removals.iter().map(ready).collect()
}

/// Removes queued tasks on an operator's order.
pub(crate) fn remove(work: &mut Work<'_>, removals: &[ReadyRemoval]) -> Result<Vec<Stood>, Fault> {
    let mut answers = Vec::with_capacity(removals.len());
    let mut removed: Vec<(u64, &[u8])> = Vec::new();
    for ReadyRemoval { connector, id, version, entry } in removals {
        answers.push(match state(work, *connector, *id)? {
            None => Stood::Gone,
            Some((_, now)) if now != *version => Stood::Changed,
            Some((state, _)) => {
                take(work, *connector, &[*id])?;
                work.memory.counters.add(counted(state), *connector, -1);
                removed.push((*id, entry));
                Stood::Done
            }
        });
    }
    history::append_entries(work, &removed)?;
    Ok(answers)
}

/// Removes all queued tasks of a connector, with their logs and all its idempotency keys.
pub(crate) fn clear(work: &mut Work<'_>, connector: u32) -> Result<u64, Fault> {
    work.flush_submitted()?;
    let mut ids = Vec::new();
    for row in work.tables.queue()?.range((connector, 0)..=(connector, u64::MAX))? {
        ids.push(row?.0.value().1);
    }
    work.tables.queue()?.retain_in((connector, 0)..=(connector, u64::MAX), |_, _| false)?;
    for id in &ids {
        history::forget_task(work, *id)?;
    }
    for counted in [Counted::Queued, Counted::Failed] {
        let count = i64::try_from(work.memory.counters.get(counted, connector)).unwrap_or(i64::MAX);
        work.memory.counters.add(counted, connector, -count);
    }
    // Keys of tasks that are history already: the next connector of this name starts afresh.
    work.tables.idempotency()?.retain_in((connector, "")..(connector.saturating_add(1), ""), |_, _| false)?;
    Ok(u64::try_from(ids.len()).unwrap_or(u64::MAX))
}
