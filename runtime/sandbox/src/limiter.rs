//! Counts what an instance takes of memory and tables, and refuses what it was not granted.

use lockgate_core::ports::Limits;
use wasmtime::ResourceLimiter;

use crate::engine::{CORE_INSTANCES_MAX, MEMORIES_MAX, TABLE_ELEMENTS_MAX, TABLES_MAX};

/// All memories and all tables of an instance together (promise 5).
#[derive(Debug)]
pub struct Limiter {
    bytes_max: u64,
    bytes: u64,
    peak_bytes: u64,
    table_elements_max: u64,
    table_elements: u64,
    core_instances_max: usize,
    refused: bool,
}

impl Limiter {
    /// Grants as much as the limits say.
    pub fn new(limits: &Limits) -> Self {
        let core_instances_max = usize::try_from(limits.core_instances_max.min(CORE_INSTANCES_MAX)).unwrap_or(usize::MAX);
        let (bytes_max, table_elements_max) = (limits.memory_bytes_max, limits.table_elements_max);
        Self { bytes_max, bytes: 0, peak_bytes: 0, table_elements_max, table_elements: 0, core_instances_max, refused: false }
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

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let elements = self.table_elements.saturating_add(desired.saturating_sub(current) as u64);
        if desired > TABLE_ELEMENTS_MAX || elements > self.table_elements_max {
            self.refused = true;
            return Ok(false);
        }
        self.table_elements = elements;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.core_instances_max
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

    fn limiter(memory_bytes_max: u64, table_elements_max: u64) -> Limiter {
        Limiter::new(&Limits { memory_bytes_max, table_elements_max, ..Limits::default() })
    }

    #[test]
    fn tables_are_counted_together() {
        let mut limiter = limiter(100, 10);
        assert!(limiter.table_growing(0, 6, None).unwrap());
        assert!(!limiter.table_growing(0, 6, None).unwrap());
        assert!(limiter.refused());
    }

    #[test]
    fn memories_are_counted_together() {
        let mut limiter = limiter(100, 10);
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        assert!(!limiter.memory_growing(0, 60, None).unwrap());
        assert!(limiter.refused());
        assert_eq!(limiter.peak_bytes(), 60);
    }

    #[test]
    fn a_failed_growth_gives_nothing_back() {
        let mut limiter = limiter(100, 10);
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        limiter.memory_grow_failed(wasmtime::Error::msg("overflow")).unwrap();
        assert!(!limiter.memory_growing(60, 110, None).unwrap());
    }
}
