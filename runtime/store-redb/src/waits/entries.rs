//! What waiting tasks and loose ends are found by: every entry that each has in the indexes, and how
//! they change.

use std::collections::{BTreeMap, BTreeSet};

use lockgate_core::key::{Key, LooseOf};
use lockgate_core::park::{LooseAt, LooseEnd};
use lockgate_core::task::TaskState;

use crate::counters::Counted;
use crate::disk::task::Seen;
use crate::disk::waiting::FoundBy;
use crate::disk::words::Word;
use crate::fault::Fault;
use crate::names::Interner;
use crate::tables::append;
use crate::work::Work;
use redb::ReadableTable;

/// Kinds of waiters in the index of wants. The numbers stand in files: never reuse one.
pub(crate) const ALONE: u8 = 1;
pub(crate) const GROUP: u8 = 2;
pub(crate) const LOOSE: u8 = 3;

/// One entry of an index, the fields in the order of its table's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Entry {
    /// Connector, state, task.
    State(u32, u8, u64),
    /// Connector, since when, task.
    Parked(u32, i64, u64),
    /// Connector, kind of line, mark, task.
    Line(u32, u8, u64, u64),
    /// Mark, task; and the task's connector.
    Brings(u64, u64, u32),
    /// Mark, connector, kind of waiter, waiter.
    Wants(u64, u32, u8, u64),
    /// Connector, loose end.
    LooseBy(u32, u64),
    /// Mark of the question about its owner, loose end.
    LooseOf(u64, u64),
}

/// All of one task, or of one loose end.
pub(crate) type Entries = BTreeSet<Entry>;

/// A task's entries. What it waits for is found while it stands apart; its lines are always.
pub(crate) fn of_task(connector: u32, id: u64, seen: Seen, found_by: Option<&FoundBy>) -> Entries {
    let mut entries = Entries::new();
    if seen.state != TaskState::Queued {
        entries.insert(Entry::State(connector, seen.state.byte(), id));
    }
    let Some(found_by) = found_by else { return entries };
    entries.extend(found_by.lines.iter().map(|line| Entry::Line(connector, line.kind.byte(), line.mark.0, id)));
    if !seen.stands_apart() {
        return entries;
    }
    if seen.state == TaskState::Parked {
        entries.insert(Entry::Parked(connector, found_by.since_ms, id));
    }
    // As `TaskHead::waits`: one that failed for its data brings nothing, whatever others do.
    if seen.state == TaskState::Failed && found_by.wants.is_empty() {
        return entries;
    }
    entries.extend(found_by.brings.iter().map(|mark| Entry::Brings(mark.0, id, connector)));
    entries.extend(found_by.wants.iter().map(|mark| Entry::Wants(mark.0, connector, ALONE, id)));
    entries.extend(found_by.group_wants.iter().map(|mark| Entry::Wants(mark.0, connector, GROUP, id)));
    entries
}

/// A loose end's entries.
pub(crate) fn of_loose(end: &LooseEnd, names: &mut Interner<'_>) -> Entries {
    let (connector, id) = (names.id(end.connector.as_str()), end.id.0);
    let mut entries = Entries::from([Entry::LooseBy(connector, id)]);
    if let LooseAt::NotMade(not_made) = &end.at {
        let question = Key::from(LooseOf(not_made.binding_type.clone(), not_made.owner.clone()));
        entries.insert(Entry::LooseOf(question.mark().0, id));
    }
    entries.extend(end.wants.iter().map(|want| Entry::Wants(want.mark.0, connector, LOOSE, id)));
    entries
}

/// What becomes of the indexes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns {
    /// Whether each is put or taken.
    turns: Vec<(Entry, bool)>,
    /// By how many tasks that are known by their lines each connector gets more.
    in_lines: BTreeMap<u32, i64>,
}

impl Turns {
    /// One task's entries before and after, or one loose end's. Each once.
    pub(crate) fn change(&mut self, before: &Entries, after: &Entries) {
        self.turns.extend(before.difference(after).map(|entry| (*entry, false)));
        self.turns.extend(after.difference(before).map(|entry| (*entry, true)));
        for (entries, step) in [(before, -1), (after, 1)] {
            let line = entries.iter().find_map(|entry| if let Entry::Line(connector, ..) = entry { Some(*connector) } else { None });
            if let Some(connector) = line {
                *self.in_lines.entry(connector).or_default() += step;
            }
        }
    }

    /// Roughly how much work it is.
    pub(crate) fn len(&self) -> usize {
        self.turns.len()
    }

