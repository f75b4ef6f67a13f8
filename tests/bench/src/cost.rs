//! What something took: time on the wall, and of the processor over all threads of this process.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Begun.
pub struct Meter {
    begun: Instant,
    cpu: Duration,
}

/// Ended.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub wall: Duration,
    pub cpu: Duration,
}

impl Meter {
    pub fn start() -> Self {
        Self { cpu: process_cpu(), begun: Instant::now() }
    }

    pub fn stop(&self) -> Cost {
        Cost { wall: self.begun.elapsed(), cpu: process_cpu().saturating_sub(self.cpu) }
    }
}

impl Cost {
    pub fn per_second(&self, count: u64) -> f64 {
        count as f64 / self.wall.as_secs_f64().max(1e-9)
    }

    pub fn cpu_us_each(&self, count: u64) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / (count.max(1) as f64)
    }
}

fn process_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}
