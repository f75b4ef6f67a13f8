//! Reading for operators and readers: history, rows, numbers. Snapshots; never waits for the
//! writer.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use lockgate_core::history::{Entry, LogLine};
use lockgate_core::names::{SiteName, TypeName};
use lockgate_core::ports::{Counts, HistoryFilter};
use lockgate_core::rows::{BindingRow, NodeId, ObjectRow, PageRow};
use lockgate_core::task::TaskId;
use redb::{Database, ReadTransaction, ReadableDatabase};

use crate::counters::{self, Counted};
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

pub(crate) fn log(view: &View, id: TaskId, limit: usize) -> Result<Vec<LogLine>, Fault> {
    let rows = view.tables.log()?.range((id.0, 0)..=(id.0, u32::MAX))?;
    rows.take(limit).map(|row| Ok(disk::entry::decode_line(row?.1.value())?)).collect()
}

pub(crate) fn history(view: &View, filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Entry)>, Fault> {
    let upper = before.unwrap_or(u64::MAX);
    let history = view.tables.history()?;
    let mut found = Vec::new();
    if let Some(task) = filter.task {
        let numbers = of_task(view, task)?;
        for number in numbers.range(..upper).rev() {
            let Some(bytes) = history.get(number)? else { continue };
            let entry = disk::entry::decode(bytes.value(), &view.names)?;
            if found.len() < limit && filter.matches(&entry) {
                found.push((*number, entry));
            }
        }
        return Ok(found);
    }
    for row in history.range(..upper)?.rev() {
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

/// The numbers of a task's entry, and of those about loose ends of it that were mended.
fn of_task(view: &View, task: TaskId) -> Result<BTreeSet<u64>, Fault> {
    let mut numbers: BTreeSet<u64> = view.tables.task_history()?.get(task.0)?.map(|number| number.value()).into_iter().collect();
    for row in view.tables.mends()?.range((task.0, 0)..=(task.0, u64::MAX))? {
        numbers.insert(row?.0.value().1);
    }
    Ok(numbers)
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
    for row in view.tables.counters()?.range((0, 0)..(Counted::Wants as u8, 0))? {
        let (key, value) = row?;
        counters::tell(&mut counts, key.value(), value.value(), &view.names)?;
    }
    Ok(counts)
}
