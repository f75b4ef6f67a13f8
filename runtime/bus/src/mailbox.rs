//! What a connector's worker is asked to do, and what it does next.

use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::pass::Allows;
use crate::worker::Answer;
use lockgate_core::audit::AuditRow;
use lockgate_core::task::TaskId;

/// Where the answer to a retry goes.
pub(super) type Reply = SyncSender<Answer>;

/// The wish to run one task out of turn.
pub(super) struct Retry {
    /// Which task.
    pub task: TaskId,
    /// What its try may do.
    pub allows: Allows,
    /// Who has ordered it.
    pub signed: Option<AuditRow>,
    /// Where the answer goes.
    pub reply: Reply,
}

/// Longest sleep: a clock that was set is noticed after it.
const SLEEP_MAX: Duration = Duration::from_secs(60);
const SLEEP_MIN: Duration = Duration::from_millis(1);

#[derive(Default)]
pub(super) struct Mailbox {
    letters: Mutex<Letters>,
    arrived: Condvar,
}

#[derive(Default)]
pub(super) struct Letters {
    /// A pass is wanted.
    pub pass: bool,
    /// What is due by itself is to be carried out (§11), and nothing of the queue.
    pub due: bool,
    /// Tasks to run out of turn.
    pub tasks: Vec<Retry>,
    /// An operation may have tasks to try.
    pub operations: bool,
    /// When waiting tasks are due is to be found out.
    pub look: bool,
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
    /// What is due by itself, and nothing of the queue.
    Due,
    /// One task out of turn.
    One(Retry),
    /// Tasks of operations.
    Operations,
    /// Find out when waiting tasks are due.
    Look,
}

/// How long until something is due by itself; `None`: never.
#[derive(Clone, Copy, Default)]
pub(super) struct Due {
    /// A pass.
    pub pass: Option<Duration>,
    /// To find out when waiting tasks are due.
    pub look: Option<Duration>,
    /// Operations that could not go on.
    pub operations: Option<Duration>,
}

impl Due {
    /// How long until the first of it.
    pub fn first(self) -> Option<Duration> {
        [self.pass, self.look, self.operations].into_iter().flatten().min()
    }
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
    /// What is to be done now.
    pub fn next(&mut self, due: Due) -> Next {
        let is_due = |wait: Option<Duration>| wait.is_some_and(|wait| wait.is_zero());
        if self.stop {
            return Next::Stop;
        }
        if let Some(retry) = self.take_one() {
            self.working = true;
            return Next::Begin(Job::One(retry));
        }
        if self.pass || is_due(due.pass) {
            // A request that arrives from here on is a further pass (§3).
            self.pass = false;
            // A pass begins with what is due.
            self.due = false;
            self.working = true;
            return Next::Begin(Job::Pass);
        }
        if std::mem::take(&mut self.due) {
            self.working = true;
            return Next::Begin(Job::Due);
        }
        if self.operations || is_due(due.operations) {
            // It is taken back by whoever finds that there are none.
            self.operations = true;
            self.working = true;
            return Next::Begin(Job::Operations);
        }
        if std::mem::take(&mut self.look) || is_due(due.look) {
            return Next::Begin(Job::Look);
        }
        Next::Wait
    }

    fn take_one(&mut self) -> Option<Retry> {
        if self.tasks.is_empty() { None } else { Some(self.tasks.remove(0)) }
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

    /// A task to run out of turn, taken in the midst of a pass; none when the worker is to stop.
    pub fn take_one(&self) -> Option<Retry> {
        let mut letters = self.lock();
        if letters.stop { None } else { letters.take_one() }
    }

    /// Whether an operation may have tasks to try, in the midst of a pass. Whoever takes it puts it back unless there are
    /// none.
    pub fn take_operations(&self) -> bool {
        let mut letters = self.lock();
        !letters.stop && std::mem::take(&mut letters.operations)
    }

    /// Whether operations go on, and nothing comes before them.
    pub fn goes_on_with_operations(&self) -> bool {
        let letters = self.lock();
        letters.operations && !letters.pass && !letters.due && !letters.stop
    }

    /// Puts a task back in front because it could not be run yet. Drops it if the worker is about to stop:
    /// then nobody waits for the answer.
    pub fn give_back(&self, retry: Retry) {
        let mut letters = self.lock();
        if !letters.stop {
            letters.tasks.insert(0, retry);
        }
    }

    /// Waits for a letter, or until something is due: `due` says how long that is, and is asked again
    /// at least once a minute. `None`: stop.
    pub fn wait(&self, due: impl Fn() -> Due) -> Option<Job> {
        let mut letters = self.lock();
        loop {
            let due = due();
            match letters.next(due) {
                Next::Stop => return None,
                Next::Begin(job) => return Some(job),
                Next::Wait => {}
            }
            letters = match due.first() {
                None => self.arrived.wait(letters).unwrap_or_else(PoisonError::into_inner),
                Some(wait) => {
                    let wait = wait.clamp(SLEEP_MIN, SLEEP_MAX);
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
        let [due, not_due] = [Duration::ZERO, Duration::from_millis(1)].map(|wait| Due { pass: Some(wait), ..Due::default() });
        let mut letters = Letters { pass: true, ..Letters::default() };
        let (reply, _answer) = std::sync::mpsc::sync_channel(1);
        letters.tasks.push(Retry { task: TaskId(3), allows: Allows::Nothing, signed: None, reply });
        assert!(matches!(letters.next(due), Next::Begin(Job::One(Retry { task: TaskId(3), .. }))));
        assert!(matches!(letters.next(Due::default()), Next::Begin(Job::Pass)));
        assert!(letters.working && matches!(letters.next(Due::default()), Next::Wait));
        assert!(matches!(letters.next(not_due), Next::Wait));
        assert!(matches!(letters.next(due), Next::Begin(Job::Pass)));
        letters.look = true;
        assert!(matches!(letters.next(not_due), Next::Begin(Job::Look)));
        assert!(matches!(letters.next(not_due), Next::Wait));
        let look = Due { look: Some(Duration::ZERO), ..not_due };
        assert!(matches!(letters.next(look), Next::Begin(Job::Look)));
        letters.stop = true;
        assert!(matches!(letters.next(due), Next::Stop));
    }
}
