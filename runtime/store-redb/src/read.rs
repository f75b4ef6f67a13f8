//! Reading for operators and readers: tasks, history, rows, numbers. Snapshots; never waits for the
//! writer.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use lockgate_core::history::{Entry, LogLine};
use lockgate_core::names::{ConnectorName, SiteName, TypeName};
use lockgate_core::ports::{Counts, HistoryFilter, TaskFilter};
use lockgate_core::rows::{BindingRow, NodeId, ObjectRow, PageRow};
use lockgate_core::task::{Task, TaskId};
use redb::{Database, ReadTransaction, ReadableDatabase};

use crate::counters::Counted;
use crate::disk::{self, place};
use crate::fault::Fault;
use crate::load;
use crate::names::{Known, Names};
use crate::tables::Snapshot;

/// The file at one moment.
pub(crate) struct View {
    pub(crate) tables: Snapshot,
    pub(crate) names: Arc<Known>,
}

impl View {
    pub(crate) fn new(db: &Database, names: &Names) -> Result<Self, Fault> {
        Ok(Self::of(db.begin_read()?, names))
    }

    /// Names as of after the transaction began: every id in it is known.
    pub(crate) fn of(txn: ReadTransaction, names: &Names) -> Self {
        Self { tables: Snapshot::new(txn), names: names.known() }
    }
}

/// The first id after one.
fn from(after: Option<u64>) -> Bound<u64> {
    after.map_or(Bound::Unbounded, Bound::Excluded)
}

/// A connector's tasks from the head of its queue.
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
    let lower = after.map_or(Bound::Included((id, 0)), |after| Bound::Excluded((id, after.0)));
    for row in view.tables.queue()?.range::<(u32, u64)>((lower, Bound::Included((id, u64::MAX))))? {
        let (key, bytes) = row?;
        let task = disk::task::decode(TaskId(key.value().1), connector, bytes.value(), &view.names)?;
        let left = bytes_left.checked_sub(task.external.body.len());
        // One task at least, however large.
        let Some(left) = left.or_else(|| tasks.is_empty().then_some(0)) else { break };
        bytes_left = left;
        tasks.push(task);
        if tasks.len() >= tasks_max {
            break;
        }
    }
    Ok(tasks)
}

/// Connectors that have tasks, failed ones included.
fn queues(view: &View) -> Result<BTreeSet<u32>, Fault> {
    let mut connectors = BTreeSet::new();
    for row in view.tables.counters()?.range((Counted::Queued as u8, 0)..=(Counted::Failed as u8, u32::MAX))? {
        let (key, count) = row?;
        if count.value() > 0 {
            connectors.insert(key.value().1);
        }
    }
    Ok(connectors)
}

pub(crate) fn task(view: &View, id: TaskId) -> Result<Option<Task>, Fault> {
    for connector in queues(view)? {
        if let Some(bytes) = view.tables.queue()?.get((connector, id.0))? {
            return disk::task::decode(id, &view.names.connector(connector)?, bytes.value(), &view.names).map(Some);
        }
    }
    Ok(None)
}

