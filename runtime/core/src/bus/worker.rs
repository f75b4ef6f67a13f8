//! A connector's own thread (§3): it sleeps until a pass is requested, and never holds up another.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::bus::tasks::TaskError;
use crate::bus::{Bus, Inner};
use crate::grants::Manifest;
use crate::names::ConnectorName;
use crate::pass::{PassContext, PassEnd, PassReport, Processed, run_one, run_pass};
use crate::ports::{ConnectorRecord, Lease, StoreError, Translator};
use crate::schedule::Schedule;
use crate::settings::Processing;
use crate::task::{Task, TaskId};

/// How long a worker waits before it tries again after the store failed, in ms.
const STORE_RETRY_MS: i64 = 5_000;

type Reply = SyncSender<Result<Option<Processed>, TaskError>>;

/// The handle of a worker thread.
pub(super) struct Worker {
    mailbox: Arc<Mailbox>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Mailbox {
    letters: Mutex<Letters>,
    arrived: Condvar,
}

#[derive(Default)]
struct Letters {
    /// A pass is wanted.
    pass: bool,
    /// Tasks to run out of turn.
    tasks: Vec<(TaskId, Reply)>,
    /// A pass or a task is running.
    working: bool,
    /// End after the task in hand.
    stop: bool,
    /// Why the last pass did not begin or end well.
    trouble: Option<String>,
}

impl Mailbox {
    fn lock(&self) -> MutexGuard<'_, Letters> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    /// Asks for a pass; false when one is running already and a further one will follow.
    pub(super) fn request(&self) -> bool {
        let mut letters = self.mailbox.lock();
        let at_once = !letters.working && !letters.pass;
        letters.pass = true;
        self.mailbox.arrived.notify_one();
        at_once
    }

    pub(super) fn is_busy(&self) -> bool {
        let letters = self.mailbox.lock();
        !letters.stop && !self.thread.is_finished() && (letters.working || letters.pass || !letters.tasks.is_empty())
    }

    pub(super) fn trouble(&self) -> Option<String> {
        self.mailbox.lock().trouble.clone()
    }

    pub(super) fn stop(&self) {
        let mut letters = self.mailbox.lock();
        letters.stop = true;
        letters.tasks.clear();
        self.mailbox.arrived.notify_one();
    }

    pub(super) fn join(self) {
        if self.thread.join().is_err() {
            tracing::error!("a worker thread panicked");
        }
    }

    fn run(&self, task: TaskId, reply: Reply) {
        let mut letters = self.mailbox.lock();
        if !letters.stop {
            letters.tasks.push((task, reply));
        }
        self.mailbox.arrived.notify_one();
    }
}

impl Inner {
    /// Asks for a pass of a connector; begins its thread if it has none.
    pub(super) fn request(self: &Arc<Self>, connector: &ConnectorName) -> bool {
        self.with_worker(connector, Worker::request).unwrap_or(false)
    }

    /// The same, if the bus was started and the connector works by itself.
    pub(super) fn wake_if_started(self: &Arc<Self>, connector: &ConnectorName) {
        if self.auto.load(std::sync::atomic::Ordering::SeqCst) && self.parts.settings.of(connector).processing == Processing::Auto {
            self.request(connector);
        }
    }

    /// Begins what a connector does by itself: a waiting queue, or a schedule.
    pub(super) fn begin(self: &Arc<Self>, connector: &ConnectorName, waiting: bool) {
        if !self.auto.load(std::sync::atomic::Ordering::SeqCst) {
            return;
        }
        match self.parts.settings.of(connector).processing {
            Processing::Auto if waiting => {
                self.request(connector);
            }
            Processing::Schedule(_) => {
                self.with_worker(connector, |_| ());
            }
            Processing::Auto | Processing::OnRequest => {}
        }
    }

