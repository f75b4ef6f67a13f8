//! How servers write a character that they do not write as it is: in a URL, in a string of JSON or JavaScript, in HTML
//! or XML. One escape is read at a time, so that any mix of escaped and plain characters is understood.

use quick_xml::escape::resolve_html5_entity;

/// Longest escape: two halves of a pair, `\ud83d\udd11`.
pub const ESCAPE_BYTES_MAX: usize = 12;
/// What one byte of a text takes at most: `&#0000034;`.
pub const BYTES_PER_BYTE_MAX: usize = 10;

/// Longest name of a character in HTML that is looked up, such as `&NewLine;`. Longer ones are mathematics.
const NAME_BYTES_MAX: usize = 8;
/// Leading zeros included.
const DECIMAL_DIGITS_MAX: usize = 7;
/// Leading zeros included.
const HEX_DIGITS_MAX: usize = 6;

/// Some bytes, and what they stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// How many bytes they are.
    pub length: usize,
    text: [u8; 4],
    text_bytes: usize,
}

impl Reading {
    /// A byte that stands for itself.
    pub fn plain(byte: u8) -> Self {
        Self::byte(1, byte)
    }

    /// What they stand for; never nothing.
    pub fn text(&self) -> &[u8] {
        self.text.get(..self.text_bytes).unwrap_or_default()
    }

    fn byte(length: usize, byte: u8) -> Self {
        Self { length, text: [byte, 0, 0, 0], text_bytes: 1 }
    }

    fn character(length: usize, character: char) -> Self {
        let mut text = [0; 4];
        let text_bytes = character.encode_utf8(&mut text).len();
        Self { length, text, text_bytes }
    }
}

/// The escape that a text begins with, if it begins with one. Needs [`ESCAPE_BYTES_MAX`] bytes of the text, or its end.
pub fn escape(text: &[u8]) -> Option<Reading> {
    match text {
        [b'+', ..] => Some(Reading::byte(1, b' ')),
        [b'%', digits @ ..] => Some(Reading::byte(3, byte(digits)?)),
        [b'\\', rest @ ..] => backslash(rest),
        [b'&', rest @ ..] => reference(rest),
        _ => None,
    }
}

/// What follows a backslash.
fn backslash(rest: &[u8]) -> Option<Reading> {
    match rest {
        [b'u', digits @ ..] => unit(digits).and_then(|first| match char::from_u32(first) {
            Some(character) => Some(Reading::character(6, character)),
            None => pair(first, digits.get(4..)?),
        }),
        [b'x', digits @ ..] => Some(Reading::byte(4, byte(digits)?)),
        [one @ (b'"' | b'\'' | b'\\' | b'/'), ..] => Some(Reading::byte(2, *one)),
        [b'b', ..] => Some(Reading::byte(2, 8)),
        [b'f', ..] => Some(Reading::byte(2, 12)),
        [b'n', ..] => Some(Reading::byte(2, b'\n')),
        [b'r', ..] => Some(Reading::byte(2, b'\r')),
        [b't', ..] => Some(Reading::byte(2, b'\t')),
        _ => None,
    }
}

/// The second half of a character beyond U+FFFF.
fn pair(first: u32, rest: &[u8]) -> Option<Reading> {
    let second = unit(rest.strip_prefix(b"\\u")?)?;
    let halves = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let character = char::decode_utf16(halves).next()?.ok()?;
    (character.len_utf16() == 2).then(|| Reading::character(ESCAPE_BYTES_MAX, character))
}

/// What follows an ampersand, with the semicolon at its end.
fn reference(rest: &[u8]) -> Option<Reading> {
    let end = rest.iter().take(NAME_BYTES_MAX + 1).position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(rest.get(..end)?).ok()?;
    let length = end + 2;
    let Some(number) = name.strip_prefix('#') else {
        let mut characters = resolve_html5_entity(name)?.chars();
        let character = characters.next()?;
        return characters.next().is_none().then(|| Reading::character(length, character));
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => number_of(digits, 16, HEX_DIGITS_MAX)?,
        None => number_of(number, 10, DECIMAL_DIGITS_MAX)?,
    };
    Some(Reading::character(length, char::from_u32(code)?))
}

fn number_of(digits: &str, radix: u32, digits_max: usize) -> Option<u32> {
    let are_digits = !digits.is_empty() && digits.len() <= digits_max && digits.chars().all(|digit| digit.is_digit(radix));
    are_digits.then(|| u32::from_str_radix(digits, radix).ok()).flatten()
}

/// Two hexadecimal digits.
fn byte(digits: &[u8]) -> Option<u8> {
    u8::try_from(hexadecimal(digits.get(..2)?)?).ok()
}

/// Four hexadecimal digits.
fn unit(digits: &[u8]) -> Option<u32> {
    hexadecimal(digits.get(..4)?)
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| Some(number * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_is_read_whatever_follows() {
        for (written, meant) in [
            ("%2f", "/"),
            ("%2F", "/"),
            ("+", " "),
            (r"\/", "/"),
            (r#"\""#, "\""),
            (r"\\", "\\"),
            (r"\n", "\n"),
            (r"\u002f", "/"),
            (r"\u002F", "/"),
            (r"\u00e4", "ä"),
            (r"\ud83d\uDD11", "🔑"),
            (r"\x27", "'"),
            ("&#34;", "\""),
            ("&#0000034;", "\""),
            ("&#x2F;", "/"),
            ("&#X2f;", "/"),
            ("&#128273;", "🔑"),
            ("&quot;", "\""),
            ("&amp;", "&"),
            ("&apos;", "'"),
            ("&auml;", "ä"),
            ("&lowbar;", "_"),
            ("&NewLine;", "\n"),
        ] {
            let reading = escape(format!("{written}rest of it").as_bytes()).unwrap();
            assert_eq!((reading.length, reading.text()), (written.len(), meant.as_bytes()), "{written}");
            assert_eq!(escape(written.as_bytes()), Some(reading), "{written}");
            assert!(reading.length <= ESCAPE_BYTES_MAX && reading.length <= BYTES_PER_BYTE_MAX * reading.text().len(), "{written}");
        }
    }

    #[test]
    fn what_is_no_escape_is_none() {
        for text in [
            "",
            "a",
            "%",
            "%2",
            "%2g",
            "%+1",
            "\\",
            r"\u00g0",
            r"\u002",
            r"\ud83d",
            r"\ud83d\u0041",
            r"\ude00",
            r"\a",
            "&;",
            "&quot",
            "&none;",
            "&#;",
            "&#x;",
            "&#x0000022;",
        ] {
            assert_eq!(escape(text.as_bytes()), None, "{text}");
        }
    }
}
