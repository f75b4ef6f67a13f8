//! The queue, what remains of tasks, and the counters.

use std::collections::{BTreeMap, BTreeSet};

use lockgate_core::task::TaskId;
use redb::{ReadableTable, ReadableTableMetadata};

use super::Looked;
use super::found::Found;
use super::waits::Entered;
use crate::counters::Counted;
use crate::disk;
use crate::disk::task::{Body, Row};
use crate::fault::Fault;
use crate::moves::seen_in;
use crate::tables::number;
use crate::waits::entries::of_task;

/// What is there of what is counted.
#[derive(Default)]
pub(super) struct Tally(BTreeMap<(u8, u32), u64>);

impl Tally {
    pub(super) fn add(&mut self, counted: Counted, name: u32, count: u64) {
        *self.0.entry((counted as u8, name)).or_default() += count;
    }

    /// What is counted and what the counters say.
    pub(super) fn compare(mut self, looked: &Looked, found: &mut Found<'_>) -> Result<(), Fault> {
        for row in looked.view.tables.counters()?.iter()? {
            let (key, says) = row?;
            let (key, says) = (key.value(), says.value());
            let there = self.0.remove(&key).unwrap_or(0);
            if there != says {
                found.add("counter-wrong", format_args!("counter {key:?} says {says}, and there are {there}"));
            }
        }
        for (key, there) in self.0.into_iter().filter(|(_, there)| *there > 0) {
            found.add("counter-wrong", format_args!("counter {key:?} is missing, and there are {there}"));
        }
        Ok(())
    }
}

/// The next id of a kind.
fn next(looked: &Looked, name: &str) -> Result<u64, Fault> {
    // Ids begin at 1.
    Ok(looked.view.tables.numbers()?.get(name)?.map_or(1, |next| next.value()))
}

pub(super) fn queue(looked: &Looked, found: &mut Found<'_>, tally: &mut Tally, entered: &mut Entered) -> Result<(), Fault> {
    let tables = &looked.view.tables;
    for row in tables.queue()?.iter()? {
        let (key, bytes) = row?;
        task(looked, found, tally, entered, key.value(), bytes.value(), false)?;
    }
    for row in tables.apart()?.iter()? {
        let (key, bytes) = row?;
        task(looked, found, tally, entered, key.value(), bytes.value(), true)?;
    }
    for row in tables.bodies()?.iter()? {
        found.step();
        row?;
    }
    let (bodies, apart) = (tables.bodies()?.len()?, tables.apart()?.len()?);
    if bodies > apart {
        found.add("index-dangling", format_args!("{bodies} bodies have rows of their own, and {apart} tasks stand apart"));
    }
    if looked.model.is_some() { ascending(looked, found) } else { Ok(()) }
}

/// One task, in the queue or among those that stand apart.
fn task(
    looked: &Looked,
    found: &mut Found<'_>,
    tally: &mut Tally,
    entered: &mut Entered,
    (connector, id): (u32, u64),
    bytes: &[u8],
    apart: bool,
) -> Result<(), Fault> {
    found.step();
    let (tables, names) = (&looked.view.tables, &looked.view.names);
    let place = format_args!("task {id}").to_string();
    let Some(name) = found.read(&place, names.connector(connector)) else { return Ok(()) };
    let read = Row::read(bytes).and_then(|row| {
        row.head(TaskId(id), &name, names)?;
        Ok((row.seen()?, row.found_by()?, matches!(row.body(), Body::Beside)))
    });
    let Some((seen, found_by, beside)) = found.read(&place, read) else { return Ok(()) };
    for counted in seen_in(seen) {
        tally.add(counted, connector, 1);
    }
    if looked.model.is_none() {
        return Ok(());
    }
    if seen.stands_apart() != apart || beside != apart {
        found.add("index-wrong", format_args!("{place} stands in the wrong table for its state"));
    }
    if beside && tables.bodies()?.get(id)?.is_none() {
        found.add("index-missing", format_args!("the body of {place} is missing"));
    }
    let next_task = next(looked, number::NEXT_TASK)?;
    if id >= next_task {
        found.add("id-beyond-next", format_args!("{place} is queued, and the next would get the id {next_task}"));
    }
    if let Some(number) = tables.task_history()?.get(id)? {
        found.add("task-twice", format_args!("{place} is queued, and history entry {} says that it has ended", number.value()));
    }
    entered.look(looked, found, tally, &place, &of_task(connector, id, seen, found_by.as_ref()))
}

