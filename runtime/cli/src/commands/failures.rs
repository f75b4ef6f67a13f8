//! `lockgate failures`.

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::args::number;
use crate::context::Context;
use crate::out::{self, Table, text};
use crate::request::Request;

/// Characters of a digest that are shown.
const DIGEST_CHARS: usize = 12;

/// List what fails, one line for each fault
///
/// Tasks fail by one fault that have connector, code, place and text in common, but for numbers, ids and what
/// stands in quotes. The group is a filter of every command over many tasks.
///
/// Examples:
///   lockgate failures
///   lockgate task try --group 6f0c8a2b9d3e4f51
///   lockgate task retry --group 6f0c8a2b9d3e4f51
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Failures {
    /// Of this connector only
    #[arg(long)]
    connector: Option<String>,
    /// Lines at most
    #[arg(long, default_value_t = 100, value_parser = number)]
    limit: u64,
}

impl Failures {
    pub fn run(self, context: &Context) -> Result<()> {
        let request = Request::get(&["v1", "failures"]).query("limit", self.limit.to_string()).maybe("connector", self.connector);
        let answer = context.client_to_read()?.json(request)?;
        context.show(&answer, |answer| {
            let mut table =
                Table::new(&["GROUP", "TASKS", "CONNECTOR", "CODE", "PLACE", "WHAT", "SINCE", "LAST", "FIRST TASK", "VERSIONS"]);
            for group in out::list(answer, "failures") {
                let first = group.get("first").unwrap_or(&Value::Null);
                table.row([
                    text(group, "group"),
                    text(group, "tasks"),
                    text(group, "connector"),
                    text(group, "code"),
                    text(group, "path"),
                    text(group, "text"),
                    out::time(group, "first_at"),
                    out::time(group, "last_at"),
                    text(first, "task"),
                    versions(group),
                ]);
            }
            table.print("nothing fails")?;
            let shown = out::list(answer, "failures").len() as u64;
            let more = out::number(answer, "groups").saturating_sub(shown);
            if more > 0 {
                out::line(format!("{more} more groups: --limit says how many are listed"))?;
            }
            Ok(())
        })
    }
}

/// `3f2a…: 300, older: 12`
fn versions(group: &Value) -> String {
    let named = out::list(group, "versions").iter().map(|version| {
        let digest: String = text(version, "digest").chars().take(DIGEST_CHARS).collect();
        let digest = if digest.is_empty() { "older".to_owned() } else { digest };
        format!("{digest}: {}", text(version, "tasks"))
    });
    named.collect::<Vec<_>>().join(", ")
}
