//! What a check has found, and how far it is.

use std::fmt::Display;

/// Findings that are listed; more are only counted.
const LISTED_MAX: usize = 1_000;
/// Rows between two words of progress.
const STEP_ROWS: u64 = 1_024;

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows that were read.
    pub rows: u64,
    /// Rows that there are.
    pub rows_total: u64,
}

/// Something that should not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule is broken, for programs: `engine-integrity`, `table-unknown`, `row-unreadable`,
    /// `model-unreadable`, `index-missing`, `index-wrong`, `index-dangling`, `reference-dangling`,
    /// `counter-wrong`, `id-beyond-next`, `generation-beyond`, `task-twice`, `log-dangling`, `key-dangling`,
    /// `version-missing`, `component-missing` or `component-unused`.
    pub code: &'static str,
    /// Where and how, for people.
    pub message: String,
}

/// What a check has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The file's format.
    pub format: u64,
    /// Rows that were read, of all tables.
    pub rows: u64,
    /// The first thousand; none: the file is whole.
    pub findings: Vec<Finding>,
    /// How many there are.
    pub findings_total: u64,
}

pub(super) struct Found<'p> {
    progress: &'p mut dyn FnMut(Progress),
    at: Progress,
    findings: Vec<Finding>,
    total: u64,
}

impl<'p> Found<'p> {
    pub(super) fn new(progress: &'p mut dyn FnMut(Progress), rows_total: u64) -> Self {
        Self { progress, at: Progress { rows: 0, rows_total }, findings: Vec::new(), total: 0 }
    }

    pub(super) fn add(&mut self, code: &'static str, message: impl Display) {
        self.total += 1;
        if self.findings.len() < LISTED_MAX {
            self.findings.push(Finding { code, message: message.to_string() });
        }
    }

    /// One row more was read.
    pub(super) fn step(&mut self) {
        self.at.rows += 1;
        if self.at.rows.is_multiple_of(STEP_ROWS) {
            (self.progress)(self.at);
        }
    }

    /// The value, or a finding that it cannot be read.
    pub(super) fn read<T, E: Display>(&mut self, place: impl Display, read: Result<T, E>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => {
                self.add("row-unreadable", format_args!("{place}: {error}"));
                None
            }
        }
    }

    pub(super) fn report(self, format: u64) -> Report {
        (self.progress)(self.at);
        Report { format, rows: self.at.rows, findings: self.findings, findings_total: self.total }
    }
}
