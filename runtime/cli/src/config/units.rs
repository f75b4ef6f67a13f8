//! Sizes and times with their units, `"64MiB"` and `"5s"`, where a key counts bytes or milliseconds.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// Tables whose keys are the operator's own.
const FREE: [&str; 3] = ["settings", "types", "secrets"];
const SIZES: [(&str, u64); 7] =
    [("B", 1), ("KiB", 1 << 10), ("kB", 1_000), ("MiB", 1 << 20), ("MB", 1_000_000), ("GiB", 1 << 30), ("GB", 1_000_000_000)];
const TIMES: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// The text with numbers in the places of these. The error names the offset of what cannot be read.
pub fn without_units(text: &str) -> Result<String, (usize, String)> {
    // What is no TOML is told by whoever reads it.
    let Ok(table) = DeTable::parse(text) else { return Ok(text.to_owned()) };
    let mut found: Vec<(Range<usize>, u64)> = Vec::new();
    look(table.get_ref(), &mut found)?;
    found.sort_by_key(|(place, _)| place.start);
    let mut out = text.to_owned();
    for (place, number) in found.into_iter().rev() {
        out.replace_range(place, &number.to_string());
    }
    Ok(out)
}

fn look(table: &DeTable<'_>, found: &mut Vec<(Range<usize>, u64)>) -> Result<(), (usize, String)> {
    for (key, value) in table.iter() {
        let name: &str = key.get_ref();
        match value.get_ref() {
            DeValue::Table(inner) if !FREE.contains(&name) => look(inner, found)?,
            DeValue::String(text) => {
                let units: &[(&str, u64)] = match name {
                    _ if counts(name, "bytes") => &SIZES,
                    _ if counts(name, "ms") => &TIMES,
                    _ => continue,
                };
                let number = read(text, units).map_err(|why| (value.span().start, why))?;
                found.push((value.span(), number));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a key has this unit in its name.
fn counts(name: &str, unit: &str) -> bool {
    name.split('_').any(|part| part == unit)
}

fn read(text: &str, units: &[(&str, u64)]) -> Result<u64, String> {
    let known = || units.iter().map(|(unit, _)| *unit).collect::<Vec<_>>().join(", ");
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: Option<u64> = number.replace('_', "").parse().ok();
    let factor = units.iter().find(|(known, _)| *known == unit.trim()).map(|(_, factor)| *factor);
    match number.zip(factor) {
        Some((number, factor)) => number.checked_mul(factor).ok_or_else(|| format!("{text:?} is more than can be counted")),
        None => Err(format!("{text:?} is not a number with a unit: units here are {}", known())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_become_numbers_where_keys_count_them() {
        let text = "[store]\ncache_bytes = \"64MiB\"\n[server]\nbody_read_timeout_ms = '5s' # five\n\
                    [connectors.a]\ndeadline_ms_per_mib = \"1_500ms\"\nsettings = { wait_ms = '5s' }\n";
        let expected = "[store]\ncache_bytes = 67108864\n[server]\nbody_read_timeout_ms = 5000 # five\n\
                        [connectors.a]\ndeadline_ms_per_mib = 1500\nsettings = { wait_ms = '5s' }\n";
        assert_eq!(without_units(text).unwrap(), expected);
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        for text in ["cache_bytes = \"5s\"", "wait_ms_max = \"5\"", "wait_ms_max = \"99999999999999999999d\"", "cache_bytes = \"MiB\""] {
            let (offset, why) = without_units(text).unwrap_err();
            assert!(text[offset..].starts_with('"') && why.contains("units here are"), "{text}: {why}");
        }
        assert!(without_units("cache_bytes = \"99999999999GiB\"").unwrap_err().1.contains("more than can be counted"));
        assert_eq!(without_units("[broken").unwrap(), "[broken");
    }
}
