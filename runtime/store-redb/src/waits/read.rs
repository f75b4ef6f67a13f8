//! Reading what waits: who stands in a line, who brings something, who waits for what.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use lockgate_core::key::{LINE_IDS_MAX, LineKey};
use lockgate_core::mark::Mark;
use lockgate_core::names::ConnectorName;
use lockgate_core::park::{Line, Want};
use lockgate_core::ports::{MISSING_FIRST_MAX, Missing, Waiter};
use lockgate_core::rows::LooseId;
use lockgate_core::task::{TaskHead, TaskId, TaskState};

use super::entries::{ALONE, LOOSE};
use super::wanted::Waiters;
use crate::disk::task::Row;
use crate::disk::words::Word;
use crate::fault::Fault;
use crate::loose;
use crate::read::View;

/// The last tasks in a line before one of them.
pub(crate) fn last_in_line(view: &View, key: &LineKey) -> Result<Vec<TaskId>, Fault> {
    let LineKey { connector, line, before } = key;
    let Some(id) = view.names.id(connector.as_str()) else { return Ok(Vec::new()) };
    let start = (id, line.kind.byte(), line.mark.0);
    let range = (start.0, start.1, start.2, 0)..(start.0, start.1, start.2, before.0);
    let mut last = Vec::new();
    for row in view.tables.lines()?.range(range)?.rev().take(LINE_IDS_MAX) {
        last.push(TaskId(row?.0.value().3));
    }
    last.reverse();
    Ok(last)
}

/// Tasks of a connector that stand in one of these lines.
pub(crate) fn line(view: &View, connector: &ConnectorName, lines: &[Line], limit: usize) -> Result<Vec<TaskHead>, Fault> {
    let Some(id) = view.names.id(connector.as_str()) else { return Ok(Vec::new()) };
    let mut ids = BTreeSet::new();
    for line in lines {
        let (kind, mark) = (line.kind.byte(), line.mark.0);
        for row in view.tables.lines()?.range((id, kind, mark, 0)..=(id, kind, mark, u64::MAX))?.take(limit) {
            ids.insert(row?.0.value().3);
        }
    }
    ids.into_iter().take(limit).map(|task| head(view, id, connector, task)).collect()
}

/// A task that an index leads to.
fn head(view: &View, connector: u32, name: &ConnectorName, id: u64) -> Result<TaskHead, Fault> {
    let row = match view.tables.apart()?.get((connector, id))? {
        Some(row) => Some(row),
        None => view.tables.queue()?.get((connector, id))?,
    };
    let row = row.ok_or_else(|| Fault::row("task", format_args!("an index leads to task {id}, which is not there")))?;
    Ok(Row::read(row.value())?.head(TaskId(id), name, &view.names)?)
}

/// Tasks of any connector that would bring one of these.
pub(crate) fn bringing(view: &View, marks: &[Mark], limit: usize) -> Result<Vec<TaskHead>, Fault> {
    let mut tasks = BTreeMap::new();
    for Mark(mark) in marks {
        for row in view.tables.brings()?.range((*mark, 0)..=(*mark, u64::MAX))?.take(limit) {
            let (key, connector) = row?;
            tasks.insert(key.value().1, connector.value());
        }
    }
    let head = |(id, connector)| head(view, connector, &view.names.connector(connector)?, id);
    tasks.into_iter().take(limit).map(head).collect()
}

/// A connector's tasks in one state, after an id.
pub(crate) fn standing(
    view: &View,
    connector: &ConnectorName,
    state: TaskState,
    after: Option<TaskId>,
    limit: usize,
) -> Result<Vec<TaskHead>, Fault> {
    let mut found = Vec::new();
    let Some(id) = view.names.id(connector.as_str()) else { return Ok(found) };
    let state = state.byte();
    let from = after.map_or(Bound::Included((id, state, 0)), |after| Bound::Excluded((id, state, after.0)));
    for row in view.tables.states()?.range::<(u32, u8, u64)>((from, Bound::Included((id, state, u64::MAX))))?.take(limit) {
        found.push(head(view, id, connector, row?.0.value().2)?);
    }
    Ok(found)
}

