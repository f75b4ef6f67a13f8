//! How a text from outside is written: one function for each kind of output. What must not be written
//! as it is, is told by `lockgate_core::text::is_obeyed` for all of them.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use lockgate_core::text::is_obeyed;
use toml_writer::{TomlKeyBuilder, TomlStringBuilder, TomlWrite as _};

/// On one line of ours: whatever a terminal would obey is shown instead: `\n`, `\u{1b}`.
pub fn field(text: &str) -> Cow<'_, str> {
    replaced(text, is_obeyed, visible)
}

/// A text of many lines: line breaks and tabs stay.
pub fn block(text: &str) -> Cow<'_, str> {
    replaced(text, |c| is_obeyed(c) && !matches!(c, '\n' | '\t'), visible)
}

/// A text that is JSON already, of one or many lines: it means the same, and a terminal obeys nothing
/// of it. Outside of its strings JSON has line breaks and tabs, which stay.
pub fn json(text: &str) -> Cow<'_, str> {
    replaced(
        text,
        |c| is_obeyed(c) && !matches!(c, '\n' | '\t'),
        |c, out| {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))
        },
    )
}

/// A value of the text log: a word as it is, anything else in quotes. Behind an `=` that is not in
/// quotes stands a value of ours.
pub fn log_value(text: &str) -> Cow<'_, str> {
    let word = !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '=' | '\\') || is_obeyed(c));
    if word { Cow::Borrowed(text) } else { Cow::Owned(in_quotes(text)) }
}

/// The message of a line of the text log: prose as it is, in quotes when it could be read as fields.
pub fn log_message(text: &str) -> Cow<'_, str> {
    let plain = !text.contains(|c: char| matches!(c, '"' | '=') || is_obeyed(c));
    if plain { Cow::Borrowed(text) } else { Cow::Owned(in_quotes(text)) }
}

/// A string of TOML on one line.
pub fn toml_value(text: &str) -> String {
    let mut out = String::new();
    // Writing into a string does not fail.
    let _ = out.value(TomlStringBuilder::new(text).as_basic());
    of_toml(&out)
}

/// A key of TOML on one line, bare where it can be.
pub fn toml_key(text: &str) -> String {
    let key = TomlKeyBuilder::new(text);
    let mut out = String::new();
    let _ = out.key(key.as_unquoted().unwrap_or_else(|| key.as_basic()));
    of_toml(&out)
}

/// The writer leaves characters beyond ASCII as they are; a basic string takes them as escapes, too.
fn of_toml(written: &str) -> String {
    replaced(written, is_obeyed, |c, out| write!(out, "\\U{:08X}", u32::from(c))).into_owned()
}

fn in_quotes(text: &str) -> String {
    let special = |c| matches!(c, '"' | '\\') || is_obeyed(c);
    let inside = replaced(text, special, |c, out| match c {
        '"' | '\\' => write!(out, "\\{c}"),
        c => visible(c, out),
    });
    format!("\"{inside}\"")
}

fn visible(c: char, out: &mut String) -> std::fmt::Result {
    match c {
        '\n' | '\r' | '\t' => write!(out, "{}", c.escape_default()),
        c => write!(out, "{}", c.escape_unicode()),
    }
}

