//! WASI's clocks, no finer than a millisecond: what a guest measures with a finer one is what others
//! do on the same processor (promise 3).

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use wasmtime_wasi::clocks::{HostMonotonicClock, HostWallClock};

/// Finest step.
const STEP: Duration = Duration::from_millis(1);
const STEP_NS: u64 = 1_000_000;

/// Time since 1970; the one that is given, in ms, else the system's.
pub struct CoarseWallClock(pub Option<i64>);

impl HostWallClock for CoarseWallClock {
    fn resolution(&self) -> Duration {
        STEP
    }

    fn now(&self) -> Duration {
        if let Some(now_ms) = self.0 {
            return Duration::from_millis(u64::try_from(now_ms).unwrap_or_default());
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Duration::new(now.as_secs(), now.subsec_millis().saturating_mul(1_000_000))
    }
}

/// Time since the instance was made.
pub struct CoarseMonotonicClock(pub Instant);

impl HostMonotonicClock for CoarseMonotonicClock {
    fn resolution(&self) -> u64 {
        STEP_NS
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_mul(STEP_NS)
    }
}
