//! When a connector's worker has something to do by itself. Waits are measured by the monotonic clock,
//! and none is longer than the longest back-off: a wall clock that is set neither stops a queue nor
//! hastens it.

use std::cell::Cell;
use std::time::Duration;

use lockgate_core::decide::BACKOFF_MS_MAX;
use lockgate_core::ports::Clock;
use lockgate_core::schedule::Schedule;

pub(super) struct Alarm {
    /// By the monotonic clock, in µs.
    at_us: Option<u64>,
    schedule: Option<Schedule>,
    /// Up to which moment the schedule was looked at, in ms since 1970.
    looked_ms: Cell<i64>,
}

impl Alarm {
    /// For a worker that begins now.
    pub(super) fn new(schedule: Option<Schedule>, clock: &dyn Clock) -> Self {
        Self { at_us: None, schedule, looked_ms: Cell::new(clock.now_ms()) }
    }

    /// Another schedule holds from now on.
    pub(super) fn follow(&mut self, schedule: Option<Schedule>, clock: &dyn Clock) {
        self.schedule = schedule;
        self.looked_ms.set(clock.now_ms());
    }

    /// The same whose schedule nobody has looked at since a moment, in ms since 1970: what lies between is due.
    pub(super) fn since(schedule: Option<Schedule>, looked_ms: i64) -> Self {
        Self { at_us: None, schedule, looked_ms: Cell::new(looked_ms) }
    }

    /// Nothing but the schedule is waited for; what it had for this moment is done.
    pub(super) fn clear(&mut self, clock: &dyn Clock) {
        self.at_us = None;
        self.looked_ms.set(clock.now_ms());
    }

    /// Rings at `due_ms` (ms since 1970), if not before.
    pub(super) fn set(&mut self, due_ms: i64, clock: &dyn Clock) {
        let wait_ms = u64::try_from(due_ms.saturating_sub(clock.now_ms())).unwrap_or(0).min(BACKOFF_MS_MAX);
        let at_us = clock.monotonic_us().saturating_add(wait_ms.saturating_mul(1_000));
        self.at_us = Some(self.at_us.map_or(at_us, |before| before.min(at_us)));
    }

    /// How long until it rings; zero: it rings. `None`: never.
    pub(super) fn wait(&self, clock: &dyn Clock) -> Option<Duration> {
        let due = self.at_us.map(|at_us| Duration::from_micros(at_us.saturating_sub(clock.monotonic_us())));
        [due, self.scheduled(clock.now_ms())].into_iter().flatten().min()
    }

    fn scheduled(&self, now_ms: i64) -> Option<Duration> {
        // The clock was set back: what lies ahead by now is waited for again.
        self.looked_ms.set(self.looked_ms.get().min(now_ms));
        let next_ms = self.schedule.as_ref()?.next_after(self.looked_ms.get())?;
        Some(Duration::from_millis(u64::try_from(next_ms.saturating_sub(now_ms)).unwrap_or(0)))
    }
}
