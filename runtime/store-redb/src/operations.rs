//! Operations, and what is left of each: packets of tasks, which go with the transactions that deal with them.

use std::collections::BTreeMap;

use lockgate_core::names::ConnectorName;
use lockgate_core::operation::{Came, NewOperation, Operation, OperationId, OperationState, PACKET_TASKS_MAX, Packet, Step};
use lockgate_core::ports::{Stand, StoreError};
use redb::ReadableTable;

use crate::disk;
use crate::disk::operation::Kept;
use crate::fault::Fault;
use crate::names::Names;
use crate::queue::{self, ReadyRemoval};
use crate::read::View;
use crate::tables::{append, number};
use crate::work::Work;
use crate::writer::Reply;

/// A new operation, its tasks encoded by the caller's thread.
pub(crate) struct ReadyOperation {
    operation: Operation,
    packets: BTreeMap<(u32, u64), Vec<u8>>,
}

pub(crate) fn ready(new: NewOperation, names: &Names) -> ReadyOperation {
    let NewOperation { action, mut filter, tasks, started_ms } = new;
    filter.ids = None;
    let mut interner = names.interner();
    let (mut packets, mut meant) = (BTreeMap::new(), 0u64);
    for (name, tasks) in &tasks {
        let connector = interner.id(name.as_str());
        for (number, tasks) in (0u64..).zip(tasks.chunks(PACKET_TASKS_MAX)) {
            meant = meant.saturating_add(tasks.len() as u64);
            packets.insert((connector, number), disk::operation::encode_tasks(tasks));
        }
    }
    let ends_at_once = packets.is_empty();
    let state = if ends_at_once { OperationState::Done } else { OperationState::Running };
    let ended_ms = ends_at_once.then_some(started_ms);
    // The id is the writer's.
    let operation = Operation { id: OperationId(0), action, filter, state, started_ms, ended_ms, meant, came: Came::default(), why: None };
    ReadyOperation { operation, packets }
}

impl ReadyOperation {
    /// Roughly how much work it is.
    pub(crate) fn weight(&self) -> usize {
        1 + self.packets.len()
    }
}

pub(crate) fn begin(work: &mut Work<'_>, ready: ReadyOperation, kept_max: u64) -> Result<OperationId, Fault> {
    let id = work.tables.numbers()?.get(number::NEXT_OPERATION)?.map_or(1, |next| next.value());
    work.tables.numbers()?.insert(number::NEXT_OPERATION, id.saturating_add(1))?;
    let kept = Kept { packets: ready.packets.len() as u64, operation: Operation { id: OperationId(id), ..ready.operation } };
    work.tables.operations()?.insert(id, disk::operation::encode(&kept).as_slice())?;
    append!(work.tables.packets()?, ready.packets.iter().map(|((connector, number), tasks)| ((id, *connector, *number), tasks.as_slice())));
    forget(work, kept_max)?;
    Ok(OperationId(id))
}

/// Of those that ended, the oldest beyond so many.
fn forget(work: &mut Work<'_>, kept_max: u64) -> Result<(), Fault> {
    let mut ended = Vec::new();
    for row in work.tables.operations()?.iter()? {
        let (id, bytes) = row?;
        if !disk::operation::decode(id.value(), bytes.value())?.runs() {
            ended.push(id.value());
        }
    }
    for id in ended.into_iter().rev().skip(usize::try_from(kept_max).unwrap_or(usize::MAX)) {
        work.tables.operations()?.remove(id)?;
        work.tables.packets()?.retain_in((id, 0, 0)..=(id, u32::MAX, u64::MAX), |_, _| false)?;
    }
    Ok(())
}

fn kept(work: &mut Work<'_>, id: OperationId) -> Result<Option<Kept>, Fault> {
    let bytes = work.tables.operations()?.get(id.0)?;
    Ok(bytes.map(|bytes| disk::operation::decode(id.0, bytes.value())).transpose()?)
}

/// A step that fits: what it leaves.
pub(crate) struct Fits {
    kept: Kept,
    connector: u32,
    /// What is left of the packet, if the step takes something out of it.
    rest: Option<Vec<u8>>,
    empties: bool,
}

/// Whether what a step has dealt with is left; `None`: it is not.
pub(crate) fn fits(work: &mut Work<'_>, step: &Step, connector: u32) -> Result<Option<Fits>, Fault> {
    let Some(kept) = kept(work, step.operation)? else { return Ok(None) };
    if step.tasks.is_empty() {
        return Ok(Some(Fits { kept, connector, rest: None, empties: false }));
    }
    let packet = work.tables.packets()?.get((step.operation.0, connector, step.packet))?;
    let Some(mut tasks) = packet.map(|bytes| disk::operation::decode_tasks(bytes.value())).transpose()? else { return Ok(None) };
    let before = tasks.len();
    tasks.retain(|task| step.tasks.binary_search(task).is_err());
    if before.checked_sub(tasks.len()) != Some(step.tasks.len()) {
        return Ok(None);
    }
    Ok(Some(Fits { kept, connector, empties: tasks.is_empty(), rest: Some(disk::operation::encode_tasks(&tasks)) }))
}

