//! `lockgate task show`.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::args;
use crate::commands::history;
use crate::context::Context;
use crate::exit::Failure;
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
        if self.log {
            let answer = client.json(Request::get(&["v1", "tasks", &id, "log"]))?;
            return context.show(&answer, print_log);
        }
        let answer = client.send(Request::get(&["v1", "tasks", &id]))?;
        let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        // A task that is gone is found in the history.
        if !answer.is_success() && out::list(&value, "history").is_empty() {
            return Err(Failure::of_problem(answer.status, &answer.body).into());
        }
        if !answer.is_success() {
            let gone = serde_json::json!({"task": self.id, "queued": false, "history": out::list(&value, "history")});
            return context.show(&gone, |gone| {
                out::line(format!("task {id} has left the queue"))?;
                let entries = out::list(gone, "history");
                history::print(entries)?;
                history::print_used(entries)
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
        "process_type",
        "task_type",
        "data_type",
        "site",
        "title",
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
    if let Some(failure) = task.get("failure").filter(|failure| !failure.is_null()) {
        out::line(format!("failure: {}", out::failure(task)))?;
        out::line(format!("what to do: {}", text(failure, "advice")))?;
    }
    match out::list(answer, "history") {
        [] => Ok(()),
        entries => {
            history::print(entries)?;
            history::print_used(entries)
        }
    }
}
