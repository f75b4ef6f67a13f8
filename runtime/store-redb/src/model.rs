//! The content model's files, and the index of unique fields that follows from them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use lockgate_core::change::unique_values;
use lockgate_core::model::{ContentModel, Unused};
use lockgate_core::ports::{Generation, ModelPut, StoreError};
use lockgate_core::unique::RULE;
use redb::{Database, Durability, ReadableTable};

use crate::fault::Fault;
use crate::names::Names;
use crate::read::View;
use crate::tables::number;
use crate::work::{Memory, Work};
use crate::writer::Reply;
use crate::{disk, generation};

/// Objects that are indexed at a time, so that memory stays bounded.
const BATCH: usize = 10_000;

/// (type, field) of every unique field.
type UniqueFields = BTreeSet<(u32, u32)>;

/// A model that replaces another.
pub(crate) struct Replacement {
    files: BTreeMap<String, String>,
    model: ContentModel,
    unused: Unused,
    unique_fields: UniqueFields,
}

impl Replacement {
    pub(crate) fn new(files: &BTreeMap<String, String>, model: &ContentModel, unused: &Unused, names: &Names) -> Self {
        Self { files: files.clone(), model: model.clone(), unused: unused.clone(), unique_fields: unique_fields(model, names) }
    }
}

fn unique_fields(model: &ContentModel, names: &Names) -> UniqueFields {
    let mut interner = names.interner();
    let mut fields = UniqueFields::new();
    for declared in model.object_types.values() {
        for field in declared.fields.iter().filter(|field| field.unique) {
            fields.insert((interner.id(declared.name.as_str()), interner.id(field.name.as_str())));
        }
    }
    fields
}

/// The content model's source files.
pub(crate) fn files(view: &View) -> Result<BTreeMap<String, String>, Fault> {
    let mut files = BTreeMap::new();
    for row in view.tables.model_files()?.iter()? {
        let (name, text) = row?;
        files.insert(name.value().to_owned(), text.value().to_owned());
    }
    Ok(files)
}

/// Replaces the files, and the unique index if other fields are unique now.
pub(crate) fn put(work: &mut Work<'_>, as_of: Generation, new: &Replacement) -> Result<Reply<ModelPut>, Fault> {
    if is_put(work, new)? {
        return Ok(Ok(ModelPut::Done));
    }
    if work.memory.generations.base_changed(as_of) {
        return Ok(Err(StoreError::Stale));
    }
    if !new.unused.holds(&work.memory.counters.counts(&work.memory.names.known())?) {
        return Ok(Ok(ModelPut::InUse));
    }
    let table = work.tables.model_files()?;
    table.retain(|_, _| false)?;
    for (name, text) in &new.files {
        table.insert(name.as_str(), text.as_str())?;
    }
    // What was planned with the old model, and what was answered by its index, must be planned again.
    generation::change_base(work)?;
    work.memory.commits += 1;
    work.memory.touches.touch_all(work.memory.commits);
    index_unique_fields(work, new)?;
    Ok(Ok(ModelPut::Done))
}

/// Whether these files are there already, and the index fits them.
fn is_put(work: &mut Work<'_>, new: &Replacement) -> Result<bool, Fault> {
    let mut files = new.files.iter();
    for row in work.tables.model_files()?.iter()? {
        let (name, text) = row?;
        if files.next().is_none_or(|(n, t)| n.as_str() != name.value() || t.as_str() != text.value()) {
            return Ok(false);
        }
    }
    Ok(files.next().is_none() && is_indexed(work, &new.unique_fields)?)
}

/// Whether exactly these fields are indexed, by today's rule.
fn is_indexed(work: &mut Work<'_>, fields: &UniqueFields) -> Result<bool, Fault> {
    let indexed = work.tables.unique_fields()?.iter()?.map(|row| row.map(|(key, _)| key.value())).collect::<Result<UniqueFields, _>>()?;
    Ok(indexed == *fields && rule(&*work.tables.numbers()?)? == Some(RULE))
}

