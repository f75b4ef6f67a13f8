//! A file's bytes as text.

use crate::error::Problem;

/// UTF-8, with or without a byte order mark; else the line from which on it is not, and why.
pub fn text(bytes: &[u8]) -> Result<&str, (usize, Problem)> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err((1, Problem::Utf16));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        (1 + line_ends(good), Problem::Encoding { byte: good.len() })
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn line_ends(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_first_column() {
        assert_eq!(text(b"\xef\xbb\xbf1\tA"), Ok("1\tA"));
    }

    #[test]
    fn other_encodings_are_named_with_their_line() {
        assert_eq!(text(b"\xff\xfe1\0"), Err((1, Problem::Utf16)));
        assert_eq!(text(b"ab\ncaf\xe9\n"), Err((2, Problem::Encoding { byte: 6 })));
    }
}
