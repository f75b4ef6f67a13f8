//! `lockgate missing`.

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::Value;

use crate::args::number;
use crate::context::Context;
use crate::out::{self, Table, text};
use crate::request::Request;

/// Waiters that a line names.
const NAMED_MAX: usize = 3;

/// List what tasks and references wait for, or give one of it up
///
/// One line for each thing that is not there, or not free: what is looked for, how many tasks and open
/// references (loose ends) wait for it and since when, and the first of them. They go on by themselves
/// when it arrives.
///
/// Examples:
///   lockgate missing
///   lockgate missing ignore 6f0c8a2b9d3e4f51
#[derive(Debug, Args)]
#[command(verbatim_doc_comment, args_conflicts_with_subcommands = true)]
pub struct Missing {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// After this mark, to go on where a list ended
    #[arg(long, value_name = "MARK")]
    after: Option<String>,
    /// Lines at most
    #[arg(long, default_value_t = 100, value_parser = number)]
    limit: u64,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Give one thing up: its tasks fail and are set aside, its references stay open
    ///
    /// Example: lockgate missing ignore 6f0c8a2b9d3e4f51
    #[command(verbatim_doc_comment)]
    Ignore {
        /// As `lockgate missing` shows it
        mark: String,
    },
}

impl Missing {
    pub fn run(self, context: &Context) -> Result<()> {
        match self.verb {
            Some(Verb::Ignore { mark }) => {
                let answer = context.client()?.json(Request::post(&["v1", "missing", &mark, "ignore"]))?;
                context.show(&answer, |answer| {
                    let (tasks, ends) = (out::number(answer, "tasks"), out::number(answer, "loose_ends"));
                    out::line(format!("given up: {}; failed tasks: {tasks}, ended references: {ends}", text(answer, "what")))
                })
            }
            None => {
                let answer = fetch(context, self.after, self.limit)?;
                context.show(&answer, print)
            }
        }
    }
}

/// Pages of the API, up to so many lines.
fn fetch(context: &Context, mut after: Option<String>, limit: u64) -> Result<Value> {
    const PAGE_ROWS: u64 = 500;
    let client = context.client_to_read()?;
    let mut rows: Vec<Value> = Vec::new();
    loop {
        let wanted = (limit - rows.len() as u64).min(PAGE_ROWS);
        let request = Request::get(&["v1", "missing"]).query("limit", wanted.to_string()).maybe("after", after);
        let page = client.json(request)?;
        rows.extend(out::list(&page, "missing").iter().cloned());
        after = page.get("next").and_then(Value::as_str).map(str::to_owned);
        if after.is_none() || rows.len() as u64 >= limit {
            return Ok(serde_json::json!({ "missing": rows, "next": after }));
        }
    }
}

fn print(answer: &Value) -> std::io::Result<()> {
    let mut table = Table::new(&["MARK", "WHAT", "EXTERNAL ID", "TASKS", "LOOSE ENDS", "CONNECTORS", "SINCE", "WHO WAITS"]);
    for thing in out::list(answer, "missing") {
        let connectors: Vec<&str> = out::list(thing, "connectors").iter().filter_map(Value::as_str).collect();
        table.row([
            text(thing, "mark"),
            text(thing, "what"),
            text(thing, "external"),
            text(thing, "tasks"),
            text(thing, "loose_ends"),
            connectors.join(", "),
            out::time(thing, "since"),
            who(thing),
        ]);
    }
    table.print("nothing is missing: no task and no reference waits for anything")?;
    for thing in out::list(answer, "missing") {
        for helper in out::list(thing, "helped_by") {
            out::line(format!("{}: {}", text(thing, "what"), helps(helper)))?;
        }
    }
    match answer.get("next").and_then(Value::as_str) {
        Some(next) => out::line(format!("more: --after {next}")),
        None => Ok(()),
    }
}

/// The first who wait, and how many more.
fn who(thing: &Value) -> String {
    let first = out::list(thing, "first");
    let mut named: Vec<String> = first.iter().take(NAMED_MAX).map(waiter).collect();
    let more = (out::number(thing, "tasks") + out::number(thing, "loose_ends")).saturating_sub(named.len() as u64);
    if more > 0 {
        named.push(format!("{more} more"));
    }
    named.join(", ")
}

fn waiter(waiter: &Value) -> String {
    let task = text(waiter, "task");
    match (text(waiter, "loose_end"), text(waiter, "title")) {
        (place, _) if !place.is_empty() => format!("{place}, left by task {task}"),
        (_, title) if !title.is_empty() => format!("task {task} '{title}'"),
        _ => format!("task {task}"),
    }
}

/// A task that waits itself and would help.
pub fn helps(helper: &Value) -> String {
    let title = match text(helper, "title") {
        title if title.is_empty() => title,
        title => format!(" '{title}'"),
    };
    format!("task {}{title} of {}, {}, would help", text(helper, "task"), text(helper, "connector"), text(helper, "state"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_waits_is_named_and_the_rest_is_counted() {
        let first: Vec<Value> =
            (1..=5).map(|task| json!({"task": task, "title": if task == 1 { "Tea" } else { "" }, "loose_end": null})).collect();
        let thing = json!({"tasks": 7, "loose_ends": 1, "first": first});
        assert_eq!(who(&thing), "task 1 'Tea', task 2, task 3, 5 more");
        let loose = json!({"task": 4, "title": "", "loose_end": "field author of page 'a' of site main"});
        assert_eq!(waiter(&loose), "field author of page 'a' of site main, left by task 4");
    }
}
