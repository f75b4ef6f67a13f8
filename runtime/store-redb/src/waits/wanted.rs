//! Whether anybody waits for something. Where nobody does, memory says so and nothing is looked up.

use std::collections::BTreeMap;

use lockgate_core::mark::Mark;
use redb::ReadableTable;

use crate::counters::{Counted, Counters};
use crate::fault::Fault;
use crate::work::Work;

/// Marks are told apart in memory by so many of their bits: a quarter of them is needed to hide another
/// quarter, and their counters are read in a moment when the file is opened.
const SLOTS: u64 = 4_096;

/// How many wants there are, by a part of their marks.
#[derive(Debug)]
pub(crate) struct Wanted {
    slots: Vec<u64>,
    all: u64,
}

/// The part of a mark that its counter goes by.
pub(crate) fn slot(mark: u64) -> u32 {
    u32::try_from(mark % SLOTS).unwrap_or(0)
}

fn index(slot: u32) -> usize {
    usize::try_from(slot).unwrap_or(usize::MAX)
}

impl Wanted {
    pub(crate) fn load(counters: &Counters) -> Self {
        let mut wanted = Self { slots: vec![0; usize::try_from(SLOTS).unwrap_or(0)], all: 0 };
        for (slot, count) in counters.of(Counted::Wants) {
            wanted.all = wanted.all.saturating_add(count);
            if let Some(at) = wanted.slots.get_mut(index(slot)) {
                *at = count;
            }
        }
        wanted
    }

    /// Whether anybody waits for anything.
    pub(crate) fn any(&self) -> bool {
        self.all > 0
    }

    /// False: nobody waits for this.
    pub(crate) fn may_have(&self, mark: Mark) -> bool {
        self.all > 0 && self.slots.get(index(slot(mark.0))).is_some_and(|count| *count > 0)
    }

    fn add(&mut self, slot: u32, step: i64) {
        self.all = self.all.saturating_add_signed(step);
        if let Some(at) = self.slots.get_mut(index(slot)) {
            *at = at.saturating_add_signed(step);
        }
    }
}

/// How many wait for one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Waiters {
    pub(crate) alone: u64,
    pub(crate) group: u64,
    pub(crate) loose: u64,
}

impl Waiters {
    pub(crate) fn of((alone, group, loose): (u64, u64, u64)) -> Self {
        Self { alone, group, loose }
    }

    fn none(self) -> bool {
        self == Self::default()
    }

    /// Whether a task or a loose end waits for it, and not only a group.
    pub(crate) fn is_missing(self) -> bool {
        self.alone > 0 || self.loose > 0
    }
}

/// Counts by how many more each mark is wanted: by tasks alone, with groups, and by loose ends.
pub(super) fn count(work: &mut Work<'_>, steps: &BTreeMap<u64, [i64; 3]>) -> Result<(), Fault> {
    for (mark, [alone, group, loose]) in steps {
        let table = work.tables.wanted()?;
        let before = table.get(mark)?.map_or_else(Waiters::default, |counts| Waiters::of(counts.value()));
        let after = Waiters {
            alone: before.alone.saturating_add_signed(*alone),
            group: before.group.saturating_add_signed(*group),
            loose: before.loose.saturating_add_signed(*loose),
        };
        if after.none() {
            table.remove(mark)?;
        } else if after != before {
            table.insert(mark, (after.alone, after.group, after.loose))?;
        }
        work.memory.counters.add(Counted::WaitsFor, 0, i64::from(after.is_missing()) - i64::from(before.is_missing()));
        let (slot, step) = (slot(*mark), alone + group + loose);
        work.memory.counters.add(Counted::Wants, slot, step);
        work.memory.wanted.add(slot, step);
    }
    Ok(())
}
