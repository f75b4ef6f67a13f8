//! What a connector's worker is asked to do, and what it does next.

use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::worker::Answer;
use lockgate_core::task::TaskId;

/// Where the answer to a retry goes.
pub(super) type Reply = SyncSender<Answer>;

#[derive(Default)]
pub(super) struct Mailbox {
    letters: Mutex<Letters>,
    arrived: Condvar,
}

#[derive(Default)]
pub(super) struct Letters {
    /// A pass is wanted.
    pub pass: bool,
    /// Tasks to run out of turn.
    pub tasks: Vec<(TaskId, Reply)>,
    /// A pass or a task is running.
    pub working: bool,
    /// End after the task in hand.
    pub stop: bool,
    /// Why the last pass did not begin or end well.
    pub trouble: Option<String>,
}

/// One piece of work.
pub(super) enum Job {
    /// A pass through the queue.
    Pass,
    /// One task out of turn.
    One(TaskId, Reply),
}

/// What the letters come to at one moment.
pub(super) enum Next {
    /// The worker ends.
    Stop,
    /// This is to be done now, and has begun.
    Begin(Job),
    /// Nothing until a letter comes, or something is due.
    Wait,
}

impl Letters {
    /// What is to be done now, when something is due at `due_ms`.
    pub fn next(&mut self, due_ms: Option<i64>, now_ms: i64) -> Next {
        if self.stop {
            return Next::Stop;
        }
        if !self.tasks.is_empty() {
            let (id, reply) = self.tasks.remove(0);
            self.working = true;
            return Next::Begin(Job::One(id, reply));
        }
        if self.pass || due_ms.is_some_and(|at| at <= now_ms) {
            // A request that arrives from here on is a further pass (§3).
            self.pass = false;
            self.working = true;
            return Next::Begin(Job::Pass);
        }
        Next::Wait
    }
}

impl Mailbox {
    pub fn lock(&self) -> MutexGuard<'_, Letters> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the letters, and wakes the worker.
    pub fn put<R>(&self, change: impl FnOnce(&mut Letters) -> R) -> R {
        let mut letters = self.lock();
        let result = change(&mut letters);
        self.arrived.notify_one();
        result
    }

    /// Waits for a letter, or for the time at which something is due. `None`: stop.
    pub fn wait(&self, due_ms: Option<i64>, now_ms: impl Fn() -> i64) -> Option<Job> {
        let mut letters = self.lock();
        loop {
            let now_ms = now_ms();
            match letters.next(due_ms, now_ms) {
                Next::Stop => return None,
                Next::Begin(job) => return Some(job),
                Next::Wait => {}
            }
            letters = match due_ms {
                None => self.arrived.wait(letters).unwrap_or_else(PoisonError::into_inner),
                Some(at) => {
                    let wait = Duration::from_millis(u64::try_from(at.saturating_sub(now_ms)).unwrap_or(0).clamp(1, 60_000));
                    self.arrived.wait_timeout(letters, wait).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_comes_first_then_single_tasks_then_a_pass() {
        let mut letters = Letters { pass: true, ..Letters::default() };
        let (reply, _answer) = std::sync::mpsc::sync_channel(1);
        letters.tasks.push((TaskId(3), reply));
        assert!(matches!(letters.next(Some(0), 1), Next::Begin(Job::One(TaskId(3), _))));
        assert!(matches!(letters.next(None, 1), Next::Begin(Job::Pass)));
        assert!(letters.working && matches!(letters.next(None, 1), Next::Wait));
        assert!(matches!(letters.next(Some(2), 1), Next::Wait));
        assert!(matches!(letters.next(Some(2), 2), Next::Begin(Job::Pass)));
        letters.stop = true;
        assert!(matches!(letters.next(Some(2), 2), Next::Stop));
    }
}
