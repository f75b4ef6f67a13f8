//! The queue: which tasks are there, and what an operator does to them.

use lockgate_core::history::Entry;
use lockgate_core::ports::Standing;
use lockgate_core::task::TaskState;
use redb::ReadableTable;

use crate::counters::Counted;
use crate::disk;
use crate::fault::Fault;
use crate::history;
use crate::names::Names;
use crate::work::Work;

/// A span of ids that holds at most so many times the ids that are asked for is read as a whole.
const SPAN_FACTOR: u64 = 4;

/// Which counter counts tasks in this state.
pub(crate) fn counted(state: TaskState) -> Counted {
    match state {
        TaskState::Queued => Counted::Queued,
        TaskState::Failed => Counted::Failed,
    }
}

/// Whether ascending ids lie so close that their span is better handled as a whole.
fn dense(ids: &[u64]) -> Option<(u64, u64)> {
    let (first, last) = (*ids.first()?, *ids.last()?);
    let span = last.checked_sub(first)?;
    let count = u64::try_from(ids.len()).ok()?;
    (count > 1 && span < count.saturating_mul(SPAN_FACTOR)).then_some((first, last))
}

/// The states of these tasks, ids ascending; `None` when one of them is not queued.
pub(crate) fn states(work: &mut Work<'_>, connector: u32, ids: &[u64]) -> Result<Option<Vec<TaskState>>, Fault> {
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

/// Gives a task that is there another standing.
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

/// Gives a task another standing on an operator's order; false when it is not queued.
pub(crate) fn stand(work: &mut Work<'_>, id: u64, standing: &Standing) -> Result<bool, Fault> {
    let Some((connector, state)) = find(work, id)? else { return Ok(false) };
    restand(work, connector, id, state, standing)?;
    Ok(true)
}

/// Whose queue a task is in.
fn find(work: &mut Work<'_>, id: u64) -> Result<Option<(u32, TaskState)>, Fault> {
    let mut connectors = work.memory.counters.names(Counted::Queued);
    connectors.extend(work.memory.counters.names(Counted::Failed));
    connectors.sort_unstable();
    connectors.dedup();
    for connector in connectors {
        if let Some(states) = states(work, connector, &[id])?
            && let Some(state) = states.first()
        {
            return Ok(Some((connector, *state)));
        }
    }
    Ok(None)
}

/// An entry for a task that an operator removes: (connector, task, encoded entry).
pub(crate) type Removal = (u32, u64, Vec<u8>);

pub(crate) fn removals(entries: &[Entry], names: &Names) -> Vec<Removal> {
    let mut interner = names.interner();
    entries.iter().map(|entry| (interner.id(entry.connector.as_str()), entry.task.0, disk::entry::encode(entry, &mut interner))).collect()
}

/// Removes queued tasks on an operator's order; those not queued are passed over.
pub(crate) fn remove(work: &mut Work<'_>, entries: &[Removal]) -> Result<u64, Fault> {
    let mut removed: Vec<(u64, &[u8])> = Vec::new();
    for (connector, id, entry) in entries {
        let Some(states) = states(work, *connector, &[*id])? else { continue };
        take(work, *connector, &[*id])?;
        for state in states {
            work.memory.counters.add(counted(state), *connector, -1);
        }
        removed.push((*id, entry));
    }
    history::append_entries(work, &removed)?;
    Ok(u64::try_from(removed.len()).unwrap_or(u64::MAX))
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
