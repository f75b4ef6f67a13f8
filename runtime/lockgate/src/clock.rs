//! The system's time and randomness: the only place that asks for them.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use lockgate_core::ports::{Clock, Randomness};

/// A step back of the wall clock that is not followed: corrections are smaller, and stamps keep their
/// order through them.
const STEP_BACK_US_MAX: i64 = 1_000_000;
/// Readings of the two clocks belong together when no more than this passed between them.
const APART_US_MAX: i64 = 1_000;
/// Readings that are tried until two belong together: a thread may be kept waiting between any two.
const READINGS_MAX: usize = 5;

/// The two clocks of a machine.
trait Machine: Send + Sync {
    /// µs since 1970, as the operator or a time server has set it.
    fn wall_us(&self) -> i64;
    /// µs since some fixed moment.
    fn monotonic_us(&self) -> i64;
}

/// This machine's.
struct ThisMachine(Instant);

impl Machine for ThisMachine {
    fn wall_us(&self) -> i64 {
        let of = |since: std::time::Duration| i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => of(since),
            Err(before) => of(before.duration()).saturating_neg(),
        }
    }

    fn monotonic_us(&self) -> i64 {
        i64::try_from(self.0.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

/// Time goes on at the pace of the monotonic clock, from where the wall clock was. When the wall clock
/// is set, ahead or back, it is followed at once: whoever corrects a wrong date means it, and a clock
/// that waited until the old date is reached would stand still for days. Only a step back of less
/// than a second is not followed. What waits, waits by the monotonic clock.
pub struct SystemClock {
    machine: Box<dyn Machine>,
    /// How far the wall clock is ahead of the monotonic one, in µs. `i64::MIN`: not read yet.
    ahead_us: AtomicI64,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl SystemClock {
    /// As the machine's clocks are now.
    pub fn new() -> Self {
        Self::of(ThisMachine(Instant::now()))
    }

    fn of(machine: impl Machine + 'static) -> Self {
        Self { machine: Box::new(machine), ahead_us: AtomicI64::new(i64::MIN) }
    }

    /// The monotonic clock, and how far the wall clock is ahead of it; less, and never more, by as
    /// much as passed in between.
    fn read(&self) -> (i64, i64) {
        let mut before = self.machine.monotonic_us();
        for _ in 0..READINGS_MAX {
            let wall = self.machine.wall_us();
            let after = self.machine.monotonic_us();
            if after.saturating_sub(before) <= APART_US_MAX {
                return (after, wall.saturating_sub(after));
            }
            before = after;
        }
        let wall = self.machine.wall_us();
        let after = self.machine.monotonic_us();
        (after, wall.saturating_sub(after))
    }
}

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        let (monotonic_us, found) = self.read();
        let followed = |kept: i64| if found < kept && kept.saturating_sub(found) <= STEP_BACK_US_MAX { kept } else { found };
        let ahead = match self.ahead_us.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |kept| Some(followed(kept))) {
            Ok(kept) | Err(kept) => followed(kept),
        };
        monotonic_us.saturating_add(ahead).div_euclid(1_000)
    }

    fn monotonic_us(&self) -> u64 {
        u64::try_from(self.machine.monotonic_us()).unwrap_or_default()
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

    use std::sync::Arc;

    const DAY_MS: i64 = 86_400_000;

    /// Hands of two clocks, which a test moves: wall and monotonic, in ms.
    #[derive(Clone, Default)]
    struct Hands(Arc<[AtomicI64; 2]>);

    impl Hands {
        /// Both go on.
        fn pass(&self, ms: i64) {
            for hand in &*self.0 {
                hand.fetch_add(ms, Ordering::Relaxed);
            }
        }

        /// The wall clock is set.
        fn set(&self, by_ms: i64) {
            self.0[0].fetch_add(by_ms, Ordering::Relaxed);
        }
    }

    impl Machine for Hands {
        fn wall_us(&self) -> i64 {
            self.0[0].load(Ordering::Relaxed) * 1_000
        }
        fn monotonic_us(&self) -> i64 {
            self.0[1].load(Ordering::Relaxed) * 1_000
        }
    }

    fn clock() -> (Hands, SystemClock, i64) {
        let hands = Hands::default();
        hands.set(1_000 * DAY_MS);
        let clock = SystemClock::of(hands.clone());
        let begun = clock.now_ms();
        (hands, clock, begun)
    }

    /// Set back by three days, the server's time stood still for three days.
    #[test]
    fn a_clock_set_back_is_followed_and_goes_on() {
        let (hands, clock, begun) = clock();
        hands.set(-3 * DAY_MS);
        assert_eq!(clock.now_ms(), begun - 3 * DAY_MS);
        hands.pass(5_000);
        assert_eq!(clock.now_ms(), begun - 3 * DAY_MS + 5_000);
        assert_eq!(clock.monotonic_us(), 5_000_000, "durations know nothing of it");
    }

    /// After a moment in the future everything was stamped with it.
    #[test]
    fn a_moment_in_the_future_passes() {
        let (hands, clock, begun) = clock();
        hands.set(3_650 * DAY_MS);
        assert_eq!(clock.now_ms(), begun + 3_650 * DAY_MS);
        hands.set(-3_650 * DAY_MS);
        hands.pass(7);
        assert_eq!(clock.now_ms(), begun + 7);
    }

    #[test]
    fn a_small_correction_keeps_the_order_and_the_pace() {
        let (hands, clock, begun) = clock();
        hands.set(-900);
        assert_eq!(clock.now_ms(), begun);
        hands.pass(100);
        assert_eq!(clock.now_ms(), begun + 100, "it does not stand still until the wall has caught up");
        // Many small ones are a large one.
        hands.set(-900);
        assert_eq!(clock.now_ms(), begun + 100 - 1_800);
        hands.set(1);
        assert_eq!(clock.now_ms(), begun + 100 - 1_799, "ahead is always followed");
    }

    /// The thread is kept waiting between its readings, once for each number.
    struct Slow(Hands, Mutex<Vec<i64>>);

    impl Machine for Slow {
        fn wall_us(&self) -> i64 {
            let now = self.0.wall_us();
            self.0.pass(self.1.lock().unwrap().pop().unwrap_or(0));
            now
        }
        fn monotonic_us(&self) -> i64 {
            self.0.monotonic_us()
        }
    }

    #[test]
    fn a_thread_that_was_kept_waiting_sees_no_step() {
        let hands = Hands::default();
        hands.set(DAY_MS);
        let clock = SystemClock::of(Slow(hands.clone(), Mutex::new(vec![5_000, 2_000])));
        assert_eq!(clock.now_ms(), DAY_MS + 7_000);
        assert_eq!(clock.now_ms(), DAY_MS + 7_000);
    }

    #[test]
    fn this_machine_has_a_time() {
        let clock = SystemClock::new();
        let (one, other) = (clock.now_ms(), clock.now_ms());
        assert!(one > 1_700_000_000_000 && other >= one);
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