/// Promise 2: no id is in two queues.
fn ascending(looked: &Looked, found: &mut Found<'_>) -> Result<(), Fault> {
    let tables = &looked.view.tables;
    let (mut queues, mut heads) = (Vec::new(), BTreeMap::new());
    for table in [tables.queue()?, tables.apart()?] {
        let mut from = 0;
        while let Some(row) = table.range((from, 0)..)?.next() {
            let connector = row?.0.value().0;
            queues.push(table.range((connector, 0)..=(connector, u64::MAX))?);
            let Some(next) = connector.checked_add(1) else { break };
            from = next;
        }
    }
    let mut waiting: Vec<usize> = (0..queues.len()).collect();
    loop {
        while let Some(at) = waiting.pop() {
            let Some(row) = queues.get_mut(at).and_then(Iterator::next).transpose()? else { continue };
            let id = row.0.value().1;
            if let Some(other) = heads.insert(id, at) {
                found.add("task-twice", format_args!("task {id} is in two queues"));
                waiting.push(other);
            }
        }
        let Some((_, at)) = heads.pop_first() else { return Ok(()) };
        waiting.push(at);
    }
}

pub(super) fn history(looked: &Looked, found: &mut Found<'_>, tally: &mut Tally) -> Result<(), Fault> {
    let next_history = next(looked, number::NEXT_HISTORY)?;
    let tables = &looked.view.tables;
    for row in tables.history()?.iter()? {
        found.step();
        let (number, bytes) = row?;
        let number = number.value();
        tally.add(Counted::History, 0, 1);
        let place = format_args!("history entry {number}").to_string();
        let Some(entry) = found.read(&place, disk::entry::decode(bytes.value(), &looked.view.names)) else { continue };
        if looked.model.is_none() {
            continue;
        }
        if number >= next_history {
            found.add("id-beyond-next", format_args!("{place} is there, and the next would get the number {next_history}"));
        }
        let own = tables.task_history()?.get(entry.task.0)?.map(|number| number.value()) == Some(number);
        if !own && tables.mends()?.get((entry.task.0, number))?.is_none() {
            found.add("index-missing", format_args!("{place} is not found by its task {}", entry.task));
        }
    }
    for row in tables.task_history()?.iter()? {
        found.step();
        let (task, number) = row?;
        let (task, number) = (task.value(), number.value());
        if looked.model.is_some() && tables.history()?.get(number)?.is_none() {
            found.add("index-dangling", format_args!("task {task} leads to history entry {number}, which is not there"));
        }
    }
    Ok(())
}

/// What was mended has entries beside the task's own.
pub(super) fn mends(looked: &Looked, found: &mut Found<'_>) -> Result<(), Fault> {
    for row in looked.view.tables.mends()?.iter()? {
        found.step();
        let (task, number) = row?.0.value();
        if looked.model.is_some() && looked.view.tables.history()?.get(number)?.is_none() {
            found.add("index-dangling", format_args!("task {task} leads to history entry {number} of a mend, which is not there"));
        }
    }
    Ok(())
}

/// Whether a task is queued or has ended.
fn is_there(looked: &Looked, task: u64) -> Result<bool, Fault> {
    Ok(looked.view.tables.task_history()?.get(task)?.is_some()
        || !crate::tasks::heads(&looked.view, BTreeSet::from([TaskId(task)]))?.is_empty())
}

pub(super) fn logs(looked: &Looked, found: &mut Found<'_>) -> Result<(), Fault> {
    let mut last = None;
    for row in looked.view.tables.log()?.iter()? {
        found.step();
        let (key, bytes) = row?;
        let (task, line) = key.value();
        found.read(format_args!("line {line} of the log of task {task}"), disk::entry::decode_line(bytes.value()));
        if looked.model.is_some() && last != Some(task) {
            last = Some(task);
            if !is_there(looked, task)? {
                found.add("log-dangling", format_args!("there is a log of task {task}, which is neither queued nor in the history"));
            }
        }
    }
    Ok(())
}

pub(super) fn idempotency(looked: &Looked, found: &mut Found<'_>) -> Result<(), Fault> {
    let tables = &looked.view.tables;
    for row in tables.idempotency()?.iter()? {
        found.step();
        let (key, value) = row?;
        let ((connector, key), (_, task)) = (key.value(), value.value());
        if looked.model.is_none() {
            continue;
        }
        let back = tables.task_keys()?.get(task)?;
        if back.is_none_or(|back| back.value() != (connector, key)) {
            found.add("index-missing", format_args!("an idempotency key of task {task} would not go with its history"));
        }
        if !is_there(looked, task)? {
            found.add("key-dangling", format_args!("an idempotency key is of task {task}, which is neither queued nor in the history"));
        }
    }
    for row in tables.task_keys()?.iter()? {
        row?;
        found.step();
    }
    Ok(())
}