    /// Runs one task on its connector's thread, and waits for it.
    pub(super) fn run_one(self: &Arc<Self>, task: &Task) -> Result<Processed, TaskError> {
        let refuse = |why: &str| TaskError::CannotProcess(task.connector.clone(), why.to_owned());
        {
            let state = self.read_state();
            let record = state.connectors.get(&task.connector).ok_or_else(|| refuse("it is not installed"))?;
            if !record.enabled {
                return Err(refuse("it is disabled"));
            }
            if !state.switches.bus || !state.switches.processing {
                return Err(refuse("the operator has switched off processing"));
            }
        }
        let (reply, answer) = sync_channel(1);
        self.with_worker(&task.connector, |worker| worker.run(task.id, reply)).ok_or_else(|| refuse("the bus is stopping"))?;
        match answer.recv() {
            Ok(result) => result?.ok_or(TaskError::NotQueued(task.id)),
            Err(_) => Err(refuse("the bus is stopping")),
        }
    }

    fn with_worker<R>(self: &Arc<Self>, connector: &ConnectorName, act: impl FnOnce(&Worker) -> R) -> Option<R> {
        let mut workers = self.lock_workers();
        if self.stopping.load(std::sync::atomic::Ordering::SeqCst) {
            return None;
        }
        if workers.get(connector).is_none_or(|worker| worker.thread.is_finished()) {
            // None yet, or one that a panic ended: what waited in its mailbox is answered by its end.
            let mailbox = Arc::new(Mailbox::default());
            let bus = Bus { inner: self.clone() };
            let of = Thread { bus, connector: connector.clone(), mailbox: mailbox.clone() };
            let thread = match std::thread::Builder::new().name(format!("connector {connector}")).spawn(move || of.work()) {
                Ok(thread) => thread,
                Err(error) => {
                    tracing::error!(%connector, "no thread for the connector: {error}");
                    return None;
                }
            };
            workers.insert(connector.clone(), Worker { mailbox, thread });
        }
        workers.get(connector).map(act)
    }
}

/// What runs on the thread.
struct Thread {
    bus: Bus,
    connector: ConnectorName,
    mailbox: Arc<Mailbox>,
}

enum Job {
    Pass,
    One(TaskId, Reply),
}

impl Thread {
    fn work(self) {
        let mut lease: Option<Lease> = None;
        let mut due_ms = self.next_scheduled();
        while let Some(job) = self.next_job(due_ms) {
            match job {
                Job::Pass => {
                    let outcome = self.with_context(&mut lease, run_pass);
                    due_ms = self.ended(&outcome);
                    if outcome.is_err() {
                        lease = None;
                    }
                }
                Job::One(id, reply) => {
                    let outcome = self.with_context(&mut lease, |context, lease| run_one(context, lease, id));
                    if matches!(outcome, Err(Trouble::Store(_))) {
                        lease = None;
                    }
                    let answer = match outcome {
                        Ok(processed) => Ok(processed),
                        Err(Trouble::Store(error)) => Err(TaskError::Store(error)),
                        Err(Trouble::Other(why)) => Err(TaskError::CannotProcess(self.connector.clone(), why)),
                    };
                    // The asker may have gone away.
                    let _ = reply.send(answer);
                }
            }
            self.mailbox.lock().working = false;
        }
        self.mailbox.lock().working = false;
    }

