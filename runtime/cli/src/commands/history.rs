//! `lockgate history`.

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::client::Paging;
use crate::context::Context;
use crate::out::{self, Table, number, text};
use crate::request::Request;

/// List tasks that have left the queue, newest first
///
/// Example: lockgate history --connector shop --outcome failed
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct History {
    /// Of this connector only
    #[arg(long)]
    connector: Option<String>,
    /// Of this task only
    #[arg(long)]
    task: Option<u64>,
    /// With this outcome only
    #[arg(long, value_parser = ["stored", "skipped", "failed", "deleted"])]
    outcome: Option<String>,
    /// With a number below this one, to go on where a list ended
    #[arg(long, value_name = "NUMBER")]
    before: Option<u64>,
    /// Entries at most
    #[arg(long, default_value_t = 100)]
    limit: u64,
}

impl History {
    pub fn run(self, context: &Context) -> Result<()> {
        let request = Request::get(&["v1", "history"])
            .maybe("connector", self.connector)
            .maybe("task", self.task.map(|id| id.to_string()))
            .maybe("outcome", self.outcome);
        let paging = Paging { rows: "history", cursor: "before", limit: self.limit };
        let answer = paging.fetch(&context.client()?, &request, self.before)?;
        context.show(&answer, |answer| {
            print(out::list(answer, "history"))?;
            match answer.get("next").and_then(Value::as_u64) {
                Some(next) => out::line(format!("more: --before {next}")),
                None => Ok(()),
            }
        })
    }
}

/// Entries as a table.
pub fn print(entries: &[Value]) -> std::io::Result<()> {
    let mut table = Table::new(&["TASK", "CONNECTOR", "TYPE", "OUTCOME", "ROWS", "WARNINGS", "ENDED", "TITLE", "WHY"]);
    for entry in entries {
        let why = match out::failure(entry) {
            failure if failure.is_empty() => text(entry, "reason"),
            failure => failure,
        };
        table.row([
            text(entry, "task"),
            text(entry, "connector"),
            text(entry, "task_type"),
            text(entry, "outcome"),
            number(entry, "written_total").to_string(),
            out::list(entry, "warnings").len().to_string(),
            text(entry, "ended_at"),
            text(entry, "title"),
            why,
        ]);
    }
    table.print("nothing has left the queue")
}
