//! Advances the engine's epoch while instances run, so that deadlines are noticed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

use wasmtime::Engine;

/// Ticks without a running instance before the thread sleeps: waking it for every task would cost more.
const IDLE_TICKS_MAX: u32 = 200;

/// The ticking thread; it ends when this is dropped.
pub struct Ticker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    running: AtomicUsize,
    asleep: AtomicBool,
    stop: AtomicBool,
}

/// While it lives, the epoch advances.
pub struct Running {
    shared: Arc<Shared>,
}

impl Ticker {
    /// Starts the thread.
    pub fn start(engine: Engine, tick: Duration) -> Result<Self, std::io::Error> {
        let shared = Arc::new(Shared { running: AtomicUsize::new(0), asleep: AtomicBool::new(false), stop: AtomicBool::new(false) });
        let thread = thread::Builder::new().name("epoch-ticker".into()).spawn({
            let shared = Arc::clone(&shared);
            move || shared.tick(&engine, tick)
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Makes sure that the epoch advances until the answer is dropped.
    pub fn running(&self) -> Running {
        self.shared.running.fetch_add(1, Ordering::SeqCst);
        if self.shared.asleep.load(Ordering::SeqCst) {
            self.wake();
        }
        Running { shared: Arc::clone(&self.shared) }
    }

    fn wake(&self) {
        if let Some(thread) = self.thread.as_ref().map(JoinHandle::thread) {
            Thread::unpark(thread);
        }
    }
}

impl Shared {
    fn tick(&self, engine: &Engine, tick: Duration) {
        let mut idle_ticks = 0;
        while !self.stop.load(Ordering::SeqCst) {
            thread::sleep(tick);
            if self.running.load(Ordering::SeqCst) > 0 {
                idle_ticks = 0;
                engine.increment_epoch();
                continue;
            }
            idle_ticks += 1;
            if idle_ticks >= IDLE_TICKS_MAX {
                idle_ticks = 0;
                self.sleep();
            }
        }
    }

    /// Says that it is asleep before it looks again: an instance that starts in between either is
    /// seen here or sees the flag and wakes the thread.
    fn sleep(&self) {
        self.asleep.store(true, Ordering::SeqCst);
        while self.running.load(Ordering::SeqCst) == 0 && !self.stop.load(Ordering::SeqCst) {
            thread::park();
        }
        self.asleep.store(false, Ordering::SeqCst);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shared.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
