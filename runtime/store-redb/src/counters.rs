//! Numbers for the operator, kept with every change so that asking costs no scan.

use std::collections::{BTreeMap, BTreeSet};

use lockgate_core::ports::Counts;
use lockgate_core::task::TaskState;

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
    /// Parked tasks, by connector.
    Parked = 8,
    /// Tasks behind others, by connector.
    Behind = 9,
    /// Of the failed tasks, those that stand apart, by connector.
    Aside = 10,
    /// Of the tasks in the state `queued`, those whose last try failed, by connector.
    Failing = 11,
    /// By connector.
    LooseEnds = 12,
    /// Different things that are waited for.
    WaitsFor = 13,
    /// Tasks that are known by their lines, by connector.
    InLines = 14,
    /// Tasks that stand apart and are due, by connector.
    Due = 15,
    /// Loose ends that are due, by connector.
    LooseDue = 16,
    /// Marks whose waiters are still to be made due, by connector.
    Arrivals = 17,
    /// Entries in the index of wants, by a part of their mark (`waits::wanted`). The last: these are many.
    Wants = 200,
}

/// Which counter counts tasks in this state.
pub(crate) fn counted(state: TaskState) -> Counted {
    match state {
        TaskState::Queued => Counted::Queued,
        TaskState::Parked => Counted::Parked,
        TaskState::Behind => Counted::Behind,
        TaskState::Failed => Counted::Failed,
    }
}

/// Counters of tasks of each state.
pub(crate) const TASKS: [Counted; 4] = [Counted::Queued, Counted::Parked, Counted::Behind, Counted::Failed];

/// The numbers as of the running transaction.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    values: BTreeMap<(u8, u32), u64>,
    changed: BTreeSet<(u8, u32)>,
    /// How often one changed that every thread sees (`reached`).
    shared: u64,
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
        self.shared += u64::from(matches!(counted, Counted::InLines | Counted::Due | Counted::LooseDue | Counted::Arrivals));
        let value = self.values.entry(key).or_default();
        *value = value.saturating_add_signed(change);
        self.changed.insert(key);
    }

    /// Another number: one has changed that every thread sees.
    pub(crate) fn shared(&self) -> u64 {
        self.shared
    }

    /// All of one kind that are not zero.
    pub(crate) fn of(&self, counted: Counted) -> impl Iterator<Item = (u32, u64)> {
        let kind = counted as u8;
        self.values.range((kind, 0)..=(kind, u32::MAX)).filter(|(_, n)| **n > 0).map(|((_, name), n)| (*name, *n))
    }

    /// What changed since the last call.
    pub(crate) fn take_changed(&mut self) -> Vec<((u8, u32), u64)> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().map(|key| (key, self.values.get(&key).copied().unwrap_or(0))).collect()
    }

    /// All of them.
    pub(crate) fn counts(&self, names: &Known) -> Result<Counts, Fault> {
        let mut counts = Counts::default();
        for (key, value) in self.values.range(..(Counted::Wants as u8, 0)) {
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
        kind if kind == Counted::Parked as u8 => drop(counts.parked.insert(names.connector(name)?, value)),
        kind if kind == Counted::Behind as u8 => drop(counts.behind.insert(names.connector(name)?, value)),
        kind if kind == Counted::Failing as u8 => drop(counts.failing.insert(names.connector(name)?, value)),
        kind if kind == Counted::LooseEnds as u8 => drop(counts.loose_ends.insert(names.connector(name)?, value)),
        kind if kind == Counted::WaitsFor as u8 => counts.waits_for = value,
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
