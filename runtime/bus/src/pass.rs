//! A pass: one run through a connector's queue (§3, §4), in strictly ascending order of task id
//! (promise 2). Runs on the caller's thread.

mod ahead;
mod apply;

use std::sync::Arc;

use crate::mailbox::Mailbox;
use crate::tasks::TaskError;
use ahead::Came;
use apply::{Applied, Batch, apply};
use lockgate_core::decide::{Turn, turn};
use lockgate_core::effects::{Item, Terms, Work};
use lockgate_core::failure::Failure;
use lockgate_core::grants::WriteGrant;
use lockgate_core::model::SharedModel;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Clock, Generation, Granted, Lease, Randomness, Run, StateMap, Store, StoreError, Translator};
use lockgate_core::settings::{BusSettings, ConnectorSettings};
use lockgate_core::task::{Task, TaskId};
use lockgate_core::translate::{Guest, translate};

/// What a pass works with.
pub(crate) struct PassContext<'a> {
    /// Where everything is kept.
    pub store: &'a dyn Store,
    /// The connector's component.
    pub translator: &'a dyn Translator,
    /// Its digest, for the history.
    pub digest: Arc<str>,
    /// What its guests may use (promise 3).
    pub granted: Arc<Granted>,
    /// What may be written for it (promise 3).
    pub write: WriteGrant,
    /// The content model; one for the whole pass.
    pub model: SharedModel,
    /// The configuration that model, component and grants are from.
    pub generation: Generation,
    /// Limits.
    pub settings: &'a BusSettings,
    /// Whose queue.
    pub connector: &'a ConnectorName,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Randomness.
    pub randomness: &'a dyn Randomness,
    /// Whether to end after the task in hand; asked between tasks.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Claims the right to process again before its time is over; asked between batches, and
    /// when one is planned again.
    pub renew: &'a (dyn Fn() -> Result<(), StoreError> + Sync),
    /// Tasks that are to be run out of turn; looked at between batches.
    pub mailbox: &'a Mailbox,
}

impl PassContext<'_> {
    /// By what a batch is planned.
    fn terms(&self) -> Terms<'_> {
        Terms {
            model: &self.model,
            generation: self.generation,
            digest: &self.digest,
            granted: &self.granted,
            write: &self.write,
            settings: self.settings,
            connector: self.connector_settings(),
            clock: self.clock,
            randomness: self.randomness,
        }
    }

    /// What the connector keeps, as it is stored now.
    fn state(&self) -> Result<Arc<StateMap>, StoreError> {
        Ok(Arc::new(if self.granted.state { self.store.state(self.connector)? } else { StateMap::new() }))
    }

    fn connector_settings(&self) -> &ConnectorSettings {
        self.settings.of(self.connector)
    }
}

/// Why a pass ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PassEnd {
    /// Nothing is left to look at.
    QueueEmpty,
    /// This task failed, or had failed before: later ones wait behind it.
    Failed(TaskId),
    /// This task waits for a time, and later ones behind it.
    Waits(TaskId),
    /// It was told to end.
    Stopped,
    /// The configuration is another one: a further pass is needed.
    Stale,
}

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PassReport {
    /// Tasks whose effects are stored, or that the connector skipped.
    pub done: u64,
    /// Tries that failed.
    pub failed: u64,
    /// Why it ended.
    pub end: PassEnd,
    /// When some task that waits is due, in ms since 1970.
    pub due_ms: Option<i64>,
}

/// What became of one task that was run out of turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Processed {
    /// Which task.
    pub task: TaskId,
    /// `stored`, `skipped` or `failed`.
    pub outcome: &'static str,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// When it is due again by itself, in ms since 1970.
    pub due_ms: Option<i64>,
}

/// What came of the wish to run one task.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum One {
    /// It was run.
    Done(Processed),
    /// It has left the queue.
    NotQueued,
    /// It was not run: the configuration has changed meanwhile.
    Stale,
}

impl PassReport {
    /// Counts what applying a batch came to; true when the pass is over.
    fn takes(&mut self, batch: &Batch, applied: &Applied) -> bool {
        self.due_ms = [self.due_ms, batch.due_ms, applied.due_ms].into_iter().flatten().min();
        self.done += applied.done;
        self.failed += applied.failed;
        let end = if applied.stale { Some(PassEnd::Stale) } else { applied.stopped_at.map(PassEnd::Failed).or(batch.end) };
        if let Some(end) = end {
            self.end = end;
        }
        end.is_some()
    }
}

