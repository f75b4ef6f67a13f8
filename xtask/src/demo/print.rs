//! The report, for people and for programs.

use std::io::{self, Write};

use serde_json::Value;

use crate::demo::api::text as member;
use crate::demo::report::{Counts, Example, Report};

/// One object.
pub fn json(report: &Report) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{}", escaped(&format!("{:#}", report.json())))
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
    writeln!(out)?;
    line(out, &format!("an object: {} {}", member(object, "type"), member(object, "code_name")))?;
    for (name, value) in object.get("fields").and_then(Value::as_object).into_iter().flatten() {
        line(out, &format!("  {name}: {}", short(&value.to_string())))?;
    }
    Ok(())
}

fn branch(out: &mut impl Write, example: &Example) -> io::Result<()> {
    if example.branch.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    line(out, &format!("a branch of the page tree: {}", example.site))?;
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

/// One line. What came from outside is shown, not obeyed: `\n`, `\u{1b}`.
fn line(out: &mut impl Write, text: &str) -> io::Result<()> {
    let shown: String = text.chars().flat_map(|c| if is_obeyed(c) { c.escape_default().collect() } else { vec![c] }).collect();
    writeln!(out, "{shown}")
}

/// JSON that means the same: outside of its strings it has line breaks only.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_obeyed(c) && c != '\n' {
            out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether a terminal would act on the character, show nothing of it, or end a line there: as
/// `lockgate_core::text::is_obeyed`, without that crate and its tables.
fn is_obeyed(c: char) -> bool {
    let is_format = matches!(c,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0001}' | '\u{e0020}'..='\u{e007f}');
    c.is_control() || is_format
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nothing() {
        let mut out = Vec::new();
        line(&mut out, "a\n\u{1b}]8;;http://evil\u{7}\u{9b}\u{202e}ü").unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "a\\n\\u{1b}]8;;http://evil\\u{7}\\u{9b}\\u{202e}ü\n");
        let value = serde_json::json!({ "a": "\u{9b}\u{202e}\u{e0041}ü" });
        let shown = escaped(&format!("{value:#}"));
        assert!(!shown.chars().any(|c| is_obeyed(c) && c != '\n'), "{shown:?}");
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value);
    }
}