/// Parked tasks of a connector, the longest first.
pub(crate) fn parked_before(view: &View, connector: &ConnectorName, since_ms: i64, limit: usize) -> Result<Vec<TaskHead>, Fault> {
    let mut found = Vec::new();
    let Some(id) = view.names.id(connector.as_str()) else { return Ok(found) };
    for row in view.tables.parked()?.range((id, i64::MIN, 0)..(id, since_ms, 0))?.take(limit) {
        found.push(head(view, id, connector, row?.0.value().2)?);
    }
    Ok(found)
}

/// The first who wait for this, ascending: tasks, then loose ends. Each task once.
fn who(view: &View, Mark(mark): Mark, limit: usize) -> Result<BTreeMap<Waiter, u32>, Fault> {
    let mut found = BTreeMap::new();
    let mut from = Some(0);
    while let Some(connector) = from {
        let next = view.tables.wants()?.range((mark, connector, 0, 0)..=(mark, u32::MAX, u8::MAX, u64::MAX))?.next().transpose()?;
        let Some(connector) = next.map(|(key, _)| key.value().1) else { break };
        for kind in [ALONE, LOOSE] {
            for row in view.tables.wants()?.range((mark, connector, kind, 0)..=(mark, connector, kind, u64::MAX))?.take(limit) {
                let id = row?.0.value().3;
                found.insert(if kind == LOOSE { Waiter::Loose(LooseId(id)) } else { Waiter::Task(TaskId(id)) }, connector);
            }
        }
        from = connector.checked_add(1);
    }
    Ok(found)
}

/// Who waits for this.
pub(crate) fn waiters(view: &View, mark: Mark, limit: usize) -> Result<Vec<Waiter>, Fault> {
    Ok(who(view, mark, limit)?.into_keys().take(limit).collect())
}

/// What is waited for, after a mark.
pub(crate) fn missing(view: &View, after: Option<Mark>, limit: usize) -> Result<Vec<Missing>, Fault> {
    let mut found = Vec::new();
    let from = after.map_or(Bound::Unbounded, |Mark(after)| Bound::Excluded(after));
    for row in view.tables.wanted()?.range::<u64>((from, Bound::Unbounded))? {
        if found.len() >= limit {
            break;
        }
        let (mark, counts) = row?;
        let waiters = Waiters::of(counts.value());
        if waiters.is_missing() {
            found.extend(one_missing(view, Mark(mark.value()), waiters)?);
        }
    }
    Ok(found)
}

/// `None`: somebody has taken it back meanwhile, or the index is wrong.
fn one_missing(view: &View, mark: Mark, waiters: Waiters) -> Result<Option<Missing>, Fault> {
    let who = who(view, mark, MISSING_FIRST_MAX)?;
    let connectors: BTreeSet<u32> = who.values().copied().collect();
    let connectors = connectors.into_iter().map(|id| view.names.connector(id)).collect::<Result<BTreeSet<_>, _>>()?;
    let (mut want, mut since_ms): (Option<Want>, Option<i64>) = (None, None);
    let mut first = Vec::new();
    for (waiter, connector) in who.into_iter().take(MISSING_FIRST_MAX) {
        let (wants, since) = match waiter {
            Waiter::Task(id) => {
                let head = head(view, connector, &view.names.connector(connector)?, id.0)?;
                head.waiting.map_or_else(Default::default, |waiting| (waiting.wants.clone(), waiting.since_ms))
            }
            Waiter::Loose(id) => loose::end(view, id.0)?.map_or_else(Default::default, |end| (end.wants.clone(), end.since_ms)),
        };
        want = want.or_else(|| wants.into_iter().find(|want| want.mark == mark));
        since_ms = Some(since_ms.map_or(since, |known| known.min(since)));
        first.push(waiter);
    }
    let (tasks, loose_ends) = (waiters.alone, waiters.loose);
    Ok(want.zip(since_ms).map(|(want, since_ms)| Missing {
        want,
        tasks,
        loose_ends,
        connectors: connectors.into_iter().collect(),
        since_ms,
        first,
    }))
}
