//! The one thread that writes: requests that wait together share a transaction and its fsync.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;

use lockgate_core::ports::StoreError;

use crate::fault::Fault;
use crate::recovery::Desk;
use crate::work::Work;

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

/// What a request wants of the writer.
pub(crate) trait Job: Send {
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
    pub(crate) fn start(desk: Desk, group_tasks_max: usize) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(REQUESTS_WAITING_MAX);
        let thread = std::thread::Builder::new().name("store-writer".to_owned()).spawn(move || run(desk, &receiver, group_tasks_max))?;
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

    /// Call this when a reader meets a fault. The engine may have given the file up because of it,
    /// and an empty write reveals that. Does not block: when the queue is full, other writes reveal it.
    pub(crate) fn check(&self) {
        let (caller, _) = sync_channel(1);
        let job = Box::new(Waiting { run: Some(|_: &mut Work<'_>| Ok(Ok(()))), outcome: None, caller });
        if let Some(requests) = &self.requests {
            let _ = requests.try_send(Request { weight: 0, job });
        }
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

fn run(mut desk: Desk, requests: &Receiver<Request>, group_tasks_max: usize) {
    while let Some(first) = next(&mut desk, requests) {
        let mut weight = first.weight;
        let mut jobs = vec![first.job];
        while weight < group_tasks_max
            && let Ok(next) = requests.try_recv()
        {
            weight = weight.saturating_add(next.weight);
            jobs.push(next.job);
        }
        let failure = desk.work(&mut jobs).err();
        // Promise 1: reply after the fsync.
        for job in jobs {
            job.answer(failure.as_ref());
        }
    }
    desk.close();
}

/// Waits for a request; meanwhile tries to write again, or compacts, when that is due. `None`: the store ends.
fn next(desk: &mut Desk, requests: &Receiver<Request>) -> Option<Request> {
    loop {
        let Some(retry) = desk.retry() else {
            let Some(idle) = desk.compact_after() else { return requests.recv().ok() };
            match requests.recv_timeout(idle) {
                Ok(request) => return Some(request),
                Err(RecvTimeoutError::Timeout) => desk.compact(),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
            continue;
        };
        // Before a request is taken: many of them must not hold it up.
        let left = retry.saturating_duration_since(Instant::now());
        if left.is_zero() {
            desk.try_again();
            continue;
        }
        match requests.recv_timeout(left) {
            Ok(request) => return Some(request),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
}
