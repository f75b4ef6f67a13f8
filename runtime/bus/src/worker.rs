//! A connector's own thread (§3): it sleeps until a pass is requested, and never holds up another.

use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, MutexGuard};
use std::thread::JoinHandle;

use crate::desk::Desk;
use crate::mailbox::{Letters, Mailbox, Retry};
use crate::pass::{Allows, Processed};
use crate::tasks::TaskError;
use crate::{Bus, Inner};
use lockgate_core::audit::AuditRow;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Call, StoreError};
use lockgate_core::settings::Processing;
use lockgate_core::task::TaskHead;

/// What became of a task that was run out of turn; `None` when it was not queued any more.
pub(super) type Answer = Result<Option<Processed>, TaskError>;

const STOPPING: &str = "the bus is stopping";
const PANICKED: &str = "a fault in Lockgate ended its worker; the log says more";
const NO_THREAD: &str = "no thread could be started for it; the log says more";

/// The handle of a worker.
pub(super) struct Worker {
    mailbox: Arc<Mailbox>,
    /// `None`: a simulation takes its steps.
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Asks for a pass; false when one is running already and a further one will follow.
    pub(super) fn request(&self) -> bool {
        self.mailbox.put(|letters| {
            let at_once = !letters.working && !letters.pass;
            letters.pass = true;
            at_once
        })
    }

    /// Asks for what is due by itself.
    fn stir(&self) {
        self.mailbox.put(|letters| letters.due = true);
    }

    /// Asks for tries of operations' tasks.
    fn operate(&self) {
        self.mailbox.put(|letters| letters.operations = true);
    }

    /// Asks when waiting tasks are due.
    fn look(&self) {
        self.mailbox.put(|letters| letters.look = true);
    }

    pub(super) fn letters(&self) -> MutexGuard<'_, Letters> {
        self.mailbox.lock()
    }

    pub(super) fn is_busy(&self, letters: &Letters) -> bool {
        !letters.stop
            && !self.has_ended()
            && (letters.working || letters.pass || letters.due || letters.operations || !letters.tasks.is_empty())
    }

    pub(super) fn busy_and_trouble(&self) -> (bool, Option<String>) {
        let letters = self.letters();
        (self.is_busy(&letters), letters.trouble.clone())
    }

    pub(super) fn stop(&self) {
        self.mailbox.put(|letters| {
            letters.stop = true;
            letters.operations = false;
            letters.tasks.clear();
        });
    }

    fn has_ended(&self) -> bool {
        self.thread.as_ref().is_some_and(JoinHandle::is_finished)
    }

    /// Whether this is the thread that asks: it cannot wait for itself.
    fn is_this(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| thread.thread().id() == std::thread::current().id())
    }

    pub(super) fn join(self) {
        if self.thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("a worker thread panicked");
        }
    }

    fn run(&self, retry: Retry) {
        self.mailbox.put(|letters| {
            if !letters.stop {
                letters.tasks.push(retry);
            }
        });
    }
}

impl Inner {
    /// Asks for a pass of a connector; begins its thread if it has none.
    pub(super) fn request(self: &Arc<Self>, connector: &ConnectorName) -> bool {
        self.with_worker(connector, Worker::request).unwrap_or(false)
    }

    /// The same, if the bus was started and the connector works by itself.
    pub(super) fn wake_if_started(self: &Arc<Self>, connector: &ConnectorName) {
        if self.leaves_call(connector, Call::Came) {
            return;
        }
        if self.auto.load(std::sync::atomic::Ordering::SeqCst) && self.settings().of(connector).processing == Processing::Auto {
            self.request(connector);
        }
    }

    /// Begins what a connector does by itself: a waiting queue, a schedule, tasks that are tried again. Where another
    /// node works for it, that one does.
    pub(super) fn begin(self: &Arc<Self>, connector: &ConnectorName, waiting: bool) {
        if !self.leaves_begin(connector) {
            self.begin_here(connector, waiting);
        }
    }

    /// The same if it is this node that works for it: the others find out by themselves.
    pub(super) fn begin_here(self: &Arc<Self>, connector: &ConnectorName, waiting: bool) {
        if !self.begins_here(connector) {
            return;
        }
        let settings = self.settings();
        let settings = settings.of(connector);
        match settings.processing {
            Processing::Auto if waiting => {
                self.request(connector);
            }
            // A failed task is tried again when its time comes, whatever else starts a pass.
            Processing::Schedule(_) | Processing::OnRequest if waiting && settings.backoff_ms.is_some() => {
                self.with_worker(connector, Worker::look);
            }
            Processing::Schedule(_) => {
                self.with_worker(connector, |_| ());
            }
            Processing::Auto | Processing::OnRequest => {}
        }
    }

    fn begins_here(&self, connector: &ConnectorName) -> bool {
        self.auto.load(std::sync::atomic::Ordering::SeqCst) && self.elsewhere(connector).is_none()
    }

    /// Lets a connector look, if the bus was started and works for it, whether something is due by itself.
    pub(super) fn begin_due(self: &Arc<Self>, connector: &ConnectorName) {
        if self.begins_here(connector) {
            self.with_worker(connector, Worker::stir);
        }
    }

    /// Lets a connector try what operations have for it.
    pub(super) fn begin_operations(self: &Arc<Self>, connector: &ConnectorName) {
        if !self.leaves_call(connector, Call::Operations) {
            self.with_worker(connector, Worker::operate);
        }
    }

