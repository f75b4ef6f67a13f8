//! A pass: one run through a connector's queue (§3, §4), in strictly ascending order of task id
//! (promise 2). Runs on the caller's thread.

mod ahead;
mod apply;
mod due;
mod group;
mod operation;
mod side;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex};

use crate::mailbox::{Mailbox, Retry};
use crate::numbers::Numbers;
use crate::tasks::TaskError;
use ahead::Came;
use apply::{Applied, Batch, apply};
pub(crate) use group::Later;
use lockgate_core::decide::{Turn, turn};
use lockgate_core::effects::{Item, Work};
use lockgate_core::failure::Failure;
use lockgate_core::key::{Key, LineKey};
use lockgate_core::model::SharedModel;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Clock, Generation, Lease, Randomness, StateMap, Store, StoreError};
use lockgate_core::settings::BusSettings;
use lockgate_core::task::{Task, TaskId};
use operation::{Tried, try_batch};
pub use side::Side;
pub(crate) use side::by;

/// What a pass works with.
pub(crate) struct PassContext<'a> {
    /// Where everything is kept.
    pub store: &'a dyn Store,
    /// The connector whose queue it is.
    pub side: Arc<Side>,
    /// Another connector's side; `None` when that does not process now.
    pub others: &'a (dyn Fn(&ConnectorName) -> Option<Arc<Side>> + Sync),
    /// Whether further tasks may wait (`waiting_tasks_max`).
    pub may_wait: bool,
    /// Whether tasks that failed may be due because what they failed by is another.
    pub changed: bool,
    /// Tasks that are to be tried with a group again: an application did not answer before.
    pub again: BTreeSet<TaskId>,
    /// Those that are to be tried so later.
    pub later: &'a Mutex<Later>,
    /// Lets other connectors know when something has become due for them; asked after each commit.
    pub stir: &'a (dyn Fn() -> Result<(), StoreError> + Sync),
    /// The content model; one for the whole pass.
    pub model: SharedModel,
    /// The configuration that model, component and grants are from.
    pub generation: Generation,
    /// Limits.
    pub settings: &'a BusSettings,
    /// What comes of tasks is counted here.
    pub numbers: &'a Numbers,
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

impl fmt::Display for PassEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QueueEmpty => f.write_str("nothing is left to do"),
            Self::Failed(task) => write!(f, "later tasks wait behind task {task}, which failed"),
            Self::Waits(task) => write!(f, "task {task} is tried again later, and later tasks wait behind it"),
            Self::Stopped => f.write_str("it was told to end"),
            Self::Stale => f.write_str("the configuration has changed"),
        }
    }
}

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PassReport {
    /// Tasks whose effects are stored, or that the connector skipped.
    pub done: u64,
    /// Tries that failed.
    pub failed: u64,
    /// Loose ends that were mended.
    pub mended: u64,
    /// Why it ended.
    pub end: PassEnd,
    /// When some task that waits is due, in ms since 1970.
    pub due_ms: Option<i64>,
    /// A retry has dealt with a task behind which others waited: they are to go on.
    pub let_go: bool,
}

/// What became of one task that was run out of turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Processed {
    /// Which task.
    pub task: TaskId,
    /// As in the history; or `parked` or `behind`, when it waits.
    pub outcome: &'static str,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// When it is due again by itself, in ms since 1970.
    pub due_ms: Option<i64>,
}

/// What a try of one task may do beyond what others may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allows {
    /// Nothing.
    Nothing,
    /// Delete more rows than a task may (§7.5).
    Deletes,
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
    fn new() -> Self {
        Self { done: 0, failed: 0, mended: 0, end: PassEnd::QueueEmpty, due_ms: None, let_go: false }
    }

    /// Something is due then.
    fn is_due(&mut self, at_ms: i64) {
        self.due_ms = Some(self.due_ms.map_or(at_ms, |due_ms| due_ms.min(at_ms)));
    }

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

