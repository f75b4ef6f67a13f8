//! What a column holds, as JSON.

use serde_json::Value;

use crate::error::Problem;
use crate::schema::{Column, Kind};

/// The value of a column: text stays as it is, a blank is null, numbers and flags are what they are;
/// decimals and times stay text, so that nothing rounds them.
pub fn value(cell: &str, column: &Column) -> Result<Value, Problem> {
    let cell = if column.kind == Kind::Padded { cell.trim_end_matches(' ') } else { cell };
    if cell.is_empty() {
        return if column.nullable { Ok(Value::Null) } else { Err(Problem::Needed { column: column.name }) };
    }
    let (value, expected) = match column.kind {
        Kind::Text | Kind::Padded => (Some(cell.into()), "text"),
        Kind::Integer => (cell.parse::<i64>().ok().map(Value::from), "a whole number"),
        Kind::Flag => (flag(cell), "0 or 1"),
        Kind::Decimal => (is_decimal(cell).then(|| cell.into()), "a decimal number"),
        Kind::DateTime => (is_date_time(cell).then(|| cell.into()), "a time like 2021-05-25 00:00:00.000"),
        Kind::Date => (is_date(cell).then(|| cell.into()), "a date like 2021-05-25"),
        Kind::Guid => (is_guid(cell).then(|| cell.into()), "a GUID"),
    };
    value.ok_or_else(|| Problem::Value { column: column.name, expected, found: cell.to_owned() })
}

fn flag(cell: &str) -> Option<Value> {
    match cell {
        "0" => Some(false.into()),
        "1" => Some(true.into()),
        _ => None,
    }
}

/// `-?digits[.digits]`, and the digits before the point may be left out.
fn is_decimal(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    match digits.split_once('.') {
        Some((whole, part)) => (whole.is_empty() || all_digits(whole)) && all_digits(part),
        None => all_digits(digits),
    }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_guid(cell: &str) -> bool {
    let parts: Vec<&str> = cell.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_date(cell: &str) -> bool {
    let Some([year, month, day]) = numbers(cell, '-', [4, 2, 2]) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    year > 0 && (1..=days).contains(&day)
}

fn is_date_time(cell: &str) -> bool {
    let Some((date, time)) = cell.split_once(' ') else { return false };
    let Some((time, millis)) = time.split_once('.') else { return false };
    let Some([hour, minute, second]) = numbers(time, ':', [2, 2, 2]) else { return false };
    is_date(date) && hour < 24 && minute < 60 && second < 60 && millis.len() == 3 && all_digits(millis)
}

/// Three numbers of given widths.
fn numbers(text: &str, between: char, widths: [usize; 3]) -> Option<[u32; 3]> {
    let mut parts = text.split(between);
    let mut numbers = [0; 3];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next().filter(|part| part.len() == width && all_digits(part))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cell: &str, kind: Kind) -> Option<Value> {
        value(cell, &Column { name: "c", kind, nullable: true }).ok()
    }

    #[test]
    fn text_is_kept_byte_for_byte_and_only_padding_is_cut() {
        assert_eq!(read(" a  ", Kind::Text), Some(" a  ".into()));
        assert_eq!(read("EA ", Kind::Padded), Some("EA".into()));
        assert_eq!(read("      ", Kind::Padded), Some(Value::Null));
    }

    #[test]
    fn a_blank_is_null_only_where_it_may_be() {
        let column = Column { name: "c", kind: Kind::Integer, nullable: false };
        assert_eq!(value("", &column), Err(Problem::Needed { column: "c" }));
        assert_eq!(read("", Kind::Integer), Some(Value::Null));
    }

    #[test]
    fn numbers_that_could_be_rounded_stay_text() {
        assert_eq!(read(".0000", Kind::Decimal), Some(".0000".into()));
        assert_eq!(read("-1.50", Kind::Decimal), Some("-1.50".into()));
        assert_eq!(read("42", Kind::Integer), Some(42.into()));
        assert_eq!(read("1", Kind::Flag), Some(true.into()));
        for (cell, kind) in [("1.", Kind::Decimal), ("1,5", Kind::Decimal), ("-", Kind::Decimal), ("1.0", Kind::Integer), ("2", Kind::Flag)]
        {
            assert_eq!(read(cell, kind), None, "{cell}");
        }
    }

    #[test]
    fn times_must_exist() {
        for (cell, kind, good) in [
            ("2024-02-29", Kind::Date, true),
            ("2023-02-29", Kind::Date, false),
            ("2023-13-01", Kind::Date, false),
            ("2023-1-01", Kind::Date, false),
            ("2021-05-25 23:59:59.999", Kind::DateTime, true),
            ("2021-05-25 24:00:00.000", Kind::DateTime, false),
            ("2021-05-25T00:00:00.000", Kind::DateTime, false),
            ("2021-05-25", Kind::DateTime, false),
        ] {
            assert_eq!(read(cell, kind).is_some(), good, "{cell}");
        }
    }

    #[test]
    fn a_guid_has_five_parts() {
        assert!(read("694215B7-08F7-4C0D-ACB1-D734BA44C0C8", Kind::Guid).is_some());
        assert!(read("694215B7-08F7-4C0D-ACB1-D734BA44C0C", Kind::Guid).is_none());
        assert!(read("694215B708F74C0DACB1D734BA44C0C8", Kind::Guid).is_none());
    }
}
