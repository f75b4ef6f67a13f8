//! Text that a source or a server has written, as people read it: a terminal obeys nothing of it.

use std::fmt::Write as _;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// On one line: `\n`, `\u{1b}`.
pub(crate) fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_obeyed(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// A message of one or many lines. Every further line is indented, so that it is not taken for one of ours.
pub(crate) fn message(text: &str) -> String {
    text.lines().map(line).collect::<Vec<_>>().join("\n  ")
}

/// JSON that means the same: such characters stand in its strings only.
pub(crate) fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_obeyed(c) && !matches!(c, '\n' | '\t') {
            // Writing to a text does not fail.
            let _ = c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"));
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether a terminal would act on the character, show nothing of it, or end a line there.
fn is_obeyed(c: char) -> bool {
    matches!(
        c.general_category(),
        GeneralCategory::Control | GeneralCategory::Format | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nothing() {
        assert_eq!(line("a\nb\u{1b}]8;;http://evil\u{7}\u{9b}\u{202e}"), "a\\nb\\u{1b}]8;;http://evil\\u{7}\\u{9b}\\u{202e}");
        assert_eq!(line("Zoë 中 😀 \u{301}\u{a0}"), "Zoë 中 😀 \u{301}\u{a0}");
        assert_eq!(message("one\nerror: two\u{1b}"), "one\n  error: two\\u{1b}");
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({ "a": "\u{1b}\u{9b}\u{202e}\u{e0041}ü" });
        let shown = json(&value.to_string());
        assert!(!shown.chars().any(is_obeyed), "{shown:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }
}
