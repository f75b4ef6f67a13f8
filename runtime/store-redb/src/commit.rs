//! Carrying out effects: refused as a whole before anything is written, or done as a whole.

use std::collections::{BTreeMap, BTreeSet};

use lockgate_core::change::Change;
use lockgate_core::effects::{Effects, Fate, StateWrites, Waking};
use lockgate_core::mark;
use lockgate_core::model::ContentModel;
use lockgate_core::names::ConnectorName;
use lockgate_core::operation::Step;
use lockgate_core::park::LooseEnd;
use lockgate_core::ports::{Generation, Lease, Standing, StoreError};
use lockgate_core::rows::{BindingRow, ObjectRow, PageRow};
use lockgate_core::task::TaskVersion;

use crate::audit;
use crate::conflict::{Mark, marks};
use crate::counters::Counted;
use crate::disk;
use crate::disk::task::Seen;
use crate::fault::Fault;
use crate::index::{SpotChanges, Spots, binding_spots, object_spots, page_spots};
use crate::loose::LooseEnds;
use crate::moves::Moves;
use crate::names::{Interner, Names};
use crate::tables::append;
use crate::traces::Traces;
use crate::waits::wake;
use crate::work::Work;
use crate::writer::Reply;
use crate::{history, operations, queue, state};

/// Effects as the writer needs them, encoded by the caller's thread.
pub(crate) struct Ready {
    /// Whose it is, in the file.
    connector: u32,
    generation: Generation,
    as_of: u64,
    relied: Vec<Mark>,
    touched: Vec<Mark>,
    wakes: Wakes,
    stirs: Vec<mark::Mark>,
    regroups: bool,
    /// By connector: most have one.
    tasks: Vec<Owned>,
    mends: Vec<(u64, Vec<u8>)>,
    objects: Rows,
    pages: Rows,
    bindings: Rows,
    spots: SpotChanges,
    loose: LooseEnds,
    traces: Traces,
    counts: BTreeMap<(Counted, u32), i64>,
    state: StateWrites,
    /// The operation that moves on with it, and the connector that it names.
    step: Option<(Step, u32)>,
    /// Who has ordered it, encoded.
    signed: Option<Vec<u8>>,
}

/// What is touched that somebody may wait for. Where nobody does, it is not worked out.
enum Wakes {
    /// By the caller's thread, for somebody waited when it began.
    Known(Vec<mark::Mark>),
    /// By the writer's, if somebody has begun to wait since, or does so by this very commit.
    IfWanted(Waking),
}

/// The tasks of one connector, ascending.
struct Owned {
    name: ConnectorName,
    connector: u32,
    ids: Vec<u64>,
    versions: Vec<TaskVersion>,
    fates: Vec<(ReadyFate, Vec<Vec<u8>>)>,
}

enum ReadyFate {
    /// With its encoded history entry, and whether its idempotency key may be used again.
    Removed(Vec<u8>, bool),
    Stays(Standing),
}

/// What becomes of the rows of one kind, by id.
#[derive(Default)]
struct Rows {
    new: BTreeMap<u64, Vec<u8>>,
    changed: BTreeMap<u64, Option<Vec<u8>>>,
}

