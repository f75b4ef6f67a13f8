//! A page with its cultures in the file. Its id stands in its key.

use lockgate_core::names::CodeName;
use lockgate_core::rows::{CultureVersion, NodeId, PageRow};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::value::{self, DiskFields};
use super::{place, unplace};
use crate::fault::Fault;
use crate::names::{Interner, Known};

#[derive(Serialize, Deserialize)]
struct DiskPage<'a> {
    site: u32,
    class_name: u32,
    guid: [u8; 16],
    guid_given: bool,
    parent: u64,
    alias: &'a str,
    order: Option<i32>,
    created_ms: i64,
    modified_ms: i64,
    #[serde(borrow)]
    cultures: Vec<DiskCulture<'a>>,
}

#[derive(Serialize, Deserialize)]
struct DiskCulture<'a> {
    culture: u32,
    name: &'a str,
    published: bool,
    archived: bool,
    #[serde(borrow)]
    fields: DiskFields<'a>,
}

pub(crate) fn encode(row: &PageRow, names: &mut Interner<'_>) -> Vec<u8> {
    super::encode(&DiskPage {
        site: names.id(row.site.as_str()),
        class_name: names.id(row.class_name.as_str()),
        guid: row.guid.into_bytes(),
        guid_given: row.guid_given,
        parent: place(row.parent.map(|id| id.0)),
        alias: row.alias.as_str(),
        order: row.order,
        created_ms: row.created_ms,
        modified_ms: row.modified_ms,
        cultures: row
            .cultures
            .iter()
            .map(|(culture, version)| DiskCulture {
                culture: names.id(culture.as_str()),
                name: &version.name,
                published: version.published,
                archived: version.archived,
                fields: value::disk_fields(&version.fields, names),
            })
            .collect(),
    })
}

pub(crate) fn decode(id: u64, bytes: &[u8], names: &Known) -> Result<PageRow, Fault> {
    let disk: DiskPage<'_> = super::decode("page", bytes)?;
    let cultures = disk.cultures.into_iter().map(|version| {
        Ok((
            names.culture(version.culture)?,
            CultureVersion {
                name: version.name.into(),
                published: version.published,
                archived: version.archived,
                fields: value::fields(version.fields, names)?,
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
        alias: CodeName::new(disk.alias).map_err(|error| Fault::row("page", error))?,
        order: disk.order,
        cultures: cultures.collect::<Result<_, Fault>>()?,
        created_ms: disk.created_ms,
        modified_ms: disk.modified_ms,
    })
}