/// Runs through what is due and through the queue until both are empty, a failed task stands in the way, or `stop`
/// says so. Tasks submitted meanwhile are taken too (§3), and what they wake.
pub fn run_pass(context: &PassContext<'_>, lease: &Lease) -> Result<PassReport, StoreError> {
    let mut report = PassReport::new();
    due::look_over(context, context.changed, &mut report)?;
    let mut after = None;
    loop {
        if run_asked(context, lease, &mut report)? || due::due_first(context, lease, &mut report)? {
            return Ok(report);
        }
        let tasks =
            context.store.fetch(&context.side.connector, after, context.settings.batch_tasks_max, context.settings.batch_bytes_max)?;
        if tasks.is_empty() {
            return Ok(report);
        }
        let mut tasks = tasks;
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
        let mut batch = translated(context, &mut tasks.into_iter(), &context.side.state(context)?, context.stop)?;
        after = batch.last.or(after);
        let applied = apply(context, lease, &mut batch)?;
        if report.takes(&batch, &applied) {
            return Ok(report);
        }
    }
}

/// Carries out what is due, and nothing of the queue.
pub fn run_due(context: &PassContext<'_>, lease: &Lease) -> Result<PassReport, StoreError> {
    let mut report = PassReport::new();
    due::look_over(context, context.changed, &mut report)?;
    due::due_first(context, lease, &mut report)?;
    Ok(report)
}

/// Tries tasks of operations, and those that operators wait for, until there are none, or a pass is asked for: that tries
/// them between its batches.
pub(crate) fn run_operations(context: &PassContext<'_>, lease: &Lease) -> Result<PassReport, StoreError> {
    let mut report = PassReport::new();
    loop {
        if run_asked(context, lease, &mut report)? {
            return Ok(report);
        }
        if (context.stop)() {
            report.end = PassEnd::Stopped;
            return Ok(report);
        }
        if !context.mailbox.goes_on_with_operations() {
            return Ok(report);
        }
    }
}

/// Runs one queued task now, whatever its state.
pub(crate) fn run_one(context: &PassContext<'_>, lease: &Lease, retry: &Retry) -> Result<One, StoreError> {
    let id = retry.task;
    let Some(mut task) = context.store.task(id)? else { return Ok(One::NotQueued) };
    task.head.deletes_allowed |= retry.allows == Allows::Deletes;
    let mut batch = Batch { out_of_turn: true, signed: retry.signed.clone(), ..Batch::default() };
    batch.items.push(context.side.processed(context, task, &context.side.state(context)?));
    let applied = apply(context, lease, &mut batch)?;
    Ok(match applied.last {
        // It waited, and a group was found for it.
        Some(_) if applied.together.contains(&id) => One::Done(Processed { task: id, outcome: "stored", failure: None, due_ms: None }),
        Some((outcome, failure)) => One::Done(Processed { task: id, outcome, failure, due_ms: applied.due_ms }),
        None if applied.stale => One::Stale,
        None => One::NotQueued,
    })
}

/// Runs the tasks that operators wait for, between two batches: a retry does not wait for the end of the
/// pass. True when the pass is over, because the configuration has changed.
fn run_asked(context: &PassContext<'_>, lease: &Lease, report: &mut PassReport) -> Result<bool, StoreError> {
    (context.renew)()?;
    while let Some(letter) = context.mailbox.take_one() {
        let answer = match run_one(context, lease, &letter) {
            Ok(One::Done(processed)) => {
                report.due_ms = [report.due_ms, processed.due_ms].into_iter().flatten().min();
                Ok(Some(processed))
            }
            Ok(One::NotQueued) => Ok(None),
            Ok(One::Stale) => {
                context.mailbox.give_back(letter);
                report.end = PassEnd::Stale;
                return Ok(true);
            }
            // The next lease runs it.
            Err(error @ StoreError::Fenced(_)) => {
                context.mailbox.give_back(letter);
                return Err(error);
            }
            Err(error) => Err(TaskError::Store(error)),
        };
        // The asker may have gone away.
        let _ = letter.reply.send(answer);
    }
    if !context.mailbox.take_operations() {
        return Ok(false);
    }
    // One batch: a pass is not held up by an operation, nor the other way round.
    let tried = try_batch(context, lease, report);
    if !matches!(tried, Ok(Tried::Nothing)) {
        context.mailbox.lock().operations = true;
    }
    let stale = tried? == Tried::Stale;
    if stale {
        report.end = PassEnd::Stale;
    }
    Ok(stale)
}