    /// Writes them, in order of the keys, so that neighbours are written together.
    pub(crate) fn apply(mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        for (connector, step) in self.in_lines {
            work.memory.counters.add(Counted::InLines, connector, step);
        }
        self.turns.sort_unstable();
        count_wants(&self.turns, work)?;
        for kind in self.turns.chunk_by(|(a, _), (b, _)| std::mem::discriminant(a) == std::mem::discriminant(b)) {
            for run in kind.chunk_by(|(_, a), (_, b)| a == b) {
                match run.first() {
                    Some((_, true)) => put(run, work)?,
                    _ => take(run, work)?,
                }
            }
        }
        Ok(())
    }
}

/// Counts who wants what.
fn count_wants(turns: &[(Entry, bool)], work: &mut Work<'_>) -> Result<(), Fault> {
    let mut steps: BTreeMap<u64, [i64; 3]> = BTreeMap::new();
    for (entry, put) in turns {
        if let Entry::Wants(mark, _, kind, _) = entry {
            let [alone, group, loose] = steps.entry(*mark).or_default();
            let count = match *kind {
                ALONE => alone,
                GROUP => group,
                _ => loose,
            };
            *count += if *put { 1 } else { -1 };
        }
    }
    super::wanted::count(work, &steps)
}

/// Entries that are looked at together, to see whether they are neighbours.
const TAKEN_AT_ONCE: usize = 256;
/// A span that holds at most so many times the entries that go is walked through as a whole.
const SPAN_FACTOR: usize = 4;

/// Puts entries of one kind, ascending.
fn put(run: &[(Entry, bool)], work: &mut Work<'_>) -> Result<(), Fault> {
    let tables = &mut work.tables;
    macro_rules! entries {
        ($pattern:pat => $entry:expr) => {
            run.iter().filter_map(|(entry, _)| match *entry {
                $pattern => Some($entry),
                _ => None,
            })
        };
    }
    match run.first() {
        None => {}
        Some((Entry::State(..), _)) => append!(tables.states()?, entries!(Entry::State(c, s, id) => ((c, s, id), ()))),
        Some((Entry::Parked(..), _)) => append!(tables.parked()?, entries!(Entry::Parked(c, at, id) => ((c, at, id), ()))),
        Some((Entry::Line(..), _)) => append!(tables.lines()?, entries!(Entry::Line(c, k, mark, id) => ((c, k, mark, id), ()))),
        Some((Entry::Brings(..), _)) => append!(tables.brings()?, entries!(Entry::Brings(mark, id, c) => ((mark, id), c))),
        Some((Entry::Wants(..), _)) => append!(tables.wants()?, entries!(Entry::Wants(mark, c, k, id) => ((mark, c, k, id), ()))),
        Some((Entry::LooseBy(..), _)) => append!(tables.loose_by()?, entries!(Entry::LooseBy(c, id) => ((c, id), ()))),
        Some((Entry::LooseOf(..), _)) => append!(tables.loose_of()?, entries!(Entry::LooseOf(mark, id) => ((mark, id), ()))),
    }
    Ok(())
}

/// Takes entries of one kind, ascending. Neighbours go together: a tenth of the cost of one by one.
fn take(run: &[(Entry, bool)], work: &mut Work<'_>) -> Result<(), Fault> {
    let tables = &mut work.tables;
    macro_rules! take {
        ($table:ident, $pattern:pat => $key:expr) => {{
            let table = tables.$table()?;
            let keys: Vec<_> = run.iter().filter_map(|(entry, _)| if let $pattern = *entry { Some($key) } else { None }).collect();
            for keys in keys.chunks(TAKEN_AT_ONCE) {
                let (Some(first), Some(last)) = (keys.first(), keys.last()) else { continue };
                let between = table.range(*first..=*last)?.take(keys.len() * SPAN_FACTOR + 1).count();
                if keys.len() > 1 && between <= keys.len() * SPAN_FACTOR {
                    table.retain_in(*first..=*last, |key, _| keys.binary_search(&key).is_err())?;
                } else {
                    for key in keys {
                        table.remove(*key)?;
                    }
                }
            }
        }};
    }
    match run.first() {
        None => {}
        Some((Entry::State(..), _)) => take!(states, Entry::State(c, s, id) => (c, s, id)),
        Some((Entry::Parked(..), _)) => take!(parked, Entry::Parked(c, at, id) => (c, at, id)),
        Some((Entry::Line(..), _)) => take!(lines, Entry::Line(c, k, mark, id) => (c, k, mark, id)),
        Some((Entry::Brings(..), _)) => take!(brings, Entry::Brings(mark, id, _) => (mark, id)),
        Some((Entry::Wants(..), _)) => take!(wants, Entry::Wants(mark, c, k, id) => (mark, c, k, id)),
        Some((Entry::LooseBy(..), _)) => take!(loose_by, Entry::LooseBy(c, id) => (c, id)),
        Some((Entry::LooseOf(..), _)) => take!(loose_of, Entry::LooseOf(mark, id) => (mark, id)),
    }
    Ok(())
}
