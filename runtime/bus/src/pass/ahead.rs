//! Translation ahead: several threads translate a connector's tasks, and the pass's own thread applies
//! them strictly in order (promise 2). What is translated for later tasks is dropped when an earlier
//! one ends the pass, so this is only done where translating is seen by nobody: without a state and
//! without hosts to call.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::pass::apply::{Batch, apply};
use crate::pass::{PassContext, PassReport, run_asked, translated};
use lockgate_core::ports::{Lease, StateMap, StoreError};
use lockgate_core::task::{Task, TaskId};

/// Tasks that one thread takes at a time.
const CHUNK_TASKS: usize = 32;
/// A backlog of fewer tasks than this is translated by the pass itself: threads cost time, too.
const BACKLOG_TASKS_MIN: usize = 2 * CHUNK_TASKS;
/// Batches that may be translated and not applied.
const BATCHES_AHEAD_MAX: usize = 2;

/// How long the applying thread waits for translations before it looks whether an operator waits for it.
const NOTHING_CAME: Duration = Duration::from_millis(20);

/// How far it came.
pub(super) enum Came {
    /// Everything up to this task was dealt with; go on behind it.
    Behind(Option<TaskId>),
    /// The pass is over.
    Ended,
    /// No thread could be started.
    NotStarted(Vec<Task>),
}

/// Whether a backlog is translated ahead.
pub(super) fn fits(context: &PassContext<'_>, tasks: usize) -> bool {
    let granted = &context.side.granted;
    let unseen = !granted.state && granted.egress.origins.is_empty();
    unseen && context.side.settings(context).translators > 1 && tasks >= BACKLOG_TASKS_MIN
}

/// Translates these tasks and those behind them ahead, and applies them.
pub(super) fn run(context: &PassContext<'_>, lease: &Lease, tasks: Vec<Task>, report: &mut PassReport) -> Result<Came, StoreError> {
    let ahead = Ahead {
        context,
        source: Mutex::new(Source { after: tasks.last().map(|task| task.id), fetched: tasks.into() }),
        ordered: Mutex::default(),
        changed: Condvar::new(),
        closed: AtomicBool::new(false),
    };
    std::thread::scope(|scope| {
        let mut started = 0;
        for _ in 0..context.side.settings(context).translators {
            let translator = ahead.translator();
            let name = format!("translates {}", context.side.connector);
            if std::thread::Builder::new().name(name).spawn_scoped(scope, move || translator.work()).is_err() {
                break;
            }
            started += 1;
        }
        if started == 0 {
            return Ok(Came::NotStarted(std::mem::take(&mut ahead.lock_source().fetched).into()));
        }
        let _closing = Closing(&ahead);
        ahead.apply_all(lease, report)
    })
}

struct Ahead<'a, 'c> {
    context: &'a PassContext<'c>,
    /// Locked before `ordered`, where both are.
    source: Mutex<Source>,
    ordered: Mutex<Ordered>,
    changed: Condvar,
    /// Nobody applies any more.
    closed: AtomicBool,
}

/// Where tasks come from.
struct Source {
    after: Option<TaskId>,
    fetched: VecDeque<Task>,
}

/// What is translated, in order of the queue.
#[derive(Default)]
struct Ordered {
    chunks: VecDeque<Chunk>,
    /// Number of the first of them.
    first: u64,
    tasks: usize,
    bytes: u64,
    /// Threads that may still put something in.
    translators: usize,
    /// No more chunks: the queue is at its end, or a task ended the pass.
    ended: bool,
    error: Option<StoreError>,
}

#[derive(Default)]
struct Chunk {
    batch: Batch,
    whole: bool,
}

