//! What people read: tables, and text that a terminal cannot obey.

use std::io::{self, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

/// Between two turns of a spinner.
const SPINNER_TICK: Duration = Duration::from_millis(120);
/// Said while a component is compiled.
pub const COMPILING: &str = "compiling: a large component takes up to a minute";

/// One JSON object, on stdout.
pub fn json(value: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value)?;
    writeln!(out)
}

/// An answer: the object itself, or what `text` prints of it.
pub fn show(as_json: bool, value: &Value, text: impl FnOnce(&Value) -> io::Result<()>) -> anyhow::Result<()> {
    if as_json {
        json(value)?
    } else {
        text(value)?
    }
    Ok(())
}

/// What it does, with a spinner beside the words on a terminal while it lasts.
pub fn waiting<T>(what: impl Into<std::borrow::Cow<'static, str>>, act: impl FnOnce() -> T) -> T {
    let style = ProgressStyle::with_template("{spinner} {msg}, {elapsed}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    let spinner = ProgressBar::new_spinner().with_style(style).with_message(what);
    spinner.enable_steady_tick(SPINNER_TICK);
    let done = act();
    spinner.finish_and_clear();
    done
}

/// A line of text, on stdout.
pub fn line(text: impl AsRef<str>) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{}", clean(text.as_ref()))
}

/// Text from outside: controls and text-direction marks are shown, not obeyed. Line breaks stay.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let direction = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
        if (c.is_control() && c != '\n' && c != '\t') || direction {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// The same on one line and of bounded length, for a table's cell.
pub fn cell(text: &str, chars_max: usize) -> String {
    let one_line = clean(text).replace('\n', "\\n").replace('\t', " ");
    if one_line.chars().count() <= chars_max {
        return one_line;
    }
    one_line.chars().take(chars_max.saturating_sub(1)).chain(['…']).collect()
}

/// Columns that are as wide as their widest cell.
pub struct Table {
    rows: Vec<Vec<String>>,
}

/// Widest cell: titles and messages are longer than a terminal.
const CELL_CHARS_MAX: usize = 80;

impl Table {
    pub fn new(head: &[&str]) -> Self {
        Self { rows: vec![head.iter().map(|&name| name.to_owned()).collect()] }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|text| cell(&text, CELL_CHARS_MAX)).collect());
    }

    /// On stdout; with a sentence instead of a lonely head when there are no rows.
    pub fn print(&self, empty: &str) -> io::Result<()> {
        if self.rows.len() <= 1 {
            return line(empty);
        }
        let mut widths: Vec<usize> = Vec::new();
        for row in &self.rows {
            for (at, text) in row.iter().enumerate() {
                let width = text.chars().count();
                match widths.get_mut(at) {
                    Some(widest) => *widest = width.max(*widest),
                    None => widths.push(width),
                }
            }
        }
        let mut out = io::stdout().lock();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).map(|(text, width)| format!("{text:<width$}"));
            writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// A member of an object as text; nothing when it is null or missing.
pub fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A member as a number; 0 when it is none.
pub fn number(value: &Value, key: &str) -> u64 {
    value.get(key).and_then(Value::as_u64).unwrap_or(0)
}

/// A member as a list; empty when it is none.
pub fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Bytes as people say them.
pub fn bytes(count: u64) -> String {
    let (number, unit) = in_unit(count);
    format!("{number} {unit}")
}

/// Bytes and the most that there may be: `1.1 of 64 MiB`.
pub fn bytes_of(used: u64, limit: Option<u64>) -> String {
    let Some(limit) = limit else { return bytes(used) };
    let ((number, unit), (most, of)) = (in_unit(used), in_unit(limit));
    if unit == of { format!("{number} of {most} {of}") } else { format!("{number} {unit} of {most} {of}") }
}

fn in_unit(count: u64) -> (String, &'static str) {
    let (number, unit) = match count {
        0..1_024 => return (count.to_string(), "B"),
        1_024..1_048_576 => (count as f64 / 1_024.0, "KiB"),
        _ => (count as f64 / 1_048_576.0, "MiB"),
    };
    (tenths(number), unit)
}

/// Times as people say them, from µs.
pub fn micros(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{} ms", tenths(us as f64 / 1_000.0)),
        _ => format!("{} s", tenths(us as f64 / 1_000_000.0)),
    }
}

/// With one decimal, unless that is a zero.
fn tenths(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A failure as one text: `code: message (at path)`.
pub fn failure(value: &Value) -> String {
    let Some(failure) = value.get("failure").filter(|failure| !failure.is_null()) else { return String::new() };
    let place = match text(failure, "path") {
        path if path.is_empty() => path,
        path => format!(" (at {path})"),
    };
    format!("{}: {}{place}", text(failure, "code"), text(failure, "message"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nothing() {
        assert_eq!(clean("a\u{1b}[31m\u{202e}\r"), "a\\u{1b}[31m\\u{202e}\\u{d}");
        assert_eq!(cell("a\nb", 10), "a\\nb");
        assert_eq!(cell("abcdef", 4), "abc…");
    }

    #[test]
    fn a_failure_is_one_text() {
        let task = serde_json::json!({"failure": {"code": "invalid", "message": "no", "path": "a.b"}});
        assert_eq!(failure(&task), "invalid: no (at a.b)");
        assert_eq!(failure(&serde_json::json!({"failure": null})), "");
    }
}
