//! What is due: written, cleared and read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lockgate_core::names::ConnectorName;
use lockgate_core::park::LooseEnd;
use lockgate_core::ports::{Due, DueTask};
use lockgate_core::task::TaskId;
use redb::ReadableTable;

use super::entries::LOOSE;
use crate::counters::Counted;
use crate::disk::task::Row;
use crate::fault::Fault;
use crate::read::View;
use crate::tables::append;
use crate::work::Work;
use crate::{disk, queue, tasks};

/// A span that holds fewer than so many times the tasks that go is walked through as a whole.
const SPAN_FACTOR: usize = 4;

/// What is to be made due.
#[derive(Debug, Default)]
pub(crate) struct Dues {
    tasks: BTreeMap<(u32, u64), u8>,
    loose: BTreeSet<(u32, u64)>,
}

impl Dues {
    /// A waiter of a kind, as the index of wants has it.
    pub(crate) fn add(&mut self, connector: u32, kind: u8, id: u64, how: Due) {
        if kind == LOOSE {
            self.loose.insert((connector, id));
        } else {
            self.task(connector, id, how);
        }
    }

    /// Who is to be tried alone is not only to be tried with a group.
    pub(crate) fn task(&mut self, connector: u32, id: u64, how: Due) {
        let due = self.tasks.entry((connector, id)).or_insert(byte(how));
        *due = byte(how).min(*due);
    }
}

/// The numbers stand in files. The smaller one says more.
fn byte(how: Due) -> u8 {
    match how {
        Due::Alone => 0,
        Due::Group => 1,
    }
}

pub(crate) fn how(byte: u8) -> Result<Due, Fault> {
    match byte {
        0 => Ok(Due::Alone),
        1 => Ok(Due::Group),
        other => Err(Fault::row("due task", format_args!("it is due for {other}"))),
    }
}

pub(crate) fn put(work: &mut Work<'_>, dues: &Dues) -> Result<(), Fault> {
    let mut new = Vec::new();
    for (key, how) in &dues.tasks {
        let any = work.memory.counters.get(Counted::Due, key.0) > 0;
        match if any { work.tables.due()?.get(*key)?.map(|due| due.value()) } else { None } {
            None => new.push((*key, *how)),
            Some(there) if *how < there => drop(work.tables.due()?.insert(*key, how)?),
            Some(_) => {}
        }
    }
    for ((connector, _), _) in &new {
        work.memory.counters.add(Counted::Due, *connector, 1);
    }
    append!(work.tables.due()?, new.into_iter());
    for key in &dues.loose {
        if work.tables.loose_due()?.insert(*key, ())?.is_none() {
            work.memory.counters.add(Counted::LooseDue, key.0, 1);
        }
    }
    Ok(())
}

/// These tasks, ascending, are not due any more.
pub(crate) fn clear(work: &mut Work<'_>, connector: u32, ids: &[u64]) -> Result<(), Fault> {
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(()) };
    if work.memory.counters.get(Counted::Due, connector) == 0 {
        return Ok(());
    }
    let mut gone = 0;
    let table = work.tables.due()?;
    let span = (connector, *first)..=(connector, *last);
    if table.range(span.clone())?.take(ids.len().saturating_mul(SPAN_FACTOR)).count() < ids.len().saturating_mul(SPAN_FACTOR) {
        table.retain_in(span, |(_, id), _| {
            let stays = ids.binary_search(&id).is_err();
            gone -= i64::from(!stays);
            stays
        })?;
    } else {
        for id in ids {
            gone -= i64::from(table.remove((connector, *id))?.is_some());
        }
    }
    work.memory.counters.add(Counted::Due, connector, gone);
    Ok(())
}

/// What a task is due for, if it is due.
pub(crate) fn of(work: &mut Work<'_>, connector: u32, id: u64) -> Result<Option<Due>, Fault> {
    if work.memory.counters.get(Counted::Due, connector) == 0 {
        return Ok(None);
    }
    work.tables.due()?.get((connector, id))?.map(|due| how(due.value())).transpose()
}

/// This loose end is not due any more.
pub(crate) fn clear_loose(work: &mut Work<'_>, connector: u32, id: u64) -> Result<(), Fault> {
    if work.memory.counters.get(Counted::LooseDue, connector) > 0 && work.tables.loose_due()?.remove((connector, id))?.is_some() {
        work.memory.counters.add(Counted::LooseDue, connector, -1);
    }
    Ok(())
}

/// Makes tasks due that stand apart; passes over others.
pub(crate) fn make(work: &mut Work<'_>, ids: &[TaskId], how: Due) -> Result<(), Fault> {
    let mut dues = Dues::default();
    let mut whose = queue::whose(work)?;
    for id in ids {
        if let Some((connector, _)) = queue::find(work, &mut whose, id.0)?.filter(|(_, seen)| seen.stands_apart()) {
            dues.task(connector, id.0, how);
        }
    }
    put(work, &dues)
}

/// A connector's due tasks after an id.
pub(crate) fn tasks(
    view: &View,
    connector: &ConnectorName,
    after: Option<TaskId>,
    tasks_max: usize,
    bytes_max: usize,
) -> Result<Vec<DueTask>, Fault> {
    let mut found: Vec<DueTask> = Vec::new();
    let Some(id) = view.names.id(connector.as_str()) else { return Ok(found) };
    let mut bytes_left = bytes_max;
    for row in view.tables.due()?.range::<(u32, u64)>(tasks::behind(id, after))? {
        let (key, due) = row?;
        let (_, task) = key.value();
        let Some(bytes) = view.tables.apart()?.get((id, task))? else {
            return Err(Fault::row("due task", format_args!("task {task} does not stand apart")));
        };
        let row = Row::read(bytes.value())?;
        // One task at least, however large.
        let Some(left) = bytes_left.checked_sub(row.body_bytes()).or_else(|| found.is_empty().then_some(0)) else { break };
        bytes_left = left;
        let task = row.task(TaskId(task), connector, &view.names, || tasks::body(view, task))?;
        found.push(DueTask { task, how: how(due.value())? });
        if found.len() >= tasks_max {
            break;
        }
    }
    Ok(found)
}

/// A connector's due loose ends.
pub(crate) fn loose(view: &View, connector: &ConnectorName, limit: usize) -> Result<Vec<Arc<LooseEnd>>, Fault> {
    let mut found = Vec::new();
    let Some(id) = view.names.id(connector.as_str()) else { return Ok(found) };
    for row in view.tables.loose_due()?.range((id, 0)..=(id, u64::MAX))?.take(limit) {
        let (_, end) = row?.0.value();
        let Some(bytes) = view.tables.loose()?.get(end)? else {
            return Err(Fault::row("loose end", format_args!("loose end {end} is due, and is not there")));
        };
        found.push(disk::loose::decode(end, bytes.value(), &view.names)?);
    }
    Ok(found)
}
