//! Loose ends (§11.4): written with a commit, found by id, by owner and by what they want.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_core::key::{ANSWER_ROWS_MAX, Key, LooseOf};
use lockgate_core::park::{LooseAt, LooseEnd};
use redb::ReadableTable;

use crate::counters::Counted;
use crate::disk;
use crate::fault::Fault;
use crate::names::Interner;
use crate::read::View;
use crate::waits::due;
use crate::waits::entries::{Entries, Turns, of_loose};
use crate::work::Work;

/// What becomes of loose ends in one commit.
#[derive(Debug, Default)]
pub(crate) struct LooseEnds {
    /// Encoded, and the connectors that it had and has: it is not due any more.
    rows: BTreeMap<u64, (Option<Vec<u8>>, Vec<u32>)>,
    turns: Turns,
}

impl LooseEnds {
    /// Each once: before and after everything that the commit does to it.
    pub(crate) fn change(&mut self, id: u64, before: Option<&LooseEnd>, after: Option<&LooseEnd>, names: &mut Interner<'_>) {
        let mut entries = |end: Option<&LooseEnd>| end.map_or_else(Entries::new, |end| of_loose(end, names));
        let (was, is) = (entries(before), entries(after));
        self.turns.change(&was, &is);
        let connectors = before.into_iter().chain(after).map(|end| names.id(end.connector.as_str())).collect();
        self.rows.insert(id, (after.map(|end| disk::loose::encode(end, names)), connectors));
    }

    /// Roughly how much work it is.
    pub(crate) fn len(&self) -> usize {
        self.rows.len() + self.turns.len()
    }

    pub(crate) fn apply(&mut self, work: &mut Work<'_>) -> Result<(), Fault> {
        for (id, (row, connectors)) in &self.rows {
            match row {
                Some(row) => drop(work.tables.loose()?.insert(id, row.as_slice())?),
                None => drop(work.tables.loose()?.remove(id)?),
            }
            for connector in connectors {
                due::clear_loose(work, *connector, *id)?;
            }
        }
        std::mem::take(&mut self.turns).apply(work)
    }
}

/// Loose ends of a connector that are removed at a time.
const CLEARED_AT_ONCE: usize = 10_000;

/// Removes all loose ends of a connector. Whether there were any.
pub(crate) fn clear(work: &mut Work<'_>, connector: u32) -> Result<bool, Fault> {
    let names = work.memory.names.clone();
    let mut any = false;
    loop {
        let mut ids = Vec::new();
        for row in work.tables.loose_by()?.range((connector, 0)..=(connector, u64::MAX))?.take(CLEARED_AT_ONCE) {
            ids.push(row?.0.value().1);
        }
        if ids.is_empty() {
            return Ok(any);
        }
        any = true;
        let mut ends = LooseEnds::default();
        for id in &ids {
            let row = work.tables.loose()?.get(id)?.map(|bytes| disk::loose::decode(*id, bytes.value(), &names.known())).transpose()?;
            if row.is_none() {
                work.tables.loose_by()?.remove((connector, *id))?;
            }
            ends.change(*id, row.as_deref(), None, &mut names.interner());
        }
        ends.apply(work)?;
        work.memory.counters.add(Counted::LooseEnds, connector, -i64::try_from(ids.len()).unwrap_or(i64::MAX));
    }
}

pub(crate) fn end(view: &View, id: u64) -> Result<Option<Arc<LooseEnd>>, Fault> {
    Ok(view.tables.loose()?.get(id)?.map(|bytes| disk::loose::decode(id, bytes.value(), &view.names)).transpose()?)
}

/// Bindings that are not made, of an owner.
pub(crate) fn of(view: &View, question: &LooseOf) -> Result<Vec<Arc<LooseEnd>>, Fault> {
    let mark = Key::from(question.clone()).mark().0;
    let LooseOf(binding_type, owner) = question;
    let mut ends = Vec::new();
    for row in view.tables.loose_of()?.range((mark, 0)..=(mark, u64::MAX))?.take(ANSWER_ROWS_MAX + 1) {
        // Two questions may have one mark.
        let is_of = |end: &Arc<LooseEnd>| matches!(&end.at, LooseAt::NotMade(at) if at.binding_type == *binding_type && at.owner == *owner);
        ends.extend(end(view, row?.0.value().1)?.filter(is_of));
    }
    Ok(ends)
}