/// One translating thread.
struct Translator<'a, 'c>(&'a Ahead<'a, 'c>);

/// Ends the threads when the applying one is through, however.
struct Closing<'a, 'c>(&'a Ahead<'a, 'c>);

impl<'c> Ahead<'_, 'c> {
    fn lock_source(&self) -> MutexGuard<'_, Source> {
        self.source.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Ordered> {
        self.ordered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'g>(&self, ordered: MutexGuard<'g, Ordered>) -> MutexGuard<'g, Ordered> {
        self.changed.wait(ordered).unwrap_or_else(PoisonError::into_inner)
    }

    fn translator(&self) -> Translator<'_, 'c> {
        self.lock().translators += 1;
        Translator(self)
    }

    fn apply_all(&self, lease: &Lease, report: &mut PassReport) -> Result<Came, StoreError> {
        let mut after = None;
        while let Some(mut batch) = self.next_batch()? {
            if run_asked(self.context, lease, report)? {
                return Ok(Came::Ended);
            }
            after = batch.last.or(after);
            let applied = apply(self.context, lease, &mut batch)?;
            if report.takes(&batch, &applied) {
                return Ok(Came::Ended);
            }
        }
        Ok(Came::Behind(after))
    }

    /// Waits for what comes next in order, and takes all of it that is there; nothing, when nothing came for
    /// a while: others may wait for this thread. `None` when nothing more comes.
    fn next_batch(&self) -> Result<Option<Batch>, StoreError> {
        let settings = self.context.settings;
        let mut ordered = self.lock();
        loop {
            let mut batch = Batch::default();
            while !batch.ends() && batch.items.len() < settings.batch_tasks_max && batch.bytes < settings.batch_bytes_max as u64 {
                let Some(chunk) = ordered.chunks.front_mut() else { break };
                let whole = chunk.whole;
                batch.append(std::mem::take(&mut chunk.batch));
                if !whole {
                    break;
                }
                ordered.chunks.pop_front();
                ordered.first += 1;
            }
            if batch.last.is_some() || batch.end.is_some() {
                ordered.tasks = ordered.tasks.saturating_sub(batch.items.len());
                ordered.bytes = ordered.bytes.saturating_sub(batch.bytes);
                self.changed.notify_all();
                return Ok(Some(batch));
            }
            if ordered.translators == 0 {
                return ordered.error.take().map_or(Ok(None), Err);
            }
            let waited = self.changed.wait_timeout(ordered, NOTHING_CAME).unwrap_or_else(PoisonError::into_inner);
            ordered = waited.0;
            if waited.1.timed_out() {
                return Ok(Some(Batch::default()));
            }
        }
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// The next tasks, and the number of their place. Waits while too many are translated and not applied
    /// (promise 5).
    fn take(&self) -> Result<Option<(u64, Vec<Task>)>, StoreError> {
        let settings = self.context.settings;
        let mut source = self.lock_source();
        let mut ordered = self.lock();
        while !self.is_closed()
            && !ordered.ended
            && (ordered.tasks >= settings.batch_tasks_max.saturating_mul(BATCHES_AHEAD_MAX)
                || ordered.bytes >= (settings.batch_bytes_max as u64).saturating_mul(BATCHES_AHEAD_MAX as u64))
        {
            ordered = self.wait(ordered);
        }
        drop(ordered);
        if source.fetched.is_empty() {
            let (max, bytes_max) = (settings.batch_tasks_max, settings.batch_bytes_max);
            source.fetched = self.context.store.fetch(&self.context.side.connector, source.after, max, bytes_max)?.into();
            source.after = source.fetched.back().map(|task| task.id).or(source.after);
        }
        let count = source.fetched.len().min(CHUNK_TASKS);
        let tasks: Vec<Task> = source.fetched.drain(..count).collect();
        let mut ordered = self.lock();
        ordered.ended |= tasks.is_empty();
        if ordered.ended || self.is_closed() {
            return Ok(None);
        }
        let number = ordered.first + ordered.chunks.len() as u64;
        ordered.chunks.push_back(Chunk::default());
        Ok(Some((number, tasks)))
    }

    /// Puts what was translated in its place; false when no more of this chunk is wanted.
    fn put(&self, number: u64, batch: Batch, whole: bool) -> bool {
        let ends = batch.ends();
        let mut ordered = self.lock();
        let ordered = &mut *ordered;
        let at = number.checked_sub(ordered.first).and_then(|at| usize::try_from(at).ok());
        let Some((at, chunk)) = at.and_then(|at| Some((at, ordered.chunks.get_mut(at)?))) else { return false };
        ordered.tasks += batch.items.len();
        ordered.bytes += batch.bytes;
        chunk.batch.append(batch);
        chunk.whole = whole || ends;
        if ends {
            // What lies behind is for another pass, or for this one when it comes there again.
            for dropped in ordered.chunks.drain(at + 1..) {
                ordered.tasks -= dropped.batch.items.len();
                ordered.bytes -= dropped.batch.bytes;
            }
            ordered.ended = true;
        }
        self.changed.notify_all();
        !ends && !self.is_closed()
    }
}

impl Translator<'_, '_> {
    fn work(self) {
        if let Err(error) = self.translate() {
            let mut ordered = self.0.lock();
            ordered.error = Some(error);
            ordered.ended = true;
        }
    }

    fn translate(&self) -> Result<(), StoreError> {
        let Self(ahead) = self;
        let state = Arc::new(StateMap::new());
        let stop = || ahead.is_closed() || (ahead.context.stop)();
        while let Some((number, tasks)) = ahead.take()? {
            let mut tasks = tasks.into_iter();
            loop {
                let batch = translated(ahead.context, &mut tasks, &state, &stop)?;
                let whole = tasks.len() == 0;
                if !ahead.put(number, batch, whole) {
                    return Ok(());
                }
                if whole {
                    break;
                }
            }
        }
        Ok(())
    }
}

impl Drop for Translator<'_, '_> {
    fn drop(&mut self) {
        let Self(ahead) = self;
        ahead.lock().translators -= 1;
        ahead.changed.notify_all();
    }
}

impl Drop for Closing<'_, '_> {
    fn drop(&mut self) {
        let Self(ahead) = self;
        ahead.closed.store(true, Ordering::SeqCst);
        // Under the lock: a thread that is about to wait has not seen it yet.
        let _ordered = ahead.lock();
        ahead.changed.notify_all();
    }
}
