//! `lockgate task show`.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::args;
use crate::commands::history;
use crate::commands::missing::helps;
use crate::context::Context;
use crate::out::{self, bytes, number, text};
use crate::request::Request;

/// Flags of `task show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The task
    #[arg(value_parser = args::number)]
    id: u64,
    /// Write its external object, byte for byte
    #[arg(long, conflicts_with = "log")]
    external: bool,
    /// Write its external object as it came, if it was edited
    #[arg(long, conflicts_with_all = ["log", "external"])]
    original: bool,
    /// Print its log
    #[arg(long)]
    log: bool,
}

impl Show {
    pub fn run(self, context: &Context) -> Result<()> {
        let id = self.id.to_string();
        let client = context.client_to_read()?;
        if self.external {
            let body = client.send(Request::get(&["v1", "tasks", &id, "external"]))?.success()?;
            return Ok(write_external(&body)?);
        }
        if self.original {
            let body = client.send(Request::get(&["v1", "tasks", &id, "external"]).query("original", "true"))?.success()?;
            return Ok(write_external(&body)?);
        }
        if self.log {
            let answer = client.json(Request::get(&["v1", "tasks", &id, "log"]))?;
            return context.show(&answer, print_log);
        }
        let value = client.json(Request::get(&["v1", "tasks", &id]))?;
        if text(&value, "state") == "ended" {
            return context.show(&value, |gone| {
                out::line(format!("task {id} has left the queue: {}", text(gone, "outcome")))?;
                print_edits(gone)?;
                let entries = out::list(gone, "history");
                history::print(entries)?;
                history::print_details(entries)
            });
        }
        context.show(&value, print_task)
    }
}

/// A terminal gets nothing that it would obey; a file or pipe every byte.
fn write_external(body: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if out.is_terminal() { writeln!(out, "{}", out::block(&String::from_utf8_lossy(body))) } else { out.write_all(body) }
}

fn print_log(answer: &Value) -> io::Result<()> {
    let lines = out::list(answer, "log");
    for line in lines {
        out::line(format!("{} {:<5} {:<5} {}", out::time(line, "at"), text(line, "level"), text(line, "source"), text(line, "message")))?;
    }
    if lines.is_empty() { out::line("nothing was logged") } else { Ok(()) }
}

fn print_task(answer: &Value) -> io::Result<()> {
    let task = answer.get("task").filter(|task| task.is_object()).unwrap_or(answer);
    for key in [
        "id",
        "connector",
        "state",
        "since",
        "process_type",
        "task_type",
        "data_type",
        "site",
        "title",
        "subject",
        "media_type",
        "submitted_at",
        "attempts",
        "not_before",
        "traceparent",
    ] {
        let value = out::member(task, key);
        if !value.is_empty() {
            out::line(format!("{}: {value}", key.replace('_', " ")))?;
        }
    }
    out::line(format!("external object: {}", bytes(number(task, "bytes"))))?;
    print_edits(answer)?;
    print_waiting(task)?;
    if task.get("failure").is_some_and(|failure| !failure.is_null()) {
        let what = if text(task, "state") == "parked" { "why it waits" } else { "last failure" };
        out::line(format!("{what}: {}", out::failure(task)))?;
    }
    let advice = text(task, "advice");
    if !advice.is_empty() {
        out::line(format!("what to do: {advice}"))?;
    }
    match out::list(answer, "history") {
        [] => Ok(()),
        entries => {
            history::print(entries)?;
            history::print_details(entries)
        }
    }
}

/// Who has put another object into its place.
fn print_edits(answer: &Value) -> io::Result<()> {
    for edit in out::list(answer, "edited") {
        out::line(format!("edited: {} by {}", out::time(edit, "at"), text(edit, "who")))?;
    }
    Ok(())
}

/// What it waits for, who would help, and who waits for it.
fn print_waiting(task: &Value) -> io::Result<()> {
    if task.get("aside") == Some(&Value::Bool(true)) {
        out::line("set aside: later tasks pass it, except those about the same object")?;
    }
    if let Some(behind) = task.get("behind").and_then(Value::as_u64) {
        out::line(format!("waits behind: task {behind}"))?;
    }
    let wants = out::list(task, "waits_for");
    for want in wants {
        let external = match text(want, "external") {
            external if external.is_empty() => external,
            external => format!(" (external id {external})"),
        };
        out::line(format!("waits for: {}{external}", text(want, "what")))?;
    }
    let more = number(task, "waits_for_total").saturating_sub(wants.len() as u64);
    if more > 0 {
        out::line(format!("waits for: {more} more"))?;
    }
    for helper in out::list(task, "helped_by") {
        out::line(helps(helper))?;
    }
    match task.get("followers").map(followers) {
        Some(line) if !line.is_empty() => out::line(line),
        _ => Ok(()),
    }
}

/// `20 wait behind it: 24, 25, …`; nothing when nobody does.
fn followers(followers: &Value) -> String {
    let total = number(followers, "total");
    if total == 0 {
        return String::new();
    }
    let mut first: Vec<String> = out::list(followers, "first").iter().map(Value::to_string).collect();
    if total > first.len() as u64 {
        first.push("…".to_owned());
    }
    let more = if followers.get("more") == Some(&Value::Bool(true)) { "at least " } else { "" };
    let wait = if total == 1 { "waits" } else { "wait" };
    format!("{more}{total} {wait} behind it: {}", first.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_waits_behind_a_task_is_counted_and_named() {
        assert_eq!(followers(&json!({"total": 20, "more": false, "first": [24, 25]})), "20 wait behind it: 24, 25, …");
        assert_eq!(followers(&json!({"total": 1, "more": false, "first": [24]})), "1 waits behind it: 24");
        assert_eq!(followers(&json!({"total": 0, "more": false, "first": []})), "");
    }
}