/// Tasks that are meant, ascending over all connectors: the queues merged.
pub(crate) fn tasks(view: &View, filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Result<Vec<Task>, Fault> {
    let mut found = Vec::new();
    if let Some(ids) = &filter.ids {
        let ids: BTreeSet<TaskId> = ids.iter().copied().filter(|id| after.is_none_or(|after| *id > after)).collect();
        for id in ids {
            if found.len() >= limit {
                break;
            }
            found.extend(task(view, id)?.filter(|task| filter.matches(task)));
        }
        return Ok(found);
    }
    let mut connectors = queues(view)?;
    if let Some(name) = &filter.connector {
        let id = view.names.id(name.as_str());
        connectors.retain(|connector| Some(*connector) == id);
    }
    let queue = view.tables.queue()?;
    let mut heads = BTreeMap::new();
    let mut queues = BTreeMap::new();
    for connector in connectors {
        let lower = after.map_or(Bound::Included((connector, 0)), |after| Bound::Excluded((connector, after.0)));
        let mut rows = queue.range::<(u32, u64)>((lower, Bound::Included((connector, u64::MAX))))?;
        if let Some(row) = rows.next().transpose()? {
            heads.insert(row.0.value().1, (connector, row.1));
        }
        queues.insert(connector, (view.names.connector(connector)?, rows));
    }
    while found.len() < limit
        && let Some((id, (connector, bytes))) = heads.pop_first()
    {
        let Some((name, rows)) = queues.get_mut(&connector) else { continue };
        found.extend(Some(disk::task::decode(TaskId(id), name, bytes.value(), &view.names)?).filter(|task| filter.matches(task)));
        if let Some(row) = rows.next().transpose()? {
            heads.insert(row.0.value().1, (connector, row.1));
        }
    }
    Ok(found)
}

pub(crate) fn log(view: &View, id: TaskId, limit: usize) -> Result<Vec<LogLine>, Fault> {
    let rows = view.tables.log()?.range((id.0, 0)..=(id.0, u32::MAX))?;
    rows.take(limit).map(|row| disk::entry::decode_line(row?.1.value())).collect()
}

pub(crate) fn history(view: &View, filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Entry)>, Fault> {
    let upper = before.unwrap_or(u64::MAX);
    let range = match filter.task {
        Some(task) => match view.tables.task_history()?.get(task.0)?.map(|number| number.value()) {
            Some(number) if number < upper => number..number.saturating_add(1),
            _ => return Ok(Vec::new()),
        },
        None => 0..upper,
    };
    let mut found = Vec::new();
    for row in view.tables.history()?.range(range)?.rev() {
        if found.len() >= limit {
            break;
        }
        let (number, bytes) = row?;
        let entry = disk::entry::decode(bytes.value(), &view.names)?;
        if filter.matches(&entry) {
            found.push((number.value(), entry));
        }
    }
    Ok(found)
}

pub(crate) fn objects(view: &View, object_type: Option<&TypeName>, after: Option<u64>, limit: usize) -> Result<Vec<Arc<ObjectRow>>, Fault> {
    let mut rows = Vec::new();
    if let Some(object_type) = object_type {
        let Some(t) = view.names.id(object_type.as_str()) else { return Ok(rows) };
        let lower = after.map_or(Bound::Included((t, 0)), |after| Bound::Excluded((t, after)));
        for row in view.tables.typed()?.range::<(u32, u64)>((lower, Bound::Included((t, u64::MAX))))?.take(limit) {
            rows.extend(load::object(view, row?.0.value().1)?);
        }
        return Ok(rows);
    }
    for row in view.tables.objects()?.range::<u64>((from(after), Bound::Unbounded))?.take(limit) {
        let (id, bytes) = row?;
        rows.push(Arc::new(disk::object::decode(id.value(), bytes.value(), &view.names)?));
    }
    Ok(rows)
}

pub(crate) fn pages(view: &View, after: Option<u64>, limit: usize) -> Result<Vec<Arc<PageRow>>, Fault> {
    let mut rows = Vec::new();
    for row in view.tables.pages()?.range::<u64>((from(after), Bound::Unbounded))?.take(limit) {
        let (id, bytes) = row?;
        rows.push(Arc::new(disk::page::decode(id.value(), bytes.value(), &view.names)?));
    }
    Ok(rows)
}

/// In order of the tree: `order`, those without last, then alias key.
pub(crate) fn pages_under(view: &View, site: &SiteName, parent: Option<NodeId>) -> Result<Vec<Arc<PageRow>>, Fault> {
    let mut rows = Vec::new();
    let Some(site) = view.names.id(site.as_str()) else { return Ok(rows) };
    let parent = place(parent.map(|id| id.0));
    for row in view.tables.page_aliases()?.range((site, parent, "")..(site, parent.saturating_add(1), ""))? {
        rows.extend(load::page(view, row?.1.value())?);
    }
    // They come by alias key, and the sort is stable.
    rows.sort_by_key(|row| (row.order.is_none(), row.order));
    Ok(rows)
}

pub(crate) fn bindings(view: &View, after: Option<u64>, limit: usize) -> Result<Vec<Arc<BindingRow>>, Fault> {
    let mut rows = Vec::new();
    for row in view.tables.bindings()?.range::<u64>((from(after), Bound::Unbounded))?.take(limit) {
        let (id, bytes) = row?;
        rows.push(Arc::new(disk::binding::decode(id.value(), bytes.value(), &view.names)?));
    }
    Ok(rows)
}

pub(crate) fn counts(view: &View) -> Result<Counts, Fault> {
    let mut counts = Counts::default();
    for row in view.tables.counters()?.range((0, 0)..)? {
        let (key, value) = row?;
        let ((kind, name), value) = (key.value(), value.value());
        let names = &view.names;
        // What has gone to zero is not listed.
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
    }
    Ok(counts)
}
