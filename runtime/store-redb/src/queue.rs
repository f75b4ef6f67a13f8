//! The queue: which tasks are there, and what an operator does to them.

use std::collections::BTreeMap;

use lockgate_core::mark;
use lockgate_core::ports::{Removal, Stand, Stood};
use lockgate_core::task::{TaskId, TaskVersion};
use redb::{ReadableTable, Table};

use crate::counters::{Counted, TASKS};
use crate::disk;
use crate::disk::task::Seen;
use crate::fault::Fault;
use crate::history;
use crate::moves::Moves;
use crate::names::Names;
use crate::waits::due::{self, Dues};
use crate::waits::wake;
use crate::whose::Whose;
use crate::work::Work;

/// A span of ids that holds at most so many times the ids that are asked for is read as a whole.
const SPAN_FACTOR: u64 = 4;

/// How many tasks a connector has, whatever they wait for.
pub(crate) fn count(work: &Work<'_>, connector: u32) -> u64 {
    TASKS.into_iter().map(|counted| work.memory.counters.get(counted, connector)).fold(0, u64::saturating_add)
}

/// How many of them stand apart.
pub(crate) fn apart(work: &Work<'_>, connector: u32) -> u64 {
    let counted = [Counted::Parked, Counted::Behind, Counted::Aside];
    counted.into_iter().map(|counted| work.memory.counters.get(counted, connector)).fold(0, u64::saturating_add)
}

/// Whether ascending ids lie so close that their span is better handled as a whole.
fn dense(ids: &[u64]) -> Option<(u64, u64)> {
    let (first, last) = (*ids.first()?, *ids.last()?);
    let span = last.checked_sub(first)?;
    let count = u64::try_from(ids.len()).ok()?;
    (count > 1 && span < count.saturating_mul(SPAN_FACTOR)).then_some((first, last))
}

/// One of the two tables of tasks.
type Tasks<'t> = Table<'t, (u32, u64), &'static [u8]>;

/// How these tasks stand, ids ascending; `None` when one of them is not there.
pub(crate) fn seen(work: &mut Work<'_>, connector: u32, ids: &[u64]) -> Result<Option<Vec<Seen>>, Fault> {
    work.flush_submitted()?;
    let queued = look(work.tables.queue()?, connector, ids)?;
    if queued.len() == ids.len() {
        return Ok(Some(queued.into_iter().map(|(_, seen)| seen).collect()));
    }
    if apart(work, connector) == 0 {
        return Ok(None);
    }
    let mut all: BTreeMap<u64, Seen> = queued.into_iter().collect();
    let others: Vec<u64> = ids.iter().copied().filter(|id| !all.contains_key(id)).collect();
    all.extend(look(work.tables.apart()?, connector, &others)?);
    Ok((all.len() == ids.len()).then(|| all.into_values().collect()))
}

/// Those of these tasks that are in this table.
fn look(table: &Tasks<'_>, connector: u32, ids: &[u64]) -> Result<Vec<(u64, Seen)>, Fault> {
    let mut found = Vec::with_capacity(ids.len());
    if let Some((first, last)) = dense(ids) {
        let mut wanted = ids.iter().copied().peekable();
        for row in table.range((connector, first)..=(connector, last))? {
            let (key, bytes) = row?;
            let id = key.value().1;
            while wanted.next_if(|wanted| *wanted < id).is_some() {}
            if wanted.next_if_eq(&id).is_some() {
                found.push((id, disk::task::seen(bytes.value())?));
            }
        }
    } else {
        for id in ids {
            if let Some(bytes) = table.get((connector, *id))? {
                found.push((*id, disk::task::seen(bytes.value())?));
            }
        }
    }
    Ok(found)
}

/// Takes tasks that are there out of one of the two tables, ids ascending.
pub(crate) fn take(table: &mut Tasks<'_>, connector: u32, ids: &[u64]) -> Result<(), Fault> {
    if let Some((first, last)) = dense(ids) {
        // A tenth of the cost of removing one by one.
        table.retain_in((connector, first)..=(connector, last), |(_, id), _| ids.binary_search(&id).is_err())?;
    } else {
        for id in ids {
            table.remove((connector, *id))?;
        }
    }
    Ok(())
}

