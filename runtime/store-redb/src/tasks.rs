//! Reading the queue: tasks as passes fetch them, and as operators look at them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::TaskFilter;
use lockgate_core::task::{Task, TaskHead, TaskId, TaskState};
use redb::{AccessGuard, ReadOnlyTable};

use crate::counters::TASKS;
use crate::disk::task::Row;
use crate::fault::Fault;
use crate::read::View;
use crate::whose::Whose;

/// A connector's tasks from the head of its queue. Those that stand apart are not walked through.
pub(crate) fn fetch(
    view: &View,
    connector: &ConnectorName,
    after: Option<TaskId>,
    tasks_max: usize,
    bytes_max: usize,
) -> Result<Vec<Task>, Fault> {
    let mut tasks: Vec<Task> = Vec::new();
    let Some(id) = view.names.id(connector.as_str()) else { return Ok(tasks) };
    let mut bytes_left = bytes_max;
    for row in view.tables.queue()?.range::<(u32, u64)>(behind(id, after))? {
        let (key, bytes) = row?;
        let row = Row::read(bytes.value())?;
        // One task at least, however large.
        let Some(left) = bytes_left.checked_sub(row.body_bytes()).or_else(|| tasks.is_empty().then_some(0)) else { break };
        bytes_left = left;
        let id = key.value().1;
        tasks.push(row.task(TaskId(id), connector, &view.names, || body(view, id))?);
        if tasks.len() >= tasks_max {
            break;
        }
    }
    Ok(tasks)
}

/// Of these tasks of a connector those that are there, and the last that was looked at: no other queue is asked.
pub(crate) fn these(
    view: &View,
    connector: &ConnectorName,
    ids: &[TaskId],
    bytes_max: usize,
) -> Result<(Vec<Task>, Option<TaskId>), Fault> {
    let (mut tasks, mut last) = (Vec::new(), None);
    let Some(name) = view.names.id(connector.as_str()) else { return Ok((tasks, ids.last().copied())) };
    let mut bytes_left = bytes_max;
    for id in ids {
        let queued = view.tables.queue()?.get((name, id.0))?;
        let bytes = if queued.is_some() { queued } else { view.tables.apart()?.get((name, id.0))? };
        if let Some(bytes) = bytes {
            let row = Row::read(bytes.value())?;
            let Some(left) = bytes_left.checked_sub(row.body_bytes()).or_else(|| tasks.is_empty().then_some(0)) else { break };
            bytes_left = left;
            tasks.push(row.task(*id, connector, &view.names, || body(view, id.0))?);
        }
        last = Some(*id);
    }
    Ok((tasks, last))
}

/// A body that has a row of its own.
pub(crate) fn body(view: &View, id: u64) -> Result<Arc<[u8]>, Fault> {
    let body = view.tables.bodies()?.get(id)?;
    body.map(|body| body.value().into()).ok_or_else(|| Fault::row("task", format_args!("the body of task {id} is missing")))
}

/// A connector's tasks after an id.
pub(crate) fn behind(connector: u32, after: Option<TaskId>) -> impl RangeBounds<(u32, u64)> {
    let lower = after.map_or(Bound::Included((connector, 0)), |after| Bound::Excluded((connector, after.0)));
    (lower, Bound::Included((connector, u64::MAX)))
}

/// Connectors that have tasks, whatever these wait for.
fn queues(view: &View) -> Result<BTreeMap<u32, ConnectorName>, Fault> {
    let mut connectors = BTreeMap::new();
    for counted in TASKS {
        for row in view.tables.counters()?.range((counted as u8, 0)..=(counted as u8, u32::MAX))? {
            let (key, count) = row?;
            if count.value() > 0 {
                connectors.insert(key.value().1, view.names.connector(key.value().1)?);
            }
        }
    }
    Ok(connectors)
}

pub(crate) fn task(view: &View, id: TaskId) -> Result<Option<Task>, Fault> {
    let queues = queues(view)?;
    find(view, &queues, &mut whose(&queues), id, |row, connector| row.task(id, connector, &view.names, || body(view, id.0)))
}

