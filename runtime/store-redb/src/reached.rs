//! How far the file is, for every thread to see without a transaction.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use crate::counters::Counted;
use crate::work::Memory;

/// Counters of the last durable transaction. Set before its answers, and before a reopened file can
/// be read.
pub(crate) struct Reached {
    commits: AtomicU64,
    generation: AtomicU64,
    wanted: AtomicBool,
    waits: RwLock<Waits>,
}

/// Which connectors have something to do without a task that is submitted.
#[derive(Default)]
struct Waits {
    /// What the writer's counters were when this was made.
    as_of: u64,
    /// Those for which something is due, or is to be made due.
    stirred: Vec<u32>,
    /// How many tasks of each are known by their lines.
    in_lines: BTreeMap<u32, u64>,
}

impl Waits {
    fn of(memory: &Memory) -> Self {
        let counters = &memory.counters;
        let due = [Counted::Due, Counted::LooseDue, Counted::Arrivals].into_iter().flat_map(|counted| counters.of(counted));
        let mut stirred: Vec<u32> = due.map(|(connector, _)| connector).collect();
        stirred.sort_unstable();
        stirred.dedup();
        Self { as_of: counters.shared(), stirred, in_lines: counters.of(Counted::InLines).collect() }
    }
}

impl Reached {
    pub(crate) fn new(memory: &Memory) -> Self {
        Self {
            commits: AtomicU64::new(memory.commits),
            generation: AtomicU64::new(memory.generations.newest()),
            wanted: AtomicBool::new(memory.wanted.any()),
            waits: RwLock::new(Waits::of(memory)),
        }
    }

    /// After a transaction.
    pub(crate) fn set(&self, memory: &Memory) {
        if self.waits.read().unwrap_or_else(PoisonError::into_inner).as_of != memory.counters.shared() {
            *self.waits.write().unwrap_or_else(PoisonError::into_inner) = Waits::of(memory);
        }
        self.commits.store(memory.commits, Ordering::SeqCst);
        self.generation.store(memory.generations.newest(), Ordering::SeqCst);
        self.wanted.store(memory.wanted.any(), Ordering::SeqCst);
    }

    /// After everything was read anew from the file.
    pub(crate) fn set_anew(&self, memory: &Memory) {
        *self.waits.write().unwrap_or_else(PoisonError::into_inner) = Waits::of(memory);
        self.set(memory);
    }

    /// Commits that changed rows.
    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::SeqCst)
    }

    /// The newest generation of the configuration.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Whether anybody waits for anything.
    pub(crate) fn wanted(&self) -> bool {
        self.wanted.load(Ordering::SeqCst)
    }

    /// Connectors for which something is due, or is to be made due.
    pub(crate) fn stirred(&self) -> Vec<u32> {
        self.waits.read().unwrap_or_else(PoisonError::into_inner).stirred.clone()
    }

    /// How many tasks of a connector are known by their lines.
    pub(crate) fn in_lines(&self, connector: u32) -> u64 {
        self.waits.read().unwrap_or_else(PoisonError::into_inner).in_lines.get(&connector).copied().unwrap_or(0)
    }
}
