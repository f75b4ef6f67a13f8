//! Small parts that many pages have.

use maud::{Markup, html};
use serde_json::Value;

use super::text::{code, text, whole};
use crate::look::Look as _;
use crate::page::Page;

/// Where something stands, in one word.
pub(crate) fn state(word: &str) -> Markup {
    let class = match word {
        "failed" | "blocked" | "failing" => "state bad",
        "parked" | "behind" | "running" | "paused" | "waiting" | "superseded" | "partly" | "cancelled" | "not granted" => "state wait",
        "stored" | "published" | "active" | "done" | "granted" | "mended" | "enabled" => "state good",
        _ => "state",
    };
    html! { span class=(class) { (word) } }
}

/// The state of a task, and that its last try failed.
pub(crate) fn task_state(task: &Value) -> Markup {
    let failing = task.text("state") == "queued" && !task.at("failure").is_null();
    html! { @if failing { (state("failing")) } @else { (state(task.text("state"))) } }
}

/// The command that does the same.
pub(crate) fn cli(line: &str) -> Markup {
    html! { span.cli { code { (line) } button.copy type="button" hidden { "Copy" } } }
}

/// Why it failed.
pub(crate) fn failure(failure: &Value) -> Markup {
    html! {
        @if !failure.is_null() {
            p { (code(failure.text("code"))) " " (whole(failure.text("message"))) }
            @if let Some(path) = failure.maybe("path") { p.faint { "at " (code(path)) } }
        }
    }
}

/// A link to a task.
pub(crate) fn task(id: u64, title: &str) -> Markup {
    html! { a href={ "/console/tasks/" (id) } { "#" (id) @if !title.is_empty() { " " (text(title)) } } }
}

/// A link to a connector.
pub(crate) fn connector(name: &str) -> Markup {
    html! { a href={ "/console/connectors/" (name) } { (text(name)) } }
}

/// Nothing is there, which is good or has a reason.
pub(crate) fn nothing(what: &str, why: &str) -> Markup {
    html! { div.nothing { p { strong { (what) } } p.faint { (why) } } }
}

/// To the rest of a list.
pub(crate) fn more(page: &Page, parameter: &str, next: &Value, what: &str) -> Markup {
    let next = match next {
        Value::Null => String::new(),
        Value::String(mark) => mark.clone(),
        other => other.to_string(),
    };
    let first = page.query.with(parameter, "").with("said", "");
    html! {
        @if page.query.get(parameter).is_some() || !next.is_empty() {
            nav.more aria-label="Further rows" {
                @if page.query.get(parameter).is_some() { a href=(page.here(&first)) rel="first" { "To the first" } }
                @if !next.is_empty() { a href=(page.here(&first.with(parameter, next))) rel="next" { (what) } }
            }
        }
    }
}

/// How much of a limit is used, as a bar.
pub(crate) fn bar(name: &str, used: u64, limit: Option<u64>, unit: fn(u64) -> String) -> Markup {
    let share = limit.filter(|limit| *limit > 0).map(|limit| (used.saturating_mul(100) / limit).min(100));
    let class = match share {
        Some(90..) => "used bad",
        Some(60..) => "used wait",
        _ => "used",
    };
    html! {
        div class=(class) {
            span { (name) }
            svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" {
                rect.track width="100" height="6" rx="1" {}
                @if let Some(share) = share { rect.fill width=(share.max(1)) height="6" rx="1" {} }
            }
            span.faint {
                (unit(used))
                @if let Some(limit) = limit { " of " (unit(limit)) } @else { " (no limit kept)" }
            }
        }
    }
}

/// A number as people read it: `1,234,567`.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number where there is little room: `1.2 M`.
pub(crate) fn short(number: u64) -> String {
    match number {
        0..10_000 => self::number(number),
        10_000..1_000_000 => format!("{} k", number / 1_000),
        _ => format!("{}.{} M", number / 1_000_000, number % 1_000_000 / 100_000),
    }
}

/// Bytes.
pub(crate) fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KiB", bytes / 1_024),
        _ => format!("{}.{} MiB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

/// Microseconds.
pub(crate) fn micros(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{} ms", us / 1_000),
        _ => format!("{}.{} s", us / 1_000_000, us % 1_000_000 / 100_000),
    }
}

/// A count and its word.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_by_people() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([9_999, 10_000, 1_250_000].map(short), ["9,999", "10 k", "1.2 M"]);
        assert_eq!([1, 2_048, 1_572_864].map(bytes), ["1 B", "2 KiB", "1.5 MiB"]);
        assert_eq!([7, 7_000, 1_700_000].map(micros), ["7 µs", "7 ms", "1.7 s"]);
    }

    #[test]
    fn a_bar_is_never_longer_than_its_track() {
        let drawn = bar("x", 300, Some(100), number).into_string();
        assert!(drawn.contains("class=\"used bad\"") && drawn.contains("rect class=\"fill\" width=\"100\""), "{drawn}");
    }
}
