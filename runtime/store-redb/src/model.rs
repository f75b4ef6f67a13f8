//! The content model's files, and the index of unique fields that follows from them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use lockgate_core::change::unique_values;
use lockgate_core::model::ContentModel;
use redb::ReadableTable;

use crate::disk;
use crate::fault::Fault;
use crate::names::Names;
use crate::work::Work;

/// Objects that are indexed at a time, so that memory stays bounded.
const BATCH: usize = 10_000;

/// (type, field) of every unique field.
pub(crate) type UniqueFields = BTreeSet<(u32, u32)>;

pub(crate) fn unique_fields(model: &ContentModel, names: &Names) -> UniqueFields {
    let mut interner = names.interner();
    let mut fields = UniqueFields::new();
    for declared in model.object_types.values() {
        for field in declared.fields.iter().filter(|field| field.unique) {
            fields.insert((interner.id(declared.name.as_str()), interner.id(field.name.as_str())));
        }
    }
    fields
}

/// Replaces the files, and the unique index if other fields are unique now.
pub(crate) fn put(work: &mut Work<'_>, files: &BTreeMap<String, String>, model: &ContentModel, fields: &UniqueFields) -> Result<(), Fault> {
    let table = work.tables.model_files()?;
    table.retain(|_, _| false)?;
    for (name, text) in files {
        table.insert(name.as_str(), text.as_str())?;
    }
    // What was planned with the old model must be planned again.
    work.memory.commits += 1;
    work.memory.touches.touch_all(work.memory.commits);
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
    while let Some(last) = index_batch(work, after, model)? {
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
