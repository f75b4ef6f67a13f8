//! What came of the tasks: sums over the history and over what is still queued.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};

use crate::demo::api::{Api, number, text};

/// Failures that are listed with their reason; all are counted.
const FAILURES_LISTED_MAX: usize = 20;

/// Counts by a word.
pub type Counts = BTreeMap<String, u64>;

/// The sums.
#[derive(Debug, Default)]
pub struct Report {
    pub submitted: u64,
    /// Tasks that the bus did not take, and some of them with the reason.
    pub refused: u64,
    pub refusals: Value,
    /// Rows in the store by type.
    pub stored: Counts,
    pub culture_versions: u64,
    /// Tasks by how they left the queue.
    pub outcomes: Counts,
    /// Rows by what happened to them.
    pub written: Counts,
    /// Failed tasks by code, gone or still queued.
    pub failed: Counts,
    pub failures: Vec<Value>,
    /// Tasks that wait and have not failed.
    pub still_queued: u64,
    pub warnings: Counts,
    pub references_resolved: u64,
    pub tasks_per_s: f64,
    pub seconds: f64,
}

/// Reads them from the API.
pub fn collect(api: &Api, seconds: f64) -> Result<Report> {
    let mut report = Report { seconds, ..Report::default() };
    for action in ["inserted", "updated", "unchanged", "deleted"] {
        report.written.insert(action.to_owned(), 0);
    }
    api.each("history", "before", |entry| report.gone(entry))?;
    api.each("tasks", "after", |task| {
        if !report.failure(task, "id") {
            report.still_queued += 1;
        }
    })?;
    let status = api.get("/status")?;
    for key in ["objects", "pages", "bindings"] {
        for (name, count) in status.get(key).and_then(Value::as_object).into_iter().flatten() {
            add(&mut report.stored, name, count.as_u64().unwrap_or_default());
        }
    }
    report.culture_versions = number(&status, "culture_versions");
    let stored: u64 = ["stored", "unchanged", "absent"].iter().filter_map(|outcome| report.outcomes.get(*outcome)).sum();
    report.tasks_per_s = if seconds > 0.0 { (stored as f64 / seconds * 10.0).round() / 10.0 } else { 0.0 };
    report.seconds = (seconds * 1_000.0).round() / 1_000.0;
    Ok(report)
}

impl Report {
    fn gone(&mut self, entry: &Value) {
        add(&mut self.outcomes, &text(entry, "outcome"), 1);
        for row in entry.get("written").and_then(Value::as_array).into_iter().flatten() {
            add(&mut self.written, &text(row, "action"), 1);
        }
        for warning in entry.get("warnings").and_then(Value::as_array).into_iter().flatten() {
            add(&mut self.warnings, &text(warning, "code"), 1);
        }
        self.references_resolved += number(entry, "references_resolved");
        if text(entry, "outcome") == "failed" {
            self.failure(entry, "task");
        }
    }

    /// Whether it has failed.
    fn failure(&mut self, task: &Value, id: &str) -> bool {
        let Some(failure) = task.get("failure").filter(|failure| !failure.is_null()) else { return false };
        add(&mut self.failed, &text(failure, "code"), 1);
        if self.failures.len() < FAILURES_LISTED_MAX {
            self.failures.push(json!({
                "task": number(task, id),
                "title": task.get("title"),
                "code": failure.get("code"),
                "message": failure.get("message"),
                "path": failure.get("path"),
            }));
        }
        true
    }

    /// As one object.
    pub fn json(&self) -> Value {
        json!({
            "submitted": self.submitted,
            "refused": self.refused,
            "refusals": self.refusals,
            "stored": self.stored,
            "culture_versions": self.culture_versions,
            "outcomes": self.outcomes,
            "written": self.written,
            "failed": self.failed,
            "failures": self.failures,
            "still_queued": self.still_queued,
            "warnings": self.warnings,
            "references_resolved": self.references_resolved,
            "tasks_per_s": self.tasks_per_s,
            "seconds": self.seconds,
        })
    }
}

fn add(counts: &mut Counts, word: &str, count: u64) {
    *counts.entry(word.to_owned()).or_default() += count;
}

/// One object and one branch of the page tree.
#[derive(Debug, Default)]
pub struct Example {
    pub object: Option<Value>,
    pub site: String,
    /// From the root down, always the first child that has children.
    pub branch: Vec<Value>,
}

/// Reads them from the API.
pub fn example(api: &Api) -> Result<Example> {
    let objects = api.get("/objects?limit=50")?;
    let objects = objects.get("objects").and_then(Value::as_array).cloned().unwrap_or_default();
    // The one with most to show.
    let object = objects.into_iter().max_by_key(|object| object.get("fields").and_then(Value::as_object).map_or(0, |fields| fields.len()));
    let model = api.get("/model")?;
    let mut example = Example { object, ..Example::default() };
    for site in model.get("sites").and_then(Value::as_array).into_iter().flatten() {
        let name = site.as_str().map_or_else(|| text(site, "name"), str::to_owned);
        let tree = api.get(&format!("/pages/{name}?depth=5"))?;
        let branch = longest(&tree);
        if branch.len() > example.branch.len() {
            example.site = name;
            example.branch = branch;
        }
    }
    Ok(example)
}

/// The longest way down.
fn longest(page: &Value) -> Vec<Value> {
    let mut best = Vec::new();
    for child in page.get("children").and_then(Value::as_array).into_iter().flatten() {
        let below = longest(child);
        if below.len() + 1 > best.len() {
            best = vec![child.clone()];
            best.extend(below);
        }
    }
    best
}
