//! How new something is, by the field that its type names (`newer_by`, §7.4).

use std::cmp::Ordering;
use std::sync::Arc;

use crate::unique::plain_decimal;
use crate::value::Plain;

/// A value of a `newer_by` field, compared by value: integers and decimals by number, timestamps by
/// instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// In its shortest form: `-?digits[.digits]`.
    Number(Arc<str>),
    /// Nanoseconds since 1970.
    Instant(i128),
}

impl Version {
    /// The version that a value is; `None` for kinds that have no order, and for a timestamp that is none.
    pub fn of(value: &Plain) -> Option<Self> {
        match value {
            Plain::Integer(number) => Some(Self::Number(number.to_string().into())),
            Plain::Decimal(text) => Some(Self::Number(plain_decimal(text).into())),
            Plain::Timestamp(text) => text.parse::<jiff::Timestamp>().ok().map(|instant| Self::Instant(instant.as_nanosecond())),
            _ => None,
        }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    /// Of two kinds, the instant is newer: the field's declaration was changed to it, or from it.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => numbers(one, other),
            (Self::Instant(one), Self::Instant(other)) => one.cmp(other),
            (Self::Number(_), Self::Instant(_)) => Ordering::Less,
            (Self::Instant(_), Self::Number(_)) => Ordering::Greater,
        }
    }
}

/// Compares numbers in their shortest form, of any length.
fn numbers(one: &str, other: &str) -> Ordering {
    match (one.strip_prefix('-'), other.strip_prefix('-')) {
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (None, None) => sizes(one, other),
        (Some(one), Some(other)) => sizes(other, one),
    }
}

fn sizes(one: &str, other: &str) -> Ordering {
    let parts = |text: &str| {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        (whole.len(), whole.to_owned(), fraction.to_owned())
    };
    // Without leading zeros the longer is the larger; fractions compare as texts.
    parts(one).cmp(&parts(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Version {
        Version::of(&Plain::Decimal(text.into())).unwrap()
    }

    #[test]
    fn numbers_have_the_order_of_numbers_whatever_their_spelling() {
        let ascending = ["-100.5", "-100.25", "-3", "-0.5", "0", "0.001", "0.5", "1", "1.5", "2", "10", "99999999999999999999999"];
        for (at, one) in ascending.iter().enumerate() {
            for (other_at, other) in ascending.iter().enumerate() {
                assert_eq!(number(one).cmp(&number(other)), at.cmp(&other_at), "{one} and {other}");
            }
        }
        assert_eq!(number("01.50"), number("1.5"));
        assert_eq!(number("7"), Version::of(&Plain::Integer(7)).unwrap());
    }

    #[test]
    fn timestamps_have_the_order_of_instants() {
        let at = |text: &str| Version::of(&Plain::Timestamp(text.into())).unwrap();
        assert_eq!(at("2026-01-31T00:00:00Z"), at("2026-01-31T01:00:00+01:00"));
        assert!(at("2026-01-31T00:00:00Z") > at("2026-01-31T00:30:00+01:00"));
        assert_eq!(Version::of(&Plain::Text("1".into())), None);
    }
}