/// Takes bodies that have rows of their own, ids ascending.
pub(crate) fn take_bodies(work: &mut Work<'_>, ids: &[u64]) -> Result<(), Fault> {
    let bodies = work.tables.bodies()?;
    if let Some((first, last)) = dense(ids) {
        bodies.retain_in(first..=last, |id, _| ids.binary_search(&id).is_err())?;
    } else {
        for id in ids {
            bodies.remove(id)?;
        }
    }
    Ok(())
}

/// Gives tasks another standing on an operator's order. Nobody has looked at those that were due: they are
/// due still, if they still stand apart.
pub(crate) fn stand(work: &mut Work<'_>, stands: &[Stand]) -> Result<Vec<Stood>, Fault> {
    let mut answers = Vec::with_capacity(stands.len());
    let mut whose = whose(work)?;
    for Stand { id, version, standing } in stands {
        answers.push(match find(work, &mut whose, id.0)? {
            None => Stood::Gone,
            Some((_, seen)) if seen.version != *version => Stood::Changed,
            Some((connector, seen)) => {
                let how = due::of(work, connector, id.0)?;
                let mut moves = Moves::new(connector);
                moves.stays(work, id.0, seen, standing)?;
                moves.apply(work)?;
                if let Some(how) = how.filter(|_| seen.after(standing).stands_apart()) {
                    let mut dues = Dues::default();
                    dues.task(connector, id.0, how);
                    due::put(work, &dues)?;
                }
                Stood::Done
            }
        });
    }
    Ok(answers)
}

