//! What came of a run, for people and programs.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;

use crate::check::Violation;

/// What came of a run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Repeats the decisions of the run.
    pub seed: u64,
    /// How long things were broken, in seconds.
    pub seconds: u64,
    /// Samples whose data was submitted, with how often.
    pub rounds: BTreeMap<String, u64>,
    /// What stood in for a full disk.
    pub disk: &'static str,
    /// Requests, and what became of the tasks in them.
    pub requests: u64,
    /// Tasks acknowledged, repetitions included.
    pub acknowledged: u64,
    /// Tasks of which the client does not know.
    pub unanswered: u64,
    /// Tasks refused, by code.
    pub refused: BTreeMap<String, u64>,
    /// What was done to the server.
    pub nemesis: BTreeMap<&'static str, u64>,
    /// History entries in the end.
    pub history: usize,
    /// Tasks queued in the end, each with its failure.
    pub queued: usize,
    /// Synthetic objects in the end: links of the chains.
    pub chained: usize,
    /// Objects that waited for each other, in the end.
    pub tied: usize,
    /// Other rows, compared with those of an undisturbed run.
    pub compared: usize,
    /// What is wrong.
    pub violations: Vec<Violation>,
    /// Where store, record and log are, if they are kept.
    pub folder: Option<PathBuf>,
}

impl Report {
    /// A table.
    pub fn text(&self, out: &mut impl Write) -> io::Result<()> {
        let mut row = |name: &str, value: String| writeln!(out, "{name:<42} {value:>10}");
        row("seconds", self.seconds.to_string())?;
        row("requests", self.requests.to_string())?;
        row("tasks acknowledged", self.acknowledged.to_string())?;
        row("tasks unanswered", self.unanswered.to_string())?;
        for (code, count) in &self.refused {
            row(&format!("tasks refused: {code}"), count.to_string())?;
        }
        for (what, count) in &self.nemesis {
            row(what, count.to_string())?;
        }
        for (name, count) in &self.rounds {
            row(&format!("rounds of {name}"), count.to_string())?;
        }
        row("history entries", self.history.to_string())?;
        row("still queued, with their failures", self.queued.to_string())?;
        row("synthetic objects, in unbroken chains", self.chained.to_string())?;
        row("objects that waited for each other", self.tied.to_string())?;
        row("other rows, as in an undisturbed run", self.compared.to_string())?;
        row("violations", self.violations.len().to_string())?;
        writeln!(out, "the full disk was a {}", self.disk)?;
        for violation in &self.violations {
            writeln!(out, "VIOLATION {}: {}", violation.kind, violation.detail)?;
        }
        if let Some(folder) = &self.folder {
            writeln!(out, "kept: {}", folder.display())?;
        }
        Ok(())
    }
}
