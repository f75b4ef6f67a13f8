//! The content model's files, and the index of unique fields that follows from them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use lockgate_core::change::unique_values;
use lockgate_core::model::{ContentModel, Unused};
use lockgate_core::ports::{Generation, ModelPut, StoreError};
use redb::ReadableTable;

use crate::fault::Fault;
use crate::names::Names;
use crate::read::View;
use crate::work::Work;
use crate::writer::Reply;
use crate::{disk, generation};

/// Objects that are indexed at a time, so that memory stays bounded.
const BATCH: usize = 10_000;

/// (type, field) of every unique field.
type UniqueFields = BTreeSet<(u32, u32)>;

/// A model that replaces another.
pub(crate) struct New {
    files: BTreeMap<String, String>,
    model: ContentModel,
    unused: Unused,
    unique_fields: UniqueFields,
}

impl New {
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
pub(crate) fn put(work: &mut Work<'_>, as_of: Generation, new: &New) -> Result<Reply<ModelPut>, Fault> {
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
    // What was planned with the old model must be planned again.
    generation::change_base(work)?;
    index_unique_fields(work, new)?;
    Ok(Ok(ModelPut::Done))
}

fn index_unique_fields(work: &mut Work<'_>, new: &New) -> Result<(), Fault> {
    let fields = &new.unique_fields;
    let table = work.tables.unique_fields()?;
    let before = table.iter()?.map(|row| row.map(|(key, _)| key.value())).collect::<Result<UniqueFields, _>>()?;
    if before == *fields {
        return Ok(());
    }
    table.retain(|_, _| false)?;
    for key in fields {
        table.insert(*key, ())?;
    }
    work.tables.unique()?.retain(|_, _| false)?;
    let mut after = Bound::Unbounded;
    while let Some(last) = index_batch(work, after, &new.model)? {
        after = Bound::Excluded(last);
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