/// Translates tasks in order, as far as the pass goes and the batch's time lasts. The rest is left in `tasks`.
fn translated(
    context: &PassContext<'_>,
    tasks: &mut std::vec::IntoIter<Task>,
    state: &Arc<StateMap>,
    stop: &dyn Fn() -> bool,
) -> Result<Batch, StoreError> {
    let mut batch = Batch::default();
    let begun_us = context.clock.monotonic_us();
    let behind = behind(context, tasks.as_slice())?;
    while !tasks.as_slice().is_empty() {
        if stop() {
            batch.end = Some(PassEnd::Stopped);
            break;
        }
        let Some(task) = tasks.next() else { break };
        let id = task.id;
        let turn = if task.stands_apart() { Turn::Process } else { turn(&task, context.side.by, context.clock.now_ms()) };
        match (turn, behind.get(&id)) {
            (Turn::Process, Some(ahead)) => batch.items.push(Item { task, work: Work::Behind(*ahead) }),
            (Turn::Process, None) => {
                let item = context.side.processed(context, task, state);
                // A translation that failed under `default` stops the pass: what follows is not
                // translated in vain. What reads the state must see what was written before it.
                batch.broken_off = item.translation_stops(context.side.settings(context));
                batch.bytes += item.output_bytes();
                let stops = batch.broken_off || item.writes_state();
                batch.items.push(item);
                if stops {
                    batch.last = Some(id);
                    break;
                }
            }
            (Turn::PassOver(standing), _) => batch.items.push(Item { task, work: Work::PassOver(standing) }),
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
        batch.last = Some(id);
        // Promise 5: neither time nor what guests hand over gathers without end.
        if context.clock.monotonic_us().saturating_sub(begun_us) > context.settings.batch_ms_max * 1_000
            || batch.bytes > context.settings.batch_bytes_max as u64
        {
            break;
        }
    }
    Ok(batch)
}

/// Those of these tasks of which it is known without translating them again that they wait behind another, and
/// behind whom (§11.5).
fn behind(context: &PassContext<'_>, tasks: &[Task]) -> Result<HashMap<TaskId, TaskId>, StoreError> {
    let mut behind = HashMap::new();
    let mut asked: Vec<(TaskId, LineKey)> = Vec::new();
    let in_lines = apply::in_lines(context)?;
    // One that nobody has translated yet is: others must know what it would bring.
    for (task, waiting) in tasks.iter().filter_map(|task| Some((task, task.waiting.as_ref()?))).filter(|_| in_lines) {
        for line in &waiting.lines {
            asked.push((task.id, LineKey { connector: task.connector.clone(), line: line.opposite(), before: task.id }));
        }
    }
    if asked.is_empty() {
        return Ok(behind);
    }
    let here: BTreeSet<TaskId> = tasks.iter().map(|task| task.id).collect();
    let keys: Vec<Key> = asked.iter().map(|(_, key)| key.clone().into()).collect();
    let loaded = context.store.load(&keys)?;
    for (task, key) in asked {
        // One that is in this batch may end with it.
        let ahead = loaded.answers.get(&key).and_then(|ids| ids.last().copied()).filter(|ahead| !here.contains(ahead));
        if let Some(ahead) = ahead {
            let last = behind.entry(task).or_insert(ahead);
            *last = ahead.max(*last);
        }
    }
    Ok(behind)
}
