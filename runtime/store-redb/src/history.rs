//! What remains of tasks: history entries and log lines, written and trimmed.

use lockgate_core::history::{LOG_LINES_KEPT_MAX, Outcome};
use redb::ReadableTable;

use crate::counters::Counted;
use crate::disk;
use crate::fault::Fault;
use crate::tables::append;
use crate::work::Work;

/// Appends entries: (task, encoded entry).
pub(crate) fn append_entries(work: &mut Work<'_>, entries: &[(u64, &[u8])]) -> Result<(), Fault> {
    let numbered: Vec<(u64, u64, &[u8])> = entries.iter().map(|(task, bytes)| (work.memory.next_history.take(), *task, *bytes)).collect();
    append!(work.tables.history()?, numbered.iter().map(|(number, _, bytes)| (*number, *bytes)));
    append!(work.tables.task_history()?, numbered.iter().map(|(number, task, _)| (*task, *number)));
    work.memory.counters.add(Counted::History, 0, i64::try_from(numbered.len()).unwrap_or(i64::MAX));
    Ok(())
}

/// Appends entries about what was mended of tasks that have entries of their own, or had: (task, encoded entry).
pub(crate) fn append_mends(work: &mut Work<'_>, entries: &[(u64, Vec<u8>)]) -> Result<(), Fault> {
    for (task, bytes) in entries {
        let number = work.memory.next_history.take();
        work.tables.history()?.insert(number, bytes.as_slice())?;
        work.tables.mends()?.insert((*task, number), ())?;
    }
    work.memory.counters.add(Counted::History, 0, i64::try_from(entries.len()).unwrap_or(i64::MAX));
    Ok(())
}

/// Whether a task that ends so gives its idempotency key back: nothing of it was stored, and it may be
/// submitted again (§12).
pub(crate) fn frees_key(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(_) | Outcome::Deleted(_))
}

/// Appends encoded lines to the logs of tasks.
pub(crate) fn append_lines<'b>(work: &mut Work<'_>, logs: impl Iterator<Item = (u64, &'b [Vec<u8>])>) -> Result<(), Fault> {
    let mut rows: Vec<((u64, u32), &[u8])> = Vec::new();
    let table = work.tables.log()?;
    for (task, lines) in logs.filter(|(_, lines)| !lines.is_empty()) {
        let last = table.range((task, 0)..=(task, u32::MAX))?.next_back().transpose()?;
        let first = last.map_or(0, |(key, _)| key.value().1.saturating_add(1));
        let end = u64::from(first) + lines.len() as u64;
        if let Some(oldest) = end.checked_sub(u64::from(LOG_LINES_KEPT_MAX)).and_then(|at| u32::try_from(at).ok()) {
            table.retain_in((task, 0)..(task, oldest), |_, _| false)?;
        }
        rows.extend((first..=u32::MAX).zip(lines).map(|(n, line)| ((task, n), line.as_slice())));
    }
    append!(table, rows.into_iter());
    Ok(())
}

/// Removes at most `batch` of the oldest entries beyond `entries_max`, with all that is kept for
/// their tasks. Returns how many.
pub(crate) fn trim(work: &mut Work<'_>, entries_max: u64, batch: u64) -> Result<u64, Fault> {
    let beyond = work.memory.counters.get(Counted::History, 0).saturating_sub(entries_max).min(batch);
    let mut oldest = Vec::new();
    for row in work.tables.history()?.range(0..)?.take(usize::try_from(beyond).unwrap_or(usize::MAX)) {
        let (number, bytes) = row?;
        oldest.push((number.value(), disk::entry::task(bytes.value())?));
    }
    let Some((last, _)) = oldest.last() else { return Ok(0) };
    work.tables.history()?.retain_in(0..=*last, |_, _| false)?;
    for (number, task) in &oldest {
        // What was mended has entries beside the task's own.
        if work.tables.task_history()?.get(task)?.is_some_and(|own| own.value() == *number) {
            work.tables.task_history()?.remove(task)?;
            forget_task(work, *task)?;
        } else {
            work.tables.mends()?.remove((*task, *number))?;
        }
    }
    let removed = i64::try_from(oldest.len()).unwrap_or(i64::MAX);
    work.memory.counters.add(Counted::History, 0, -removed);
    Ok(removed.unsigned_abs())
}

/// Removes a task's log, what is remembered of its edits, and its idempotency key.
pub(crate) fn forget_task(work: &mut Work<'_>, task: u64) -> Result<(), Fault> {
    work.tables.log()?.retain_in((task, 0)..=(task, u32::MAX), |_, _| false)?;
    work.tables.edits()?.remove(task)?;
    forget_key(work, task)
}

/// Removes a task's idempotency key, so that it may be used again.
pub(crate) fn forget_key(work: &mut Work<'_>, task: u64) -> Result<(), Fault> {
    let key = work.tables.task_keys()?.remove(task)?.map(|key| {
        let (connector, key) = key.value();
        (connector, key.to_owned())
    });
    if let Some((connector, key)) = key {
        let keys = work.tables.idempotency()?;
        // The connector may have been deleted and installed again, and the key be another task's.
        let ours = keys.get((connector, key.as_str()))?.is_some_and(|value| value.value().1 == task);
        if ours {
            keys.remove((connector, key.as_str()))?;
        }
    }
    Ok(())
}
