//! How far the file is, for every thread to see without a transaction.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::work::Memory;

/// Counters of the last durable transaction. Set before its answers, and before a reopened file can
/// be read.
pub(crate) struct Reached {
    commits: AtomicU64,
    generation: AtomicU64,
}

impl Reached {
    pub(crate) fn new(memory: &Memory) -> Self {
        Self { commits: AtomicU64::new(memory.commits), generation: AtomicU64::new(memory.generations.newest()) }
    }

    pub(crate) fn set(&self, memory: &Memory) {
        self.commits.store(memory.commits, Ordering::SeqCst);
        self.generation.store(memory.generations.newest(), Ordering::SeqCst);
    }

    /// Commits that changed rows.
    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::SeqCst)
    }

    /// The newest generation of the configuration.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }
}
