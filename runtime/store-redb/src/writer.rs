//! The one thread that writes: requests that wait together share a transaction and its fsync.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use lockgate_core::ports::StoreError;
use redb::{CommitError, Database, Durability};

use crate::fault::Fault;
use crate::work::{Memory, Work};

/// Requests that may wait for the writer; further callers block (promise 5).
const REQUESTS_WAITING_MAX: usize = 1_024;

/// What a request asked for, or why it was refused.
pub(crate) type Reply<T> = Result<T, StoreError>;

/// The sending side. Dropping it ends the thread, after what waits is done.
pub(crate) struct Writer {
    requests: Option<SyncSender<Request>>,
    thread: Option<JoinHandle<()>>,
}

/// One request: how much work it is, roughly in tasks, and what to do.
struct Request {
    weight: usize,
    job: Box<dyn Job>,
}

trait Job: Send {
    /// Carries it out: either all of it, or nothing and a refusal that is kept for the answer.
    fn run(&mut self, work: &mut Work<'_>) -> Result<(), Fault>;
    /// Answers, with the transaction's failure if it failed.
    fn answer(self: Box<Self>, failure: Option<&StoreError>);
}

struct Waiting<F, T> {
    run: Option<F>,
    outcome: Option<Reply<T>>,
    caller: SyncSender<Reply<T>>,
}

impl<F, T> Job for Waiting<F, T>
where
    F: FnOnce(&mut Work<'_>) -> Result<Reply<T>, Fault> + Send,
    T: Send,
{
    fn run(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        if let Some(run) = self.run.take() {
            self.outcome = Some(run(work)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>, failure: Option<&StoreError>) {
        let reply = match (failure, self.outcome) {
            (Some(failure), _) => Err(failure.clone()),
            (None, Some(outcome)) => outcome,
            (None, None) => Err(StoreError::Unavailable("the request was not carried out".to_owned())),
        };
        // A caller that is gone needs no answer.
        let _ = self.caller.send(reply);
    }
}

impl Writer {
    /// `commits` is set to the memory's counter after every commit, before the answers.
    pub(crate) fn start(db: Arc<Database>, memory: Memory, commits: Arc<AtomicU64>, group_tasks_max: usize) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(REQUESTS_WAITING_MAX);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || run(&db, memory, &commits, &receiver, group_tasks_max))?;
        Ok(Self { requests: Some(sender), thread: Some(thread) })
    }

    /// Blocks until the request is durable, or refused. A refusal must come before the first write.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        weight: usize,
        run: impl FnOnce(&mut Work<'_>) -> Result<Reply<T>, Fault> + Send + 'static,
    ) -> Reply<T> {
        let stopped = || StoreError::Unavailable("the store's writer has stopped".to_owned());
        let (caller, reply) = sync_channel(1);
        let job = Box::new(Waiting { run: Some(run), outcome: None, caller });
        let requests = self.requests.as_ref().ok_or_else(stopped)?;
        requests.send(Request { weight, job }).map_err(|_| stopped())?;
        reply.recv().unwrap_or_else(|_| Err(StoreError::Unknown("the store's writer has stopped".to_owned())))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer thread has panicked");
        }
    }
}

fn run(db: &Database, mut memory: Memory, commits: &AtomicU64, requests: &Receiver<Request>, group_tasks_max: usize) {
    let mut poison: Option<StoreError> = None;
    while let Ok(first) = requests.recv() {
        let mut weight = first.weight;
        let mut jobs = vec![first.job];
        while weight < group_tasks_max
            && let Ok(next) = requests.try_recv()
        {
            weight = weight.saturating_add(next.weight);
            jobs.push(next.job);
        }
        let failure = match &poison {
            Some(poison) => Some(poison.clone()),
            None => carry_out(db, &mut memory, &mut jobs).err(),
        };
        if let (None, Some(failure)) = (&poison, &failure) {
            // Style 21: after a failed write or fsync, stop and say so.
            tracing::error!(%failure, "the store takes no more writes until it is reopened");
            poison = Some(StoreError::Unavailable(format!("an earlier write failed and the store must be reopened: {failure}")));
        }
        commits.store(memory.commits, Ordering::SeqCst);
        // Promise 1: reply after the fsync.
        for job in jobs {
            job.answer(failure.as_ref());
        }
    }
}

/// One transaction for all jobs.
fn carry_out(db: &Database, memory: &mut Memory, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let mut txn = db.begin_write().map_err(Fault::from)?;
    txn.set_durability(Durability::Immediate).map_err(|error| StoreError::Unavailable(error.to_string()))?;
    // Opening after a crash takes 10 ms instead of seconds; at 1,000 tasks a commit it is free.
    txn.set_quick_repair(true);
    let mut work = Work::new(&txn, memory);
    let done = jobs.iter_mut().try_for_each(|job| job.run(&mut work)).and_then(|()| work.finish());
    drop(work);
    if let Err(fault) = done {
        if let Err(error) = txn.abort() {
            tracing::warn!(%error, "the failed transaction was not rolled back cleanly; nothing of it is visible");
        }
        return Err(fault.into());
    }
    txn.commit().map_err(|error| match error {
        CommitError::TransactionPoisoned => StoreError::Unavailable(error.to_string()),
        other => StoreError::Unknown(other.to_string()),
    })
}
