//! Time and randomness that a test decides on.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use lockgate_core::ports::{Clock, Randomness};

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct FixedClock {
    now_ms: AtomicI64,
    monotonic_us: AtomicU64,
}

impl FixedClock {
    /// Where `default` begins: 2026-01-01T00:00:00Z, in ms since 1970.
    pub const START_MS: i64 = 1_767_225_600_000;

    /// Stands at `now_ms`, in ms since 1970.
    pub fn new(now_ms: i64) -> Self {
        Self { now_ms: AtomicI64::new(now_ms), monotonic_us: AtomicU64::new(0) }
    }

    /// Puts the wall clock at `now_ms`; durations do not notice.
    pub fn set(&self, now_ms: i64) {
        self.now_ms.store(now_ms, Ordering::SeqCst);
    }

    /// Lets time pass.
    pub fn advance(&self, ms: u32) {
        self.now_ms.fetch_add(ms.into(), Ordering::SeqCst);
        self.monotonic_us.fetch_add(u64::from(ms) * 1_000, Ordering::SeqCst);
    }
}

impl Default for FixedClock {
    fn default() -> Self {
        Self::new(Self::START_MS)
    }
}

impl Clock for FixedClock {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    fn monotonic_us(&self) -> u64 {
        self.monotonic_us.load(Ordering::SeqCst)
    }
}

/// Counts instead of guessing: 1, 2, 3…
#[derive(Debug, Default)]
pub struct CountingRandomness {
    given: AtomicU64,
    seeds: AtomicU64,
}

impl Randomness for CountingRandomness {
    fn ten_bytes(&self) -> [u8; 10] {
        let count = self.given.fetch_add(1, Ordering::SeqCst) + 1;
        let mut bytes = [0; 10];
        bytes[2..].copy_from_slice(&count.to_be_bytes());
        bytes
    }

    /// Counted apart: threads that translate ahead ask for these in any order.
    fn seed(&self) -> [u8; 32] {
        let count = self.seeds.fetch_add(1, Ordering::SeqCst) + 1;
        let mut seed = [0; 32];
        seed[24..].copy_from_slice(&count.to_be_bytes());
        seed
    }
}
