//! What waiting tasks and loose ends are found by, who wants what, what is due, and what deletes left
//! behind.

use std::collections::BTreeMap;

use redb::{ReadableTable, ReadableTableMetadata};

use super::Looked;
use super::found::Found;
use super::tasks::Tally;
use crate::counters::Counted;
use crate::disk;
use crate::fault::Fault;
use crate::tables::Snapshot;
use crate::waits::entries::{ALONE, Entries, Entry, GROUP, of_loose};
use crate::waits::wake::Arrival;
use crate::waits::wanted::{Waiters, slot};

/// How many entries were found where they belong, by index.
#[derive(Default)]
pub(super) struct Entered(BTreeMap<&'static str, u64>);

impl Entered {
    /// All entries of one task or loose end must be there.
    pub(super) fn look(
        &mut self,
        looked: &Looked,
        found: &mut Found<'_>,
        tally: &mut Tally,
        place: &str,
        entries: &Entries,
    ) -> Result<(), Fault> {
        for entry in entries {
            if is_there(*entry, &looked.view.tables)? {
                *self.0.entry(index(*entry)).or_default() += 1;
            } else {
                found.add("index-missing", format_args!("{place} is not in the index {}", index(*entry)));
            }
        }
        let line = entries.iter().find_map(|entry| if let Entry::Line(connector, ..) = entry { Some(*connector) } else { None });
        if let Some(connector) = line {
            tally.add(Counted::InLines, connector, 1);
        }
        Ok(())
    }

    /// There are no more entries than were found.
    pub(super) fn rest(&self, looked: &Looked, found: &mut Found<'_>) -> Result<(), Fault> {
        let tables = &looked.view.tables;
        macro_rules! rest {
            ($($table:ident $index:literal),*) => {
                $({
                    for row in tables.$table()?.iter()? {
                        row?;
                        found.step();
                    }
                    let (there, known) = (tables.$table()?.len()?, self.0.get($index).copied().unwrap_or(0));
                    if looked.model.is_some() && there > known {
                        found.add("index-dangling", format_args!("the index {} has {} entries that nobody has", $index, there - known));
                    }
                })*
            };
        }
        rest!(
            states "queue-states", parked "queue-parked", lines "queue-lines", brings "queue-brings", wants "wants",
            loose_by "loose-ends-by", loose_of "loose-ends-of"
        );
        Ok(())
    }
}

/// Its index, as the table is called.
fn index(entry: Entry) -> &'static str {
    match entry {
        Entry::State(..) => "queue-states",
        Entry::Parked(..) => "queue-parked",
        Entry::Line(..) => "queue-lines",
        Entry::Brings(..) => "queue-brings",
        Entry::Wants(..) => "wants",
        Entry::LooseBy(..) => "loose-ends-by",
        Entry::LooseOf(..) => "loose-ends-of",
    }
}

fn is_there(entry: Entry, tables: &Snapshot) -> Result<bool, Fault> {
    Ok(match entry {
        Entry::State(c, s, id) => tables.states()?.get((c, s, id))?.is_some(),
        Entry::Parked(c, at, id) => tables.parked()?.get((c, at, id))?.is_some(),
        Entry::Line(c, k, mark, id) => tables.lines()?.get((c, k, mark, id))?.is_some(),
        Entry::Brings(mark, id, c) => tables.brings()?.get((mark, id))?.is_some_and(|connector| connector.value() == c),
        Entry::Wants(mark, c, k, id) => tables.wants()?.get((mark, c, k, id))?.is_some(),
        Entry::LooseBy(c, id) => tables.loose_by()?.get((c, id))?.is_some(),
        Entry::LooseOf(mark, id) => tables.loose_of()?.get((mark, id))?.is_some(),
    })
}

pub(super) fn loose_ends(looked: &Looked, found: &mut Found<'_>, tally: &mut Tally, entered: &mut Entered) -> Result<(), Fault> {
    let mut interner = looked.names.interner();
    for row in looked.view.tables.loose()?.iter()? {
        found.step();
        let (id, bytes) = row?;
        let place = format!("loose end {}", id.value());
        let Some(end) = found.read(&place, disk::loose::decode(id.value(), bytes.value(), &looked.view.names)) else { continue };
        tally.add(Counted::LooseEnds, interner.id(end.connector.as_str()), 1);
        if looked.model.is_some() {
            entered.look(looked, found, tally, &place, &of_loose(&end, &mut interner))?;
        }
    }
    Ok(())
}

