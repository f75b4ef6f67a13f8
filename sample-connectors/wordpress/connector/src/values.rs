//! Values of elements, as plugins and hands write them. What cannot be read is left out with a warning that names it.

use jiff::civil::DateTime;
use lockgate_guest::{Value, log};

use crate::xml::{Element, Ns};

/// Longest value that a message shows, in characters.
const SHOWN_CHARS_MAX: usize = 60;
/// How WordPress writes that there is no time; the second is what PHP makes of the first.
const NO_TIME: [&str; 2] = ["0000-00-00", "-0001-11-30"];

/// Says that a value is left out, and why.
pub fn left_out(of: &Element, local: &str, why: &str, text: &str) {
    let mut shown: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    log!(warn, "{}/wp:{local} {why}, and is left out: {shown:?}", of.local);
}

/// A `…_gmt` element, `2012-01-05 14:30:46` in UTC, as a timestamp. `None` for zeros, which
/// WordPress writes for drafts, and for nothing.
pub fn timestamp(element: &Element, local: &str) -> Option<Value> {
    let text = element.wp(local).filter(|text| !is_no_time(text))?;
    let read = rfc3339(text);
    if read.is_none() {
        left_out(element, local, "is no date and time", text);
    }
    read.map(Value::timestamp)
}

/// A time of the author's own clock, whose zone exports do not tell: kept as text.
pub fn local_time(element: &Element, local: &str) -> Option<String> {
    let text = element.wp(local).filter(|text| !is_no_time(text))?;
    let read = rfc3339(text).map(|time| time.trim_end_matches('Z').replace('T', " "));
    if read.is_none() {
        left_out(element, local, "is no date and time", text);
    }
    read
}

fn is_no_time(text: &str) -> bool {
    NO_TIME.iter().any(|no_time| text.starts_with(no_time))
}

/// With a blank or a `T` between day and time, in seconds.
fn rfc3339(text: &str) -> Option<String> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    // A day alone has no time.
    let (day, time) = text.split_once([' ', 'T'])?;
    let time: DateTime = format!("{day}T{}", time.trim()).parse().ok().filter(|_| time.contains(':'))?;
    (time.year() > 0).then(|| format!("{time}Z"))
}

/// A whole number.
pub fn integer(element: &Element, local: &str) -> Option<i64> {
    let text = element.wp(local)?;
    let read = text.parse().ok();
    if read.is_none() {
        left_out(element, local, "is no whole number of 64 bits", text);
    }
    read
}

/// A text of at most so many characters.
pub fn limited<'a>(element: &Element, local: &str, text: Option<&'a str>, chars_max: usize) -> Option<&'a str> {
    let text = text?;
    if text.chars().nth(chars_max).is_some() {
        left_out(element, local, &format!("is longer than {chars_max} characters"), text);
        return None;
    }
    Some(text)
}

/// As [`limited`], of a `wp:` element.
pub fn text<'a>(element: &'a Element, local: &str, chars_max: usize) -> Option<&'a str> {
    limited(element, local, element.text_of(Ns::Wp, local), chars_max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_one_of_the_calendar() {
        assert_eq!(rfc3339("2012-01-05 14:30:46").as_deref(), Some("2012-01-05T14:30:46Z"));
        assert_eq!(rfc3339("2012-01-05T14:30:46Z").as_deref(), Some("2012-01-05T14:30:46Z"));
        for text in ["2012-01-05", "2012-02-31 14:30:46", "2012-01-05 25:30:46", "05/01/2012 14:30", "2012-01-05 14:30:4é", "soon"] {
            assert_eq!(rfc3339(text), None, "{text}");
        }
        assert!(is_no_time("0000-00-00 00:00:00") && is_no_time("-0001-11-30 00:00:00"));
    }
}
