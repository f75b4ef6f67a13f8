//! The written forms of values (§7.3): each is what it says it is, or refused with a sentence.

use crate::value::Plain;

/// Longest decimal number, in characters.
const DECIMAL_CHARS_MAX: usize = 100;

/// A whole number of 64 bits with sign, in decimal digits.
pub fn integer(text: &str) -> Result<Plain, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    match text.parse() {
        Ok(number) if all_digits(digits) => Ok(Plain::Integer(number)),
        _ => Err(not(text, "a whole number of 64 bits with sign")),
    }
}

/// `-?digits[.digits]`, kept as it is.
pub fn decimal(text: &str) -> Result<Plain, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    if text.len() <= DECIMAL_CHARS_MAX && all_digits(whole) && all_digits(fraction) {
        Ok(Plain::Decimal(text.into()))
    } else {
        Err(not(text, "a decimal number like -12.50"))
    }
}

/// A finite number.
pub fn real(value: f64) -> Result<Plain, String> {
    if value.is_finite() { Ok(Plain::Real(value)) } else { Err(format!("{value} is not a finite number")) }
}

/// RFC 3339 with an offset, kept as it is.
pub fn timestamp(text: &str) -> Result<Plain, String> {
    if is_timestamp(text) {
        Ok(Plain::Timestamp(text.into()))
    } else {
        Err(not(text, "a time with offset as in RFC 3339, like 2026-01-31T12:00:00Z"))
    }
}

/// One JSON document, kept as it is.
pub fn json(text: &str) -> Result<Plain, String> {
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Ok(Plain::Json(text.into())),
        Err(error) => Err(format!("this is not one JSON document: {error}")),
    }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// RFC 3339 is narrower than what jiff reads: check the form, then the calendar.
fn is_timestamp(text: &str) -> bool {
    let Some((time, rest)) = text.split_at_checked("2026-01-31T12:00:00".len()) else { return false };
    let form = time.bytes().zip(*b"0000-00-00T00:00:00").all(|(given, form)| match form {
        b'0' => given.is_ascii_digit(),
        b'T' => given == b'T' || given == b't',
        other => given == other,
    });
    let offset = match rest.strip_prefix('.') {
        Some(fraction) => {
            let offset = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            let digits = fraction.len() - offset.len();
            if !(1..=9).contains(&digits) {
                return false;
            }
            offset
        }
        None => rest,
    };
    let offset_form = offset == "Z"
        || offset == "z"
        || (offset.len() == "+00:00".len()
            && offset.bytes().zip(*b"+00:00").all(|(given, form)| match form {
                b'0' => given.is_ascii_digit(),
                b'+' => given == b'+' || given == b'-',
                other => given == other,
            }));
    form && offset_form && text.parse::<jiff::Timestamp>().is_ok()
}

fn not(text: &str, what: &str) -> String {
    let shown: String = text.chars().take(60).collect();
    format!("{shown:?} is not {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_64_bits_with_sign() {
        assert_eq!(integer("-9223372036854775808"), Ok(Plain::Integer(i64::MIN)));
        for text in ["", "-", "+1", "1.0", "1e3", " 1", "9223372036854775808"] {
            assert!(integer(text).is_err(), "{text}");
        }
    }

    #[test]
    fn decimals_are_digits_with_at_most_one_point() {
        assert!(["0", "-12.50", "007.1"].into_iter().all(|text| decimal(text).is_ok()));
        assert!(!["", "-", ".5", "5.", "1.2.3", "1e3", "+1", "1,5"].into_iter().any(|text| decimal(text).is_ok()));
    }

    #[test]
    fn timestamps_are_rfc_3339_with_an_offset() {
        let good = ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.123456789+02:00", "0001-01-01t00:00:00z"];
        let bad = [
            "2026-01-31T12:00:00",
            "2026-01-31 12:00:00Z",
            "2026-02-30T12:00:00Z",
            "2026-01-31T12:00:00[UTC]",
            "2026-01-31T12:00:00Z[UTC]",
            "2026-01-31",
            "2026-01-31T12:00:00.Z",
            "2026-01-31T25:00:00Z",
            "",
        ];
        for text in good {
            assert!(is_timestamp(text), "{text}");
        }
        for text in bad {
            assert!(!is_timestamp(text), "{text}");
        }
    }
}
