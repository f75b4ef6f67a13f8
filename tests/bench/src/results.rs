//! What a run found: rows for people, keys for comparing. Its JSON is `latest.json`.

mod compare;
mod machine;
mod plot;
mod table;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::stats::Series;

pub use compare::compare;
pub use machine::Machine;
pub use table::{number, percent};

/// Everything that a run found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Results {
    /// Where.
    pub machine: Machine,
    /// What is compared, by key: numbers, and the name of the best peer.
    #[serde(flatten)]
    pub keys: Map<String, Value>,
    /// A/A noise of each key: 0.05 is 5 %.
    pub noise: BTreeMap<String, f64>,
    /// Everything measured, in order.
    pub rows: Vec<Row>,
}

/// One line of the table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Row {
    /// `sandbox`, `pipeline`, `http`, `growth` or `peers`.
    pub part: String,
    /// What.
    pub name: String,
    /// How much; `None` where something is absent, and the note says why.
    pub value: Option<f64>,
    /// In what.
    pub unit: String,
    /// A/A noise, where it was measured more than once.
    pub noise: Option<f64>,
    /// What else is to be known.
    pub note: String,
}

impl Results {
    /// None yet, on this machine.
    pub fn new(folder: &Path) -> Self {
        Self { machine: Machine::here(folder), ..Self::default() }
    }

    /// Those that were written before.
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is not what this program writes", file.display()))
    }

    /// A row from repeated measurements.
    pub fn row(&mut self, part: &str, name: impl Into<String>, series: &Series, unit: &str, note: impl Into<String>) {
        let row = Row { value: Some(series.median()), noise: series.noise_if_repeated(), ..Row::named(part, name, unit, note) };
        self.rows.push(row);
    }

    /// A row from one measurement.
    pub fn once(&mut self, part: &str, name: impl Into<String>, value: f64, unit: &str, note: impl Into<String>) {
        self.rows.push(Row { value: Some(value), ..Row::named(part, name, unit, note) });
    }

    /// A row without a value.
    pub fn absent(&mut self, part: &str, name: impl Into<String>, why: impl Into<String>) {
        self.rows.push(Row::named(part, name, "", why));
    }

    /// A key of `latest.json`, with its A/A noise.
    pub fn key(&mut self, key: &str, value: f64, noise: f64) {
        self.keys.insert(key.to_owned(), rounded(value).into());
        self.noise.insert(key.to_owned(), rounded(noise));
    }

    /// A key's number.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.keys.get(key)?.as_f64()
    }

    /// Takes over what an earlier run on this machine found in parts that were not run now.
    pub fn complete_from(&mut self, before: &Self) {
        if before.machine.name() != self.machine.name() {
            return;
        }
        let run: Vec<String> = self.rows.iter().map(|row| row.part.clone()).collect();
        let mut rows: Vec<Row> = before.rows.iter().filter(|row| !run.contains(&row.part)).cloned().collect();
        rows.append(&mut self.rows);
        rows.sort_by_key(|row| PARTS.iter().position(|part| *part == row.part));
        self.rows = rows;
        // A peer that is absent now must not come back from before.
        let stays = |key: &str| !(run.iter().any(|part| part == "peers") && crate::peers::is_key(key));
        for (key, value) in before.keys.iter().filter(|(key, _)| stays(key)) {
            self.keys.entry(key.clone()).or_insert_with(|| value.clone());
        }
        for (key, noise) in before.noise.iter().filter(|(key, _)| stays(key)) {
            self.noise.entry(key.clone()).or_insert(*noise);
        }
    }

    /// Writes `latest.json`, `latest.md` and `latest.svg`.
    pub fn write(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("latest.json"), format!("{}\n", serde_json::to_string_pretty(self)?))?;
        std::fs::write(folder.join("latest.md"), self.table())?;
        std::fs::write(folder.join("latest.svg"), self.plot()?)?;
        Ok(())
    }
}

/// Parts in the order of the table.
pub const PARTS: [&str; 5] = ["sandbox", "pipeline", "http", "growth", "peers"];

impl Row {
    fn named(part: &str, name: impl Into<String>, unit: &str, note: impl Into<String>) -> Self {
        Self { part: part.to_owned(), name: name.into(), unit: unit.to_owned(), note: note.into(), ..Self::default() }
    }
}

/// Four digits say all there is to say.
pub fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_keys_at_the_top_and_comes_back() {
        let mut results = Results::default();
        results.key("fresh_over_reused", 1.23456, 0.01);
        results.absent("peers", "apalis", "no compiler");
        let json: Value = serde_json::to_value(&results).unwrap();
        assert_eq!(json["fresh_over_reused"], 1.235);
        let back: Results = serde_json::from_value(json).unwrap();
        assert_eq!((back.number("fresh_over_reused"), back.rows), (Some(1.235), results.rows));
    }

    #[test]
    fn parts_that_were_not_run_are_kept_and_those_that_were_are_replaced() {
        let mut before = Results::default();
        before.once("sandbox", "fresh", 1.0, "µs", "");
        before.once("http", "old", 1.0, "tasks/s", "");
        before.key("fresh_over_reused", 2.0, 0.1);
        let mut now = Results::default();
        now.once("http", "new", 2.0, "tasks/s", "");
        now.complete_from(&before);
        let names: Vec<&str> = now.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!((names, now.number("fresh_over_reused")), (vec!["fresh", "new"], Some(2.0)));
    }
}
