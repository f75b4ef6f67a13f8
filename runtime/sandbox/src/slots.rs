//! Permits for the pool: taken before an instance is made (style 19).

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Counts the free slots of the pool.
pub struct Slots {
    free: Mutex<u32>,
    freed: Condvar,
}

/// One slot of the pool, given back when dropped.
pub struct Slot {
    slots: Arc<Slots>,
}

impl Slots {
    /// So many slots, all free.
    pub fn new(count: u32) -> Arc<Self> {
        Arc::new(Self { free: Mutex::new(count), freed: Condvar::new() })
    }

    /// Waits for a free slot, but not longer than this.
    pub fn take(self: &Arc<Self>, wait_max: Duration) -> Option<Slot> {
        let until = Instant::now() + wait_max;
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            let left = until.checked_duration_since(Instant::now())?;
            free = self.freed.wait_timeout(free, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *free -= 1;
        Some(Slot { slots: Arc::clone(self) })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        *self.slots.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.slots.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_free_again_when_dropped() {
        let slots = Slots::new(1);
        let slot = slots.take(Duration::ZERO).unwrap();
        assert!(slots.take(Duration::ZERO).is_none());
        drop(slot);
        assert!(slots.take(Duration::ZERO).is_some());
    }
}
