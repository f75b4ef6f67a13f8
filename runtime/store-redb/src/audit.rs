//! Who has changed what: orders, each with its row in one transaction.

use lockgate_core::audit::AuditRow;
use lockgate_core::edit::Edit;
use lockgate_core::names::ConnectorName;
use lockgate_core::operation::{OperationId, OperationState};
use lockgate_core::ports::ConnectorRecord;
use lockgate_core::ports::{AuditFilter, Force, Generation, Order, Ordered, Stand, Switches};
use redb::ReadableTable;

use crate::amend::Amendment;
use crate::fault::Fault;
use crate::names::Names;
use crate::operations::ReadyOperation;
use crate::queue::ReadyRemoval;
use crate::read::View;
use crate::work::Work;
use crate::writer::Reply;
use crate::{amend, configuration, connectors, disk, edit, model, operations, queue, state};

/// An order as the writer needs it, encoded by the caller's thread.
pub(crate) enum Ready {
    Nothing,
    Stand(Vec<Stand>),
    Remove(Vec<ReadyRemoval>),
    Begin(Box<ReadyOperation>, u64),
    End(OperationId, OperationState, i64),
    Amend(Box<Amendment>),
    PutConnector(Generation, Box<ConnectorRecord>, Option<Vec<u8>>),
    RemoveConnector(ConnectorName, u32, Force),
    PutModel(Generation, Box<model::Replacement>),
    PutSwitches(Generation, Switches),
    ClearState(ConnectorName, u32),
    Edit(Edit),
}

/// `wanted`: as [`amend::ready`].
pub(crate) fn ready(order: &Order, names: &Names, wanted: bool) -> Ready {
    let id = |name: &ConnectorName| names.interner().id(name.as_str());
    match order {
        Order::Nothing => Ready::Nothing,
        Order::Stand(stands) => Ready::Stand(stands.clone()),
        Order::Remove(removals) => Ready::Remove(queue::removals(removals, names)),
        Order::Begin(new, kept_max) => Ready::Begin(Box::new(operations::ready((**new).clone(), names)), *kept_max),
        Order::End(id, state, at_ms) => Ready::End(*id, *state, *at_ms),
        Order::Amend(connector, effects) => Ready::Amend(Box::new(amend::ready(connector, effects, names, wanted))),
        Order::PutConnector(as_of, record, component) => Ready::PutConnector(*as_of, record.clone(), component.clone()),
        Order::RemoveConnector(name, force) => Ready::RemoveConnector(name.clone(), id(name), *force),
        Order::PutModel(as_of, files, model, unused) => {
            Ready::PutModel(*as_of, Box::new(model::Replacement::new(files, model, unused, names)))
        }
        Order::PutSwitches(as_of, switches) => Ready::PutSwitches(*as_of, *switches),
        Order::ClearState(name) => Ready::ClearState(name.clone(), id(name)),
        Order::Edit(edit) => Ready::Edit(edit.clone()),
    }
}

impl Ready {
    /// Roughly how much work it is.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Stand(stands) => stands.len(),
            Self::Remove(removals) => removals.len(),
            Self::Begin(operation, _) => operation.weight(),
            Self::Amend(amendment) => amendment.weight(),
            _ => 1,
        }
    }

    fn carry_out(self, work: &mut Work<'_>) -> Result<Reply<Ordered>, Fault> {
        let done = |reply: Reply<()>| reply.map(|()| Ordered::Done);
        Ok(match self {
            Self::Nothing => Ok(Ordered::Done),
            Self::Stand(stands) => Ok(Ordered::Stood(queue::stand(work, &stands)?)),
            Self::Remove(removals) => Ok(Ordered::Stood(queue::remove(work, &removals)?)),
            Self::Begin(operation, kept_max) => Ok(Ordered::Begun(operations::begin(work, *operation, kept_max)?)),
            Self::End(id, state, at_ms) => Ok(Ordered::Ended(operations::end(work, id, state, None, at_ms)?)),
            Self::Amend(mut amendment) => done(amend::amend(work, &mut amendment)?),
            Self::PutConnector(as_of, record, component) => done(connectors::put(work, as_of, &record, component.as_deref())?),
            Self::RemoveConnector(name, id, force) => Ok(Ordered::Removed(connectors::remove(work, &name, id, force)?)),
            Self::PutModel(as_of, new) => model::put(work, as_of, &new)?.map(Ordered::Put),
            Self::PutSwitches(as_of, switches) => done(configuration::put_switches(work, as_of, switches)?),
            Self::ClearState(name, id) => state::clear_on_order(work, &name, id)?.map(Ordered::Cleared),
            Self::Edit(edit) => Ok(Ordered::Stood(vec![edit::edit(work, &edit)?])),
        })
    }
}

/// Carries out an order, and writes down who gave it, if it changes something.
pub(crate) fn signed(work: &mut Work<'_>, ready: Ready, row: &[u8]) -> Result<Reply<Ordered>, Fault> {
    let ordered = ready.carry_out(work)?;
    if ordered.as_ref().is_ok_and(Ordered::changed) {
        append(work, row)?;
    }
    Ok(ordered)
}

/// One more row.
pub(crate) fn append(work: &mut Work<'_>, row: &[u8]) -> Result<(), Fault> {
    let table = work.tables.audit()?;
    let number = table.last()?.map_or(1, |(last, _)| last.value().saturating_add(1));
    table.insert(number, row)?;
    Ok(())
}

pub(crate) fn rows(view: &View, filter: &AuditFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, AuditRow)>, Fault> {
    let mut found = Vec::new();
    for row in view.tables.audit()?.range(..before.unwrap_or(u64::MAX))?.rev() {
        let (number, bytes) = row?;
        let row = disk::audit::decode(bytes.value())?;
        if found.len() >= limit {
            break;
        }
        if filter.matches(&row) {
            found.push((number.value(), row));
        }
    }
    Ok(found)
}

/// Removes the oldest beyond so many. The newest always stays: its number tells the next one.
pub(crate) fn trim(work: &mut Work<'_>, rows_max: u64) -> Result<u64, Fault> {
    let table = work.tables.audit()?;
    let Some(last) = table.last()?.map(|(last, _)| last.value()) else { return Ok(0) };
    let first_kept = last.saturating_sub(rows_max.max(1).saturating_sub(1));
    let mut gone = 0;
    table.retain_in(..first_kept, |_, _| {
        gone += 1;
        false
    })?;
    Ok(gone)
}
