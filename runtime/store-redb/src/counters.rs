//! Numbers for the operator, kept with every change so that asking costs no scan.

use std::collections::{BTreeMap, BTreeSet};

/// What is counted. The numbers stand in files: never reuse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Counted {
    Queued = 1,
    Failed = 2,
    Objects = 3,
    Pages = 4,
    Bindings = 5,
    CultureVersions = 6,
    History = 7,
}

/// The numbers as of the running transaction.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    values: BTreeMap<(u8, u32), u64>,
    changed: BTreeSet<(u8, u32)>,
}

impl Counters {
    /// As the file has them.
    pub(crate) fn load(&mut self, key: (u8, u32), value: u64) {
        self.values.insert(key, value);
    }

    pub(crate) fn get(&self, counted: Counted, name: u32) -> u64 {
        self.values.get(&(counted as u8, name)).copied().unwrap_or(0)
    }

    pub(crate) fn add(&mut self, counted: Counted, name: u32, change: i64) {
        if change == 0 {
            return;
        }
        let key = (counted as u8, name);
        let value = self.values.entry(key).or_default();
        *value = value.saturating_add_signed(change);
        self.changed.insert(key);
    }

    /// What changed since the last call.
    pub(crate) fn take_changed(&mut self) -> Vec<((u8, u32), u64)> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().map(|key| (key, self.values.get(&key).copied().unwrap_or(0))).collect()
    }

    /// Names that have ever been counted so.
    pub(crate) fn names(&self, counted: Counted) -> Vec<u32> {
        let kind = counted as u8;
        self.values.range((kind, 0)..=(kind, u32::MAX)).filter(|(_, n)| **n > 0).map(|((_, name), _)| *name).collect()
    }
}