/// Runs through the queue until it is empty, a failed task stands in the way, or `stop` says so.
/// Tasks submitted meanwhile are taken too (§3).
pub(crate) fn run_pass(context: &PassContext<'_>, lease: &Lease) -> Result<PassReport, StoreError> {
    let mut report = PassReport { done: 0, failed: 0, end: PassEnd::QueueEmpty, due_ms: None };
    let mut after = None;
    loop {
        if run_asked(context, lease, &mut report)? {
            return Ok(report);
        }
        let mut tasks =
            context.store.fetch(context.connector, after, context.settings.batch_tasks_max, context.settings.batch_bytes_max)?;
        if tasks.is_empty() {
            return Ok(report);
        }
        if ahead::fits(context, tasks.len()) {
            match ahead::run(context, lease, tasks, &mut report)? {
                Came::Ended => return Ok(report),
                Came::Behind(last) => {
                    after = last.or(after);
                    continue;
                }
                Came::NotStarted(given_back) => tasks = given_back,
            }
        }
        let mut batch = translated(context, &mut tasks.into_iter(), &context.state()?, context.stop);
        after = batch.last.or(after);
        let applied = apply(context, lease, &mut batch)?;
        if report.takes(&batch, &applied) {
            return Ok(report);
        }
    }
}

/// Runs one queued task now, whatever its state.
pub(crate) fn run_one(context: &PassContext<'_>, lease: &Lease, id: TaskId) -> Result<One, StoreError> {
    let Some(task) = context.store.task(id)? else { return Ok(One::NotQueued) };
    let mut batch = Batch { out_of_turn: true, ..Batch::default() };
    batch.items.push(processed(context, task, &context.state()?));
    let applied = apply(context, lease, &mut batch)?;
    Ok(match applied.last {
        Some((outcome, failure)) => One::Done(Processed { task: id, outcome, failure, due_ms: applied.due_ms }),
        None if applied.stale => One::Stale,
        None => One::NotQueued,
    })
}

/// Runs the tasks that operators wait for, between two batches: a retry does not wait for the end of the
/// pass. True when the pass is over, because the configuration has changed.
fn run_asked(context: &PassContext<'_>, lease: &Lease, report: &mut PassReport) -> Result<bool, StoreError> {
    (context.renew)()?;
    while let Some((id, reply)) = context.mailbox.take_one() {
        let answer = match run_one(context, lease, id) {
            Ok(One::Done(processed)) => {
                report.due_ms = [report.due_ms, processed.due_ms].into_iter().flatten().min();
                Ok(Some(processed))
            }
            Ok(One::NotQueued) => Ok(None),
            Ok(One::Stale) => {
                context.mailbox.give_back(id, reply);
                report.end = PassEnd::Stale;
                return Ok(true);
            }
            // The next lease runs it.
            Err(error @ StoreError::Fenced(_)) => {
                context.mailbox.give_back(id, reply);
                return Err(error);
            }
            Err(error) => Err(TaskError::Store(error)),
        };
        // The asker may have gone away.
        let _ = reply.send(answer);
    }
    Ok(false)
}

/// Translates tasks in order, as far as the pass goes and the batch's time lasts.
fn translated(context: &PassContext<'_>, tasks: &mut dyn Iterator<Item = Task>, state: &Arc<StateMap>, stop: &dyn Fn() -> bool) -> Batch {
    let mut batch = Batch::default();
    let begun_us = context.clock.monotonic_us();
    for task in tasks {
        if stop() {
            batch.end = Some(PassEnd::Stopped);
            break;
        }
        let id = task.id;
        match turn(&task, context.clock.now_ms()) {
            Turn::Process => {
                let item = processed(context, task, state);
                // A translation that failed under `default` stops the pass: what follows is not
                // translated in vain. What reads the state must see what was written before it.
                batch.broken_off = item.translation_stops();
                batch.bytes += item.output_bytes();
                let stops = batch.broken_off || item.writes_state();
                batch.items.push(item);
                if stops {
                    batch.last = Some(id);
                    break;
                }
            }
            Turn::PassOver(standing) => batch.items.push(Item { task, work: Work::PassOver(standing) }),
            Turn::Wait(due_ms) => batch.is_due(due_ms),
            Turn::WaitsBehind(due_ms) => {
                batch.is_due(due_ms);
                batch.end = Some(PassEnd::Waits(id));
                break;
            }
            Turn::Stop => {
                batch.end = Some(PassEnd::Failed(id));
                break;
            }
        }
        batch.last = Some(id);
        // Promise 5: neither time nor what guests hand over gathers without end.
        if context.clock.monotonic_us().saturating_sub(begun_us) > context.settings.batch_ms_max * 1_000
            || batch.bytes > context.settings.batch_bytes_max as u64
        {
            break;
        }
    }
    batch
}

fn processed(context: &PassContext<'_>, task: Task, state: &Arc<StateMap>) -> Item {
    let run = Run {
        deadline_ms: context.granted.limits.deadline_for(task.external.body.len()),
        state: state.clone(),
        now_ms: context.clock.now_ms(),
        seed: context.randomness.seed(),
    };
    let mut guest = Guest::new(context.translator, &context.granted, run);
    let result = translate(&task, &context.model, context.settings.reference_depth_max, &mut guest);
    Item { task, work: Work::Processed { result: result.map(Box::new), usage: guest.finish() } }
}
