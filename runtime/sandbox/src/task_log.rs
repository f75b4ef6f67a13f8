//! A task's log: bounded, with a count of what did not fit (promise 5), and without secrets.

use std::borrow::Cow;
use std::sync::Arc;

use lockgate_core::failure::sanitised;
use lockgate_core::history::{Level, LogLine, Source};

use crate::guest_time::GuestTime;
use crate::secrets::Secrets;

/// Collects the lines of one task.
#[derive(Debug)]
pub struct TaskLog {
    lines: Vec<LogLine>,
    bytes: usize,
    lines_max: usize,
    bytes_max: usize,
    dropped: u64,
    last_error: Option<String>,
    secrets: Option<Arc<Secrets>>,
    time: Arc<GuestTime>,
}

impl TaskLog {
    /// For so many lines and bytes, of a run that has this time.
    pub fn new(lines_max: usize, bytes_max: usize, time: Arc<GuestTime>) -> Self {
        Self { lines: Vec::new(), bytes: 0, lines_max, bytes_max, dropped: 0, last_error: None, secrets: None, time }
    }

    /// Masks these in every line.
    #[must_use]
    pub fn masking(mut self, secrets: Arc<Secrets>) -> Self {
        self.secrets = Some(secrets);
        self
    }

    /// Keeps a line of the guest, or counts it as dropped. Once one is dropped, all later ones are: what is kept
    /// is the beginning without holes.
    pub fn write(&mut self, level: Level, message: &str) {
        self.keep(level, Source::Guest, message);
    }

    /// Likewise a line of the host.
    pub fn write_host(&mut self, level: Level, message: &str) {
        self.keep(level, Source::Host, message);
    }

    fn keep(&mut self, level: Level, source: Source, message: &str) {
        let error = level == Level::Error && source == Source::Guest;
        if !error && self.full() {
            self.dropped += 1;
            return;
        }
        let masked = self.secrets.as_ref().map_or(Cow::Borrowed(message), |secrets| secrets.masked(message));
        let message = sanitised(&masked);
        if error {
            self.last_error = Some(message.clone());
        }
        if self.full() || self.bytes + message.len() > self.bytes_max {
            self.dropped += 1;
            return;
        }
        self.bytes += message.len();
        self.lines.push(self.line(level, source, &message));
    }

    /// The last line at level error, kept or not: a panic hook's message.
    pub fn last_error(&self) -> Option<&str> {
        self.last_error.as_deref()
    }

    /// The lines, the last of which says how many were dropped.
    pub fn take(&mut self) -> Vec<LogLine> {
        let mut lines = std::mem::take(&mut self.lines);
        let dropped = std::mem::take(&mut self.dropped);
        if dropped > 0 {
            let plural = if dropped == 1 { "" } else { "s" };
            lines.push(self.line(Level::Warn, Source::Host, &format!("{dropped} more line{plural} dropped: the task's log is full")));
        }
        lines
    }

    fn full(&self) -> bool {
        self.dropped > 0 || self.lines.len() >= self.lines_max
    }

    fn line(&self, level: Level, source: Source, message: &str) -> LogLine {
        LogLine { at_ms: self.time.real_ms(), level, source, message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_says_how_many_were_dropped() {
        let mut log = TaskLog::new(2, 100, Arc::new(GuestTime::new(0)));
        for text in ["a", "b", "c", "d"] {
            log.write(Level::Info, text);
        }
        let lines = log.take();
        assert_eq!(lines.len(), 3);
        assert!(lines[2].message.contains("2 more lines dropped"));
    }

    #[test]
    fn a_panic_message_is_remembered_even_if_the_log_is_full() {
        let mut log = TaskLog::new(0, 0, Arc::new(GuestTime::new(0)));
        log.write(Level::Error, "boom");
        assert_eq!(log.last_error(), Some("boom"));
    }
}