/// Encodes effects that concern this connector. `wanted`: whether anybody waited for anything a moment ago.
pub(crate) fn ready(connector: &ConnectorName, effects: &Effects, names: &Names, wanted: bool) -> Ready {
    let mut interner = names.interner();
    let names = &mut interner;
    let mut tally = Tally::default();
    for change in effects.changes() {
        tally.change(change, effects.model(), names);
    }
    tally.spots.settle();
    let mut loose = LooseEnds::default();
    for (id, (before, after)) in &tally.loose {
        loose.change(*id, *before, *after, names);
    }
    Ready {
        connector: names.id(connector.as_str()),
        generation: effects.generation(),
        as_of: effects.as_of(),
        relied: marks(effects.relied()),
        touched: marks(effects.touched()),
        wakes: if wanted { Wakes::Known(effects.wakes()) } else { Wakes::IfWanted(effects.waking()) },
        stirs: effects.stirs().to_vec(),
        regroups: effects.regroups(),
        tasks: owned(effects, names),
        mends: effects.mends().iter().map(|entry| (entry.task.0, disk::entry::encode(entry, names))).collect(),
        objects: rows(&tally.objects, |row| disk::object::encode(row, names)),
        pages: rows(&tally.pages, |row| disk::page::encode(row, names)),
        bindings: rows(&tally.bindings, |row| disk::binding::encode(row, names)),
        spots: tally.spots,
        loose,
        traces: tally.traces,
        counts: tally.counts,
        state: effects.state().clone(),
        step: effects.step().map(|step| (step.clone(), names.id(step.connector.as_str()))),
        signed: effects.signed().map(disk::audit::encode),
    }
}

fn owned(effects: &Effects, names: &mut Interner<'_>) -> Vec<Owned> {
    let mut all: Vec<Owned> = Vec::new();
    for task in effects.tasks() {
        let at = all.iter().position(|owned| owned.name == task.connector).unwrap_or_else(|| {
            let (name, connector) = (task.connector.clone(), names.id(task.connector.as_str()));
            all.push(Owned { name, connector, ids: Vec::new(), versions: Vec::new(), fates: Vec::new() });
            all.len() - 1
        });
        let Some(owned) = all.get_mut(at) else { continue };
        let fate = match &task.fate {
            Fate::Removed(entry) => ReadyFate::Removed(disk::entry::encode(entry, names), history::frees_key(&entry.outcome)),
            Fate::Stays(standing) => ReadyFate::Stays(standing.clone()),
        };
        owned.ids.push(task.id.0);
        owned.versions.push(task.version);
        owned.fates.push((fate, task.log.iter().map(disk::entry::encode_line).collect()));
    }
    all
}

impl Ready {
    /// By which configuration it was planned.
    pub(crate) fn generation(&self) -> Generation {
        self.generation
    }