fn index_unique_fields(work: &mut Work<'_>, new: &Replacement) -> Result<(), Fault> {
    let fields = &new.unique_fields;
    if is_indexed(work, fields)? {
        return Ok(());
    }
    let table = work.tables.unique_fields()?;
    table.retain(|_, _| false)?;
    for key in fields {
        table.insert(*key, ())?;
    }
    index_unique(work, &new.model)
}

/// The rule by which the unique index was made.
fn rule(numbers: &impl ReadableTable<&'static str, u64>) -> Result<Option<u64>, Fault> {
    Ok(numbers.get(number::UNIQUE_RULE)?.map(|rule| rule.value()))
}

/// Makes the unique index anew from what is stored.
fn index_unique(work: &mut Work<'_>, model: &ContentModel) -> Result<(), Fault> {
    work.tables.unique()?.retain(|_, _| false)?;
    let mut after = Bound::Unbounded;
    while let Some(last) = index_batch(work, after, model)? {
        after = Bound::Excluded(last);
    }
    work.tables.numbers()?.insert(number::UNIQUE_RULE, RULE)?;
    Ok(())
}

/// How many values of unique fields more than one object has: under an older rule they were different.
fn shared_values(work: &mut Work<'_>) -> Result<u64, Fault> {
    let mut shared = 0;
    let mut before: Option<(u32, u32, String, bool)> = None;
    for row in work.tables.unique()?.iter()? {
        let (key, _) = row?;
        let (object_type, field, value, _) = key.value();
        match &mut before {
            Some((t, f, v, counted)) if (*t, *f, v.as_str()) == (object_type, field, value) => {
                shared += u64::from(!*counted);
                *counted = true;
            }
            _ => before = Some((object_type, field, value.to_owned(), false)),
        }
    }
    Ok(shared)
}

/// Makes the unique index anew if another rule made it, in one transaction: costs a read of every
/// object, once in a file's life for each new rule.
pub(crate) fn index_by_todays_rule(db: &Database, memory: &mut Memory) -> Result<(), Fault> {
    let view = View::new(db, &memory.names)?;
    if rule(view.tables.numbers()?)? == Some(RULE) {
        return Ok(());
    }
    let Ok(model) = lockgate_core::model::parse(&files(&view)?) else {
        // Whoever opens the store says what is wrong with it; the next model that is applied makes the index.
        tracing::warn!("the content model in the store cannot be read: its unique fields are not indexed by today's rule");
        return Ok(());
    };
    let mut txn = db.begin_write()?;
    txn.set_durability(Durability::Immediate).map_err(|error| Fault::row("durability", error))?;
    txn.set_quick_repair(true);
    let mut work = Work::new(&txn, memory);
    index_unique(&mut work, &model)?;
    let shared = shared_values(&mut work)?;
    work.finish()?;
    drop(work);
    txn.commit()?;
    if shared > 0 {
        tracing::warn!(shared, "{shared} values of unique fields, spelled differently, are the same value and stand in several objects");
    }
    Ok(())
}

/// Indexes the next objects; the last one's id, or `None` when there were none.
fn index_batch(work: &mut Work<'_>, after: Bound<u64>, model: &ContentModel) -> Result<Option<u64>, Fault> {
    let names = work.memory.names.clone();
    let mut interner = names.interner();
    let known = names.known();
    let mut last = None;
    let mut entries = BTreeSet::new();
    for row in work.tables.objects()?.range::<u64>((after, Bound::Unbounded))?.take(BATCH) {
        let (id, bytes) = row?;
        let row = disk::object::decode(id.value(), bytes.value(), &known)?;
        let object_type = interner.id(row.object_type.as_str());
        for (field, value) in unique_values(&row, model) {
            entries.insert((object_type, interner.id(field.as_str()), value, row.id.0));
        }
        last = Some(id.value());
    }
    let table = work.tables.unique()?;
    for (object_type, field, value, id) in &entries {
        table.insert((*object_type, *field, &**value, *id), ())?;
    }
    Ok(last)
}
