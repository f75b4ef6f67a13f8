//! Retries of many tasks (§9): an operation's tasks are tried in batches like those of a pass, between its batches, each
//! of them once. What came of them is counted in the transaction that carries it out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::pass::apply::{Batch, apply};
use crate::pass::{PassContext, PassEnd, PassReport, behind};
use lockgate_core::effects::{Fate, Item, TaskEnd, Work};
use lockgate_core::failure::Code;
use lockgate_core::history::Outcome;
use lockgate_core::operation::{Came, Operation, OperationId, Packet, Step, TaskAction};
use lockgate_core::ports::{Lease, StateMap, StoreError, TaskFilter};
use lockgate_core::task::{Task, TaskHead, TaskId, TaskState};

/// The part of an operation that a batch is.
pub(super) struct Part {
    operation: OperationId,
    filter: TaskFilter,
    packet: u64,
    /// Tasks that are no longer meant, and not counted yet.
    passed: BTreeSet<TaskId>,
    /// Those that were counted as waiting, each with the code that was counted.
    waiting: BTreeMap<TaskId, Option<Code>>,
}

/// What one batch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tried {
    /// There may be more.
    Some,
    /// No operation has a task for this connector.
    Nothing,
    /// The configuration has changed.
    Stale,
}

impl Part {
    fn new(operation: &Operation, packet: &Packet) -> Self {
        Self {
            operation: operation.id,
            filter: operation.filter.clone(),
            packet: packet.number,
            passed: BTreeSet::new(),
            waiting: BTreeMap::new(),
        }
    }

    /// How the operation moves on when these tasks end so.
    pub(super) fn step(&self, context: &PassContext<'_>, ends: &[TaskEnd]) -> Step {
        let mut came = Came { passed_over: self.passed.len() as u64, ..Came::default() };
        for end in ends {
            match &end.fate {
                Fate::Removed(entry) => match &entry.outcome {
                    Outcome::Failed(failure) => came.stays(TaskState::Failed, Some(failure.code)),
                    _ => came.done += 1,
                },
                Fate::Stays(standing) => came.stays(standing.state, standing.failure.as_ref().map(|failure| failure.code)),
            }
        }
        let tasks: BTreeSet<TaskId> = ends.iter().map(|end| end.id).chain(self.passed.iter().copied()).collect();
        Step { tasks: tasks.into_iter().collect(), came, ..self.nothing(context) }
    }

    /// A step that moves nothing on.
    fn nothing(&self, context: &PassContext<'_>) -> Step {
        Step {
            operation: self.operation,
            connector: context.side.connector.clone(),
            packet: self.packet,
            tasks: Vec::new(),
            came: Came::default(),
            together: BTreeMap::new(),
            at_ms: context.clock.now_ms(),
        }
    }

    /// What a group carries out of those that were counted as waiting: `None` for nothing.
    pub(super) fn together(&self, context: &PassContext<'_>, members: &[TaskId]) -> Option<Step> {
        let together: BTreeMap<_, _> = members.iter().filter_map(|id| Some((*id, *self.waiting.get(id)?))).collect();
        (!together.is_empty()).then(|| Step { together, ..self.nothing(context) })
    }

    /// The step of these ends is stored.
    pub(super) fn counted(&mut self, waiting: impl Iterator<Item = (TaskId, Option<Code>)>) {
        self.passed.clear();
        self.waiting.extend(waiting);
    }

    /// Somebody has changed a task, or has carried out the same part: those that are left and meant.
    pub(super) fn look_again(&mut self, context: &PassContext<'_>, items: &mut Vec<Item>) -> Result<(), StoreError> {
        let packet = context.store.packet(self.operation, Some(&context.side.connector))?.filter(|packet| packet.number == self.packet);
        let left: BTreeSet<TaskId> = packet.into_iter().flat_map(|packet| packet.tasks).collect();
        let ids: Vec<TaskId> = items.iter().map(|item| item.task.id).collect();
        let mut heads: BTreeMap<TaskId, TaskHead> = context.store.heads(&ids)?.into_iter().map(|head| (head.id, head)).collect();
        self.passed.retain(|id| left.contains(id));
        for mut item in std::mem::take(items).into_iter().filter(|item| left.contains(&item.task.id)) {
            let id = item.task.id;
            match heads.remove(&id).filter(|head| self.filter.describes(head)) {
                Some(now) => {
                    item.task.head = TaskHead { deletes_allowed: item.task.deletes_allowed, ..now };
                    items.push(item);
                }
                None => drop(self.passed.insert(id)),
            }
        }
        Ok(())
    }
}

