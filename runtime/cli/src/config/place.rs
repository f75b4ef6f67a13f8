//! Where a key of the file stands.

use lockgate_core::text::Place;
use toml::de::{DeTable, DeValue};

/// Where a key is, by the names of its tables and its own; of the nearest table that is there, if
/// the key is not.
pub fn of_key(text: &str, path: &[&str]) -> Option<Place> {
    let table = DeTable::parse(text).ok()?;
    let mut found = None;
    let mut within = Some(table.get_ref());
    for name in path {
        let Some((key, value)) = within.and_then(|table| table.iter().find(|(key, _)| &**key.get_ref() == *name)) else { break };
        found = Some(key.span().start);
        within = match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => None,
        };
    }
    found.map(|offset| Place::of(text, offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_in_tables_of_every_form() {
        let text = "[a]\nb = { c = 1 }\n\n[x.y]\n  z = 2\n";
        assert_eq!(of_key(text, &["a", "b", "c"]).unwrap().to_string(), "2:7");
        assert_eq!(of_key(text, &["x", "y", "z"]).unwrap().to_string(), "5:3");
        assert_eq!(of_key(text, &["x", "y", "none"]).unwrap().to_string(), "4:4");
        assert_eq!(of_key(text, &["none"]), None);
    }
}
