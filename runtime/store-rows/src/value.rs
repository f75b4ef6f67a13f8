//! Field values in the file.

use lockgate_core::rows::{Fields, NodeId, ObjectId, Target};
use lockgate_core::value::{Plain, Stored};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Fault;
use crate::names::{Intern, Known};

/// A value. Variants are numbered by position: add at the end only.
#[derive(Serialize, Deserialize)]
pub enum DiskValue<'a> {
    Boolean(bool),
    Integer(i64),
    Decimal(&'a str),
    Real(f64),
    Text(&'a str),
    Timestamp(&'a str),
    Guid([u8; 16]),
    Binary(#[serde(borrow, with = "serde_bytes")] &'a [u8]),
    Json(&'a str),
    Object(u64),
    Page(u64),
}

impl<'a> From<&'a Stored> for DiskValue<'a> {
    fn from(value: &'a Stored) -> Self {
        match value {
            Stored::Reference(Target::Object(id)) => Self::Object(id.0),
            Stored::Reference(Target::Page(id)) => Self::Page(id.0),
            Stored::Plain(plain) => match plain {
                Plain::Boolean(v) => Self::Boolean(*v),
                Plain::Integer(v) => Self::Integer(*v),
                Plain::Decimal(v) => Self::Decimal(v),
                Plain::Real(v) => Self::Real(*v),
                Plain::Text(v) => Self::Text(v),
                Plain::Timestamp(v) => Self::Timestamp(v),
                Plain::Guid(v) => Self::Guid(v.into_bytes()),
                Plain::Binary(v) => Self::Binary(v),
                Plain::Json(v) => Self::Json(v),
            },
        }
    }
}

impl From<DiskValue<'_>> for Stored {
    fn from(value: DiskValue<'_>) -> Self {
        Self::Plain(match value {
            DiskValue::Object(id) => return Self::Reference(Target::Object(ObjectId(id))),
            DiskValue::Page(id) => return Self::Reference(Target::Page(NodeId(id))),
            DiskValue::Boolean(v) => Plain::Boolean(v),
            DiskValue::Integer(v) => Plain::Integer(v),
            DiskValue::Decimal(v) => Plain::Decimal(v.into()),
            DiskValue::Real(v) => Plain::Real(v),
            DiskValue::Text(v) => Plain::Text(v.into()),
            DiskValue::Timestamp(v) => Plain::Timestamp(v.into()),
            DiskValue::Guid(v) => Plain::Guid(Uuid::from_bytes(v)),
            DiskValue::Binary(v) => Plain::Binary(v.into()),
            DiskValue::Json(v) => Plain::Json(v.into()),
        })
    }
}

/// Fields of a row.
pub type DiskFields<'a> = Vec<(u32, DiskValue<'a>)>;

pub fn disk_fields<'a>(fields: &'a Fields, names: &mut dyn Intern) -> DiskFields<'a> {
    fields.iter().map(|(name, value)| (names.id(name.as_str()), value.into())).collect()
}

pub fn fields(disk: DiskFields<'_>, names: &Known) -> Result<Fields, Fault> {
    disk.into_iter().map(|(name, value)| Ok((names.field(name)?, value.into()))).collect()
}
