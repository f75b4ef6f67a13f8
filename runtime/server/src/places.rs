//! Places for connections (promise 5). Who has shown a token has one of `connections_max`. Who has not yet
//! shown one has one of a small share, for a short time, and is the first to go when places are short: so
//! a client with a token always gets in, however many connections others keep open.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use crate::options::ServerOptions;

/// All places of a server.
pub(crate) struct Places {
    with_token: Arc<Semaphore>,
    without_token: Arc<Semaphore>,
    head_timeout: Duration,
    line: Mutex<Line>,
}

/// Connections that may be closed for others, by number: the oldest first.
#[derive(Default)]
struct Line {
    next: u64,
    closing: BTreeMap<u64, Arc<Notify>>,
}

/// One connection's place, given back with its last holder.
pub(crate) struct Place {
    places: Arc<Places>,
    number: u64,
    closing: Arc<Notify>,
    state: Mutex<State>,
    /// Everything that was sent has been read: closing the connection loses no answer.
    at_rest: AtomicBool,
}

struct State {
    permit: Option<OwnedSemaphorePermit>,
    token_shown: bool,
    /// Requests in hand, and the wait after the last answer until the client has read it.
    at_work: usize,
    /// A request was answered on it, be it with a refusal.
    answered: bool,
    /// When it was accepted, or last had something in hand.
    idle_since: Instant,
}

/// What follows from a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stay {
    /// The connection has a place among those with a token.
    Yes,
    /// There is none: it ends with its answer.
    ForThisAnswer,
}

impl Places {
    pub(crate) fn new(options: &ServerOptions) -> Arc<Self> {
        let permits = |max: usize| Arc::new(Semaphore::new(max.min(Semaphore::MAX_PERMITS)));
        Arc::new(Self {
            with_token: permits(options.connections_max),
            without_token: permits(options.connections_without_token_max),
            head_timeout: Duration::from_millis(options.header_read_timeout_without_token_ms),
            line: Mutex::default(),
        })
    }

    /// A place for a new connection, for which the oldest one that has shown no token is closed where
    /// the share is used up.
    pub(crate) async fn take(self: &Arc<Self>) -> Arc<Place> {
        let permit = match self.without_token.clone().try_acquire_owned() {
            Ok(permit) => Some(permit),
            Err(_) => {
                self.close_oldest();
                // Never closed: there is always a permit in the end.
                self.without_token.clone().acquire_owned().await.ok()
            }
        };
        let closing = Arc::new(Notify::new());
        let number = {
            let mut line = self.line();
            line.next += 1;
            let number = line.next;
            line.closing.insert(number, closing.clone());
            number
        };
        let state = Mutex::new(State { permit, token_shown: false, at_work: 0, answered: false, idle_since: Instant::now() });
        Arc::new(Place { places: self.clone(), number, closing, state, at_rest: AtomicBool::new(true) })
    }

    /// Closes the oldest connection that has shown no token.
    pub(crate) fn close_oldest(&self) {
        if let Some((_, closing)) = self.line().closing.pop_first() {
            closing.notify_one();
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request on it may do something here: it is closed for nobody from now on.
    pub(crate) fn token_shown(&self) -> Stay {
        let mut state = self.state();
        if state.token_shown {
            return Stay::Yes;
        }
        self.places.line().closing.remove(&self.number);
        match self.places.with_token.clone().try_acquire_owned() {
            Ok(permit) => {
                state.permit = Some(permit);
                state.token_shown = true;
                Stay::Yes
            }
            Err(_) => Stay::ForThisAnswer,
        }
    }

    /// Something is in hand until the guard is dropped, and the client is not waited for.
    pub(crate) fn work(self: &Arc<Self>) -> AtWork {
        self.state().at_work += 1;
        AtWork(self.clone())
    }

    /// Something came that is not yet answered.
    pub(crate) fn reading(&self) {
        self.at_rest.store(false, Ordering::Relaxed);
    }

    /// What came is read to its end.
    pub(crate) fn all_read(&self) {
        self.at_rest.store(true, Ordering::Relaxed);
    }

    /// Whether everything that came is read and answered.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.at_rest.load(Ordering::Relaxed)
    }

    /// Waits until the connection is to be closed: for another one, or because it has shown no token in
    /// time.
    pub(crate) async fn given_up(&self) {
        loop {
            let due = match self.idle_without_token_since() {
                Some(since) => since + self.places.head_timeout,
                None => Instant::now() + self.places.head_timeout,
            };
            tokio::select! {
                () = self.closing.notified() => return,
                () = sleep_until(due) => {}
            }
            if self.idle_without_token_since().is_some_and(|since| since.elapsed() >= self.places.head_timeout) {
                return;
            }
        }
    }

    /// Whether a request was answered on it.
    pub(crate) fn has_answered(&self) -> bool {
        self.state().answered
    }

    fn idle_without_token_since(&self) -> Option<Instant> {
        let state = self.state();
        (!state.token_shown && state.at_work == 0).then_some(state.idle_since)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.line().closing.remove(&self.number);
    }
}

/// See [`Place::work`].
pub(crate) struct AtWork(Arc<Place>);

impl Drop for AtWork {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.at_work -= 1;
        state.answered = true;
        state.idle_since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Arc<Places> {
        let options = ServerOptions { connections_max: 1, connections_without_token_max: 2, ..ServerOptions::default() };
        Places::new(&options)
    }

    #[tokio::test]
    async fn the_oldest_without_a_token_goes_first() {
        let places = places();
        let (first, second) = (places.take().await, places.take().await);
        assert_eq!(first.token_shown(), Stay::Yes);
        let third = places.take().await;
        let fourth = tokio::spawn({
            let places = places.clone();
            async move { places.take().await }
        });
        second.closing.notified().await;
        drop(second);
        let fourth = fourth.await.unwrap();
        let closing = |place: &Place| places.line().closing.contains_key(&place.number);
        assert_eq!((closing(&first), closing(&third), closing(&fourth)), (false, true, true));
    }

    #[tokio::test]
    async fn without_a_place_among_those_with_a_token_it_ends_with_its_answer() {
        let places = places();
        let (first, second) = (places.take().await, places.take().await);
        assert_eq!((first.token_shown(), first.token_shown(), second.token_shown()), (Stay::Yes, Stay::Yes, Stay::ForThisAnswer));
        drop(first);
        assert_eq!(second.token_shown(), Stay::Yes, "a place has become free");
    }
}
