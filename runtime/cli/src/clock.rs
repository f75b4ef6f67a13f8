//! The system's time and randomness: the only place that asks for them.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use lockgate_core::ports::{Clock, Randomness};

/// The system's clock, kept from going back when the system's is set.
pub struct SystemClock {
    start: Instant,
    latest_ms: AtomicI64,
}

impl SystemClock {
    pub fn new() -> Self {
        Self { start: Instant::now(), latest_ms: AtomicI64::new(0) }
    }
}

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now_ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        self.latest_ms.fetch_max(now_ms, Ordering::Relaxed).max(now_ms)
    }

    fn monotonic_us(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// Random bytes that are asked for at once.
const STOCK_BYTES: usize = 4_000;

/// The operating system's randomness, in stock: one system call for 400 GUIDs or 125 runs.
#[derive(Default)]
pub struct SystemRandomness {
    stock: Mutex<Vec<u8>>,
}

impl Randomness for SystemRandomness {
    fn ten_bytes(&self) -> [u8; 10] {
        self.bytes()
    }

    fn seed(&self) -> [u8; 32] {
        self.bytes()
    }
}

impl SystemRandomness {
    fn bytes<const COUNT: usize>(&self) -> [u8; COUNT] {
        let mut stock = self.stock.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(bytes) = stock.len().checked_sub(COUNT).and_then(|at| stock.split_off(at).try_into().ok()) {
                return bytes;
            }
            stock.resize(STOCK_BYTES, 0);
            if getrandom::fill(&mut stock).is_err() {
                // Without randomness GUIDs would collide, which loses data: better no process than that.
                tracing::error!("the operating system gives no randomness");
                std::process::abort();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_does_not_go_back() {
        let clock = SystemClock::new();
        clock.latest_ms.store(i64::MAX - 1, Ordering::Relaxed);
        assert_eq!(clock.now_ms(), i64::MAX - 1);
    }

    #[test]
    fn random_bytes_differ() {
        let randomness = SystemRandomness::default();
        let all: std::collections::BTreeSet<_> = (0..2_000).map(|_| randomness.ten_bytes()).collect();
        assert_eq!(all.len(), 2_000);
        let all: std::collections::BTreeSet<_> = (0..2_000).map(|_| randomness.seed()).collect();
        assert_eq!(all.len(), 2_000);
    }
}
