//! The thread that works off operations which try nothing: there while it has something to do.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::Inner;
use lockgate_core::operation::OperationId;
use lockgate_core::ports::StoreError;

/// How long it waits before it tries again after the store failed.
const STORE_RETRY: Duration = Duration::from_secs(5);
/// How long somebody who waits for an operation's end does not look: another process may carry it out.
const LOOK: Duration = Duration::from_millis(200);

/// Who works off operations, and who waits for them.
#[derive(Default)]
pub(crate) struct Clerk {
    desk: Mutex<Desk>,
    changed: Condvar,
    /// Whether operations go on in this process.
    begun: AtomicBool,
}

#[derive(Default)]
struct Desk {
    /// There may be something to do.
    wanted: bool,
    /// The thread looks at `wanted` once more before it ends.
    runs: bool,
    thread: Option<JoinHandle<()>>,
    /// How often an operation has moved on.
    moves: u64,
    /// The operation of which a packet is in hand.
    in_hand: Option<OperationId>,
}

impl Clerk {
    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on operations go on in this process.
    pub(super) fn begins(&self) {
        self.begun.store(true, Ordering::SeqCst);
    }

    pub(super) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::SeqCst)
    }

    /// An operation may have moved on.
    pub(crate) fn moved_on(&self) {
        self.lock().moves += 1;
        self.changed.notify_all();
    }

    /// A packet of this operation is in hand until the guard goes; then it has moved on.
    pub(super) fn takes_in_hand(&self, operation: OperationId) -> InHand<'_> {
        self.lock().in_hand = Some(operation);
        InHand(self)
    }

    pub(super) fn has_in_hand(&self, operation: OperationId) -> bool {
        self.lock().in_hand == Some(operation)
    }

    pub(super) fn moves(&self) -> u64 {
        self.lock().moves
    }

    /// Waits until one has moved on since, or for a moment.
    pub(super) fn wait(&self, seen: u64) {
        let desk = self.lock();
        if desk.moves == seen {
            drop(self.changed.wait_timeout(desk, LOOK).unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Waits for the end of the thread, which sees that the bus stops.
    pub(crate) fn join(&self) {
        let thread = {
            let mut desk = self.lock();
            desk.moves += 1;
            self.changed.notify_all();
            desk.thread.take()
        };
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the operations' thread panicked");
        }
    }
}

impl Inner {
    /// Has the thread look for something to do.
    pub(super) fn call_clerk(self: &Arc<Self>) -> Result<(), StoreError> {
        let mut desk = self.clerk.lock();
        if self.is_stopping() {
            return Ok(());
        }
        desk.wanted = true;
        if !desk.runs {
            let inner = self.clone();
            let thread = std::thread::Builder::new().name("operations".to_owned()).spawn(move || inner.clerk_works());
            desk.thread = Some(thread.map_err(|error| StoreError::Unavailable(format!("no thread for operations: {error}")))?);
            desk.runs = true;
        }
        Ok(())
    }

    fn clerk_works(self: &Arc<Self>) {
        let _ending = Ending(&self.clerk);
        loop {
            {
                let mut desk = self.clerk.lock();
                if !std::mem::take(&mut desk.wanted) || self.is_stopping() {
                    desk.runs = false;
                    return;
                }
            }
            if let Err(error) = self.work_operations() {
                tracing::error!("operations were broken off, and go on in {} s: {error}", STORE_RETRY.as_secs());
                let mut desk = self.clerk.lock();
                desk.wanted = true;
                if !self.is_stopping() {
                    drop(self.clerk.changed.wait_timeout(desk, STORE_RETRY).unwrap_or_else(PoisonError::into_inner));
                }
            }
        }
    }
}

/// See [`Clerk::takes_in_hand`].
pub(super) struct InHand<'a>(&'a Clerk);

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.0.lock().in_hand = None;
        self.0.moved_on();
    }
}

/// A thread that a panic ended does not run.
struct Ending<'a>(&'a Clerk);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().runs = false;
        }
    }
}
