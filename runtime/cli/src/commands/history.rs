//! `lockgate history`.

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::args::number;
use crate::client::Paging;
use crate::context::Context;
use crate::out::{self, Table, bytes_of, micros, text};
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
    #[arg(long, value_name = "ID", value_parser = number)]
    task: Option<u64>,
    /// With this outcome only
    #[arg(long, value_parser = ["stored", "skipped", "failed", "deleted"])]
    outcome: Option<String>,
    /// With a number below this one, to go on where a list ended
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    before: Option<u64>,
    /// Entries at most
    #[arg(long, default_value_t = 100, value_parser = number)]
    limit: u64,
}

impl History {
    pub fn run(self, context: &Context) -> Result<()> {
        let of_one_task = self.task.is_some();
        let request = Request::get(&["v1", "history"])
            .maybe("connector", self.connector)
            .maybe("task", self.task.map(|id| id.to_string()))
            .maybe("outcome", self.outcome);
        let paging = Paging { rows: "history", cursor: "before", limit: self.limit };
        let answer = paging.fetch(&context.client_to_read()?, &request, self.before)?;
        context.show(&answer.value, |answer| {
            let entries = out::list(answer, "history");
            print(entries)?;
            // Of one task more is told than fits in a line.
            if of_one_task {
                print_used(entries)?;
            }
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
            out::number(entry, "written_total").to_string(),
            out::list(entry, "warnings").len().to_string(),
            out::time(entry, "ended_at"),
            text(entry, "title"),
            why,
        ]);
    }
    table.print("nothing has left the queue")
}

/// What the tasks used of what they might, a line each.
pub fn print_used(entries: &[Value]) -> std::io::Result<()> {
    entries.iter().filter_map(used).try_for_each(|line| out::line(format!("used: {line}")))
}

/// `None`: the task needed no instance.
fn used(entry: &Value) -> Option<String> {
    let used = entry.get("used").filter(|used| !used.is_null())?;
    let of = |key: &str| {
        let pair = used.get(key).unwrap_or(&Value::Null);
        (out::number(pair, "used"), pair.get("limit").and_then(Value::as_u64))
    };
    let time = match of("call_us") {
        (call, Some(deadline)) => format!("time {} of {}", micros(call), micros(deadline)),
        (_, None) => format!("time {}", micros(out::number(used, "guest_us"))),
    };
    let calls = match of("http_calls") {
        (calls, Some(max)) => format!("calls {calls} of {max}"),
        (calls, None) => format!("calls {calls}"),
    };
    let bytes = |what: &str, key: &str| {
        let (used, limit) = of(key);
        format!("{what} {}", bytes_of(used, limit))
    };
    Some(
        [time, bytes("memory", "memory_bytes"), bytes("output", "output_bytes"), calls, bytes("sent and received", "http_bytes")]
            .join(", "),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_used_is_said_with_its_limits() {
        let of = |used: u64, limit: Option<u64>| json!({ "used": used, "limit": limit });
        let entry = |kept: Option<u64>| {
            json!({ "used": {
                "guest_us": 20_000, "call_us": of(12_000, kept.map(|_| 5_000_000)), "memory_bytes": of(1_153_434, kept),
                "output_bytes": of(300, kept), "http_calls": of(0, kept), "http_bytes": of(0, kept),
            } })
        };
        assert_eq!(
            used(&entry(Some(64 << 20))).unwrap(),
            "time 12 ms of 5 s, memory 1.1 of 64 MiB, output 300 B of 64 MiB, calls 0 of 67108864, sent and received 0 B of 64 MiB"
        );
        assert_eq!(used(&entry(None)).unwrap(), "time 20 ms, memory 1.1 MiB, output 300 B, calls 0, sent and received 0 B");
        assert_eq!(used(&json!({ "used": null })), None);
    }
}
