//! Judges a bare component: golden cases of its author, and what every connector must stand.
//!
//! What this must not know: in which language the component was written, and any server or store.

mod answer;
mod case;
mod check;
mod exchanges;
mod expected;
mod payloads;
mod report;
mod rig;
mod watched;

pub use case::{Case, CaseError, read_cases};
pub use check::refused;
pub use expected::{Updated, update};
pub use report::{Finding, Report, Status};
pub use rig::{Rig, model_file, read_model};

use std::time::Instant;

/// Runs every case and every check on it.
pub fn run(rig: &Rig, cases: &[Case]) -> Report {
    let mut report = Report::default();
    for case in cases {
        let started = Instant::now();
        let ran = rig.run(case);
        let (status, message) = match expected::compare(case, &ran) {
            Ok(()) if case.raw => (Status::Passed, expected::in_a_line(&ran)),
            Ok(()) => (Status::Passed, String::new()),
            Err(difference) => (Status::Failed, difference),
        };
        report.findings.push(Finding { group: "case", name: case.name.clone(), status, message, took: started.elapsed() });
    }
    report.findings.extend(check::all(rig, cases));
    report
}
