//! Counts what an instance takes of memory and tables, and refuses what it was not granted.

use wasmtime::ResourceLimiter;

use crate::engine::{CORE_INSTANCES_MAX, MEMORIES_MAX, TABLE_ELEMENTS_MAX, TABLES_MAX};

/// All memories of an instance together (promise 5).
#[derive(Debug)]
pub struct Limiter {
    bytes_max: u64,
    bytes: u64,
    peak_bytes: u64,
    refused: bool,
}

impl Limiter {
    /// Grants so many bytes of linear memory.
    pub fn new(bytes_max: u64) -> Self {
        Self { bytes_max, bytes: 0, peak_bytes: 0, refused: false }
    }

    /// Most memory it had, in bytes.
    pub fn peak_bytes(&self) -> u64 {
        self.peak_bytes
    }

    /// Whether memory was refused: a trap that follows is the guest's answer to that.
    pub fn refused(&self) -> bool {
        self.refused
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current) as u64;
        let bytes = self.bytes.saturating_add(more);
        if bytes > self.bytes_max || maximum.is_some_and(|maximum| desired > maximum) {
            self.refused = true;
            return Ok(false);
        }
        self.bytes = bytes;
        self.peak_bytes = self.peak_bytes.max(bytes);
        Ok(true)
    }

    /// Also called without `memory_growing` before it, when the new size cannot be expressed: taking
    /// back what was counted last would let a guest talk its count down.
    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.refused = true;
        Ok(())
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS_MAX)
    }

    fn instances(&self) -> usize {
        CORE_INSTANCES_MAX as usize
    }

    fn tables(&self) -> usize {
        TABLES_MAX as usize
    }

    fn memories(&self) -> usize {
        MEMORIES_MAX as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_are_counted_together() {
        let mut limiter = Limiter::new(100);
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        assert!(!limiter.memory_growing(0, 60, None).unwrap());
        assert!(limiter.refused());
        assert_eq!(limiter.peak_bytes(), 60);
    }

    #[test]
    fn a_failed_growth_gives_nothing_back() {
        let mut limiter = Limiter::new(100);
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        limiter.memory_grow_failed(wasmtime::Error::msg("overflow")).unwrap();
        assert!(!limiter.memory_growing(60, 110, None).unwrap());
    }
}