/// Who wants what is counted, by mark and all together.
pub(super) fn wanted(looked: &Looked, found: &mut Found<'_>, tally: &mut Tally) -> Result<(), Fault> {
    let tables = &looked.view.tables;
    let mut wants = tables.wants()?.iter()?.peekable();
    for row in tables.wanted()?.iter()? {
        found.step();
        let (mark, says) = row?;
        let (mark, says) = (mark.value(), Waiters::of(says.value()));
        let mut there = Waiters::default();
        while let Some(row) = wants.next_if(|row| row.as_ref().is_ok_and(|(key, _)| key.value().0 <= mark)) {
            let (of, _, kind, _) = row?.0.value();
            match kind {
                _ if of != mark => uncounted(looked, found, of),
                ALONE => there.alone += 1,
                GROUP => there.group += 1,
                _ => there.loose += 1,
            }
            tally.add(Counted::Wants, slot(of), 1);
        }
        tally.add(Counted::WaitsFor, 0, u64::from(there.is_missing()));
        if looked.model.is_some() && there != says {
            found.add("counter-wrong", format_args!("mark {mark:016x} is wanted by {there:?}, and counted are {says:?}"));
        }
    }
    for row in wants {
        let (mark, ..) = row?.0.value();
        tally.add(Counted::Wants, slot(mark), 1);
        uncounted(looked, found, mark);
    }
    Ok(())
}

fn uncounted(looked: &Looked, found: &mut Found<'_>, mark: u64) {
    if looked.model.is_some() {
        found.add("counter-wrong", format_args!("mark {mark:016x} is wanted and not counted"));
    }
}

/// What is due is there.
pub(super) fn due(looked: &Looked, found: &mut Found<'_>, tally: &mut Tally) -> Result<(), Fault> {
    let tables = &looked.view.tables;
    for row in tables.due()?.iter()? {
        found.step();
        let (key, how) = row?;
        let (connector, id) = key.value();
        tally.add(Counted::Due, connector, 1);
        found.read(format_args!("due task {id}"), crate::waits::due::how(how.value()));
        if looked.model.is_some() && tables.apart()?.get((connector, id))?.is_none() {
            found.add("index-dangling", format_args!("task {id} is due and does not stand apart"));
        }
    }
    for row in tables.loose_due()?.iter()? {
        found.step();
        let (connector, id) = row?.0.value();
        tally.add(Counted::LooseDue, connector, 1);
        if looked.model.is_some() && tables.loose_by()?.get((connector, id))?.is_none() {
            found.add("index-dangling", format_args!("loose end {id} is due and is not there"));
        }
    }
    for row in tables.arrivals()?.iter()? {
        found.step();
        let (key, arrival) = row?;
        let (connector, ..) = key.value();
        tally.add(Counted::Arrivals, connector, 1);
        found.read("an arrival", looked.view.names.connector(connector));
        found.read("an arrival", Arrival::decode(arrival.value()));
    }
    Ok(())
}

/// Former names, and tombstones with until when they are kept.
pub(super) fn traces(looked: &Looked, found: &mut Found<'_>) -> Result<(), Fault> {
    let tables = &looked.view.tables;
    for row in tables.formers()?.iter()? {
        found.step();
        let (object_type, ..) = row?.0.value();
        found.read("a former name", looked.view.names.type_name(object_type));
    }
    for row in tables.tombs()?.iter()? {
        found.step();
        let (key, bytes) = row?;
        let Some(tomb) = found.read("a tombstone", disk::tomb::decode(bytes.value())) else { continue };
        if looked.model.is_some() && tables.tombs_until()?.get((tomb.until_ms, key.value()))?.is_none() {
            found.add("index-missing", "a tombstone would stay for ever");
        }
    }
    for row in tables.tombs_until()?.iter()? {
        found.step();
        row?;
    }
    let (there, known) = (tables.tombs_until()?.len()?, tables.tombs()?.len()?);
    if looked.model.is_some() && there > known {
        found.add("index-dangling", format_args!("the index tombs-until has {} entries that are no tombstone's", there - known));
    }
    Ok(())
}