/// Tries the next batch of the first operation that has tasks for this connector.
pub(super) fn try_batch(context: &PassContext<'_>, lease: &Lease, report: &mut PassReport) -> Result<Tried, StoreError> {
    let Some((operation, packet)) = next(context)? else { return Ok(Tried::Nothing) };
    let mut part = Part::new(&operation, &packet);
    let tasks = tasks(context, &operation, &packet, &mut part)?;
    let heads: Vec<TaskHead> = tasks.iter().map(|task| task.head.clone()).collect();
    let mut batch = asked(context, tasks, &context.side.state(context)?)?;
    batch.part = Some(part);
    let applied = apply(context, lease, &mut batch)?;
    report.done += applied.done;
    report.failed += applied.failed;
    report.due_ms = [report.due_ms, applied.due_ms].into_iter().flatten().min();
    if applied.stale {
        return Ok(Tried::Stale);
    }
    // Those that were passed over with no other.
    if let Some(part) = batch.part.filter(|part| !part.passed.is_empty()) {
        match context.store.carry_out(&[], Vec::new(), &part.step(context, &[])) {
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    // §12: what waited behind one that stood in the way goes on.
    let held_up: Vec<TaskId> = heads.iter().filter(|head| head.may_hold_up()).map(|head| head.id).collect();
    if !held_up.is_empty() {
        let still = context.store.heads(&held_up)?.into_iter().filter(TaskHead::may_hold_up).count();
        report.let_go |= still < held_up.len();
    }
    Ok(Tried::Some)
}

fn next(context: &PassContext<'_>) -> Result<Option<(Operation, Packet)>, StoreError> {
    for operation in context.store.running_operations()?.into_iter().filter(|operation| operation.action.tries()) {
        if let Some(packet) = context.store.packet(operation.id, Some(&context.side.connector))? {
            return Ok(Some((operation, packet)));
        }
    }
    Ok(None)
}

/// The tasks of a packet that are there and meant, as many as a batch takes.
fn tasks(context: &PassContext<'_>, operation: &Operation, packet: &Packet, part: &mut Part) -> Result<Vec<Task>, StoreError> {
    let settings = context.settings;
    let wanted = packet.tasks.get(..settings.batch_tasks_max.max(1)).unwrap_or(&packet.tasks);
    let (mut tasks, last) = context.store.these(&context.side.connector, wanted, settings.batch_bytes_max)?;
    tasks.retain(|task| operation.filter.describes(task));
    for task in &mut tasks {
        // It parks with it, if it must: the next try may delete as well.
        task.head.deletes_allowed |= operation.action == TaskAction::RetryWithDeletes;
    }
    let meant: BTreeSet<TaskId> = tasks.iter().map(|task| task.id).collect();
    part.passed.extend(wanted.iter().filter(|id| last.is_some_and(|last| **id <= last) && !meant.contains(id)));
    Ok(tasks)
}

/// Translates tasks in order, whatever their state, as far as the batch's time lasts.
fn asked(context: &PassContext<'_>, tasks: Vec<Task>, state: &Arc<StateMap>) -> Result<Batch, StoreError> {
    let mut batch = Batch { out_of_turn: true, ..Batch::default() };
    let begun_us = context.clock.monotonic_us();
    let behind = behind(context, &tasks)?;
    for task in tasks {
        if (context.stop)() {
            batch.end = Some(PassEnd::Stopped);
            break;
        }
        let item = match behind.get(&task.id) {
            Some(ahead) => Item { task, work: Work::Behind(*ahead) },
            None => context.side.processed(context, task, state),
        };
        batch.bytes += item.output_bytes();
        // What reads the state must see what was written before it.
        let ends = item.writes_state()
            || context.clock.monotonic_us().saturating_sub(begun_us) > context.settings.batch_ms_max * 1_000
            || batch.bytes > context.settings.batch_bytes_max as u64;
        batch.items.push(item);
        if ends {
            break;
        }
    }
    Ok(batch)
}
