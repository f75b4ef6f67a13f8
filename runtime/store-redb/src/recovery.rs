//! The writer at work, and what it does after a failed write: it gives the file up, opens it again,
//! and takes writes when one has worked.
//!
//! A failed fsync is never tried again: the handle is gone before anything else happens, and what the
//! reopened file has is durable, as the engine commits in two phases and syncs its header on opening.

mod compacting;

use std::sync::Arc;
use std::time::{Duration, Instant};

use lockgate_core::ports::StoreError;
use redb::{CommitError, Database, Durability};

use crate::fault::{Fault, guarded, is_full};
use crate::handle::Handle;
use crate::open::Options;
use crate::reached::Reached;
use crate::reopen::{self, Reopen};
use crate::work::{Memory, Work};
use crate::writer::Job;
use compacting::Compacting;

/// How many times the first wait the longest is.
const LONGEST_WAIT: u32 = 30;

/// What the writer's thread works with.
pub(crate) struct Desk {
    /// `None` while the file is closed.
    db: Option<Arc<Database>>,
    memory: Memory,
    /// How many transactions the file surely has.
    transactions: u64,
    handle: Arc<Handle>,
    reached: Arc<Reached>,
    /// `None`: what was opened can be opened only once.
    reopen: Option<Reopen>,
    first_wait: Duration,
    wait: Duration,
    /// When to try to write again, while nothing is written.
    retry: Option<Instant>,
    compacting: Compacting,
}

/// A transaction that failed.
struct Failed {
    error: StoreError,
    /// It may have happened all the same.
    in_doubt: bool,
}

impl Failed {
    fn surely(error: StoreError) -> Self {
        Self { error, in_doubt: false }
    }
}

impl Desk {
    /// `reached` is set after every commit, before the answers.
    pub(crate) fn new(
        db: Arc<Database>,
        memory: Memory,
        handle: Arc<Handle>,
        reached: Arc<Reached>,
        reopen: Option<Reopen>,
        options: Options,
    ) -> Self {
        let first_wait = Duration::from_millis(options.retry_after_ms);
        let transactions = memory.transactions;
        Self {
            db: Some(db),
            memory,
            transactions,
            handle,
            reached,
            reopen,
            first_wait,
            wait: first_wait,
            retry: None,
            compacting: Compacting::new(options),
        }
    }

    /// When `try_again` is due; `None`: never, or nothing is wrong.
    pub(crate) fn retry(&self) -> Option<Instant> {
        self.retry
    }

    /// Carries out jobs in one transaction. An error is the answer to all of them.
    pub(crate) fn work(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        self.handle.can_write()?;
        let Err(failed) = self.transact(jobs) else {
            self.wait = self.first_wait;
            self.compacting.written();
            self.reached.set(&self.memory);
            return Ok(());
        };
        // Style 21: after a failed write or fsync, stop and say so.
        tracing::error!(error = %failed.error, "a write failed: the store takes no more until the file is open again");
        let before = self.transactions;
        let reopened = self.recover(&match &failed.error {
            StoreError::Full(text) => StoreError::Full(text.clone()),
            other => StoreError::Unavailable(format!("an earlier write failed: {other}")),
        });
        match failed.error {
            error if !failed.in_doubt => Err(error),
            _ if reopened && self.transactions > before => Ok(()),
            error if reopened => Err(error),
            StoreError::Full(text) => Err(StoreError::Full(text)),
            error => Err(StoreError::Unknown(error.to_string())),
        }
    }

    /// Opens the file if it is closed, and takes writes again if one works.
    pub(crate) fn try_again(&mut self) {
        if self.db.is_none()
            && let Err(refusal) = self.open()
        {
            self.give_up(refusal);
            self.schedule();
            return;
        }
        match self.transact(&mut []) {
            Ok(()) => {
                self.retry = None;
                self.handle.accept();
                tracing::info!("the store takes writes again");
            }
            Err(failed) => {
                tracing::warn!(error = %failed.error, "the store still cannot write");
                self.recover(&failed.error);
            }
        }
    }

    /// Nothing is written or read any more.
    pub(crate) fn close(&mut self) {
        self.give_up(StoreError::Unavailable("the store is closed".to_owned()));
    }

    /// Gives the file up, opens it for readers if it can be opened, and says when to try to write.
    fn recover(&mut self, refusal: &StoreError) -> bool {
        self.give_up(refusal.clone());
        self.schedule();
        match self.open() {
            Ok(()) => true,
            Err(why) => {
                tracing::warn!(%why, "the store is closed");
                self.handle.close(match refusal {
                    StoreError::Full(_) => refusal.clone(),
                    _ => why,
                });
                false
            }
        }
    }

    /// Closes the file. Its lock is free afterwards.
    fn give_up(&mut self, refusal: StoreError) {
        self.handle.close(refusal);
        let db = self.db.take();
        if let Err(panic) = guarded(move || drop(db)) {
            tracing::error!(panic, "the file was not closed properly");
        }
    }

    fn schedule(&mut self) {
        if self.reopen.is_some() {
            self.retry = Instant::now().checked_add(self.wait);
            self.wait = self.wait.saturating_mul(2).min(self.first_wait.saturating_mul(LONGEST_WAIT));
        }
    }

    /// Opens the file again, for readers too, and reads what the writer keeps in memory.
    fn open(&mut self) -> Result<(), StoreError> {
        let Some(reopen) = &mut self.reopen else {
            return Err(self.handle.can_write().err().unwrap_or_else(|| StoreError::Unavailable("the store is closed".to_owned())));
        };
        let (db, memory) = reopen::open(reopen, &self.memory, self.transactions).map_err(|error| reopen::refusal(&error))?;
        self.memory = memory;
        self.transactions = self.memory.transactions;
        self.reached.set_anew(&self.memory);
        let db = Arc::new(db);
        self.handle.open(db.clone());
        self.db = Some(db);
        Ok(())
    }

    /// One transaction for all jobs.
    fn transact(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), Failed> {
        let Some(db) = &self.db else { return Err(Failed::surely(StoreError::Unavailable("the file is closed".to_owned()))) };
        let memory = &mut self.memory;
        guarded(|| carry_out(db, memory, jobs))
            .unwrap_or_else(|panic| Err(Failed { error: StoreError::Unreadable(panic), in_doubt: true }))?;
        self.transactions = self.memory.transactions;
        Ok(())
    }
}

fn carry_out(db: &Database, memory: &mut Memory, jobs: &mut [Box<dyn Job>]) -> Result<(), Failed> {
    let sure = |fault: Fault| Failed::surely(fault.into());
    let mut txn = db.begin_write().map_err(|error| sure(error.into()))?;
    txn.set_durability(Durability::Immediate).map_err(|error| sure(Fault::row("durability", error)))?;
    // Opening after a crash takes 10 ms instead of seconds; at 1,000 tasks a commit it is free.
    txn.set_quick_repair(true);
    let mut work = Work::new(&txn, memory);
    let done = jobs.iter_mut().try_for_each(|job| job.run(&mut work)).and_then(|()| work.finish());
    drop(work);
    if let Err(fault) = done {
        if let Err(error) = txn.abort() {
            tracing::warn!(%error, "the failed transaction was not rolled back cleanly; nothing of it is visible");
        }
        return Err(sure(fault));
    }
    txn.commit().map_err(|error| {
        let in_doubt = !matches!(error, CommitError::TransactionPoisoned);
        let error = redb::Error::from(error);
        let full = is_full(&error);
        let text = error.to_string();
        Failed { error: if full { StoreError::Full(text) } else { StoreError::Unavailable(text) }, in_doubt }
    })
}
