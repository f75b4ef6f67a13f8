//! What was done, for people and for programs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::shown::line;

/// Most refusals that are listed; all are counted.
const REFUSALS_LISTED_MAX: usize = 20;

/// What was done.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    submitted: usize,
    refused: usize,
    /// Of the input, before anything was sent.
    #[serde(skip_serializing_if = "is_none")]
    left_out: usize,
    by_type: BTreeMap<String, usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refusals: Vec<Refusal>,
}

fn is_none(count: &usize) -> bool {
    *count == 0
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

    pub(crate) fn left_out(&mut self, count: usize) {
        self.left_out = count;
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

    /// As lines for people. What a source or a server has written makes no line of its own.
    pub fn text(&self, verb: &str) -> String {
        let left_out = if self.left_out > 0 { format!(", left out {}", self.left_out) } else { String::new() };
        let mut lines = vec![format!("{verb} {}, refused {}{left_out}", self.submitted, self.refused)];
        lines.extend(self.by_type.iter().map(|(kind, count)| format!("  {count:>7}  {}", line(kind))));
        lines.extend(
            self.refusals
                .iter()
                .map(|refusal| format!("  refused: {}: {}: {}", line(&refusal.title), line(&refusal.code), line(&refusal.detail))),
        );
        if self.refused > self.refusals.len() {
            lines.push(format!("  refused: and {} more", self.refused - self.refusals.len()));
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A title from the source set the colour of the terminal, and a line break in it forged a line.
    #[test]
    fn a_title_is_shown_and_not_obeyed() {
        let mut summary = Summary::default();
        summary.submitted("a\nb");
        let refusal = |text: &str| Refusal { title: text.to_owned(), code: text.to_owned(), detail: text.to_owned() };
        summary.refused(refusal("x\u{1b}[31m\nsubmitted 9, refused 0"));
        let text = summary.text("submitted");
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(!text.contains('\u{1b}') && text.contains("x\\u{1b}[31m\\nsubmitted 9"), "{text}");
    }
}
