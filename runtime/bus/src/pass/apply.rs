//! Applies a translated batch: drafts its effects, asking the store in rounds, and commits them (§7.3:
//! one task is all or nothing).

use std::collections::{BTreeMap, BTreeSet};

use crate::pass::group::{Seed, try_groups};
use crate::pass::operation::Part;
use crate::pass::{PassContext, PassEnd};
use lockgate_core::audit::AuditRow;
use lockgate_core::decide::{Turn, turn};
use lockgate_core::effects::{Draft, Drafted, Fate, Ids, Item, Missing, Rounds, TaskEnd, Work};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::ports::{Lease, StoreError};
use lockgate_core::task::{TaskHead, TaskId, TaskState};

/// How often a batch is planned again because of other connectors or operators, before the store is
/// asked to say that it cannot be used.
const CONFLICTS_MAX: u32 = 1_000;

/// Tasks of one commit, in order.
#[derive(Default)]
pub(super) struct Batch {
    pub items: Vec<Item>,
    /// The last task that was looked at.
    pub last: Option<TaskId>,
    /// When a task that was passed over is due.
    pub due_ms: Option<i64>,
    /// The pass ends after this batch.
    pub end: Option<PassEnd>,
    /// A translation failed and ends the pass; what follows was not translated.
    pub broken_off: bool,
    /// How much the guests have handed over, in bytes.
    pub bytes: u64,
    /// Its one task is run whatever its state, because an operator wants it.
    pub out_of_turn: bool,
    /// Its tasks stood apart and were due.
    pub woken: bool,
    /// The part of an operation that it is.
    pub part: Option<Part>,
    /// Who has ordered that its one task is run.
    pub signed: Option<AuditRow>,
}

impl Batch {
    /// Whether nothing may follow in it.
    pub fn ends(&self) -> bool {
        self.end.is_some() || self.broken_off
    }

    /// A task that was passed over is due then.
    pub fn is_due(&mut self, due_ms: i64) {
        self.due_ms = Some(self.due_ms.map_or(due_ms, |at| at.min(due_ms)));
    }

    /// Takes in what comes next in order.
    pub fn append(&mut self, mut next: Self) {
        self.items.append(&mut next.items);
        self.last = next.last.or(self.last);
        self.due_ms = [self.due_ms, next.due_ms].into_iter().flatten().min();
        self.end = next.end.or(self.end);
        self.broken_off |= next.broken_off;
        self.bytes += next.bytes;
        self.out_of_turn |= next.out_of_turn;
        self.woken |= next.woken;
        self.part = self.part.take().or(next.part);
        self.signed = self.signed.take().or(next.signed);
    }
}

