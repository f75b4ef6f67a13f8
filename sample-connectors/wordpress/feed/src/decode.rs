//! From bytes to text: the charset is that of the byte order mark, else the one that the document says, else UTF-8.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::place::Mistake;

/// Stands where bytes are not UTF-8. XML has no such character, so it is nobody's own.
pub(crate) const NOT_UTF_8: char = '\u{fffe}';
/// Where a declaration ends at the latest.
const DECLARATION_BYTES_MAX: usize = 200;

/// The text, without a byte order mark.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, Mistake> {
    let marked = Encoding::for_bom(bytes);
    let (encoding, body) = match marked {
        Some((encoding, mark)) => (encoding, bytes.get(mark..).unwrap_or_default()),
        None => (said(bytes)?, bytes),
    };
    if encoding == UTF_8 {
        return Ok(utf_8(body));
    }
    match encoding.decode_without_bom_handling_and_without_replacement(body) {
        Some(text) => Ok(text.into_owned()),
        None => Err(Mistake::damaged(0, format!("this is not {}, the charset that it says it is in", encoding.name()))),
    }
}

/// As the declaration says: `<?xml version="1.0" encoding="ISO-8859-1"?>`.
fn said(bytes: &[u8]) -> Result<&'static Encoding, Mistake> {
    // Without a mark, every second byte of UTF-16 is a zero.
    match bytes {
        [b'<', 0, ..] => return Ok(UTF_16LE),
        [0, b'<', ..] => return Ok(UTF_16BE),
        _ => {}
    }
    let head = String::from_utf8_lossy(bytes.get(..DECLARATION_BYTES_MAX).unwrap_or(bytes));
    let declaration = head.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split("?>").next());
    let Some((_, rest)) = declaration.and_then(|declaration| declaration.split_once("encoding")) else { return Ok(UTF_8) };
    let value = rest.trim_start().strip_prefix('=').map(str::trim_start).unwrap_or_default();
    let label = value.trim_start_matches(['"', '\'']).split(['"', '\'']).next().unwrap_or_default();
    // Whoever writes "utf-16" in bytes of one has written something else.
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => Ok(UTF_8),
        Some(encoding) => Ok(encoding),
        None => Err(Mistake::damaged(0, format!("it says that it is in {label:?}, which is no charset"))),
    }
}

/// One that is not UTF-8 somewhere has a sign there, so that what has it can be left out, and nothing else.
fn utf_8(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(NOT_UTF_8);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_counts_before_the_declaration() {
        assert_eq!(decode(b"\xef\xbb\xbf<?xml encoding='latin1'?>\xc3\xa9").as_deref(), Ok("<?xml encoding='latin1'?>é"));
        assert_eq!(decode(b"\xff\xfe<\0a\0").as_deref(), Ok("<a"));
        assert_eq!(decode(b"<\0a\0").as_deref(), Ok("<a"));
    }

    #[test]
    fn a_declared_charset_is_honoured() {
        assert_eq!(decode(b"<?xml version=\"1.0\" encoding = 'ISO-8859-1' ?>\xe9").map(|text| text.ends_with('é')), Ok(true));
        assert!(decode(b"<?xml encoding='martian'?>").unwrap_err().what.contains("martian"));
        assert!(decode(b"<?xml encoding='gb2312'?>\xff").unwrap_err().what.contains("this is not GBK"));
    }

    #[test]
    fn what_is_not_utf_8_leaves_a_sign() {
        assert_eq!(decode(b"a\xe9b"), Ok(format!("a{NOT_UTF_8}b")));
    }
}
