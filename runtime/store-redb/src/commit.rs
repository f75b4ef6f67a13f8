//! Carrying out effects: refused as a whole before anything is written, or done as a whole.

use std::collections::BTreeMap;

use lockgate_core::change::Change;
use lockgate_core::effects::{Effects, Fate, StateWrites};
use lockgate_core::model::ContentModel;
use lockgate_core::ports::{Generation, Lease, Standing, StoreError};
use lockgate_core::rows::{BindingRow, ObjectRow, PageRow};
use lockgate_core::task::TaskVersion;

use crate::conflict::{Mark, marks};
use crate::counters::Counted;
use crate::disk;
use crate::fault::Fault;
use crate::index::{SpotChanges, Spots, binding_spots, object_spots, page_spots};
use crate::names::{Interner, Names};
use crate::tables::append;
use crate::work::Work;
use crate::writer::Reply;
use crate::{history, queue, state};

/// Effects as the writer needs them, encoded by the caller's thread.
pub(crate) struct Ready {
    lease: Lease,
    connector: u32,
    generation: Generation,
    as_of: u64,
    relied: Vec<Mark>,
    touched: Vec<Mark>,
    ids: Vec<u64>,
    versions: Vec<TaskVersion>,
    tasks: Vec<(ReadyFate, Vec<Vec<u8>>)>,
    objects: Rows,
    pages: Rows,
    bindings: Rows,
    spots: SpotChanges,
    counts: BTreeMap<(Counted, u32), i64>,
    state: StateWrites,
}

enum ReadyFate {
    /// With its encoded history entry.
    Removed(Vec<u8>),
    Stays(Standing),
}

/// What becomes of the rows of one kind, by id.
#[derive(Default)]
struct Rows {
    new: BTreeMap<u64, Vec<u8>>,
    changed: BTreeMap<u64, Option<Vec<u8>>>,
}

/// Encodes effects.
pub(crate) fn ready(lease: &Lease, effects: &Effects, names: &Names) -> Ready {
    let mut interner = names.interner();
    let names = &mut interner;
    let mut tally = Tally::default();
    for change in effects.changes() {
        tally.change(change, effects.model(), names);
    }
    tally.spots.settle();
    Ready {
        lease: lease.clone(),
        connector: names.id(lease.connector.as_str()),
        generation: effects.generation(),
        as_of: effects.as_of(),
        relied: marks(effects.relied()),
        touched: marks(effects.touched()),
        ids: effects.tasks().iter().map(|task| task.id.0).collect(),
        versions: effects.tasks().iter().map(|task| task.version).collect(),
        tasks: effects
            .tasks()
            .iter()
            .map(|task| {
                let fate = match &task.fate {
                    Fate::Removed(entry) => ReadyFate::Removed(disk::entry::encode(entry, names)),
                    Fate::Stays(standing) => ReadyFate::Stays(standing.clone()),
                };
                (fate, task.log.iter().map(disk::entry::encode_line).collect())
            })
            .collect(),
        objects: rows(&tally.objects, |row| disk::object::encode(row, names)),
        pages: rows(&tally.pages, |row| disk::page::encode(row, names)),
        bindings: rows(&tally.bindings, |row| disk::binding::encode(row, names)),
        spots: tally.spots,
        counts: tally.counts,
        state: effects.state().clone(),
    }
}

impl Ready {
    /// Roughly how much work it is.
    pub(crate) fn weight(&self) -> usize {
        let rows = |rows: &Rows| rows.new.len() + rows.changed.len();
        self.tasks.len() + rows(&self.objects) + rows(&self.pages) + rows(&self.bindings) + self.state.len()
    }
}

/// A row's first state before, and its last state after, all changes.
type Ends<'a, R> = BTreeMap<u64, (Option<&'a R>, Option<&'a R>)>;

/// The net of a list of changes.
#[derive(Default)]
struct Tally<'a> {
    objects: Ends<'a, ObjectRow>,
    pages: Ends<'a, PageRow>,
    bindings: Ends<'a, BindingRow>,
    spots: SpotChanges,
    counts: BTreeMap<(Counted, u32), i64>,
}

impl<'a> Tally<'a> {
    fn change(&mut self, change: &'a Change, model: &ContentModel, names: &mut Interner<'_>) {
        match change {
            Change::Object(before, after) => {
                let (before, after) = (before.as_deref(), after.as_deref());
                let Some(id) = after.or(before).map(|row| row.id.0) else { return };
                ends(&mut self.objects, id, before, after);
                let mut spots = |row: Option<&ObjectRow>| row.map_or_else(Spots::new, |row| object_spots(row, model, names));
                self.spots.change(id, &spots(before), spots(after));
                for (row, step) in steps(before, after) {
                    self.count(Counted::Objects, names.id(row.object_type.as_str()), step);
                }
            }
            Change::Page(before, after) => {
                let (before, after) = (before.as_deref(), after.as_deref());
                let Some(id) = after.or(before).map(|row| row.id.0) else { return };
                ends(&mut self.pages, id, before, after);
                let mut spots = |row: Option<&PageRow>| row.map_or_else(Spots::new, |row| page_spots(row, names));
                self.spots.change(id, &spots(before), spots(after));
                for (row, step) in steps(before, after) {
                    self.count(Counted::Pages, names.id(row.class_name.as_str()), step);
                    let versions = i64::try_from(row.cultures.len()).unwrap_or(i64::MAX);
                    self.count(Counted::CultureVersions, 0, step.saturating_mul(versions));
                }
            }
            Change::Binding(before, after) => {
                let (before, after) = (before.as_deref(), after.as_deref());
                let Some(id) = after.or(before).map(|row| row.id.0) else { return };
                ends(&mut self.bindings, id, before, after);
                let mut spots = |row: Option<&BindingRow>| row.map_or_else(Spots::new, |row| binding_spots(row, names));
                self.spots.change(id, &spots(before), spots(after));
                for (row, step) in steps(before, after) {
                    self.count(Counted::Bindings, names.id(row.binding_type.as_str()), step);
                }
            }
        }
    }

