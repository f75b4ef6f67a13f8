//! What was measured, a row for each case.

use std::time::Duration;

use crate::case::{Case, Expect};
use crate::probe::Times;
use crate::rig::End;

/// One case.
#[derive(Debug, Clone)]
pub struct Row {
    pub case: String,
    /// How it ended.
    pub code: String,
    /// Longest single attack.
    pub attack: Duration,
    pub health: Times,
    /// Longest that another connector's task took.
    pub other: Duration,
    /// Highest that resident memory rose during one attack.
    pub peak_kib: i64,
    /// Private memory after the repeats, beyond the baseline.
    pub kept_kib: i64,
    pub repeats: u32,
    /// The whole case.
    pub whole: Duration,
}

impl Row {
    pub fn new(case: &Case) -> Self {
        let code = match &case.expect {
            Expect::Fails(code) | Expect::Refused(code) => code.clone(),
            Expect::Stored | Expect::Skipped | Expect::Holds => "holds".to_owned(),
        };
        let (health, zero) = (Times::default(), Duration::ZERO);
        Self {
            case: case.name.clone(),
            code,
            attack: zero,
            health,
            other: zero,
            peak_kib: 0,
            kept_kib: 0,
            repeats: case.repeats,
            whole: zero,
        }
    }

    pub fn took(&mut self, attack: Duration) {
        self.attack = self.attack.max(attack);
    }

    pub fn other_took(&mut self, other: Duration) {
        self.other = self.other.max(other);
    }

    pub fn ended(&mut self, end: &End) {
        match end {
            End::Stored => "stored".clone_into(&mut self.code),
            End::Skipped(_) => "skipped".clone_into(&mut self.code),
            End::Failed(failure) => failure.code.as_str().clone_into(&mut self.code),
        }
    }
}

/// The rows as a table for people.
pub fn table(rows: &[Row]) -> String {
    let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
    let mut text = format!(
        "{:<40} {:<22} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7} {:>8}\n",
        "case", "end", "attack", "health", "max", "other", "peak KiB", "kept KiB", "repeats", "whole"
    );
    for row in rows {
        text.push_str(&format!(
            "{:<40} {:<22} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7} {:>8.0}\n",
            row.case,
            row.code,
            ms(row.attack),
            ms(row.health.median),
            ms(row.health.max),
            ms(row.other),
            row.peak_kib,
            row.kept_kib,
            row.repeats,
            row.whole.as_secs_f64() * 1e3
        ));
    }
    text
}
