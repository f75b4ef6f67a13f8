//! An object in the file. Its id stands in its key.

use lockgate_core::rows::{ObjectId, ObjectRow, Scope};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::link::{self, DiskLinks};
use super::newer::{self, DiskNewer};
use super::value::{self, DiskFields};
use super::{FOLDED, FORMAT_1, FORMAT_2, place, unplace};
use crate::Fault;
use crate::names::{Intern, Known};

const WHAT: &str = "object";

/// Format 1: without questions of its references, and without versions.
#[derive(Serialize, Deserialize)]
struct DiskObject<'a> {
    object_type: u32,
    site: u32,
    parent: u64,
    group: u64,
    code_name: &'a str,
    guid: [u8; 16],
    guid_given: bool,
    display_name: &'a str,
    sites: Vec<u32>,
    created_ms: i64,
    modified_ms: i64,
    #[serde(borrow)]
    fields: DiskFields<'a>,
}

/// Format 2.
#[derive(Serialize, Deserialize)]
struct DiskObject2<'a> {
    #[serde(borrow)]
    row: DiskObject<'a>,
    /// How its code name compares.
    names: u8,
    #[serde(borrow)]
    links: DiskLinks<'a>,
    #[serde(borrow)]
    newer: Option<DiskNewer<'a>>,
}

impl<'a> From<DiskObject<'a>> for DiskObject2<'a> {
    fn from(row: DiskObject<'a>) -> Self {
        Self { row, names: FOLDED, links: DiskLinks::new(), newer: None }
    }
}

/// In the second format where the first does not say everything.
pub fn encode(row: &ObjectRow, names: &mut dyn Intern) -> Vec<u8> {
    let disk = DiskObject {
        object_type: names.id(row.object_type.as_str()),
        site: names.site(row.scope.site.as_ref()),
        parent: place(row.scope.parent.map(|id| id.0)),
        group: place(row.scope.group.map(|id| id.0)),
        code_name: row.code_name.as_str(),
        guid: row.guid.into_bytes(),
        guid_given: row.guid_given,
        display_name: &row.display_name,
        sites: row.sites.iter().map(|site| names.id(site.as_str())).collect(),
        created_ms: row.created_ms,
        modified_ms: row.modified_ms,
        fields: value::disk_fields(&row.fields, names),
    };
    let (links, newer) = (link::disk_links(&row.links, names), newer::disk_newer(&row.newer, names));
    let rule = super::rule(&row.code_name);
    if links.is_empty() && newer.is_none() && rule == FOLDED {
        return super::encode(&disk);
    }
    super::encode_as(FORMAT_2, &DiskObject2 { row: disk, names: rule, links, newer })
}

/// The object in these bytes.
pub fn decode(id: u64, bytes: &[u8], names: &Known) -> Result<ObjectRow, Fault> {
    let DiskObject2 { row: disk, names: rule, links, newer } = match super::split(WHAT, bytes)? {
        (FORMAT_1, fields) => super::decode_fields::<DiskObject<'_>>(WHAT, fields)?.into(),
        (FORMAT_2, fields) => super::decode_fields(WHAT, fields)?,
        (format, _) => return Err(super::unknown(WHAT, format)),
    };
    Ok(ObjectRow {
        id: ObjectId(id),
        object_type: names.type_name(disk.object_type)?,
        scope: Scope {
            site: names.maybe_site(disk.site)?,
            parent: unplace(disk.parent).map(ObjectId),
            group: unplace(disk.group).map(ObjectId),
        },
        code_name: super::code_name(WHAT, rule, disk.code_name)?,
        guid: Uuid::from_bytes(disk.guid),
        guid_given: disk.guid_given,
        display_name: disk.display_name.into(),
        sites: disk.sites.into_iter().map(|site| names.site(site)).collect::<Result<_, _>>()?,
        fields: value::fields(disk.fields, names)?,
        links: link::links(links, names)?,
        newer: newer::newer(newer, names)?,
        created_ms: disk.created_ms,
        modified_ms: disk.modified_ms,
    })
}
