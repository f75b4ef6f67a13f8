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

/// One JSON document that every reader can read again ([`crate::json`]), kept as it is.
pub fn json(text: &str) -> Result<Plain, String> {
    match crate::json::check(text) {
        Ok(()) => Ok(Plain::Json(text.into())),
        Err(error) => Err(format!("this is not one JSON document: {error}")),
    }
}

/// A number as JSON writes it, without a tag: a whole number of 64 bits, else a real. Refused if a real
/// does not keep its digits.
pub fn number(text: &str) -> Result<Plain, String> {
    if let Ok(integer) = integer(text) {
        return Ok(integer);
    }
    let value = text.parse::<f64>().map_err(|_| not(text, "a number"))?;
    if !value.is_finite() {
        return Err(not(text, "in the range of a real number: write {\"decimal\": \"…\"}"));
    }
    // Rounded to as many digits as were written it is what was written, or digits were lost.
    let kept = scientific(text).filter(|(_, digits, _)| digits.len() <= crate::json::NUMBER_CHARS_MAX);
    let kept = kept.filter(|number| scientific(&format!("{value:.*e}", number.1.len().saturating_sub(1))).as_ref() == Some(number));
    if kept.is_none() {
        return Err(not(text, "kept by a real number, which has some 16 digits: write {\"decimal\": \"…\"}"));
    }
    real(value)
}

/// Sign, significant digits and the power of ten behind the first of them: equal for equal numbers.
fn scientific(text: &str) -> Option<(bool, String, i64)> {
    let (negative, text) = (text.starts_with('-'), text.trim_start_matches('-'));
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    let zeros = i64::try_from(all.len() - significant.len()).ok()?;
    let significant = significant.trim_end_matches('0');
    if significant.is_empty() {
        return Some((false, String::new(), 0));
    }
    let power = exponent.parse::<i64>().ok()?.checked_add(i64::try_from(whole.len()).ok()?)?.checked_sub(zeros)?;
    Some((negative, significant.to_owned(), power))
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
    fn a_number_without_a_tag_loses_no_digit() {
        assert_eq!(number("-9223372036854775808"), Ok(Plain::Integer(i64::MIN)));
        for (text, value) in [("1.50", 1.5), ("-0.1", -0.1), ("1e3", 1000.0), ("0.30000000000000004", 0.1 + 0.2), ("1E+2", 100.0)] {
            assert_eq!(number(text), Ok(Plain::Real(value)), "{text}");
        }
        for (text, value) in [("5e-324", 5e-324), ("1.7976931348623157e308", f64::MAX), ("0.000", 0.0), ("100e-2", 1.0)] {
            assert_eq!(number(text), Ok(Plain::Real(value)), "{text}");
        }
        // Digits that a real keeps, and writers of reals write.
        for (text, value) in [("0.10000000000000001", 0.1), ("9223372036854775808", 9_223_372_036_854_775_808.0)] {
            assert_eq!(number(text), Ok(Plain::Real(value)), "{text}");
        }
        let long = "1".repeat(100_000);
        for text in ["12345678901234567890123", "1e400", "0.1000000000000000055511151231257828", "1e-400", "9223372036854775809", &long] {
            assert!(number(text).is_err(), "{text:.40}");
        }
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
