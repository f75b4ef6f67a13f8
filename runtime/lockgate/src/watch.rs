//! Telling of tasks that end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use lockgate_bus::Bus;
use lockgate_core::history::Entry;
use lockgate_core::ports::{HistoryFilter, StoreError};

use crate::error::Error;

/// How often the history is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// Entries that are read at once.
const PAGE: usize = 1_000;

/// Somebody is told of tasks that end, until this is dropped.
#[must_use = "the telling ends when it is dropped"]
pub struct Watching {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watching {
    pub(crate) fn start(bus: Bus, mut tell: impl FnMut(&Entry) + Send + 'static) -> Result<Self, Error> {
        let mut last = newest(&bus)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let work = move || {
            while !stopped.load(Ordering::SeqCst) {
                match since(&bus, last) {
                    Ok(entries) => {
                        for (number, entry) in entries {
                            tell(&entry);
                            last = number;
                        }
                    }
                    Err(error) => tracing::warn!(%error, "the history cannot be read"),
                }
                std::thread::park_timeout(LOOK);
            }
        };
        let thread = Builder::new().name("outcomes".to_owned()).spawn(work).map_err(Error::Thread)?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // One who tells and panics has said so already.
            let _ = thread.join();
        }
    }
}

/// Number of the newest entry; 0: there is none.
fn newest(bus: &Bus) -> Result<u64, StoreError> {
    Ok(bus.history(&HistoryFilter::default(), None, 1)?.first().map_or(0, |(number, _)| *number))
}

/// What came after this entry, the oldest first.
fn since(bus: &Bus, last: u64) -> Result<Vec<(u64, Entry)>, StoreError> {
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let page = bus.history(&HistoryFilter::default(), before, PAGE)?;
        let full = page.len() == PAGE;
        let fresh: Vec<_> = page.into_iter().take_while(|(number, _)| *number > last).collect();
        before = fresh.last().map(|(number, _)| *number);
        let more = full && fresh.len() == PAGE;
        found.extend(fresh);
        if !more {
            found.reverse();
            return Ok(found);
        }
    }
}
