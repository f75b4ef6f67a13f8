//! Where callers wait for each other: what comes while one transaction is under way shares the next, and the one wait
//! for the disk.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Requests that wait, and answers that wait for their callers.
pub(crate) struct Desk<R, A> {
    state: Mutex<State<R, A>>,
    changed: Condvar,
}

struct State<R, A> {
    last: u64,
    waiting: Vec<(u64, R)>,
    answers: HashMap<u64, A>,
    /// One of the callers carries out a transaction.
    busy: bool,
}

impl<R, A> Default for Desk<R, A> {
    fn default() -> Self {
        let state = State { last: 0, waiting: Vec::new(), answers: HashMap::new(), busy: false };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }
}

impl<R, A> Desk<R, A> {
    /// Waits until the request is answered; carries out what waits if nobody else does. `size`: requests of this size
    /// together share one transaction at most; `carry_out` gives one answer for each.
    pub(crate) fn submit(&self, request: R, size_max: usize, size: impl Fn(&R) -> usize, carry_out: impl Fn(&[R]) -> Vec<A>) -> A {
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
            let (numbers, requests) = state.take(size_max, &size);
            drop(state);
            let answers = carry_out(&requests);
            state = self.lock();
            state.busy = false;
            state.answers.extend(numbers.into_iter().zip(answers));
            self.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<R, A>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R, A> State<R, A> {
    /// The first of those that wait, as many as may share a transaction; one at least, however large.
    fn take(&mut self, size_max: usize, size: &impl Fn(&R) -> usize) -> (Vec<u64>, Vec<R>) {
        let mut all = 0usize;
        let fit = self.waiting.iter().take_while(|(_, request)| {
            all = all.saturating_add(size(request));
            all <= size_max
        });
        let count = fit.count().max(1).min(self.waiting.len());
        self.waiting.drain(..count).unzip()
    }
}
