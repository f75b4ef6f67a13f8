//! Offsets as people count them.

use toml::de::{DeTable, DeValue};

/// `line:column` of a byte offset, both from 1, the column in characters.
pub fn of(text: &str, offset: usize) -> String {
    let (line, column) = lockgate_core::place::line_column(text, offset);
    format!("{line}:{column}")
}

/// The same of a key, by the names of its tables and its own; of the nearest table that is there, if
/// the key is not.
pub fn of_key(text: &str, path: &[&str]) -> Option<String> {
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
    found.map(|offset| of(text, offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_in_tables_of_every_form() {
        let text = "[a]\nb = { c = 1 }\n\n[x.y]\n  z = 2\n";
        assert_eq!(of_key(text, &["a", "b", "c"]).unwrap(), "2:7");
        assert_eq!(of_key(text, &["x", "y", "z"]).unwrap(), "5:3");
        assert_eq!(of_key(text, &["x", "y", "none"]).unwrap(), "4:4");
        assert_eq!(of_key(text, &["none"]), None);
    }
}
