//! What an operator orders of stored content: changes under no lease, of rows that are as they say.

use std::collections::BTreeSet;

use lockgate_core::change::Change;
use lockgate_core::effects::Effects;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::StoreError;
use redb::ReadableTable;

use crate::commit::{self, Ready};
use crate::disk;
use crate::fault::Fault;
use crate::names::Names;
use crate::work::Work;
use crate::writer::Reply;

/// Who touches what an operator changes: no connector, so that the passes of all of them meet a conflict.
const NOBODY: u32 = u32::MAX;

/// An operator's changes as the writer needs them.
pub(crate) struct Amendment {
    connector: ConnectorName,
    /// The first change of each row says how it must be.
    first: Vec<Change>,
    ready: Ready,
}

/// `wanted`: as [`commit::ready`].
pub(crate) fn ready(connector: &ConnectorName, effects: &Effects, names: &Names, wanted: bool) -> Amendment {
    let mut seen = BTreeSet::new();
    let first = effects.changes().iter().filter(|change| row_of(change).is_some_and(|row| seen.insert(row))).cloned().collect();
    Amendment { connector: connector.clone(), first, ready: commit::ready(connector, effects, names, wanted) }
}

impl Amendment {
    /// Roughly how much work it is.
    pub(crate) fn weight(&self) -> usize {
        self.ready.weight()
    }
}

/// The kind and the id of the row that a change is about. What stands beside rows has none.
fn row_of(change: &Change) -> Option<(u8, u64)> {
    match change {
        Change::Object(before, after) => before.as_ref().or(after.as_ref()).map(|row| (0, row.id.0)),
        Change::Page(before, after) => before.as_ref().or(after.as_ref()).map(|row| (1, row.id.0)),
        Change::Binding(before, after) => before.as_ref().or(after.as_ref()).map(|row| (2, row.id.0)),
        Change::Loose(before, after) => before.as_ref().or(after.as_ref()).map(|end| (3, end.id.0)),
        Change::Former(..) | Change::Tomb(..) => None,
    }
}

/// Carries it out, if every row is as it says.
pub(crate) fn amend(work: &mut Work<'_>, amendment: &mut Amendment) -> Result<Reply<()>, Fault> {
    let Amendment { connector, first, ready } = amendment;
    if work.memory.generations.is_stale(connector, ready.generation()) {
        return Ok(Err(StoreError::Stale));
    }
    let names = work.memory.names.known();
    for change in first.iter() {
        let as_it_says = match change {
            Change::Object(before, after) => {
                let Some(id) = before.as_ref().or(after.as_ref()).map(|row| row.id.0) else { continue };
                let row = work.tables.objects()?.get(id)?.map(|bytes| disk::object::decode(id, bytes.value(), &names)).transpose()?;
                row.as_ref() == before.as_deref()
            }
            Change::Page(before, after) => {
                let Some(id) = before.as_ref().or(after.as_ref()).map(|row| row.id.0) else { continue };
                let row = work.tables.pages()?.get(id)?.map(|bytes| disk::page::decode(id, bytes.value(), &names)).transpose()?;
                row.as_ref() == before.as_deref()
            }
            Change::Binding(before, after) => {
                let Some(id) = before.as_ref().or(after.as_ref()).map(|row| row.id.0) else { continue };
                let row = work.tables.bindings()?.get(id)?.map(|bytes| disk::binding::decode(id, bytes.value(), &names)).transpose()?;
                row.as_ref() == before.as_deref()
            }
            Change::Loose(before, after) => {
                let Some(id) = before.as_ref().or(after.as_ref()).map(|end| end.id.0) else { continue };
                let end = work.tables.loose()?.get(id)?.map(|bytes| disk::loose::decode(id, bytes.value(), &names)).transpose()?;
                end == *before
            }
            Change::Former(..) | Change::Tomb(..) => true,
        };
        if !as_it_says {
            return Ok(Err(StoreError::Conflict));
        }
    }
    commit::write(work, ready, Vec::new(), NOBODY)?;
    Ok(Ok(()))
}