    fn count(&mut self, counted: Counted, name: u32, step: i64) {
        *self.counts.entry((counted, name)).or_default() += step;
    }
}

fn steps<'r, R>(before: Option<&'r R>, after: Option<&'r R>) -> impl Iterator<Item = (&'r R, i64)> + use<'r, R> {
    before.map(|row| (row, -1)).into_iter().chain(after.map(|row| (row, 1)))
}

fn ends<'a, R>(all: &mut Ends<'a, R>, id: u64, before: Option<&'a R>, after: Option<&'a R>) {
    all.entry(id).or_insert((before, None)).1 = after;
}

fn rows<R>(ends: &Ends<'_, R>, mut encode: impl FnMut(&R) -> Vec<u8>) -> Rows {
    let mut rows = Rows::default();
    for (id, (before, after)) in ends {
        match (before, after) {
            (None, Some(row)) => drop(rows.new.insert(*id, encode(row))),
            (Some(_), row) => drop(rows.changed.insert(*id, row.map(&mut encode))),
            // Inserted and deleted again.
            (None, None) => {}
        }
    }
    rows
}

/// Carries it out.
pub(crate) fn commit(work: &mut Work<'_>, ready: &mut Ready) -> Result<Reply<()>, Fault> {
    if work.memory.epochs.get(&ready.connector) != Some(&ready.lease.epoch) {
        return Ok(Err(StoreError::Fenced(ready.lease.connector.clone())));
    }
    if work.memory.generations.is_stale(&ready.lease.connector, ready.generation) {
        return Ok(Err(StoreError::Stale));
    }
    if work.memory.touches.conflict(&ready.relied, ready.as_of, ready.connector) {
        return Ok(Err(StoreError::Conflict));
    }
    // A task that an operator has removed or changed meanwhile: the pass must read the queue again.
    let Some(states) = queue::states(work, ready.connector, &ready.ids)? else { return Ok(Err(StoreError::Conflict)) };
    if states.iter().zip(&ready.versions).any(|((_, now), version)| now != version) {
        return Ok(Err(StoreError::Conflict));
    }

    // Nothing is refused from here on.
    if !ready.touched.is_empty() {
        work.memory.commits += 1;
        work.memory.touches.touch(std::mem::take(&mut ready.touched), work.memory.commits, ready.connector);
    }
    write_rows(work, ready)?;
    state::write(work, ready.connector, &ready.state)?;
    history::append_lines(work, ready.ids.iter().zip(&ready.tasks).map(|(id, (_, log))| (*id, log.as_slice())))?;
    let mut removed = Vec::new();
    let mut entries: Vec<(u64, &[u8])> = Vec::new();
    for ((id, (state, _)), (fate, _)) in ready.ids.iter().zip(states).zip(&ready.tasks) {
        match fate {
            ReadyFate::Removed(entry) => {
                work.memory.counters.add(queue::counted(state), ready.connector, -1);
                removed.push(*id);
                entries.push((*id, entry));
            }
            ReadyFate::Stays(standing) => queue::restand(work, ready.connector, *id, state, standing)?,
        }
    }
    queue::take(work, ready.connector, &removed)?;
    history::append_entries(work, &entries)?;
    Ok(Ok(()))
}

fn write_rows(work: &mut Work<'_>, ready: &Ready) -> Result<(), Fault> {
    macro_rules! write {
        ($rows:expr, $table:ident) => {
            if !$rows.new.is_empty() {
                append!(work.tables.$table()?, $rows.new.iter().map(|(id, bytes)| (*id, bytes.as_slice())));
            }
            for (id, bytes) in &$rows.changed {
                match bytes {
                    Some(bytes) => drop(work.tables.$table()?.insert(id, bytes.as_slice())?),
                    None => drop(work.tables.$table()?.remove(id)?),
                }
            }
        };
    }
    write!(ready.objects, objects);
    write!(ready.pages, pages);
    write!(ready.bindings, bindings);
    ready.spots.apply(&mut work.tables)?;
    for ((counted, name), change) in &ready.counts {
        work.memory.counters.add(*counted, *name, *change);
    }
    Ok(())
}
