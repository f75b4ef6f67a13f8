//! Where submissions wait for each other: those that come while one transaction is under way share the next.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use lockgate_core::ports::StoreError;

use crate::store::PgStore;
use crate::submit::{Answer, Request, queue};

/// Tasks that share one transaction, at most; one request is never divided.
const TASKS_MAX: usize = 5_000;

/// Requests that wait, and answers that wait for their callers.
#[derive(Default)]
pub(crate) struct Desk {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    last: u64,
    waiting: Vec<(u64, Request)>,
    answers: HashMap<u64, Answer>,
    /// One of the callers carries out a transaction.
    busy: bool,
}

impl Desk {
    /// Waits until the request is answered; carries out what waits if nobody else does.
    pub(crate) fn submit(&self, store: &PgStore, request: Request) -> Answer {
        let mut state = self.lock();
        state.last += 1;
        let number = state.last;
        state.waiting.push((number, request));
        loop {
            if let Some(answer) = state.answers.remove(&number) {
                return answer;
            }
            if state.busy {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            state.busy = true;
            let (numbers, requests) = state.take();
            drop(state);
            let answers = queue(store, &requests);
            state = self.lock();
            state.busy = false;
            match answers {
                Ok(answers) => state.answers.extend(numbers.into_iter().zip(answers)),
                Err(error) => state.answers.extend(numbers.into_iter().map(|number| (number, Err::<_, StoreError>(error.clone())))),
            }
            self.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The first of those that wait, as many as may share a transaction.
    fn take(&mut self) -> (Vec<u64>, Vec<Request>) {
        let mut tasks = 0;
        let fit = self.waiting.iter().take_while(|(_, request)| {
            tasks += request.len();
            tasks <= TASKS_MAX
        });
        let count = fit.count().max(1).min(self.waiting.len());
        self.waiting.drain(..count).unzip()
    }
}
