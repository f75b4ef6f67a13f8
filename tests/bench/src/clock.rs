//! The system's time and randomness, as the server has them.

use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use lockgate_core::ports::{Clock, Randomness};

/// The system's clock.
pub struct SystemClock(Instant);

impl SystemClock {
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

/// Ms since 1970.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        now_ms()
    }

    fn monotonic_us(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// The operating system's randomness, in stock as the server has it.
#[derive(Default)]
pub struct SystemRandomness(Mutex<Vec<u8>>);

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
        let mut stock = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(bytes) = stock.len().checked_sub(COUNT).and_then(|at| stock.split_off(at).try_into().ok()) {
                return bytes;
            }
            stock.resize(4_000, 0);
            if getrandom::fill(&mut stock).is_err() {
                // GUIDs would collide, and the counts with them.
                std::process::abort();
            }
        }
    }
}
