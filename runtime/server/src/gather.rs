//! Single tasks that come in at the same time are submitted together: with one thread for all of them
//! instead of one each, which would be most of what such a request costs.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lockgate_bus::Accepted;
use lockgate_core::admit::{Refusal, Submission};
use lockgate_core::ports::StoreError;
use tokio::sync::oneshot;

use crate::body::Received;
use crate::state::App;
use crate::surround::Permit;

/// Tasks of one group.
const TASKS_MAX: usize = 1_000;
/// How long a group waits for as many tasks as the last one had: clients that send one task after the
/// other come back all at once, and would otherwise halve every group.
const LINGER: Duration = Duration::from_millis(1);

/// What became of a submission; the store's failure is that of the whole group.
pub(crate) type Answer = Result<Result<Accepted, Refusal>, StoreError>;

/// Submissions that wait for a thread.
#[derive(Default)]
pub(crate) struct Gather {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

#[derive(Default)]
struct Waiting {
    items: Vec<Item>,
    /// A thread is at work.
    working: bool,
    /// How many tasks the last group had.
    last: usize,
}

struct Item {
    submission: Submission,
    answer: oneshot::Sender<Answer>,
    /// What the request holds until its task is stored: memory, and its place among the requests.
    held: (Received, Option<Permit>),
}

/// The thread at work, until it ends, however.
struct Working<'a>(&'a Gather);

impl Gather {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in a task; true when a thread must be started for it.
    fn put(&self, item: Item) -> bool {
        let mut waiting = self.lock();
        waiting.items.push(item);
        if waiting.working && waiting.items.len() >= waiting.last {
            self.arrived.notify_one();
        }
        !std::mem::replace(&mut waiting.working, true)
    }

    /// The next group; `None` when nothing waits, and the thread ends.
    fn next(&self) -> Option<Vec<Item>> {
        let mut waiting = self.lock();
        if waiting.items.is_empty() {
            waiting.last = 0;
        } else if waiting.items.len() < waiting.last {
            let lingered = self.arrived.wait_timeout_while(waiting, LINGER, |waiting| waiting.items.len() < waiting.last);
            waiting = lingered.unwrap_or_else(PoisonError::into_inner).0;
        }
        let count = waiting.items.len().min(TASKS_MAX);
        waiting.last = count;
        waiting.working = count > 0;
        (count > 0).then(|| waiting.items.drain(..count).collect())
    }
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut waiting = self.0.lock();
            waiting.working = false;
            // Nobody would come for what waits: it is told that it broke off, and nothing of it is stored.
            waiting.items.clear();
        }
    }
}

impl App {
    /// Submits one task, and waits until it is durable (promise 1). Once begun it is done to its end,
    /// also when the client goes. `None`: the submission broke off.
    pub(crate) async fn submit(&self, submission: Submission, held: (Received, Option<Permit>)) -> Option<Answer> {
        let (answer, answered) = oneshot::channel();
        if self.gather.put(Item { submission, answer, held }) {
            let app = self.clone();
            tokio::task::spawn_blocking(move || app.submit_waiting());
        }
        answered.await.ok()
    }

    fn submit_waiting(&self) {
        let _working = Working(&self.gather);
        while let Some(items) = self.gather.next() {
            let (mut submissions, mut rest) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len()));
            for Item { submission, answer, held } in items {
                submissions.push(submission);
                rest.push((answer, held));
            }
            match self.bus.submit(submissions) {
                Ok(answers) => {
                    for ((sender, held), answer) in rest.into_iter().zip(answers) {
                        // Before the answer: whoever has it may come again at once.
                        drop(held);
                        // A client that is gone needs no answer.
                        let _ = sender.send(Ok(answer));
                    }
                }
                Err(error) => {
                    for (sender, held) in rest {
                        drop(held);
                        let _ = sender.send(Err(error.clone()));
                    }
                }
            }
        }
    }
}
