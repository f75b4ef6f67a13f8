//! When two values of a unique field are the same (§7.3): by value, not by spelling.

use std::sync::Arc;

use crate::value::Plain;

/// The version of this rule. A store that keeps keys on disk keeps this number beside them, and makes
/// its keys anew when the numbers differ. Counted up with each change of what [`unique_key`] writes.
pub const RULE: u64 = 2;

/// A unique field's value as index key: kind and value. 5 is 5.00, `00:00Z` is `01:00+01:00`, -0.0 is
/// 0.0; text compares like a code name.
pub fn unique_key(value: &Plain) -> Arc<str> {
    match value {
        Plain::Boolean(v) => format!("b{v}"),
        // One letter for both: a decimal field takes integers, too.
        Plain::Integer(v) => format!("n{v}"),
        Plain::Decimal(v) => format!("n{}", plain_decimal(v)),
        Plain::Real(v) => format!("r{}", if *v == 0.0 { 0.0 } else { *v }),
        Plain::Text(v) => format!("t{}", crate::names::fold(v)),
        Plain::Timestamp(v) => match v.parse::<jiff::Timestamp>() {
            Ok(instant) => format!("s{}", instant.as_nanosecond()),
            // None was let in that is no timestamp.
            Err(_) => format!("s{v}"),
        },
        Plain::Guid(v) => format!("g{v}"),
        Plain::Binary(v) => format!("x{v:02x?}"),
        Plain::Json(v) => format!("j{v}"),
    }
    .into()
}

/// `-?digits[.digits]` in its shortest form: no zeros that say nothing, no sign of zero.
pub(crate) fn plain_decimal(text: &str) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    match (whole, fraction) {
        ("", "") => "0".to_owned(),
        ("", fraction) => format!("{sign}0.{fraction}"),
        (whole, "") => format!("{sign}{whole}"),
        (whole, fraction) => format!("{sign}{whole}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(value: Plain) -> Arc<str> {
        unique_key(&value)
    }

    fn decimal(text: &str) -> Arc<str> {
        key(Plain::Decimal(text.into()))
    }

    #[test]
    fn decimals_and_integers_compare_by_value() {
        for same in ["1", "1.0", "1.00", "001.0"] {
            assert_eq!(decimal(same), key(Plain::Integer(1)), "{same}");
        }
        assert_eq!(decimal("-0.50"), decimal("-00.5"));
        for zero in ["0", "-0", "0.00", "-0.0"] {
            assert_eq!(decimal(zero), key(Plain::Integer(0)), "{zero}");
        }
        let all = ["1", "-1", "10", "1.1", "1.01", "0.1", "100", "0"];
        let keys: std::collections::BTreeSet<_> = all.iter().map(|text| decimal(text)).collect();
        assert_eq!(keys.len(), all.len());
    }

    #[test]
    fn timestamps_compare_by_instant() {
        let timestamp = |text: &str| key(Plain::Timestamp(text.into()));
        assert_eq!(timestamp("2026-01-31T00:00:00Z"), timestamp("2026-01-31T01:00:00.000+01:00"));
        assert_eq!(timestamp("2026-01-31t00:00:00z"), timestamp("2026-01-31T00:00:00-00:00"));
        assert_ne!(timestamp("2026-01-31T00:00:00Z"), timestamp("2026-01-31T00:00:00.000000001Z"));
        assert_ne!(timestamp("2026-01-31T00:00:00Z"), timestamp("2026-01-31T00:00:00+01:00"));
    }

    #[test]
    fn zero_has_no_sign_and_kinds_stay_apart() {
        assert_eq!(key(Plain::Real(-0.0)), key(Plain::Real(0.0)));
        assert_ne!(key(Plain::Real(1.5)), key(Plain::Real(-1.5)));
        assert_eq!(key(Plain::Text(" A@B.C ".into())), key(Plain::Text("a@b.c".into())));
        assert_ne!(key(Plain::Text("1".into())), key(Plain::Integer(1)));
    }
}
