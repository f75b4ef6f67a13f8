//! What goes on by itself (§11): tasks that stand apart and are due, loose ends whose question may have an answer, and
//! what has waited too long. Before the queue's own tasks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::pass::apply::{apply, in_rounds};
use crate::pass::group::{Seed, try_groups};
use crate::pass::{PassContext, PassEnd, PassReport, run_asked, translated};
use lockgate_core::decide::{AfterFailure, waited_too_long};
use lockgate_core::effects::{Ids, Mending, given_up};
use lockgate_core::history::Entry;
use lockgate_core::park::LooseEnd;
use lockgate_core::ports::{Due, HistoryFilter, Lease, Removal, Stand, StoreError};
use lockgate_core::settings::OnFailure;
use lockgate_core::task::{Task, TaskHead, TaskId, TaskState};

/// Waiters that are made due in one transaction.
const WORKED_OFF_MAX: usize = 10_000;
/// Loose ends that are looked at together.
const LOOSE_MAX: usize = 1_000;
/// Tasks that are looked at together.
const PAGE: usize = 1_000;

/// Carries out what is due. True when the pass is over.
pub(super) fn due_first(context: &PassContext<'_>, lease: &Lease, report: &mut PassReport) -> Result<bool, StoreError> {
    while context.store.stirred()?.contains(&context.side.connector) {
        if run_asked(context, lease, report)? {
            return Ok(true);
        }
        if (context.stop)() {
            report.end = PassEnd::Stopped;
            return Ok(true);
        }
        let more = context.store.work_off(lease, WORKED_OFF_MAX)?;
        let loose = context.store.loose_due(&context.side.connector, LOOSE_MAX)?;
        if mend_all(context, lease, &loose, report)? {
            return Ok(true);
        }
        match tasks(context, lease, report)? {
            Came::Ended => return Ok(true),
            Came::Nothing if loose.is_empty() && !more => return Ok(false),
            Came::Nothing | Came::Some => {}
        }
    }
    Ok(false)
}

enum Came {
    Ended,
    Some,
    Nothing,
}

/// One batch of due tasks.
fn tasks(context: &PassContext<'_>, lease: &Lease, report: &mut PassReport) -> Result<Came, StoreError> {
    let settings = context.settings;
    let mut due = context.store.due(&context.side.connector, None, settings.batch_tasks_max, settings.batch_bytes_max)?;
    // Nobody passes a task that failed and stops the queue (§4).
    if !due.is_empty()
        && let Some(failed) = stops_at(context)?
    {
        due.retain(|due| due.task.id < failed);
    }
    if due.is_empty() {
        return Ok(Came::Nothing);
    }
    let seeds = due.iter().filter(|due| due.how == Due::Group);
    let seeds: BTreeMap<TaskId, Seed> = seeds.map(|due| (due.task.id, Seed { helpers: Vec::new(), due: true, stood: true })).collect();
    let alone: Vec<Task> = due.into_iter().filter(|due| due.how == Due::Alone).map(|due| due.task).collect();
    let mut alone = alone.into_iter();
    if !alone.as_slice().is_empty() {
        let mut batch = translated(context, &mut alone, &context.side.state(context)?, context.stop)?;
        batch.woken = true;
        let applied = apply(context, lease, &mut batch)?;
        if report.takes(&batch, &applied) {
            return Ok(Came::Ended);
        }
    }
    let grouped = try_groups(context, lease, seeds, None)?;
    report.done += grouped.done.len() as u64;
    if grouped.stale {
        report.end = PassEnd::Stale;
        return Ok(Came::Ended);
    }
    Ok(Came::Some)
}

/// The failed task that nobody passes, if there is one.
fn stops_at(context: &PassContext<'_>) -> Result<Option<TaskId>, StoreError> {
    if context.side.settings(context).on_failure == OnFailure::SetAside {
        return Ok(None);
    }
    let mut after = None;
    loop {
        let page = context.store.standing(&context.side.connector, TaskState::Failed, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(None) };
        after = Some(last.id);
        if let Some(failed) = page.iter().find(|head| !head.aside && head.failed_by.is_none_or(|by| by == context.side.by)) {
            return Ok(Some(failed.id));
        }
    }
}