/// Whether every task that an operator changes or removes is as the operator saw it.
pub(crate) fn are_as_seen(work: &mut Work<'_>, stands: &[Stand], removals: &[ReadyRemoval]) -> Result<bool, Fault> {
    let mut whose = whose(work)?;
    for Stand { id, version, .. } in stands {
        if find(work, &mut whose, id.0)?.is_none_or(|(_, seen)| seen.version != *version) {
            return Ok(false);
        }
    }
    for removal in removals {
        let seen = seen(work, removal.connector, &[removal.id])?.and_then(|seen| seen.first().copied());
        if seen.is_none_or(|seen| seen.version != removal.version) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The queues that are not empty. Submitted tasks are in the queues' table from now on.
pub(crate) fn whose(work: &mut Work<'_>) -> Result<Whose, Fault> {
    work.flush_submitted()?;
    let counters = &work.memory.counters;
    let mut connectors: Vec<u32> = TASKS.into_iter().flat_map(|counted| counters.of(counted).map(|(name, _)| name)).collect();
    connectors.sort_unstable();
    connectors.dedup();
    Ok(Whose::new(connectors))
}

/// Whose a task is, and how it stands.
pub(crate) fn find(work: &mut Work<'_>, whose: &mut Whose, id: u64) -> Result<Option<(u32, Seen)>, Fault> {
    let mut seen = None;
    let connector = whose.find(id, |connector, id| {
        let mut next = next(work.tables.queue()?, connector, id, &mut seen)?;
        if next != Some(id) && apart(work, connector) > 0 {
            let other = self::next(work.tables.apart()?, connector, id, &mut seen)?;
            next = [next, other].into_iter().flatten().min();
        }
        Ok(next)
    })?;
    Ok(connector.zip(seen))
}

/// The first task of a connector from an id on; `seen`, if that is the one.
fn next(table: &Tasks<'_>, connector: u32, id: u64, seen: &mut Option<Seen>) -> Result<Option<u64>, Fault> {
    if let Some(bytes) = table.get((connector, id))? {
        *seen = Some(disk::task::seen(bytes.value())?);
        return Ok(Some(id));
    }
    let next = table.range((connector, id)..=(connector, u64::MAX))?.next().transpose()?;
    Ok(next.map(|(key, _)| key.value().1))
}

/// An operator's removal of a task, with the encoded entry.
pub(crate) struct ReadyRemoval {
    connector: u32,
    id: u64,
    version: TaskVersion,
    /// Its idempotency key may be used again.
    frees_key: bool,
    entry: Vec<u8>,
}

pub(crate) fn removals(removals: &[Removal], names: &Names) -> Vec<ReadyRemoval> {
    let mut interner = names.interner();
    let ready = |Removal { version, entry }: &Removal| ReadyRemoval {
        connector: interner.id(entry.connector.as_str()),
        id: entry.task.0,
        version: *version,
        frees_key: history::frees_key(&entry.outcome),
        entry: disk::entry::encode(entry, &mut interner),
    };
    removals.iter().map(ready).collect()
}

/// Removes queued tasks on an operator's order. Who waited for their end is woken.
pub(crate) fn remove(work: &mut Work<'_>, removals: &[ReadyRemoval]) -> Result<Vec<Stood>, Fault> {
    let mut answers = Vec::with_capacity(removals.len());
    let mut removed: Vec<(u64, &[u8])> = Vec::new();
    for ReadyRemoval { connector, id, version, frees_key, entry } in removals {
        let seen = seen(work, *connector, &[*id])?.and_then(|seen| seen.first().copied());
        answers.push(match seen {
            None => Stood::Gone,
            Some(seen) if seen.version != *version => Stood::Changed,
            Some(seen) => {
                let mut moves = Moves::new(*connector);
                moves.goes(work, *id, seen)?;
                moves.apply(work)?;
                if *frees_key {
                    history::forget_key(work, *id)?;
                }
                removed.push((*id, entry));
                Stood::Done
            }
        });
    }
    history::append_entries(work, &removed)?;
    let ended: Vec<mark::Mark> = removed.iter().map(|(id, _)| mark::ended(TaskId(*id))).collect();
    wake::wake(work, &ended, &[], &Default::default())?;
    Ok(answers)
}

/// Tasks that are removed together with their connector, at most, before what is known of them is written.
const CLEARED_AT_ONCE: usize = 10_000;

/// Removes all queued tasks of a connector, with their logs and all its idempotency keys. Who waited for
/// their end is woken.
pub(crate) fn clear(work: &mut Work<'_>, connector: u32) -> Result<u64, Fault> {
    work.flush_submitted()?;
    let mut gone = 0;
    loop {
        let ids = first_ids(work, connector)?;
        let Some(seen) = seen(work, connector, &ids)?.filter(|seen| !seen.is_empty()) else { break };
        let mut moves = Moves::new(connector);
        for (id, seen) in ids.iter().zip(seen) {
            moves.goes(work, *id, seen)?;
        }
        moves.apply(work)?;
        for id in &ids {
            history::forget_task(work, *id)?;
        }
        let ended: Vec<mark::Mark> = ids.iter().map(|id| mark::ended(TaskId(*id))).collect();
        wake::wake(work, &ended, &[], &Default::default())?;
        gone += u64::try_from(ids.len()).unwrap_or(u64::MAX);
    }
    // Keys of tasks that are history already: the next connector of this name starts afresh.
    work.tables.idempotency()?.retain_in((connector, "")..(connector.saturating_add(1), ""), |_, _| false)?;
    Ok(gone)
}

/// The first tasks of a connector, of those in the queue or of those that stand apart, ascending.
fn first_ids(work: &mut Work<'_>, connector: u32) -> Result<Vec<u64>, Fault> {
    let first = |table: &Tasks<'_>| {
        let rows = table.range((connector, 0)..=(connector, u64::MAX))?.take(CLEARED_AT_ONCE);
        rows.map(|row| Ok(row?.0.value().1)).collect::<Result<Vec<u64>, Fault>>()
    };
    let queued = first(work.tables.queue()?)?;
    if queued.is_empty() { first(work.tables.apart()?) } else { Ok(queued) }
}