    /// Lets connectors go on for which something has become due (§11): their tasks have had their turn, however their
    /// passes start. `but`: a worker that sees to it itself.
    pub(super) fn stir(self: &Arc<Self>, but: Option<&ConnectorName>) -> Result<(), StoreError> {
        for connector in self.parts.store.stirred()? {
            if Some(&connector) != but && self.known().may_process(&connector).is_ok() && !self.leaves_due(&connector) {
                self.with_worker(&connector, Worker::stir);
            }
        }
        Ok(())
    }

    /// What was written for these connectors. If it is unknown whether it was, they look for themselves.
    pub(super) fn or_begin<'n, T>(
        self: &Arc<Self>,
        written: Result<T, StoreError>,
        connectors: impl IntoIterator<Item = &'n ConnectorName>,
    ) -> Result<T, StoreError> {
        if matches!(written, Err(StoreError::Unknown(_))) {
            connectors.into_iter().for_each(|name| self.begin(name, true));
        }
        written
    }

    /// Runs one task on its connector's thread, and waits for it.
    pub(super) fn run_one(self: &Arc<Self>, task: &TaskHead, allows: Allows, signed: Option<AuditRow>) -> Result<Processed, TaskError> {
        match self.put_one(task, allows, signed)?.recv() {
            Ok(result) => result?.ok_or(TaskError::NotQueued(task.id)),
            Err(_) => Err(TaskError::CannotProcess(task.connector.clone(), self.why_ended(&task.connector, PANICKED).to_owned())),
        }
    }

    /// Why a connector has no worker; `fault`: when it should have one.
    fn why_ended(&self, connector: &ConnectorName, fault: &'static str) -> &'static str {
        if self.stopping.load(std::sync::atomic::Ordering::SeqCst) {
            STOPPING
        } else if !self.known().connectors.contains_key(connector) {
            "it was removed meanwhile"
        } else {
            fault
        }
    }

    /// Asks the connector's worker to run one task; the answer comes by the channel, which closes
    /// without one when the worker ends.
    pub(super) fn put_one(
        self: &Arc<Self>,
        task: &TaskHead,
        allows: Allows,
        signed: Option<AuditRow>,
    ) -> Result<Receiver<Answer>, TaskError> {
        let refuse = |why: &str| TaskError::CannotProcess(task.connector.clone(), why.to_owned());
        self.current()?.may_process(&task.connector).map_err(|why| refuse(&why.to_string()))?;
        let (reply, answer) = sync_channel(1);
        self.with_worker(&task.connector, |worker| worker.run(Retry { task: task.id, allows, signed, reply }))
            .ok_or_else(|| refuse(self.why_ended(&task.connector, NO_THREAD)))?;
        Ok(answer)
    }

    fn with_worker<R>(self: &Arc<Self>, connector: &ConnectorName, act: impl FnOnce(&Worker) -> R) -> Option<R> {
        let mut workers = self.lock_workers();
        if self.stopping.load(std::sync::atomic::Ordering::SeqCst) {
            return None;
        }
        if workers.get(connector).is_none_or(Worker::has_ended) {
            // None yet, or one that a panic ended: what waited in its mailbox is answered by its end.
            let mailbox = Arc::new(Mailbox::default());
            let bus = Bus { inner: self.clone(), by: None };
            let desk = Desk::new(&bus, connector.clone(), mailbox.clone());
            let thread = match bus.seat(desk) {
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

impl Inner {
    /// Stops the workers of connectors that are not installed, whoever removed them, and lets go of what was
    /// loaded for them. Does not wait: it may be one of them that asks.
    pub(super) fn let_removed_go(&self) {
        {
            let mut workers = self.lock_workers();
            // As of now: the worker of a connector that was added again meanwhile works for the new one.
            let known = self.known();
            for (name, worker) in workers.extract_if(.., |name, _| !known.connectors.contains_key(name)) {
                self.lock_held().remove(&name);
                worker.stop();
                self.lock_leaving().push((name, worker));
            }
            self.lock_leaving().retain(|(_, worker)| worker.thread.is_some() && !worker.has_ended());
        }
        self.unload_unused();
    }

    /// Ends a connector's worker after the task in hand, if there is one. Does not wait.
    pub(super) fn end_worker(&self, connector: &ConnectorName) -> bool {
        let mut workers = self.lock_workers();
        let Some(worker) = workers.remove(connector) else { return false };
        worker.stop();
        let mut leaving = self.lock_leaving();
        leaving.retain(|(_, worker)| worker.thread.is_some() && !worker.has_ended());
        leaving.push((connector.clone(), worker));
        true
    }

    /// Waits for the task in hand of a connector that was removed, unless it is that task which asks.
    pub(super) fn join_removed(&self, connector: &ConnectorName) {
        self.let_removed_go();
        // A statement of its own: the lock must not be held while the pass ends.
        let leaving: Vec<_> = self.lock_leaving().extract_if(.., |(name, worker)| name == connector && !worker.is_this()).collect();
        for (_, worker) in leaving {
            worker.join();
        }
    }
}

impl Bus {
    /// Gives the desk a thread, or, in a simulation, a place where it waits for its steps.
    fn seat(&self, desk: Desk) -> std::io::Result<Option<JoinHandle<()>>> {
        #[cfg(any(test, feature = "testing"))]
        let desk = match self.inner.steps.take_in(desk) {
            Some(desk) => desk,
            None => return Ok(None),
        };
        let bus = self.clone();
        std::thread::Builder::new().name(format!("connector {}", desk.connector())).spawn(move || desk.work(&bus)).map(Some)
    }
}
