//! A page with its cultures in the file. Its id stands in its key.

use lockgate_core::names::CodeName;
use lockgate_core::rows::{CultureVersion, NodeId, PageRow};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::link::{self, DiskLinks};
use super::newer::{self, DiskNewer};
use super::value::{self, DiskFields};
use super::{FORMAT_1, FORMAT_2, place, unplace};
use crate::Fault;
use crate::names::{Intern, Known};

const WHAT: &str = "page";

/// Formats differ in their cultures.
#[derive(Serialize, Deserialize)]
struct DiskPage<'a, C> {
    site: u32,
    class_name: u32,
    guid: [u8; 16],
    guid_given: bool,
    parent: u64,
    alias: &'a str,
    order: Option<i32>,
    created_ms: i64,
    modified_ms: i64,
    cultures: Vec<C>,
}

/// Format 1: without questions of its references, and without versions.
#[derive(Serialize, Deserialize)]
struct DiskCulture<'a> {
    culture: u32,
    name: &'a str,
    published: bool,
    archived: bool,
    #[serde(borrow)]
    fields: DiskFields<'a>,
}

/// Format 2.
#[derive(Serialize, Deserialize)]
struct DiskCulture2<'a> {
    #[serde(borrow)]
    version: DiskCulture<'a>,
    #[serde(borrow)]
    links: DiskLinks<'a>,
    #[serde(borrow)]
    newer: Option<DiskNewer<'a>>,
}

impl<'a> From<DiskCulture<'a>> for DiskCulture2<'a> {
    fn from(version: DiskCulture<'a>) -> Self {
        Self { version, links: DiskLinks::new(), newer: None }
    }
}

/// In the second format where the first does not say everything.
pub fn encode(row: &PageRow, names: &mut dyn Intern) -> Vec<u8> {
    let cultures: Vec<DiskCulture2<'_>> = row
        .cultures
        .iter()
        .map(|(culture, version)| DiskCulture2 {
            version: DiskCulture {
                culture: names.id(culture.as_str()),
                name: &version.name,
                published: version.published,
                archived: version.archived,
                fields: value::disk_fields(&version.fields, names),
            },
            links: link::disk_links(&version.links, names),
            newer: newer::disk_newer(&version.newer, names),
        })
        .collect();
    if cultures.iter().all(|culture| culture.links.is_empty() && culture.newer.is_none()) {
        return super::encode(&disk(row, cultures.into_iter().map(|culture| culture.version).collect(), names));
    }
    super::encode_as(FORMAT_2, &disk(row, cultures, names))
}

fn disk<'a, C>(row: &'a PageRow, cultures: Vec<C>, names: &mut dyn Intern) -> DiskPage<'a, C> {
    DiskPage {
        site: names.id(row.site.as_str()),
        class_name: names.id(row.class_name.as_str()),
        guid: row.guid.into_bytes(),
        guid_given: row.guid_given,
        parent: place(row.parent.map(|id| id.0)),
        alias: row.alias.as_str(),
        order: row.order,
        created_ms: row.created_ms,
        modified_ms: row.modified_ms,
        cultures,
    }
}

/// The page in these bytes.
pub fn decode(id: u64, bytes: &[u8], names: &Known) -> Result<PageRow, Fault> {
    match super::split(WHAT, bytes)? {
        (FORMAT_1, fields) => page::<DiskCulture<'_>>(id, super::decode_fields(WHAT, fields)?, names),
        (FORMAT_2, fields) => page::<DiskCulture2<'_>>(id, super::decode_fields(WHAT, fields)?, names),
        (format, _) => Err(super::unknown(WHAT, format)),
    }
}

fn page<'a, C: Into<DiskCulture2<'a>>>(id: u64, disk: DiskPage<'a, C>, names: &Known) -> Result<PageRow, Fault> {
    let cultures = disk.cultures.into_iter().map(|culture| {
        let DiskCulture2 { version, links, newer } = culture.into();
        Ok((
            names.culture(version.culture)?,
            CultureVersion {
                name: version.name.into(),
                published: version.published,
                archived: version.archived,
                fields: value::fields(version.fields, names)?,
                links: link::links(links, names)?,
                newer: newer::newer(newer, names)?,
            },
        ))
    });
    Ok(PageRow {
        id: NodeId(id),
        site: names.site(disk.site)?,
        class_name: names.type_name(disk.class_name)?,
        guid: Uuid::from_bytes(disk.guid),
        guid_given: disk.guid_given,
        parent: unplace(disk.parent).map(NodeId),
        alias: CodeName::new(disk.alias).map_err(|error| Fault::row(WHAT, error))?,
        order: disk.order,
        cultures: cultures.collect::<Result<_, Fault>>()?,
        created_ms: disk.created_ms,
        modified_ms: disk.modified_ms,
    })
}
