//! What deletes left behind, in the file: which row it was stands in the key.

use lockgate_core::key::{Tomb, TombBy, TombKey};
use lockgate_core::names::SiteName;
use lockgate_core::rows::Scope;
use serde::{Deserialize, Serialize};

use super::newer::DiskVersion;
use super::place;
use crate::Fault;

#[derive(Serialize, Deserialize)]
struct DiskTomb<'a> {
    #[serde(borrow)]
    version: DiskVersion<'a>,
    until_ms: i64,
}

/// Kinds of keys. The numbers stand in files: never reuse one.
const BY_GUID: u8 = 1;
const BY_NAME: u8 = 2;
const BY_ALIAS: u8 = 3;
const BY_PAGE: u8 = 4;

/// The key, names given their ids by `name`; `None` when one of them has none, so that no row has the key.
pub fn key(of: &TombKey, mut name: impl FnMut(&str) -> Option<u32>) -> Option<Vec<u8>> {
    let mut key = Vec::with_capacity(64);
    let mut push = |key: &mut Vec<u8>, text: Option<&str>| {
        let id = text.map_or(Some(crate::names::NO_NAME), &mut name)?;
        key.extend_from_slice(&id.to_be_bytes());
        Some(())
    };
    push(&mut key, Some(of.type_name.as_str()))?;
    push(&mut key, of.culture.as_ref().map(|culture| culture.as_str()))?;
    match &of.by {
        TombBy::Guid(guid) => {
            key.push(BY_GUID);
            key.extend_from_slice(guid.as_bytes());
        }
        TombBy::Page(site, guid) => {
            key.push(BY_PAGE);
            push(&mut key, Some(site.as_str()))?;
            key.extend_from_slice(guid.as_bytes());
        }
        TombBy::Name(Scope { site, parent, group }, text) => {
            key.push(BY_NAME);
            push(&mut key, site.as_ref().map(SiteName::as_str))?;
            key.extend_from_slice(&place(parent.map(|id| id.0)).to_be_bytes());
            key.extend_from_slice(&place(group.map(|id| id.0)).to_be_bytes());
            key.extend_from_slice(text.as_bytes());
        }
        TombBy::Alias(site, parent, alias) => {
            key.push(BY_ALIAS);
            push(&mut key, Some(site.as_str()))?;
            key.extend_from_slice(&place(parent.map(|id| id.0)).to_be_bytes());
            key.extend_from_slice(alias.as_bytes());
        }
    }
    Some(key)
}

/// A tombstone's bytes.
pub fn encode(tomb: &Tomb) -> Vec<u8> {
    super::encode(&DiskTomb { version: (&tomb.version).into(), until_ms: tomb.until_ms })
}

/// The tombstone in these bytes.
pub fn decode(bytes: &[u8]) -> Result<Tomb, Fault> {
    let disk: DiskTomb<'_> = super::decode("tombstone", bytes)?;
    Ok(Tomb { version: disk.version.into(), until_ms: disk.until_ms })
}
