//! How new something is, in the file.

use std::sync::Arc;

use lockgate_core::names::FieldName;
use lockgate_core::newer::Version;
use lockgate_core::rows::Newer;
use serde::{Deserialize, Serialize};

use crate::Fault;
use crate::names::{Intern, Known, NO_NAME};

/// Variants are numbered by position: add at the end only.
#[derive(Serialize, Deserialize)]
pub enum DiskVersion<'a> {
    Number(&'a str),
    Instant(i128),
}

#[derive(Serialize, Deserialize)]
pub struct DiskNewer<'a> {
    #[serde(borrow)]
    row: Option<DiskVersion<'a>>,
    /// Name, and the version if it is not the row's.
    #[serde(borrow)]
    fields: Vec<(DiskName<'a>, Option<DiskVersion<'a>>)>,
}

/// Of a field or a type; variants are numbered by position.
#[derive(Serialize, Deserialize)]
enum DiskName<'a> {
    Known(u32),
    Text(&'a str),
}

impl<'a> From<&'a Version> for DiskVersion<'a> {
    fn from(version: &'a Version) -> Self {
        match version {
            Version::Number(number) => Self::Number(number),
            Version::Instant(instant) => Self::Instant(*instant),
        }
    }
}

impl From<DiskVersion<'_>> for Version {
    fn from(disk: DiskVersion<'_>) -> Self {
        match disk {
            DiskVersion::Number(number) => Self::Number(number.into()),
            DiskVersion::Instant(instant) => Self::Instant(instant),
        }
    }
}

/// `None` where nothing says how new it is.
pub fn disk_newer<'a>(newer: &'a Newer, names: &mut dyn Intern) -> Option<DiskNewer<'a>> {
    if *newer == Newer::default() {
        return None;
    }
    let mut name = |text: &'a str| match FieldName::new(text) {
        Ok(_) => DiskName::Known(names.id(text)),
        Err(_) => DiskName::Text(text),
    };
    let version = |version: &'a Version| (newer.row.as_ref() != Some(version)).then(|| version.into());
    Some(DiskNewer {
        row: newer.row.as_ref().map(Into::into),
        fields: newer.fields.iter().map(|(field, of)| (name(field), version(of))).collect(),
    })
}

pub fn newer(disk: Option<DiskNewer<'_>>, names: &Known) -> Result<Newer, Fault> {
    let Some(DiskNewer { row, fields }) = disk else { return Ok(Newer::default()) };
    let row = row.map(Version::from);
    let field = |(name, version): (DiskName<'_>, Option<DiskVersion<'_>>)| {
        let name: Arc<str> = match name {
            DiskName::Known(NO_NAME) => return Err(Fault::row("version", "it is no field's")),
            DiskName::Known(id) => names.field(id)?.as_str().into(),
            DiskName::Text(text) => text.into(),
        };
        let version = version.map(Version::from).or_else(|| row.clone());
        Ok((name, version.ok_or_else(|| Fault::row("version", "it is the row's, which has none"))?))
    };
    let fields = fields.into_iter().map(field).collect::<Result<_, Fault>>()?;
    Ok(Newer { row, fields })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::names::Names;

    #[test]
    fn versions_come_back_and_none_costs_nothing() {
        let number = |text: &str| Version::Number(text.into());
        let fields =
            BTreeMap::from([("title".into(), number("7")), ("two words".into(), number("-1.5")), ("at".into(), Version::Instant(-9))]);
        for (newer_row, bytes) in [
            (Newer { row: Some(number("7")), fields: fields.clone() }, None),
            (Newer { row: None, fields }, None),
            (Newer { row: Some(Version::Instant(i128::MAX)), fields: BTreeMap::new() }, None),
            (Newer::default(), Some(2)),
        ] {
            let names = Names::default();
            let encoded = super::super::encode(&disk_newer(&newer_row, &mut names.interner()));
            let disk = super::super::decode::<Option<DiskNewer<'_>>>("version", &encoded).unwrap();
            assert_eq!(newer(disk, &names.known()).unwrap(), newer_row);
            assert!(bytes.is_none_or(|bytes| encoded.len() == bytes));
        }
    }
}