    /// Roughly how much work it is.
    pub(crate) fn weight(&self) -> usize {
        let rows = |rows: &Rows| rows.new.len() + rows.changed.len();
        let tasks: usize = self.tasks.iter().map(|owned| owned.ids.len()).sum();
        tasks
            + rows(&self.objects)
            + rows(&self.pages)
            + rows(&self.bindings)
            + self.loose.len()
            + self.traces.len()
            + self.mends.len()
            + self.state.len()
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
    loose: Ends<'a, LooseEnd>,
    traces: Traces,
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
            Change::Loose(before, after) => {
                let (before, after) = (before.as_deref(), after.as_deref());
                let Some(id) = after.or(before).map(|end| end.id.0) else { return };
                ends(&mut self.loose, id, before, after);
                for (end, step) in steps(before, after) {
                    self.count(Counted::LooseEnds, names.id(end.connector.as_str()), step);
                }
            }
            Change::Former(key, _, after) => self.traces.former(key, *after, names),
            Change::Tomb(key, _, after) => self.traces.tomb(key, after.as_deref(), names),
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

/// Carries it out for who holds the lease.
pub(crate) fn commit(work: &mut Work<'_>, lease: &Lease, ready: &mut Ready) -> Result<Reply<()>, Fault> {
    if work.memory.epochs.get(&ready.connector) != Some(&lease.epoch) {
        return Ok(Err(StoreError::Fenced(lease.connector.clone())));
    }
    if work.memory.generations.is_stale(&lease.connector, ready.generation) {
        return Ok(Err(StoreError::Stale));
    }
    if work.memory.touches.conflict(&ready.relied, ready.as_of, ready.connector) {
        return Ok(Err(StoreError::Conflict));
    }
    // A task of another connector was planned by that one's configuration.
    if ready.tasks.iter().any(|owned| work.memory.generations.is_stale(&owned.name, ready.generation)) {
        return Ok(Err(StoreError::Stale));
    }
    // A task that an operator has removed or changed meanwhile: the pass must read the queue again.
    let mut seen = Vec::with_capacity(ready.tasks.len());
    for owned in &ready.tasks {
        let Some(now) = queue::seen(work, owned.connector, &owned.ids)? else { return Ok(Err(StoreError::Conflict)) };
        if now.iter().zip(&owned.versions).any(|(now, version)| now.version != *version) {
            return Ok(Err(StoreError::Conflict));
        }
        seen.push(now);
    }
    // Part of an operation that is not left of it any more: somebody else has carried it out.
    let step = match ready.step.take() {
        None => None,
        Some((step, connector)) => match operations::fits(work, &step, connector)? {
            Some(fits) => Some((step, fits)),
            None => return Ok(Err(StoreError::Conflict)),
        },
    };

    let by = ready.connector;
    write(work, ready, seen, by)?;
    if let Some((step, fits)) = step {
        operations::step(work, &step, fits)?;
    }
    if let Some(row) = &ready.signed {
        audit::append(work, row)?;
    }
    Ok(Ok(()))
}

/// Writes what was looked at and is as it was planned: nothing is refused here. `seen`: how its tasks stand; `by`: who
/// touches what it touches.
pub(crate) fn write(work: &mut Work<'_>, ready: &mut Ready, seen: Vec<Vec<Seen>>, by: u32) -> Result<(), Fault> {
    if !ready.touched.is_empty() {
        work.memory.commits += 1;
        work.memory.touches.touch(std::mem::take(&mut ready.touched), work.memory.commits, by);
    }
    write_rows(work, ready)?;
    state::write(work, ready.connector, &ready.state)?;
    let mut parks = BTreeSet::new();
    let mut entries: Vec<(u64, &[u8])> = Vec::new();
    for (owned, seen) in ready.tasks.iter().zip(seen) {
        carry_out(work, owned, seen, ready.regroups, &mut parks, &mut entries)?;
    }
    if ready.tasks.len() > 1 {
        entries.sort_unstable_by_key(|(id, _)| *id);
    }
    history::append_entries(work, &entries)?;
    history::append_mends(work, &ready.mends)?;
    if !work.memory.wanted.any() {
        return Ok(());
    }
    match &ready.wakes {
        Wakes::Known(wakes) => wake::wake(work, wakes, &ready.stirs, &parks),
        Wakes::IfWanted(waking) => wake::wake(work, &waking.marks(), &ready.stirs, &parks),
    }
}

/// What becomes of the tasks of one connector, with their logs.
fn carry_out<'r>(
    work: &mut Work<'_>,
    owned: &'r Owned,
    seen: Vec<Seen>,
    regroups: bool,
    parks: &mut BTreeSet<u64>,
    entries: &mut Vec<(u64, &'r [u8])>,
) -> Result<(), Fault> {
    history::append_lines(work, owned.ids.iter().zip(&owned.fates).map(|(id, (_, log))| (*id, log.as_slice())))?;
    let mut moves = Moves::new(owned.connector);
    for ((id, seen), (fate, _)) in owned.ids.iter().zip(seen).zip(&owned.fates) {
        match fate {
            ReadyFate::Removed(entry, frees_key) => {
                moves.goes(work, *id, seen)?;
                entries.push((*id, entry));
                if *frees_key {
                    history::forget_key(work, *id)?;
                }
            }
            ReadyFate::Stays(standing) => {
                moves.stays(work, *id, seen, standing)?;
                if regroups {
                    moves.stays_due(work, *id)?;
                }
                if seen.after(standing).stands_apart() {
                    parks.insert(*id);
                }
            }
        }
    }
    moves.apply(work)
}

fn write_rows(work: &mut Work<'_>, ready: &mut Ready) -> Result<(), Fault> {
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
    ready.loose.apply(work)?;
    ready.traces.apply(work)?;
    for ((counted, name), change) in &ready.counts {
        work.memory.counters.add(*counted, *name, *change);
    }
    Ok(())
}
