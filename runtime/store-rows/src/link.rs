//! The questions of a row's references in the file.

use lockgate_core::rows::{Link, Links, LooseId};
use serde::{Deserialize, Serialize};

use super::stated::DiskStated;
use crate::Fault;
use crate::names::{Intern, Known};

#[derive(Serialize, Deserialize)]
pub struct DiskLink<'a> {
    field: u32,
    #[serde(borrow)]
    stated: DiskStated<'a>,
    external: &'a str,
    /// Who stated it.
    by: u32,
    loose: Option<u64>,
}

/// Those of a row.
pub type DiskLinks<'a> = Vec<DiskLink<'a>>;

pub fn disk_links<'a>(links: &'a Links, names: &mut dyn Intern) -> DiskLinks<'a> {
    let link = |(field, link): (&lockgate_core::names::FieldName, &'a Link)| DiskLink {
        field: names.id(field.as_str()),
        stated: DiskStated::of(&link.stated, names),
        external: &link.external,
        by: names.id(link.by.as_str()),
        loose: link.loose.map(|id| id.0),
    };
    links.iter().map(link).collect()
}

pub fn links(disk: DiskLinks<'_>, names: &Known) -> Result<Links, Fault> {
    let link = |disk: DiskLink<'_>| {
        let link = Link {
            stated: disk.stated.stated(names)?,
            external: disk.external.into(),
            by: names.connector(disk.by)?,
            loose: disk.loose.map(LooseId),
        };
        Ok((names.field(disk.field)?, link))
    };
    disk.into_iter().map(link).collect()
}
