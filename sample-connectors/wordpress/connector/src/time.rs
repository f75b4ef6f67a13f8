//! WordPress's times.

use lockgate_guest::{Error, Value};

use crate::xml::{Element, Ns};

/// A `…_gmt` element, `2012-01-05 14:30:46` in UTC, as a timestamp. `None` for zeros, which
/// WordPress writes for drafts, and for nothing.
pub fn timestamp(element: &Element, local: &str) -> Result<Option<Value>, Error> {
    let Some(text) = element.wp(local).filter(|text| !text.starts_with("0000-00-00")) else {
        return Ok(None);
    };
    match rfc3339(text) {
        Some(timestamp) => Ok(Some(Value::timestamp(timestamp))),
        None => Err(Error::invalid(format!("{text:?} is no date and time")).at(format!("wp:{local}"))),
    }
}

/// A time of the author's own clock, whose zone exports do not tell: kept as text.
pub fn local_time<'a>(element: &'a Element, local: &str) -> Option<&'a str> {
    element.text_of(Ns::Wp, local).filter(|text| !text.starts_with("0000-00-00"))
}

fn rfc3339(text: &str) -> Option<String> {
    let is_shaped = text.len() == 19
        && text.bytes().zip("0000-00-00 00:00:00".bytes()).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        });
    let (date, time) = text.split_once(' ').filter(|_| is_shaped)?;
    Some(format!("{date}T{time}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shape_of_wordpress_is_a_time() {
        assert_eq!(rfc3339("2012-01-05 14:30:46").as_deref(), Some("2012-01-05T14:30:46Z"));
        for text in ["2012-01-05", "2012-01-05T14:30:46", "2012-1-5 14:30:46", "2012-01-05 14:30:4é"] {
            assert_eq!(rfc3339(text), None, "{text}");
        }
    }
}
