//! What people and programs read on stdout. Nothing that came from outside is obeyed by a terminal:
//! every text goes through `escape`.

mod escape;
mod table;
mod units;

use std::io::{self, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::Value;

pub use escape::{Json, block, field, json as escaped_json, log_message, log_value, toml_key, toml_value};
pub use table::{Table, cell};
pub use units::{bytes, bytes_of, member, micros, time};

/// Between two turns of a spinner.
const SPINNER_TICK: Duration = Duration::from_millis(120);
/// Said while a component is compiled.
pub const COMPILING: &str = "compiling: a large component takes up to a minute";

/// One JSON object, on stdout.
pub fn json(value: &impl Serialize) -> io::Result<()> {
    let mut out = Json::new(io::BufWriter::new(io::stdout().lock()));
    serde_json::to_writer_pretty(&mut out, value)?;
    writeln!(out)?;
    out.flush()
}

/// The same on one line, so that a reader knows when it is whole.
pub fn json_line(value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string(value)?;
    writeln!(io::stdout().lock(), "{}", escaped_json(&text))
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

/// One line of text, on stdout. A line break in it is shown, not obeyed: what somebody else has
/// written cannot make a line of its own.
pub fn line(text: impl AsRef<str>) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{}", field(text.as_ref()))
}

/// A text of many lines, on stdout: files, and what an application has handed in.
pub fn lines(text: impl AsRef<str>) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{}", block(text.as_ref()))
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
    fn a_failure_is_one_text() {
        let task = serde_json::json!({"failure": {"code": "invalid", "message": "no", "path": "a.b"}});
        assert_eq!(failure(&task), "invalid: no (at a.b)");
        assert_eq!(failure(&serde_json::json!({"failure": null})), "");
    }
}