fn replaced(text: &str, which: impl Fn(char) -> bool, how: impl Fn(char, &mut String) -> std::fmt::Result) -> Cow<'_, str> {
    if !text.contains(&which) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if which(c) {
            // Writing into a string does not fail.
            let _ = how(c, &mut out);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Writes JSON as [`json`] does, as it comes. What is not UTF-8 becomes U+FFFD.
pub struct Json<W> {
    inner: W,
    /// The beginning of a character whose end has not come: at most three bytes.
    begun: Vec<u8>,
}

impl<W: io::Write> Json<W> {
    pub fn new(inner: W) -> Self {
        Self { inner, begun: Vec::new() }
    }
}

impl<W: io::Write> io::Write for Json<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let mut rest = all.as_slice();
        while !rest.is_empty() {
            let Some(chunk) = rest.utf8_chunks().next() else { break };
            self.inner.write_all(json(chunk.valid()).as_bytes())?;
            rest = rest.get(chunk.valid().len() + chunk.invalid().len()..).unwrap_or_default();
            let unfinished = std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
            if rest.is_empty() && unfinished {
                self.begun = chunk.invalid().to_vec();
            } else if !chunk.invalid().is_empty() {
                self.inner.write_all("\u{fffd}".as_bytes())?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// Each of them is obeyed or hidden by a terminal, or ends a line for some reader.
    const OBEYED: &str = "\n\r\t\u{1b}\u{7f}\u{85}\u{9b}\u{ad}\u{61c}\u{200b}\u{200f}\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}\u{e0041}";

    fn holds_none(text: &str, but: &[char]) {
        let obeyed: Vec<char> = text.chars().filter(|c| is_obeyed(*c) && !but.contains(c)).collect();
        assert!(obeyed.is_empty(), "{obeyed:?} in {text:?}");
    }

    #[test]
    fn a_terminal_obeys_nothing() {
        assert_eq!(field("a\nb\t\u{1b}[31m\u{202e}"), "a\\nb\\t\\u{1b}[31m\\u{202e}");
        assert_eq!(block("a\nb\t\u{9b}"), "a\nb\t\\u{9b}");
        holds_none(&field(OBEYED), &[]);
        holds_none(&block(OBEYED), &['\n', '\t']);
        assert!(matches!(field("Zoë 中 😀 \u{301}"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_means_the_same_and_does_nothing() {
        let value = serde_json::json!({ "a": OBEYED, "b": ["ü", "\u{e0041}"] });
        for written in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let shown = json(&written);
            holds_none(&shown, &['\n', '\t']);
            assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
        }
    }

    #[test]
    fn json_that_comes_in_pieces_is_whole_in_the_end() {
        let value = serde_json::json!({ "a": format!("{OBEYED}ü中😀") }).to_string();
        for size in 1..8 {
            let mut out = Json::new(Vec::new());
            value.as_bytes().chunks(size).for_each(|piece| out.write_all(piece).unwrap());
            assert_eq!(String::from_utf8(out.inner).unwrap(), json(&value), "in pieces of {size}");
        }
        let mut out = Json::new(Vec::new());
        out.write_all(b"\"a\x9bb\xe4").unwrap();
        out.write_all(b"\"").unwrap();
        assert_eq!(String::from_utf8(out.inner).unwrap(), "\"a\u{fffd}b\u{fffd}\"");
    }

    #[test]
    fn toml_is_read_back_as_it_was_from_one_line() {
        for text in ["plain", "a b", "", "a\n[server]\nlisten = 1", "\"'\\", "'", OBEYED] {
            let line = format!("{} = {}", toml_key(text), toml_value(text));
            holds_none(&line, &[]);
            assert_eq!(line.parse::<toml::Table>().unwrap()[text].as_str(), Some(text), "{line}");
        }
        assert_eq!(toml_key("api-token"), "api-token");
    }

    #[test]
    fn a_value_of_the_log_forges_no_other() {
        assert_eq!(log_value("shop.7"), "shop.7");
        assert_eq!(log_value("no connector=x task=9"), "\"no connector=x task=9\"");
        assert_eq!(log_value("\" task=9 x=\""), "\"\\\" task=9 x=\\\"\"");
        assert_eq!(log_value(""), "\"\"");
        assert_eq!(log_message("task 7 failed: invalid: no such thing"), "task 7 failed: invalid: no such thing");
        assert_eq!(log_message("task 7 failed: connector=x"), "\"task 7 failed: connector=x\"");
        holds_none(&log_value(OBEYED), &[]);
        holds_none(&log_message(OBEYED), &[]);
    }
}
