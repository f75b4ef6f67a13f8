//! Numbers and moments as people say them.

use serde_json::Value;

use super::text;

/// Digits of a second's fraction: what the store keeps.
const FRACTION_DIGITS: usize = 3;

/// A member that is a moment, always with the same number of digits.
pub fn time(value: &Value, key: &str) -> String {
    let text = text(value, key);
    match text.parse::<jiff::Timestamp>() {
        Ok(moment) => format!("{moment:.FRACTION_DIGITS$}"),
        Err(_) => text,
    }
}

/// A member by its name: `…_at`, `at` and `not_before` are moments.
pub fn member(value: &Value, key: &str) -> String {
    if key.ends_with("_at") || matches!(key, "at" | "not_before") { time(value, key) } else { text(value, key) }
}

/// Bytes as people say them.
pub fn bytes(count: u64) -> String {
    let (number, unit) = in_unit(count);
    format!("{number} {unit}")
}

/// Bytes and the most that there may be: `1.1 of 64 MiB`.
pub fn bytes_of(used: u64, limit: Option<u64>) -> String {
    let Some(limit) = limit else { return bytes(used) };
    let ((number, unit), (most, of)) = (in_unit(used), in_unit(limit));
    if unit == of { format!("{number} of {most} {of}") } else { format!("{number} {unit} of {most} {of}") }
}

fn in_unit(count: u64) -> (String, &'static str) {
    let (number, unit) = match count {
        0..1_024 => return (count.to_string(), "B"),
        1_024..1_048_576 => (count as f64 / 1_024.0, "KiB"),
        _ => (count as f64 / 1_048_576.0, "MiB"),
    };
    (tenths(number), unit)
}

/// Times as people say them, from µs.
pub fn micros(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{} ms", tenths(us as f64 / 1_000.0)),
        _ => format!("{} s", tenths(us as f64 / 1_000_000.0)),
    }
}

/// With one decimal, unless that is a zero.
fn tenths(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_the_same_number_of_digits() {
        for (given, shown) in [
            ("2026-11-30T10:00:00Z", "2026-11-30T10:00:00.000Z"),
            ("2026-11-30T10:00:00.5Z", "2026-11-30T10:00:00.500Z"),
            ("2026-11-30T10:00:00.123Z", "2026-11-30T10:00:00.123Z"),
            ("soon\u{1b}", "soon\u{1b}"),
        ] {
            assert_eq!(member(&serde_json::json!({ "ended_at": given }), "ended_at"), shown);
        }
        assert_eq!(time(&Value::Null, "at"), "");
        assert_eq!(member(&serde_json::json!({ "title": "2026-11-30T10:00:00Z" }), "title"), "2026-11-30T10:00:00Z");
    }
}
