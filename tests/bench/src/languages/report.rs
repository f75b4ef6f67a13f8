//! What was found. Its JSON is `languages.json`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::languages::side::{Place, Side, Sides};
use crate::languages::table;
use crate::results::{Machine, rounded};

/// Everything that a run found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Where.
    pub machine: Machine,
    /// In the order of the table.
    pub languages: Vec<Row>,
}

/// One language, or what it is put beside.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Row {
    /// `native` and `control` are no languages.
    pub key: String,
    /// As people read it.
    pub name: String,
    /// Why there is nothing.
    pub absent: Option<String>,
    /// What else is to be known, a sentence each.
    pub notes: Vec<String>,
    /// By key, which ends with the unit.
    pub measured: BTreeMap<String, Measured>,
}

/// One figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measured {
    /// Median.
    pub value: f64,
    /// A/A noise, where it was measured more than once: 0.05 is 5 %.
    pub noise: Option<f64>,
}

impl Report {
    /// Of what was measured on this machine, with stores in this folder.
    pub fn new(sides: Sides, stores: &Path) -> Self {
        Self { machine: Machine::here(stores), languages: sides.0.into_iter().map(Row::from).collect() }
    }

    /// Writes `languages.json` and `languages.md`.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let write = |name: &str, text: String| {
            let file = folder.join(name);
            std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
        };
        write("languages.json", format!("{}\n", serde_json::to_string_pretty(self)?))?;
        write("languages.md", table::whole(self))
    }
}

impl From<Side> for Row {
    fn from(side: Side) -> Self {
        let absent = match side.place {
            Place::Absent(why) => Some(why),
            Place::Sandbox(_) | Place::Process => None,
        };
        let measured = side.found.iter().map(|(key, series)| {
            let figure = Measured { value: short(series.median()), noise: series.noise_if_repeated().map(rounded) };
            (key.to_owned(), figure)
        });
        Self { key: side.key.to_owned(), name: side.name, absent, notes: side.notes, measured: measured.collect() }
    }
}

/// Counts stay as they are.
fn short(value: f64) -> f64 {
    if value.fract() == 0.0 { value } else { rounded(value) }
}