/// Of these tasks, those that are queued.
pub(crate) fn heads(view: &View, ids: BTreeSet<TaskId>) -> Result<Vec<TaskHead>, Fault> {
    let queues = queues(view)?;
    let mut whose = whose(&queues);
    ids.into_iter().filter_map(|id| head(view, &queues, &mut whose, id).transpose()).collect()
}

fn whose(queues: &BTreeMap<u32, ConnectorName>) -> Whose {
    Whose::new(queues.keys().copied())
}

fn head(view: &View, queues: &BTreeMap<u32, ConnectorName>, whose: &mut Whose, id: TaskId) -> Result<Option<TaskHead>, Fault> {
    find(view, queues, whose, id, |row, connector| Ok(row.head(id, connector, &view.names)?))
}

/// Reads a task in whichever queue it is.
fn find<T>(
    view: &View,
    queues: &BTreeMap<u32, ConnectorName>,
    whose: &mut Whose,
    id: TaskId,
    read: impl FnOnce(&Row<'_>, &ConnectorName) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    let mut bytes = None;
    let connector = whose.find(id.0, |connector, id| {
        let queued = next(view.tables.queue()?, connector, id, &mut bytes)?;
        if queued == Some(id) {
            return Ok(queued);
        }
        let apart = next(view.tables.apart()?, connector, id, &mut bytes)?;
        Ok([queued, apart].into_iter().flatten().min())
    })?;
    let name = connector.and_then(|connector| queues.get(&connector));
    name.zip(bytes).map(|(name, bytes)| read(&Row::read(bytes.value())?, name)).transpose()
}

/// A task's row, where it stands.
type Bytes = AccessGuard<'static, &'static [u8]>;

/// The first task of a connector from an id on; its row, if it has that id.
fn next(
    table: &ReadOnlyTable<(u32, u64), &'static [u8]>,
    connector: u32,
    id: u64,
    bytes: &mut Option<Bytes>,
) -> Result<Option<u64>, Fault> {
    *bytes = table.get((connector, id))?;
    if bytes.is_some() {
        return Ok(Some(id));
    }
    let next = table.range((connector, id)..=(connector, u64::MAX))?.next().transpose()?;
    Ok(next.map(|(key, _)| key.value().1))
}

/// Tasks that are meant, ascending over all connectors: the queues merged.
pub(crate) fn tasks(view: &View, filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Result<Vec<TaskHead>, Fault> {
    let mut connectors = queues(view)?;
    if let Some(name) = &filter.connector {
        connectors.retain(|_, connector| connector == name);
    }
    let mut found = Vec::new();
    if let Some(ids) = &filter.ids {
        let ids: BTreeSet<TaskId> = ids.iter().copied().filter(|id| after.is_none_or(|after| *id > after)).collect();
        let mut whose = whose(&connectors);
        for id in ids {
            if found.len() >= limit {
                break;
            }
            found.extend(head(view, &connectors, &mut whose, id)?.filter(|task| filter.describes(task)));
        }
        return Ok(found);
    }
    // Of each connector: those in its queue, and those that stand apart.
    let mut tables = Vec::new();
    // Whoever waits for something stands apart.
    if filter.waits_for.is_none() && filter.state.is_none_or(|state| matches!(state, TaskState::Queued | TaskState::Failed)) {
        tables.push(view.tables.queue()?);
    }
    if filter.state != Some(TaskState::Queued) {
        tables.push(view.tables.apart()?);
    }
    let mut queues = Vec::new();
    for (connector, name) in &connectors {
        for table in &tables {
            queues.push((name, table.range::<(u32, u64)>(behind(*connector, after))?));
        }
    }
    let mut first = BTreeMap::new();
    for (at, (_, rows)) in queues.iter_mut().enumerate() {
        if let Some(row) = rows.next().transpose()? {
            first.insert(row.0.value().1, (at, row.1));
        }
    }
    while found.len() < limit
        && let Some((id, (at, bytes))) = first.pop_first()
    {
        let Some((name, rows)) = queues.get_mut(at) else { continue };
        let head = Row::read(bytes.value())?.head(TaskId(id), name, &view.names)?;
        found.extend(Some(head).filter(|task| filter.matches(task)));
        if let Some(row) = rows.next().transpose()? {
            first.insert(row.0.value().1, (at, row.1));
        }
    }
    Ok(found)
}
