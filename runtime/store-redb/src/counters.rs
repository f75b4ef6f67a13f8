//! Numbers for the operator, kept with every change so that asking costs no scan.

use std::collections::{BTreeMap, BTreeSet};

use lockgate_core::ports::Counts;

use crate::fault::Fault;
use crate::names::Known;

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

    /// All of them.
    pub(crate) fn counts(&self, names: &Known) -> Result<Counts, Fault> {
        let mut counts = Counts::default();
        for (key, value) in &self.values {
            tell(&mut counts, *key, *value, names)?;
        }
        Ok(counts)
    }
}

/// Puts one counter among the operator's numbers. One that has gone to zero is not listed.
pub(crate) fn tell(counts: &mut Counts, (kind, name): (u8, u32), value: u64, names: &Known) -> Result<(), Fault> {
    match kind {
        _ if value == 0 => {}
        kind if kind == Counted::Queued as u8 => drop(counts.queued.insert(names.connector(name)?, value)),
        kind if kind == Counted::Failed as u8 => drop(counts.failed.insert(names.connector(name)?, value)),
        kind if kind == Counted::Objects as u8 => drop(counts.objects.insert(names.type_name(name)?, value)),
        kind if kind == Counted::Pages as u8 => drop(counts.pages.insert(names.type_name(name)?, value)),
        kind if kind == Counted::Bindings as u8 => drop(counts.bindings.insert(names.type_name(name)?, value)),
        kind if kind == Counted::CultureVersions as u8 => counts.culture_versions = value,
        kind if kind == Counted::History as u8 => counts.history = value,
        _ => {}
    }
    Ok(())
}