    /// Waits for a letter, or for the time at which something is due. `None`: stop.
    fn next_job(&self, due_ms: Option<i64>) -> Option<Job> {
        let mut letters = self.mailbox.lock();
        loop {
            if letters.stop {
                return None;
            }
            if !letters.tasks.is_empty() {
                let (id, reply) = letters.tasks.remove(0);
                letters.working = true;
                return Some(Job::One(id, reply));
            }
            let now_ms = self.bus.now_ms();
            let due = due_ms.is_some_and(|at| at <= now_ms);
            if letters.pass || due {
                // A request that arrives from here on is a further pass (§3).
                letters.pass = false;
                letters.working = true;
                return Some(Job::Pass);
            }
            letters = match due_ms {
                None => self.mailbox.arrived.wait(letters).unwrap_or_else(PoisonError::into_inner),
                Some(at) => {
                    let wait = Duration::from_millis(u64::try_from(at.saturating_sub(now_ms)).unwrap_or(0).clamp(1, 60_000));
                    self.mailbox.arrived.wait_timeout(letters, wait).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn next_scheduled(&self) -> Option<i64> {
        match &self.bus.settings().of(&self.connector).processing {
            Processing::Schedule(cron) => Schedule::parse(cron).ok()?.next_after(self.bus.now_ms()),
            Processing::Auto | Processing::OnRequest => None,
        }
    }

    /// Tells how a pass ended; returns when the next one is due.
    fn ended(&self, outcome: &Result<PassReport, Trouble>) -> Option<i64> {
        let scheduled = self.next_scheduled();
        let (trouble, due_ms) = match outcome {
            Ok(report) => {
                tracing::info!(connector = %self.connector, done = report.done, failed = report.failed, end = ?report.end, "pass of {} ended", self.connector);
                (None, report.due_ms)
            }
            Err(Trouble::Other(why)) => (Some(why.clone()), None),
            Err(Trouble::Store(error)) => {
                tracing::error!(connector = %self.connector, "pass of {} was broken off: {error}", self.connector);
                let retry = self.bus.now_ms().saturating_add(STORE_RETRY_MS);
                (Some(error.to_string()), Some(retry))
            }
        };
        let mut letters = self.mailbox.lock();
        letters.trouble = trouble;
        letters.pass |= matches!(outcome, Ok(report) if report.end == PassEnd::ModelChanged);
        [scheduled, due_ms].into_iter().flatten().min()
    }

    fn with_context<R>(
        &self,
        lease: &mut Option<Lease>,
        act: impl FnOnce(&PassContext<'_>, &Lease) -> Result<R, StoreError>,
    ) -> Result<R, Trouble> {
        let inner = &self.bus.inner;
        let parts = &inner.parts;
        let record = self.record()?;
        let translator: Arc<dyn Translator> = inner.translator(&record).map_err(|error| {
            tracing::error!(connector = %self.connector, "connector {} cannot be loaded: {error}", self.connector);
            Trouble::Other(error.to_string())
        })?;
        let manifest = Manifest::of(record.active().and_then(|version| version.manifest.as_deref()))
            .map_err(|error| Trouble::Other(format!("{error}; add the connector again")))?;
        let operator = parts.settings.operator(&self.connector);
        let granted = operator.granted(&manifest);
        let lease = match lease {
            Some(lease) => lease,
            none => none.insert(parts.store.claim(&self.connector)?),
        };
        let stop = || self.must_stop(&record);
        let model = self.bus.model();
        let stale = || !Arc::ptr_eq(&self.bus.model(), &model);
        let context = PassContext {
            store: &*parts.store,
            translator: &*translator,
            digest: record.digest.clone(),
            granted: Arc::new(granted),
            write: operator.write_grant(&manifest),
            model: model.clone(),
            settings: &parts.settings,
            connector: &self.connector,
            clock: &*parts.clock,
            randomness: &*parts.randomness,
            stop: &stop,
            stale: &stale,
            standing: &inner.standing,
        };
        let result = act(&context, lease)?;
        if parts.store.counts()?.history > parts.settings.history_entries_max {
            parts.store.trim_history(parts.settings.history_entries_max)?;
        }
        Ok(result)
    }

    fn record(&self) -> Result<ConnectorRecord, Trouble> {
        let state = self.bus.inner.read_state();
        if !state.switches.bus || !state.switches.processing {
            return Err(Trouble::Other("the operator has switched off processing".to_owned()));
        }
        match state.connectors.get(&self.connector) {
            Some(record) if record.enabled => Ok(record.clone()),
            Some(_) => Err(Trouble::Other("the connector is disabled".to_owned())),
            None => Err(Trouble::Other("the connector is not installed".to_owned())),
        }
    }

    /// Whether the pass ends after the task in hand: the bus stops, the connector was disabled,
    /// removed or replaced, or processing was switched off.
    fn must_stop(&self, record: &ConnectorRecord) -> bool {
        if self.mailbox.lock().stop {
            return true;
        }
        self.record().map_or(true, |now| now.digest != record.digest)
    }
}

enum Trouble {
    Store(StoreError),
    Other(String),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
