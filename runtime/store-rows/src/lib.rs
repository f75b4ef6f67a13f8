//! What stores keep, as bytes, whatever engine keeps them.
//!
//! This crate must not know an engine: it makes rows into bytes and bytes into rows, and gives names their ids.
//!
//! Rows as they stand in the file: one format byte, then postcard. Old formats are read for ever
//! (promise 7): a new one gets a new byte and a new struct beside the old.

mod fault;

pub mod audit;
pub mod binding;
pub mod connector;
pub mod edit;
pub mod entry;
mod failure;
mod link;
pub mod loose;
pub mod names;
mod newer;
pub mod object;
pub mod operation;
pub mod page;
mod seen;
pub mod standing;
mod stated;
pub mod task;
pub mod tomb;
mod value;
pub mod waiting;
pub mod words;

use lockgate_core::names::CodeName;
use lockgate_core::rows::Scope;
use serde::{Deserialize, Serialize};

pub use fault::Fault;
use names::Known;

/// The first format of every kind of row, and of most the only one.
const FORMAT_1: u8 = 1;
/// The second, of connectors, history entries, tasks, objects, pages and bindings.
const FORMAT_2: u8 = 2;
/// The third, of history entries, tasks and connectors.
const FORMAT_3: u8 = 3;
/// The fourth, of tasks whose file has a name.
const FORMAT_4: u8 = 4;

/// Room for most rows, so that few of them grow while they are written.
const USUAL_BYTES: usize = 192;

/// A row's bytes, in the first format of its kind.
pub fn encode(row: &impl Serialize) -> Vec<u8> {
    encode_as(FORMAT_1, row)
}

fn encode_as(format: u8, row: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    bytes.push(format);
    // Writing to memory fails for types that postcard cannot write only, and these are none.
    postcard::to_extend(row, bytes).unwrap_or_default()
}

/// The row in these bytes, of a kind that has one format.
pub fn decode<'a, T: Deserialize<'a>>(what: &str, bytes: &'a [u8]) -> Result<T, Fault> {
    match split(what, bytes)? {
        (FORMAT_1, fields) => decode_fields(what, fields),
        (format, _) => Err(unknown(what, format)),
    }
}

/// A row's format and its fields.
fn split<'a>(what: &str, bytes: &'a [u8]) -> Result<(u8, &'a [u8]), Fault> {
    bytes.split_first().map(|(format, fields)| (*format, fields)).ok_or_else(|| Fault::row(what, "the row is empty"))
}

fn decode_fields<'a, T: Deserialize<'a>>(what: &str, fields: &'a [u8]) -> Result<T, Fault> {
    postcard::from_bytes(fields).map_err(|error| Fault::row(what, error))
}

/// What stands first in a row, without reading the rest.
fn decode_first<'a, T: Deserialize<'a>>(what: &str, fields: &'a [u8]) -> Result<T, Fault> {
    postcard::take_from_bytes(fields).map(|(first, _)| first).map_err(|error| Fault::row(what, error))
}

fn unknown(what: &str, format: u8) -> Fault {
    Fault::row(what, format_args!("row format {format} is not known to this version"))
}

/// How a code name compares, in rows. The numbers stand in files: never reuse one.
const FOLDED: u8 = 0;
const EXACT: u8 = 1;

/// By which rule a code name compares.
fn rule(name: &CodeName) -> u8 {
    if name.is_exact() { EXACT } else { FOLDED }
}

/// A code name that compares by a rule.
fn code_name(what: &str, rule: u8, name: &str) -> Result<CodeName, Fault> {
    let name = match rule {
        FOLDED => CodeName::new(name),
        EXACT => CodeName::exact(name),
        other => return Err(Fault::row(what, format_args!("names by the rule {other} are not known to this version"))),
    };
    name.map_err(|error| Fault::row(what, error))
}

/// An optional row id in keys and rows: 0 for none.
pub fn place(id: Option<u64>) -> u64 {
    id.map_or(0, |id| id.saturating_add(1))
}

/// The reverse of [`place`].
pub fn unplace(place: u64) -> Option<u64> {
    place.checked_sub(1)
}

/// A scope in keys; `None` when no row can have it.
pub fn scope_key(scope: &Scope, names: &Known) -> Option<(u32, u64, u64)> {
    let site = names.site_id(scope.site.as_ref())?;
    Some((site, place(scope.parent.map(|id| id.0)), place(scope.group.map(|id| id.0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_format_byte_is_named() {
        let error = decode::<u32>("object 7", &[9, 1]).unwrap_err();
        assert_eq!(error.to_string(), "object 7: row format 9 is not known to this version");
    }
}
