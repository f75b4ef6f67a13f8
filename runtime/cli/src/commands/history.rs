//! `lockgate history`.

use anyhow::Result;
use clap::Args;
use lockgate_core::history::Outcome;
use serde_json::Value;

use crate::args::number;
use crate::client::Paging;
use crate::context::Context;
use crate::moment;
use crate::out::{self, Table, bytes_of, micros, text};
use crate::request::Request;

/// List tasks that have left the queue, newest first
///
/// With --task, everything that is known of each entry: rows, warnings and what was used.
///
/// Examples:
///   lockgate history --connector shop --outcome failed
///   lockgate history --warning binding-not-made
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
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(Outcome::WORDS))]
    outcome: Option<String>,
    /// With warnings only
    #[arg(long)]
    warnings: bool,
    /// With a warning of this code only, for example binding-not-made
    #[arg(long, value_name = "CODE", conflicts_with = "warnings")]
    warning: Option<String>,
    /// Ended at or after: RFC 3339, a date, yesterday, 2h
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    since: Option<jiff::Timestamp>,
    /// Ended before
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    until: Option<jiff::Timestamp>,
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
        let filtered = of_one_task
            || self.connector.is_some()
            || self.outcome.is_some()
            || self.warnings
            || self.warning.is_some()
            || self.since.is_some()
            || self.until.is_some()
            || self.before.is_some();
        let request = Request::get(&["v1", "history"])
            .maybe("connector", self.connector)
            .maybe("task", self.task.map(|id| id.to_string()))
            .maybe("outcome", self.outcome)
            .maybe("warnings", self.warnings.then_some("true"))
            .maybe("warning", self.warning)
            .maybe("since", self.since.map(|at| at.to_string()))
            .maybe("until", self.until.map(|at| at.to_string()));
        let paging = Paging { rows: "history", cursor: "before", limit: self.limit };
        let answer = paging.fetch(&context.client_to_read()?, &request, self.before)?;
        context.show(&answer.value, |answer| {
            let entries = out::list(answer, "history");
            if entries.is_empty() && filtered {
                return out::line("no entry of the history is as the filters say");
            }
            print(entries)?;
            // Of one task more is told than fits in a line.
            if of_one_task {
                print_details(entries)?;
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
        table.row([
            text(entry, "task"),
            text(entry, "connector"),
            text(entry, "task_type"),
            text(entry, "outcome"),
            rows(entry),
            out::number(entry, "warnings_total").to_string(),
            out::time(entry, "ended_at"),
            text(entry, "title"),
            why(entry),
        ]);
    }
    table.print("nothing has left the queue")
}

/// Why it failed or was skipped, or its first warning.
fn why(entry: &Value) -> String {
    let failure = out::failure(entry);
    let reason = text(entry, "reason");
    match out::list(entry, "warnings").first() {
        _ if !failure.is_empty() => failure,
        _ if !reason.is_empty() => reason,
        Some(warning) => format!("{}: {}", text(warning, "code"), text(warning, "message")),
        None => String::new(),
    }
}

/// Rows by what happened to them: `1 new, 2 changed`.
fn rows(entry: &Value) -> String {
    let Some(rows) = entry.get("rows").filter(|rows| rows.is_object()) else {
        // Written before they were counted apart.
        return out::number(entry, "written_total").to_string();
    };
    let named = [("inserted", "new"), ("updated", "changed"), ("deleted", "deleted"), ("unchanged", "unchanged")];
    let counted = named.iter().map(|(key, word)| (out::number(rows, key), word)).filter(|(count, _)| *count > 0);
    let parts: Vec<String> = counted.map(|(count, word)| format!("{count} {word}")).collect();
    if parts.is_empty() { "0".to_owned() } else { parts.join(", ") }
}

/// What does not fit in a table, a line each: warnings with their texts, tasks that it was carried out together with, and
/// what was used of what might be.
pub fn print_details(entries: &[Value]) -> std::io::Result<()> {
    for entry in entries {
        let together: Vec<String> = out::list(entry, "together").iter().map(Value::to_string).collect();
        if !together.is_empty() {
            out::line(format!("carried out together with: {}", together.join(", ")))?;
        }
        if text(entry, "outcome") == "mended" {
            out::line(format!("mended: a reference that task {} had left open", text(entry, "task")))?;
        }
        let warnings = out::list(entry, "warnings");
        for warning in warnings {
            out::line(format!("warning: {}: {}", text(warning, "code"), text(warning, "message")))?;
        }
        let more = out::number(entry, "warnings_total").saturating_sub(warnings.len() as u64);
        if more > 0 {
            out::line(format!("warning: {more} more, which the history does not keep"))?;
        }
        if let Some(used) = used(entry) {
            out::line(format!("used: {used}"))?;
        }
    }
    Ok(())
}

/// `None`: the task needed no instance.
pub fn used(entry: &Value) -> Option<String> {
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
    fn rows_are_told_apart() {
        let entry = json!({"written_total": 7, "rows": {"inserted": 1, "updated": 0, "deleted": 4, "unchanged": 2}});
        assert_eq!(rows(&entry), "1 new, 4 deleted, 2 unchanged");
        assert_eq!(rows(&json!({"written_total": 7, "rows": null})), "7");
        assert_eq!(rows(&json!({"written_total": 0, "rows": {"inserted": 0}})), "0");
    }

    #[test]
    fn a_warning_is_told_where_nothing_worse_is() {
        let warning = json!({"code": "binding-not-made", "message": "no such role"});
        let entry = json!({"failure": null, "reason": null, "warnings": [warning]});
        assert_eq!(why(&entry), "binding-not-made: no such role");
        assert_eq!(why(&json!({"failure": null, "reason": "nothing to do", "warnings": [warning]})), "nothing to do");
    }

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
