//! The time that a guest sees. It begins with the run, stands still while the guest's code works, goes on by a microsecond
//! each time that the guest looks at it, so that a loop which waits for a moment ends, and by the length of a wait when that
//! is over. Nothing else moves it: not how fast the machine is, nor how long a call outside took. So a run can be repeated to
//! the bit, and a guest cannot measure what others do on the same processor (promise 3).
//!
//! Deadlines and limits are kept in real time, which the guest does not see.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a look costs.
const LOOK_NS: u64 = 1_000;
/// Finest step that is shown.
pub const STEP_NS: u64 = 1_000_000;

/// The clock of one instance.
#[derive(Debug)]
pub struct GuestTime {
    begun_ms: i64,
    passed_ns: AtomicU64,
    begun: Instant,
}

impl GuestTime {
    /// Begins at this moment, in ms since 1970.
    pub fn new(begun_ms: i64) -> Self {
        Self { begun_ms, passed_ns: AtomicU64::new(0), begun: Instant::now() }
    }

    /// A look: ms since 1970.
    pub fn now_ms(&self) -> i64 {
        let passed_ms = self.look() / STEP_NS;
        self.begun_ms.saturating_add(i64::try_from(passed_ms).unwrap_or(i64::MAX))
    }

    /// A look: ns since the run began, in whole steps.
    pub fn passed_ns(&self) -> u64 {
        let passed_ns = self.look();
        passed_ns - passed_ns % STEP_NS
    }

    /// How long it is until this many ns since the run began; not a look.
    pub fn until(&self, ns: u64) -> Duration {
        Duration::from_nanos(ns.saturating_sub(self.passed_ns.load(Ordering::Relaxed)))
    }

    /// The moment that lies this many ns ahead, in ns since the run began; not a look.
    pub fn ahead(&self, ns: u64) -> u64 {
        self.passed_ns.load(Ordering::Relaxed).saturating_add(ns)
    }

    /// A wait until this many ns since the run began is over.
    pub fn waited_until(&self, ns: u64) {
        self.passed_ns.fetch_max(ns, Ordering::Relaxed);
    }

    /// The real time, for operators, in ms since 1970; the guest does not see it.
    pub fn real_ms(&self) -> i64 {
        self.begun_ms.saturating_add(i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    fn look(&self) -> u64 {
        self.passed_ns.fetch_add(LOOK_NS, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_by_looks_and_waits_alone() {
        let time = GuestTime::new(1_000);
        assert_eq!((time.now_ms(), time.passed_ns()), (1_000, 0));
        for _ in 0..998 {
            assert_eq!(time.now_ms(), 1_000);
        }
        assert_eq!((time.now_ms(), time.passed_ns()), (1_001, STEP_NS));
        let end = time.ahead(5 * STEP_NS);
        assert_eq!(time.until(end), Duration::from_millis(5));
        time.waited_until(end);
        assert_eq!((time.until(end), time.now_ms()), (Duration::ZERO, 1_006));
        time.waited_until(0);
        assert_eq!(time.now_ms(), 1_006);
    }

    #[test]
    fn time_has_ends() {
        let time = GuestTime::new(i64::MAX - 1);
        time.waited_until(u64::MAX - 10_000);
        assert_eq!(time.now_ms(), i64::MAX);
        assert_eq!(time.until(u64::MAX), Duration::from_micros(9));
    }
}
