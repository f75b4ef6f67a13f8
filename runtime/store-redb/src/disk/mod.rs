//! Rows as they stand in the file: one format byte, then postcard. Old formats are read for ever
//! (promise 7): a new one gets a new byte and a new struct beside the old.

pub(crate) mod binding;
pub(crate) mod connector;
pub(crate) mod entry;
pub(crate) mod failure;
pub(crate) mod object;
pub(crate) mod page;
pub(crate) mod task;
pub(crate) mod value;
pub(crate) mod words;

use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// The only format so far, of every kind of row.
const FORMAT_1: u8 = 1;

/// A row's bytes.
pub(crate) fn encode(row: &impl Serialize) -> Vec<u8> {
    // Writing to memory fails for types that postcard cannot write only, and these are none.
    postcard::to_extend(row, vec![FORMAT_1]).unwrap_or_default()
}

/// The row in these bytes.
pub(crate) fn decode<'a, T: Deserialize<'a>>(what: &str, bytes: &'a [u8]) -> Result<T, Fault> {
    match bytes.split_first() {
        Some((&FORMAT_1, rest)) => postcard::from_bytes(rest).map_err(|error| Fault::row(what, error)),
        Some((format, _)) => Err(Fault::row(what, format_args!("row format {format} is not known to this version"))),
        None => Err(Fault::row(what, "the row is empty")),
    }
}

/// An optional row id in keys and rows: 0 for none.
pub(crate) fn place(id: Option<u64>) -> u64 {
    id.map_or(0, |id| id.saturating_add(1))
}

/// The reverse of [`place`].
pub(crate) fn unplace(place: u64) -> Option<u64> {
    place.checked_sub(1)
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
