//! The program's own log, on stderr. A line that cannot be written is lost, and nothing else: the
//! work goes on when the disk is full or the reader has gone.

use std::fmt;
use std::io::{self, Write};

use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{LogFormat, LogLevel};
use crate::out::{escaped_json, log_message, log_value};

/// From here on lines are written.
pub fn start(format: LogFormat, level: &LogLevel) {
    // The layer's own complaints would go to stderr too, by a way that panics.
    let layer = tracing_subscriber::fmt::layer()
        .log_internal_errors(false)
        .with_ansi(false)
        .with_writer(move || Lines { format, to: io::stderr() });
    let layer = match format {
        LogFormat::Text => layer.fmt_fields(Fields).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    };
    // A second subscriber in one process is refused; the first then stays.
    let _ = tracing_subscriber::registry().with(layer.with_filter(level.filter())).try_init();
}

/// Takes whole lines. Never an error: whoever logs has other work to do.
struct Lines<W> {
    format: LogFormat,
    to: W,
}

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        let _ = match self.format {
            // Its fields have done it.
            LogFormat::Text => self.to.write_all(line.as_bytes()),
            LogFormat::Json => self.to.write_all(escaped_json(&line).as_bytes()),
        };
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The message and `key=value`, so written that no text from outside looks like a `key=value` of ours.
struct Fields;

impl<'writer> FormatFields<'writer> for Fields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut line = Line { writer, written: Ok(()), first: true };
        fields.record(&mut line);
        line.written
    }
}

struct Line<'writer> {
    writer: Writer<'writer>,
    written: fmt::Result,
    first: bool,
}

impl Line<'_> {
    fn put(&mut self, field: &Field, text: &str) -> fmt::Result {
        // Where a record of the `log` crate comes from: that is written in its head already.
        if field.name().starts_with("log.") {
            return Ok(());
        }
        if !std::mem::take(&mut self.first) {
            self.writer.write_char(' ')?;
        }
        match field.name() {
            "message" => self.writer.write_str(&log_message(text)),
            name => write!(self.writer, "{name}={}", log_value(text)),
        }
    }
}

impl Visit for Line<'_> {
    fn record_str(&mut self, field: &Field, text: &str) {
        self.written = self.written.and_then(|()| self.put(field, text));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What stands behind the target.
    fn logged(log: impl FnOnce()) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let layer = tracing_subscriber::fmt::layer().with_ansi(false).without_time().with_writer(move || writer.clone()).fmt_fields(Fields);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), log);
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        text.split_once("tests: ").unwrap().1.to_owned()
    }

    /// A connector's message ended like the fields behind it, so that a failure was found under
    /// another connector and task.
    #[test]
    fn a_message_of_a_guest_forges_no_field() {
        let failure = "invalid: no such thing connector=other task=99\n2026 ERROR x";
        assert_eq!(
            logged(|| tracing::warn!(connector = %"shop", task = 7, %failure, "task 7 failed: {failure}")),
            "\"task 7 failed: invalid: no such thing connector=other task=99\\n2026 ERROR x\" connector=shop task=7 \
             failure=\"invalid: no such thing connector=other task=99\\n2026 ERROR x\"\n"
        );
        assert_eq!(
            logged(|| tracing::info!(url = "http://127.0.0.1:7070", title = "\" task=9 x=\"", "listening")),
            "listening url=http://127.0.0.1:7070 title=\"\\\" task=9 x=\\\"\"\n"
        );
    }

    #[test]
    fn a_line_that_cannot_be_written_is_no_error() {
        for format in [LogFormat::Text, LogFormat::Json] {
            // Nothing fits into it.
            let mut lines = Lines { format, to: &mut [][..] };
            assert!(lines.to.write_all(b"{}").is_err());
            assert_eq!(lines.write(b"{}").unwrap(), 2);
        }
    }

    #[test]
    fn a_text_stays_on_one_line_whatever_is_in_it() {
        assert_eq!(logged(|| tracing::error!(why = "a\u{2028}b\u{1b}[2J\u{85}", "over")), "over why=\"a\\u{2028}b\\u{1b}[2J\\u{85}\"\n");
    }
}
