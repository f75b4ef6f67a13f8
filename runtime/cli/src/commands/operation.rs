//! `lockgate operation`.

mod watch;

use anyhow::Result;
use clap::Subcommand;
use serde_json::Value;

use crate::args::number;
use crate::client::Paging;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::out::{self, Table, text};
use crate::request::Request;
pub use watch::watch;

/// Look at operations over many tasks, wait for them, cancel them
#[derive(Debug, Subcommand)]
pub enum Operation {
    /// List operations, the newest first
    ///
    /// Example: lockgate operation list
    #[command(verbatim_doc_comment)]
    List {
        /// With an id below this one, to go on where a list ended
        #[arg(long, value_name = "ID", value_parser = number)]
        before: Option<u64>,
        /// Operations at most
        #[arg(long, default_value_t = 20, value_parser = number)]
        limit: u64,
    },
    /// Show one operation: how far it is, and what came of its tasks
    ///
    /// Example: lockgate operation show 7
    #[command(verbatim_doc_comment)]
    Show {
        /// The operation
        #[arg(value_parser = number)]
        id: u64,
    },
    /// Wait for the end of an operation; Ctrl-C ends the waiting, not the operation
    ///
    /// Without a server, the operation goes on in this command.
    ///
    /// Example: lockgate operation watch 7
    #[command(verbatim_doc_comment)]
    Watch {
        /// The operation
        #[arg(value_parser = number)]
        id: u64,
    },
    /// Cancel an operation: it stops after the batch in hand, and leaves the other tasks as they are
    ///
    /// Example: lockgate operation cancel 7
    #[command(verbatim_doc_comment)]
    Cancel {
        /// The operation
        #[arg(value_parser = number)]
        id: u64,
    },
}

impl Operation {
    pub fn run(self, context: &Context) -> Result<()> {
        match self {
            Self::List { before, limit } => {
                let request = Request::get(&["v1", "operations"]);
                let paging = Paging { rows: "operations", cursor: "before", limit };
                let answer = paging.fetch(&context.client_to_read()?, &request, before)?;
                context.show(&answer.value, print_list)
            }
            Self::Show { id } => {
                let operation = context.client_to_read()?.json(Request::get(&["v1", "operations", &id.to_string()]))?;
                context.show(&operation, print)
            }
            Self::Watch { id } => {
                let client = context.client_to_process()?;
                client.resume_operations()?;
                let operation = watch(&client, id)?;
                finish(context, &operation)
            }
            Self::Cancel { id } => {
                let operation = context.client()?.json(Request::post(&["v1", "operations", &id.to_string(), "cancel"]))?;
                context.show(&operation, print)
            }
        }
    }
}

fn print_list(answer: &Value) -> std::io::Result<()> {
    let mut table = Table::new(&["ID", "ACTION", "STATE", "MEANT", "DONE", "FAILED", "WAIT", "LEFT", "STARTED", "ENDED"]);
    for operation in out::list(answer, "operations") {
        let numbers = ["meant", "done", "failed", "waiting", "left"].map(|key| text(operation, key));
        let [meant, done, failed, waiting, left] = numbers;
        table.row([
            text(operation, "id"),
            action(operation),
            text(operation, "state"),
            meant,
            done,
            failed,
            waiting,
            left,
            out::time(operation, "started_at"),
            out::time(operation, "ended_at"),
        ]);
    }
    table.print("no operation is known")?;
    match answer.get("next").and_then(Value::as_u64) {
        Some(next) => out::line(format!("more: --before {next}")),
        None => Ok(()),
    }
}

/// `process-type skip-on-error`, or the action alone.
fn action(operation: &Value) -> String {
    match text(operation, "process_type") {
        of if of.is_empty() => text(operation, "action"),
        of => format!("{} {of}", text(operation, "action")),
    }
}

/// An operation, in a few lines.
pub fn print(operation: &Value) -> std::io::Result<()> {
    let count = |key: &str| out::number(operation, key);
    let parts = [
        (count("done"), "done"),
        (count("failed"), "failed"),
        (count("waiting"), "wait on"),
        (count("passed_over"), "passed over"),
        (count("left"), "left"),
    ];
    let parts: Vec<String> = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let parts = if parts.is_empty() { "nothing to do".to_owned() } else { parts.join(", ") };
    let (id, state, meant) = (text(operation, "id"), text(operation, "state"), count("meant"));
    out::line(format!("operation {id}, {}: {state}; {meant} tasks meant: {parts}", action(operation)))?;
    for (code, count) in operation.get("by_code").and_then(Value::as_object).into_iter().flatten() {
        out::line(format!("  {code}: {count}"))?;
    }
    match text(operation, "why") {
        why if why.is_empty() => Ok(()),
        why => out::line(format!("  {why}")),
    }
}

/// Prints an operation; what did not go well is the command's failure.
pub fn finish(context: &Context, operation: &Value) -> Result<()> {
    context.show(operation, print)?;
    let failed = out::number(operation, "failed");
    match &*text(operation, "state") {
        "failed" => Err(Failure::new(Exit::Failed, format!("the operation could not go on: {}", text(operation, "why"))).into()),
        "cancelled" => Err(Failure::new(Exit::Failed, "the operation was cancelled").into()),
        _ if failed > 0 => Err(Failure::new(Exit::Failed, format!("failed tasks: {failed}"))
            .hint("`lockgate task list --failing` says why, `lockgate explain CODE` what to do")
            .into()),
        _ => Ok(()),
    }
}
