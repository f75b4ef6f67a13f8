//! What has come of tasks since the server began.

use std::collections::BTreeMap;
use std::fmt::Write;

use lockgate_bus::{BUCKETS_MS, Counted, Histogram};
use lockgate_core::names::ConnectorName;

/// Outcomes that passes have; each is told of each connector, zeros too: a rate needs a first value.
const OUTCOMES: [&str; 6] = ["stored", "unchanged", "superseded", "absent", "skipped", "failed"];

/// `installed`: of these everything is told, whatever they have had.
pub(super) fn put(text: &mut String, installed: &[ConnectorName], numbers: &BTreeMap<ConnectorName, Counted>) {
    let mut all: BTreeMap<ConnectorName, Counted> = installed.iter().map(|name| (name.clone(), Counted::default())).collect();
    all.extend(numbers.clone());
    for counted in all.values_mut() {
        for outcome in OUTCOMES {
            counted.ended.entry(outcome).or_default();
        }
    }
    head(text, "lockgate_tasks_submitted_total", "Tasks that were queued, since the start.", "counter");
    for (name, counted) in &all {
        line(text, format_args!("lockgate_tasks_submitted_total{{connector=\"{name}\"}} {}", counted.submitted));
    }
    head(text, "lockgate_tasks_ended_total", "Tasks that have ended, since the start.", "counter");
    for (name, counted) in &all {
        for (outcome, count) in &counted.ended {
            line(text, format_args!("lockgate_tasks_ended_total{{connector=\"{name}\",outcome=\"{outcome}\"}} {count}"));
        }
    }
    head(text, "lockgate_tries_failed_total", "Tries that failed, or came to waiting, since the start.", "counter");
    for (name, counted) in &all {
        for (code, count) in &counted.tries_failed {
            line(text, format_args!("lockgate_tries_failed_total{{connector=\"{name}\",code=\"{}\"}} {count}", code.as_str()));
        }
    }
    head(text, "lockgate_egress_calls_total", "Calls of connectors' tasks that have ended, since the start.", "counter");
    for (name, counted) in &all {
        line(text, format_args!("lockgate_egress_calls_total{{connector=\"{name}\"}} {}", counted.egress_calls));
    }
    histograms(text, "lockgate_task_wait_seconds", "From submission to the end.", &all, |counted| counted.wait);
    histograms(text, "lockgate_commit_seconds", "Commits of passes.", &all, |counted| counted.commit);
}

fn histograms(text: &mut String, name: &str, help: &str, all: &BTreeMap<ConnectorName, Counted>, of: fn(&Counted) -> Histogram) {
    head(text, name, help, "histogram");
    for (connector, counted) in all {
        let histogram = of(counted);
        let mut sum = 0;
        for (bound, count) in BUCKETS_MS.iter().zip(histogram.buckets) {
            sum += count;
            line(text, format_args!("{name}_bucket{{connector=\"{connector}\",le=\"{}\"}} {sum}", seconds(*bound)));
        }
        line(text, format_args!("{name}_bucket{{connector=\"{connector}\",le=\"+Inf\"}} {}", histogram.count));
        line(text, format_args!("{name}_sum{{connector=\"{connector}\"}} {}", seconds(histogram.sum_ms)));
        line(text, format_args!("{name}_count{{connector=\"{connector}\"}} {}", histogram.count));
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

fn head(text: &mut String, name: &str, help: &str, kind: &str) {
    line(text, format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}
