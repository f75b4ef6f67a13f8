//! A binding in the file. Its id stands in its key.

use lockgate_core::rows::{BindingId, BindingRow, NodeId, ObjectId, RowId, Target};
use serde::{Deserialize, Serialize};

use super::value::{self, DiskFields};
use crate::fault::Fault;
use crate::names::{Interner, Known};

/// Kinds of rows in keys. The numbers stand in files: never reuse one.
const OBJECT: u8 = 1;
const PAGE: u8 = 2;
const BINDING: u8 = 3;

#[derive(Serialize, Deserialize)]
struct DiskBinding<'a> {
    binding_type: u32,
    binds: Vec<(u8, u64)>,
    #[serde(borrow)]
    fields: DiskFields<'a>,
}

/// A target in keys and rows.
pub(crate) fn target_key(target: Target) -> (u8, u64) {
    match target {
        Target::Object(id) => (OBJECT, id.0),
        Target::Page(id) => (PAGE, id.0),
    }
}

/// A row in keys.
pub(crate) fn row_key(row: RowId) -> (u8, u64) {
    match row {
        RowId::Object(id) => (OBJECT, id.0),
        RowId::Page(id) => (PAGE, id.0),
        RowId::Binding(id) => (BINDING, id.0),
    }
}

/// The reverse of [`row_key`].
pub(crate) fn row((kind, id): (u8, u64)) -> Result<RowId, Fault> {
    match kind {
        OBJECT => Ok(RowId::Object(ObjectId(id))),
        PAGE => Ok(RowId::Page(NodeId(id))),
        BINDING => Ok(RowId::Binding(BindingId(id))),
        other => Err(Fault::row("row", format_args!("no kind has the number {other}"))),
    }
}

/// What a binding binds, as key.
pub(crate) fn targets_key(targets: &[Target]) -> Vec<u8> {
    let mut key = Vec::with_capacity(targets.len() * 9);
    for target in targets {
        let (kind, id) = target_key(*target);
        key.push(kind);
        key.extend_from_slice(&id.to_be_bytes());
    }
    key
}

pub(crate) fn encode(row: &BindingRow, names: &mut Interner<'_>) -> Vec<u8> {
    super::encode(&DiskBinding {
        binding_type: names.id(row.binding_type.as_str()),
        binds: row.binds.iter().map(|target| target_key(*target)).collect(),
        fields: value::disk_fields(&row.fields, names),
    })
}

pub(crate) fn decode(id: u64, bytes: &[u8], names: &Known) -> Result<BindingRow, Fault> {
    let disk: DiskBinding<'_> = super::decode("binding", bytes)?;
    let binds = disk.binds.into_iter().map(|key| match row(key)? {
        RowId::Object(id) => Ok(Target::Object(id)),
        RowId::Page(id) => Ok(Target::Page(id)),
        RowId::Binding(_) => Err(Fault::row("binding", "it binds a binding")),
    });
    Ok(BindingRow {
        id: BindingId(id),
        binding_type: names.type_name(disk.binding_type)?,
        binds: binds.collect::<Result<_, _>>()?,
        fields: value::fields(disk.fields, names)?,
    })
}
