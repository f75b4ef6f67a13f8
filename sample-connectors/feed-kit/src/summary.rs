//! What was done, for people and for programs.

use std::collections::BTreeMap;

use serde::Serialize;

/// Most refusals that are listed; all are counted.
const REFUSALS_LISTED_MAX: usize = 20;

/// What was done.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    submitted: usize,
    refused: usize,
    by_type: BTreeMap<String, usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refusals: Vec<Refusal>,
}

/// A task that the server refused.
#[derive(Debug, Serialize)]
pub struct Refusal {
    /// The task's title.
    pub title: String,
    /// The server's code.
    pub code: String,
    /// The server's words.
    pub detail: String,
}

impl Summary {
    /// Whether the server refused anything.
    pub fn has_refusals(&self) -> bool {
        self.refused > 0
    }

    /// How many tasks were submitted or written.
    pub fn submitted_count(&self) -> usize {
        self.submitted
    }

    pub(crate) fn submitted(&mut self, kind: &str) {
        self.submitted += 1;
        *self.by_type.entry(kind.to_owned()).or_default() += 1;
    }

    pub(crate) fn refused(&mut self, refusal: Refusal) {
        self.refused += 1;
        if self.refusals.len() < REFUSALS_LISTED_MAX {
            self.refusals.push(refusal);
        }
    }

    /// As lines for people.
    pub fn text(&self, verb: &str) -> String {
        let mut lines = vec![format!("{verb} {}, refused {}", self.submitted, self.refused)];
        lines.extend(self.by_type.iter().map(|(kind, count)| format!("  {count:>7}  {kind}")));
        lines.extend(self.refusals.iter().map(|refusal| format!("  refused: {}: {}: {}", refusal.title, refusal.code, refusal.detail)));
        if self.refused > self.refusals.len() {
            lines.push(format!("  refused: and {} more", self.refused - self.refusals.len()));
        }
        lines.join("\n")
    }
}
