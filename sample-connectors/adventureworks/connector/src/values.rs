//! Values that the database writes otherwise than the content store.

use lockgate_guest::Value;

/// A decimal number: SQL Server leaves out a zero before the point.
pub fn decimal(digits: &str) -> Value {
    let (sign, number) = digits.strip_prefix('-').map_or(("", digits), |number| ("-", number));
    let zero = if number.starts_with('.') { "0" } else { "" };
    Value::decimal(format!("{sign}{zero}{number}"))
}

/// A `datetime` has no zone; the database's times are taken for UTC.
pub fn timestamp(date_time: &str) -> Value {
    Value::timestamp(format!("{}Z", date_time.replacen(' ', "T", 1)))
}

/// The row that a number refers to; null refers to none and clears the field.
pub fn reference(id: Option<i64>) -> Value {
    id.map(|id| Value::reference(id.to_string())).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_has_a_digit_before_the_point() {
        assert_eq!(decimal(".0000"), Value::decimal("0.0000"));
        assert_eq!(decimal("-.5"), Value::decimal("-0.5"));
        assert_eq!(decimal("486.7066"), Value::decimal("486.7066"));
    }

    #[test]
    fn a_time_is_in_utc() {
        assert_eq!(timestamp("2021-05-25 10:01:36.827"), Value::timestamp("2021-05-25T10:01:36.827Z"));
    }

    #[test]
    fn null_is_no_reference() {
        assert_eq!(reference(Some(7)), Value::reference("7"));
        assert_eq!(reference(None), Value::Null);
    }
}