/// What applying a batch came to.
#[derive(Default)]
pub(super) struct Applied {
    pub done: u64,
    pub failed: u64,
    /// A task failed and the pass ends behind it.
    pub stopped_at: Option<TaskId>,
    /// Tasks that were carried out with a group, of whichever connector.
    pub together: BTreeSet<TaskId>,
    /// The configuration changed; what is left of the batch was not applied.
    pub stale: bool,
    /// Outcome of the last task, for a retry.
    pub last: Option<(&'static str, Option<Failure>)>,
    /// When the first of those that stay is due, in ms since 1970.
    pub due_ms: Option<i64>,
}

/// Applies everything in the batch, in as few commits as possible.
pub(super) fn apply(context: &PassContext<'_>, lease: &Lease, batch: &mut Batch) -> Result<Applied, StoreError> {
    let mut applied = Applied::default();
    let mut conflicts = 0;
    let mut ids = Ids::default();
    let mut seeds: BTreeMap<TaskId, Seed> = BTreeMap::new();
    while !batch.items.is_empty() && applied.stopped_at.is_none() {
        let mut drafted = draft(context, batch, ids)?;
        ids = drafted.ids;
        if let Some(part) = &batch.part {
            let step = part.step(context, drafted.effects.tasks());
            drafted.effects = drafted.effects.with_step(step);
        }
        if let Some(row) = &batch.signed {
            let outcome = drafted.last.as_ref().map_or("waits", |(outcome, _)| outcome);
            drafted.effects = drafted.effects.signed_by(row.clone().after(&format!("{{\"outcome\":\"{outcome}\"}}")));
        }
        let begun_us = context.clock.monotonic_us();
        match context.store.commit(lease, &drafted.effects) {
            Ok(()) => {
                let took_ms = context.clock.monotonic_us().saturating_sub(begun_us) / 1_000;
                context.numbers.committed(&context.side.connector, drafted.effects.tasks(), took_ms);
                batch.signed = None;
                told(context, &drafted);
                if let Some(part) = &mut batch.part {
                    part.counted(waiting(drafted.effects.tasks()));
                }
                (context.stir)()?;
                let due = batch.woken || batch.out_of_turn;
                let stood: BTreeSet<TaskId> =
                    batch.items.iter().filter(|item| item.task.waiting.is_some()).map(|item| item.task.id).collect();
                let seed = |(id, helpers)| (id, Seed { helpers, due, stood: stood.contains(&id) });
                seeds.extend(drafted.waiting.into_iter().map(seed));
                batch.items.drain(..drafted.items);
                applied.done += drafted.done;
                applied.failed += drafted.failures.len() as u64;
                applied.stopped_at = drafted.stopped_at;
                applied.last = drafted.last.or(applied.last);
                applied.due_ms = [applied.due_ms, drafted.due_ms].into_iter().flatten().min();
            }
            Err(StoreError::Conflict) if conflicts < CONFLICTS_MAX => {
                conflicts += 1;
                (context.renew)()?;
                look_again(context, batch)?;
            }
            Err(StoreError::Stale) => {
                applied.stale = true;
                return Ok(applied);
            }
            Err(error) => return Err(error),
        }
    }
    if !seeds.is_empty() {
        let grouped = try_groups(context, lease, seeds, batch.part.as_ref())?;
        applied.done += grouped.done.len() as u64;
        applied.stale = grouped.stale;
        applied.together = grouped.done;
    }
    Ok(applied)
}

/// Whether anybody stands in the lines of the pass's connector.
pub(super) fn in_lines(context: &PassContext<'_>) -> Result<bool, StoreError> {
    Ok(context.store.in_lines(&context.side.connector)? > 0)
}

/// Plans in rounds: all that is wanted is loaded at once.
pub(super) fn in_rounds(context: &PassContext<'_>, planned: &mut impl Rounds) -> Result<(), StoreError> {
    while let Err(missing) = planned.go_on() {
        match missing {
            Missing::Answers(keys) => planned.answered(context.store.load(&keys)?),
            Missing::Ids(count) => planned.reserved(context.store.reserve_ids(count)?, count),
        }
    }
    Ok(())
}

/// Plans a batch.
fn draft(context: &PassContext<'_>, batch: &Batch, ids: Ids) -> Result<Drafted, StoreError> {
    let terms = context.side.terms(context, in_lines(context)?);
    let mut draft = Draft::new(terms, &batch.items, ids);
    if batch.part.is_some() {
        draft = draft.out_of_turn();
    }
    in_rounds(context, &mut draft)?;
    Ok(draft.finish())
}

/// Those that wait on, each with the code by which it does.
fn waiting(ends: &[TaskEnd]) -> impl Iterator<Item = (TaskId, Option<Code>)> {
    ends.iter().filter_map(|end| match &end.fate {
        Fate::Stays(standing) if standing.state == TaskState::Parked => {
            Some((end.id, standing.failure.as_ref().map(|failure| failure.code)))
        }
        Fate::Stays(standing) if standing.state == TaskState::Behind => Some((end.id, None)),
        Fate::Stays(_) | Fate::Removed(_) => None,
    })
}

/// Each failure is logged once, when it is stored.
fn told(context: &PassContext<'_>, drafted: &Drafted) {
    for (id, failure) in &drafted.failures {
        tracing::warn!(connector = %context.side.connector, task = id.0, code = failure.code.as_str(), "task {id} failed: {failure}");
    }
}

/// What an operator has taken away or changed meanwhile, or had tried out of turn, is taken over: a changed
/// task gets the turn that it would get now.
fn look_again(context: &PassContext<'_>, batch: &mut Batch) -> Result<(), StoreError> {
    if let Some(part) = &mut batch.part {
        return part.look_again(context, &mut batch.items);
    }
    let ids: Vec<TaskId> = batch.items.iter().map(|item| item.task.id).collect();
    let heads = context.store.heads(&ids)?;
    let mut heads: BTreeMap<TaskId, TaskHead> = heads.into_iter().map(|head| (head.id, head)).collect();
    for mut item in std::mem::take(&mut batch.items) {
        let id = item.task.id;
        let Some(now) = heads.remove(&id) else { continue };
        let changed = now.version != item.task.version;
        let deletes_allowed = item.task.deletes_allowed;
        item.task.head = now;
        item.task.head.deletes_allowed |= deletes_allowed && batch.out_of_turn;
        if !changed || batch.out_of_turn || item.task.stands_apart() {
            batch.items.push(item);
            continue;
        }
        match (turn(&item.task, context.side.by, context.clock.now_ms()), &item.work) {
            (Turn::Process, Work::Processed { .. } | Work::Behind(_)) => batch.items.push(item),
            // It is not translated: the next pass does it.
            (Turn::Process, Work::PassOver(_)) => {}
            (Turn::PassOver(standing), _) => batch.items.push(Item { work: Work::PassOver(standing), ..item }),
            (Turn::Wait(due_ms), _) => batch.is_due(due_ms),
            (Turn::WaitsBehind(due_ms), _) => {
                batch.is_due(due_ms);
                batch.end = Some(PassEnd::Waits(id));
                break;
            }
            (Turn::Stop, _) => {
                batch.end = Some(PassEnd::Failed(id));
                break;
            }
        }
    }
    Ok(())
}