/// Mends what can be mended. True when the pass is over.
fn mend_all(context: &PassContext<'_>, lease: &Lease, ends: &[Arc<LooseEnd>], report: &mut PassReport) -> Result<bool, StoreError> {
    if ends.is_empty() {
        return Ok(false);
    }
    let left_by = left_by(context, ends)?;
    let terms = context.side.terms(context, false);
    let mut ids = Ids::default();
    let mut at = 0;
    while let Some(rest) = ends.get(at..).filter(|rest| !rest.is_empty()) {
        let mut mending = Mending::new(&terms, rest, &left_by, ids);
        in_rounds(context, &mut mending)?;
        let (effects, looked_at, mended, left) = mending.finish();
        ids = left;
        match context.store.commit(lease, &effects) {
            Ok(()) => {
                at += looked_at.max(1);
                report.mended += mended;
                (context.stir)()?;
            }
            Err(StoreError::Conflict) => (context.renew)()?,
            Err(StoreError::Stale) => {
                report.end = PassEnd::Stale;
                return Ok(true);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// What the history says of the tasks that left these, as far as it is kept.
fn left_by(context: &PassContext<'_>, ends: &[Arc<LooseEnd>]) -> Result<BTreeMap<TaskId, Entry>, StoreError> {
    let tasks: BTreeSet<TaskId> = ends.iter().map(|end| end.task).collect();
    let mut left_by = BTreeMap::new();
    for task in tasks {
        let filter = HistoryFilter { task: Some(task), ..HistoryFilter::default() };
        if let Some((_, entry)) = context.store.history(&filter, None, 1)?.pop() {
            left_by.insert(task, entry);
        }
    }
    Ok(left_by)
}

/// When the connector's configuration is another, or this process has just begun: tasks that failed by what is another
/// now are due, once (§11), and everything that waits is tried once (§11.6): a group that was due may have been
/// forgotten by the process before, and may have failed by what is another now. Tasks that have waited too long fail.
pub(super) fn look_over(context: &PassContext<'_>, changed: bool, report: &mut PassReport) -> Result<(), StoreError> {
    let again: Vec<TaskId> = context.again.iter().copied().collect();
    if !again.is_empty() {
        context.store.make_due(&again, Due::Group)?;
    }
    if changed {
        let by_another = |head: &TaskHead| head.aside && head.failed_by.is_some_and(|by| by != context.side.by);
        make_due_of(context, TaskState::Failed, by_another, Due::Alone)?;
        make_due_of(context, TaskState::Parked, |_| true, Due::Alone)?;
        make_due_of(context, TaskState::Behind, |_| true, Due::Group)?;
    }
    let now_ms = context.clock.now_ms();
    let wait_ms_max = i64::try_from(context.side.settings(context).wait_ms_max).unwrap_or(i64::MAX);
    loop {
        let page = context.store.parked_before(&context.side.connector, now_ms.saturating_sub(wait_ms_max), PAGE)?;
        if page.is_empty() {
            break;
        }
        let (mut stands, mut removals) = (Vec::new(), Vec::new());
        for head in page {
            match waited_too_long(&head, now_ms) {
                AfterFailure::Stays(standing) | AfterFailure::StaysAndStops(standing) => {
                    stands.push(Stand { id: head.id, version: head.version, standing });
                }
                AfterFailure::Goes => removals.push(Removal { version: head.version, entry: given_up(&head, now_ms) }),
            }
        }
        // One that has changed meanwhile is looked at again.
        report.failed += (stands.len() + removals.len()) as u64;
        context.store.stand(&stands)?;
        context.store.remove(removals)?;
    }
    // A clock that was set back must not make anybody wait longer.
    if let Some(oldest) = context.store.parked_before(&context.side.connector, i64::MAX, 1)?.first() {
        let since_ms = oldest.waiting.as_ref().map_or(now_ms, |waiting| waiting.since_ms.min(now_ms));
        report.is_due(since_ms.saturating_add(wait_ms_max).saturating_add(1));
    }
    Ok(())
}

/// Makes tasks due that are in a state.
fn make_due_of(context: &PassContext<'_>, state: TaskState, which: impl Fn(&TaskHead) -> bool, how: Due) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let page = context.store.standing(&context.side.connector, state, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id);
        let due: Vec<TaskId> = page.iter().filter(|head| which(head)).map(|head| head.id).collect();
        if !due.is_empty() {
            context.store.make_due(&due, how)?;
        }
    }
}
