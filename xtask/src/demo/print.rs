//! The report, for people and for programs.

use std::io::{self, Write};

use serde_json::Value;

use crate::demo::api::text as member;
use crate::demo::report::{Counts, Example, Report};

/// One object.
pub fn json(report: &Report) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{:#}", report.json())
}

/// What an operator wants to know.
pub fn text(report: &Report, example: &Example) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{} tasks submitted, processed in {:.2} s: {:.0} tasks/s", report.submitted, report.seconds, report.tasks_per_s)?;
    if report.refused > 0 {
        writeln!(out, "{} tasks refused", report.refused)?;
    }
    for refusal in report.refusals.as_array().into_iter().flatten() {
        line(&mut out, &format!("  {:?}: {}: {}", member(refusal, "title"), member(refusal, "code"), member(refusal, "detail")))?;
    }
    counts(&mut out, "tasks", &report.outcomes)?;
    counts(&mut out, "rows written", &report.written)?;
    counts(&mut out, "stored", &report.stored)?;
    writeln!(out, "culture versions: {}", report.culture_versions)?;
    writeln!(out, "references resolved: {}", report.references_resolved)?;
    counts(&mut out, "warnings", &report.warnings)?;
    counts(&mut out, "failed", &report.failed)?;
    for failure in &report.failures {
        let path = match member(failure, "path") {
            path if path.is_empty() => path,
            path => format!(" (at {path})"),
        };
        line(
            &mut out,
            &format!(
                "  task {} {:?}: {}: {}{path}",
                member(failure, "task"),
                member(failure, "title"),
                member(failure, "code"),
                member(failure, "message")
            ),
        )?;
    }
    let listed = report.failures.len() as u64;
    let failed: u64 = report.failed.values().sum();
    if failed > listed {
        writeln!(out, "  and {} more", failed - listed)?;
    }
    if report.still_queued > 0 {
        writeln!(out, "still queued: {}", report.still_queued)?;
    }
    object(&mut out, example)?;
    branch(&mut out, example)
}

fn counts(out: &mut impl Write, title: &str, counts: &Counts) -> io::Result<()> {
    let parts: Vec<String> = counts.iter().map(|(word, count)| format!("{word} {count}")).collect();
    line(out, &format!("{title}: {}", if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }))
}

fn object(out: &mut impl Write, example: &Example) -> io::Result<()> {
    let Some(object) = &example.object else { return Ok(()) };
    line(out, &format!("\nan object: {} {}", member(object, "type"), member(object, "code_name")))?;
    for (name, value) in object.get("fields").and_then(Value::as_object).into_iter().flatten() {
        line(out, &format!("  {name}: {}", short(&value.to_string())))?;
    }
    Ok(())
}

fn branch(out: &mut impl Write, example: &Example) -> io::Result<()> {
    if example.branch.is_empty() {
        return Ok(());
    }
    line(out, &format!("\na branch of the page tree: {}", example.site))?;
    for (depth, page) in example.branch.iter().enumerate() {
        let cultures = page.get("cultures").and_then(Value::as_object);
        let name = cultures.into_iter().flatten().map(|(_, version)| member(version, "name")).next().unwrap_or_default();
        line(out, &format!("{}/{}  {:?}  ({})", "  ".repeat(depth + 1), member(page, "alias"), short(&name), member(page, "class_name")))?;
    }
    Ok(())
}

fn short(text: &str) -> String {
    match text.char_indices().nth(100) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What came from outside is shown, not obeyed.
fn line(out: &mut impl Write, text: &str) -> io::Result<()> {
    let shown: String = text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect();
    writeln!(out, "{shown}")
}
