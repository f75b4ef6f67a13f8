//! Texts from outside, and what a reader of them would obey instead of show. Every place that writes
//! one for people goes by the one rule that stands here.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// Longest message that is kept, in bytes; what a guest says may be longer.
pub const MESSAGE_BYTES_MAX: usize = 4_096;

/// Whether a terminal would act on the character, or show nothing of it, or a reader of lines would
/// end a line there: controls (C0, DEL, C1), format characters (text direction, zero width, tags),
/// and the line and paragraph separators. By Unicode's general category: Cc, Cf, Zl, Zp.
pub fn is_obeyed(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    matches!(
        c.general_category(),
        GeneralCategory::Control | GeneralCategory::Format | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator
    )
}

/// On one line, bounded, and with U+FFFD for every character that [`is_obeyed`].
pub fn sanitised(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MESSAGE_BYTES_MAX));
    for c in text.chars() {
        if out.len() + c.len_utf8() > MESSAGE_BYTES_MAX {
            out.push('…');
            break;
        }
        out.push(match c {
            // A line break would let a guest write lines that look like the host's.
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
            c if is_obeyed(c) => '\u{fffd}',
            c => c,
        });
    }
    out
}

/// A time for people: `24h`, `1m 30s`.
pub fn duration(ms: i64) -> String {
    format!("{:#}", jiff::SignedDuration::from_millis(ms))
}

/// Where an offset is in a text, as people count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl Place {
    /// Of a byte offset; of the end, if the text is shorter.
    pub fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..text.floor_char_boundary(offset)).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Self { line, column }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_known_by_its_category() {
        for c in [
            '\0',
            '\n',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{ad}',
            '\u{61c}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{2028}',
            '\u{2029}',
            '\u{202e}',
            '\u{2060}',
            '\u{2069}',
            '\u{feff}',
            '\u{fff9}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e007f}',
        ] {
            assert!(is_obeyed(c), "{c:?}");
        }
        for c in ['a', ' ', 'ü', '\u{301}', '中', '😀', '\u{a0}', '\u{fe0f}', '\u{fffd}'] {
            assert!(!is_obeyed(c), "{c:?}");
        }
    }

    #[test]
    fn a_sanitised_text_is_one_bounded_line_that_does_nothing() {
        assert_eq!(sanitised("a\nb\u{2028}c\u{1b}[31m\u{61c}\u{e0041}"), "a b c\u{fffd}[31m\u{fffd}\u{fffd}");
        assert!(sanitised(&"ü".repeat(10_000)).len() <= MESSAGE_BYTES_MAX + '…'.len_utf8());
    }

    #[test]
    fn a_place_counts_lines_and_characters() {
        let text = "a\nüb\n";
        assert_eq!(Place::of(text, 4).to_string(), "2:2");
        // Inside of the ü.
        assert_eq!(Place::of(text, 3).to_string(), "2:1");
        assert_eq!(Place::of(text, 100).to_string(), "3:1");
    }
}
