//! A binding in the file. Its id stands in its key.

use lockgate_core::rows::{BindingId, BindingRow, NodeId, ObjectId, RowId, Target};
use serde::{Deserialize, Serialize};

use super::link::{self, DiskLinks};
use super::value::{self, DiskFields};
use super::{FORMAT_1, FORMAT_2};
use crate::Fault;
use crate::names::{Intern, Known};

const WHAT: &str = "binding";

/// Kinds of rows in keys. The numbers stand in files: never reuse one.
const OBJECT: u8 = 1;
const PAGE: u8 = 2;
const BINDING: u8 = 3;

/// Format 1: without questions of its references.
#[derive(Serialize, Deserialize)]
struct DiskBinding<'a> {
    binding_type: u32,
    binds: Vec<(u8, u64)>,
    #[serde(borrow)]
    fields: DiskFields<'a>,
}

/// Format 2.
#[derive(Serialize, Deserialize)]
struct DiskBinding2<'a> {
    #[serde(borrow)]
    row: DiskBinding<'a>,
    #[serde(borrow)]
    links: DiskLinks<'a>,
}

/// A target in keys and rows.
pub fn target_key(target: Target) -> (u8, u64) {
    match target {
        Target::Object(id) => (OBJECT, id.0),
        Target::Page(id) => (PAGE, id.0),
    }
}

/// A row in keys.
pub fn row_key(row: RowId) -> (u8, u64) {
    match row {
        RowId::Object(id) => (OBJECT, id.0),
        RowId::Page(id) => (PAGE, id.0),
        RowId::Binding(id) => (BINDING, id.0),
    }
}

/// The reverse of [`row_key`].
pub fn row((kind, id): (u8, u64)) -> Result<RowId, Fault> {
    match kind {
        OBJECT => Ok(RowId::Object(ObjectId(id))),
        PAGE => Ok(RowId::Page(NodeId(id))),
        BINDING => Ok(RowId::Binding(BindingId(id))),
        other => Err(Fault::row("row", format_args!("no kind has the number {other}"))),
    }
}

/// What a binding binds, as key.
pub fn targets_key(targets: &[Target]) -> Vec<u8> {
    let mut key = Vec::with_capacity(targets.len() * 9);
    for target in targets {
        let (kind, id) = target_key(*target);
        key.push(kind);
        key.extend_from_slice(&id.to_be_bytes());
    }
    key
}

/// The target that a key says.
pub fn target(key: (u8, u64)) -> Result<Target, Fault> {
    match row(key)? {
        RowId::Object(id) => Ok(Target::Object(id)),
        RowId::Page(id) => Ok(Target::Page(id)),
        RowId::Binding(_) => Err(Fault::row("target", "it is a binding")),
    }
}

/// In the second format where the first does not say everything.
pub fn encode(row: &BindingRow, names: &mut dyn Intern) -> Vec<u8> {
    let disk = DiskBinding {
        binding_type: names.id(row.binding_type.as_str()),
        binds: row.binds.iter().map(|target| target_key(*target)).collect(),
        fields: value::disk_fields(&row.fields, names),
    };
    if row.links.is_empty() {
        return super::encode(&disk);
    }
    super::encode_as(FORMAT_2, &DiskBinding2 { row: disk, links: link::disk_links(&row.links, names) })
}

/// The binding in these bytes.
pub fn decode(id: u64, bytes: &[u8], names: &Known) -> Result<BindingRow, Fault> {
    let DiskBinding2 { row: disk, links } = match super::split(WHAT, bytes)? {
        (FORMAT_1, fields) => DiskBinding2 { row: super::decode_fields(WHAT, fields)?, links: DiskLinks::new() },
        (FORMAT_2, fields) => super::decode_fields(WHAT, fields)?,
        (format, _) => return Err(super::unknown(WHAT, format)),
    };
    Ok(BindingRow {
        id: BindingId(id),
        binding_type: names.type_name(disk.binding_type)?,
        binds: disk.binds.into_iter().map(target).collect::<Result<_, _>>()?,
        fields: value::fields(disk.fields, names)?,
        links: link::links(links, names)?,
    })
}