/// Moves the operation on.
pub(crate) fn step(work: &mut Work<'_>, step: &Step, fits: Fits) -> Result<(), Fault> {
    let Fits { mut kept, connector, rest, empties } = fits;
    let key = (step.operation.0, connector, step.packet);
    match rest {
        Some(_) if empties => {
            work.tables.packets()?.remove(key)?;
            kept.packets = kept.packets.saturating_sub(1);
        }
        Some(rest) => drop(work.tables.packets()?.insert(key, rest.as_slice())?),
        None => {}
    }
    step.count(&mut kept.operation.came);
    if kept.packets == 0 && kept.runs() {
        kept.operation.state = OperationState::Done;
        kept.operation.ended_ms = Some(step.at_ms);
    }
    put(work, &kept)
}

fn put(work: &mut Work<'_>, kept: &Kept) -> Result<(), Fault> {
    work.tables.operations()?.insert(kept.operation.id.0, disk::operation::encode(kept).as_slice())?;
    Ok(())
}

/// Part of an operation: nothing is written unless all of it can be.
pub(crate) fn carry_out(
    work: &mut Work<'_>,
    stands: &[Stand],
    removals: &[ReadyRemoval],
    moves_on: &Step,
    connector: u32,
) -> Result<Reply<()>, Fault> {
    let Some(fits) = fits(work, moves_on, connector)? else { return Ok(Err(StoreError::Conflict)) };
    if !queue::are_as_seen(work, stands, removals)? {
        return Ok(Err(StoreError::Conflict));
    }
    queue::stand(work, stands)?;
    queue::remove(work, removals)?;
    step(work, moves_on, fits)?;
    Ok(Ok(()))
}

/// Ends one that runs; false when it does not.
pub(crate) fn end(work: &mut Work<'_>, id: OperationId, state: OperationState, why: Option<&str>, at_ms: i64) -> Result<bool, Fault> {
    let Some(mut kept) = kept(work, id)?.filter(Kept::runs) else { return Ok(false) };
    kept.operation.state = state;
    kept.operation.ended_ms = Some(at_ms);
    kept.operation.why = why.map(Into::into);
    put(work, &kept)?;
    Ok(true)
}

pub(crate) fn one(view: &View, id: OperationId) -> Result<Option<Operation>, Fault> {
    Ok(read(view, id)?.map(|kept| kept.operation))
}

fn read(view: &View, id: OperationId) -> Result<Option<Kept>, Fault> {
    let bytes = view.tables.operations()?.get(id.0)?;
    Ok(bytes.map(|bytes| disk::operation::decode(id.0, bytes.value())).transpose()?)
}

pub(crate) fn newest(view: &View, before: Option<OperationId>, limit: usize) -> Result<Vec<Operation>, Fault> {
    let before = before.map_or(u64::MAX, |before| before.0);
    let rows = view.tables.operations()?.range(..before)?.rev().take(limit);
    rows.map(|row| row.map_err(Fault::from).and_then(|(id, bytes)| Ok(disk::operation::decode(id.value(), bytes.value())?.operation)))
        .collect()
}

pub(crate) fn running(view: &View) -> Result<Vec<Operation>, Fault> {
    let mut running = Vec::new();
    for row in view.tables.operations()?.iter()? {
        let (id, bytes) = row?;
        let kept = disk::operation::decode(id.value(), bytes.value())?;
        running.extend(Some(kept).filter(Kept::runs).map(|kept| kept.operation));
    }
    Ok(running)
}

pub(crate) fn packet(view: &View, id: OperationId, connector: Option<&ConnectorName>) -> Result<Option<Packet>, Fault> {
    if !read(view, id)?.is_some_and(|kept| kept.runs()) {
        return Ok(None);
    }
    let (first, last) = match connector.map(|name| view.names.id(name.as_str())) {
        None => (0, u32::MAX),
        Some(Some(connector)) => (connector, connector),
        Some(None) => return Ok(None),
    };
    let row = view.tables.packets()?.range((id.0, first, 0)..=(id.0, last, u64::MAX))?.next().transpose()?;
    row.map(|(key, bytes)| {
        let (_, connector, number) = key.value();
        Ok(Packet { connector: view.names.connector(connector)?, number, tasks: disk::operation::decode_tasks(bytes.value())? })
    })
    .transpose()
}

pub(crate) fn connectors(view: &View, id: OperationId) -> Result<Vec<ConnectorName>, Fault> {
    let mut connectors = Vec::new();
    if !read(view, id)?.is_some_and(|kept| kept.runs()) {
        return Ok(connectors);
    }
    let mut from = 0;
    while let Some((key, _)) = view.tables.packets()?.range((id.0, from, 0)..=(id.0, u32::MAX, u64::MAX))?.next().transpose()? {
        let (_, connector, _) = key.value();
        connectors.push(view.names.connector(connector)?);
        let Some(next) = connector.checked_add(1) else { break };
        from = next;
    }
    connectors.sort();
    Ok(connectors)
}
