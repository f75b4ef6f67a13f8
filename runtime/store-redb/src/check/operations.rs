//! Operations, and what is left of each; audit rows and edits.

use std::collections::BTreeMap;

use redb::ReadableTable;

use super::Looked;
use super::found::Found;
use crate::disk;
use crate::fault::Fault;
use crate::tables::number;

pub(super) fn operations(looked: &Looked, found: &mut Found<'_>) -> Result<(), Fault> {
    let tables = &looked.view.tables;
    let next = tables.numbers()?.get(number::NEXT_OPERATION)?.map_or(1, |next| next.value());
    let mut left: BTreeMap<u64, u64> = BTreeMap::new();
    for row in tables.packets()?.iter()? {
        found.step();
        let (key, bytes) = row?;
        let (operation, connector, packet) = key.value();
        let place = format!("packet {packet} of operation {operation}");
        found.read(&place, looked.view.names.connector(connector));
        let tasks = found.read(&place, disk::operation::decode_tasks(bytes.value()));
        if tasks.is_some_and(|tasks| tasks.is_empty() || !tasks.is_sorted_by(|one, other| one < other)) {
            found.add("packet-wrong", format_args!("{place} has no tasks, or not in ascending order"));
        }
        *left.entry(operation).or_default() += 1;
    }
    for row in tables.operations()?.iter()? {
        found.step();
        let (id, bytes) = row?;
        let id = id.value();
        let there = left.remove(&id).unwrap_or(0);
        let Some(kept) = found.read(format!("operation {id}"), disk::operation::decode(id, bytes.value())) else { continue };
        if kept.packets != there {
            found.add("operation-wrong", format_args!("operation {id} has {there} packets left, and counts {}", kept.packets));
        }
        if id >= next {
            found.add("number-reused", format_args!("operation {id} is there, and the next is to be {next}"));
        }
    }
    for (operation, packets) in left {
        found.add("packet-dangling", format_args!("{packets} packets are of operation {operation}, which is not there"));
    }
    for row in tables.audit()?.iter()? {
        found.step();
        let (number, bytes) = row?;
        found.read(format!("audit row {}", number.value()), disk::audit::decode(bytes.value()));
    }
    for row in tables.edits()?.iter()? {
        found.step();
        let (task, bytes) = row?;
        found.read(format!("the edits of task {}", task.value()), disk::edit::decode(bytes.value()));
    }
    Ok(())
}
