//! `lockgate status`.

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::out::{self, Table, number, text};
use crate::request::Request;
use crate::verdict::{self, Urgency};
use crate::wire::exposed;

/// Show what is so, what waits, what failed and what is stored
///
/// Begins with a verdict: what stands in the way, since when, and where to look.
/// Warns when other users of the machine can read the store or replace it. Without a server it reads
/// the store's file, as every reading command does: nothing is written to it or beside it, so that any
/// user who may read it can look.
///
/// Example: lockgate status --json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Status {
    /// End with 1 when something needs somebody: for monitoring
    #[arg(long)]
    check: bool,
}

impl Status {
    pub fn run(self, context: &Context) -> Result<()> {
        let client = context.client_to_read()?;
        let mut status = client.json(Request::get(&["v1", "status"]))?;
        let mut warnings: Vec<Value> =
            context.store_here().map(exposed).iter().flatten().map(|exposed| exposed.to_string().into()).collect();
        for node in out::list(&status, "nodes_by_older_grants").iter().filter_map(Value::as_str) {
            let why = "works for no connector: another node has come with other grants, and they are newer";
            warnings.push(format!("node {node} {why}; start it again with the same configuration").into());
        }
        let verdict = verdict::of(&status, None);
        let sentences: Vec<Value> = verdict.iter().map(|sentence| sentence.text.clone().into()).collect();
        if let Value::Object(members) = &mut status {
            members.insert("warnings".to_owned(), warnings.into());
            members.insert("verdict".to_owned(), sentences.into());
        }
        context.show(&status, |status| {
            verdict.iter().try_for_each(|sentence| out::line(&sentence.text))?;
            out::line("")?;
            out::line(if client.is_local() { "server: none; this is the store itself" } else { "server: running" })?;
            out::line(format!("version: {}", text(status, "version")))?;
            for warning in out::list(status, "warnings") {
                out::line(format!("warning: {}", warning.as_str().unwrap_or_default()))?;
            }
            print(status)
        })?;
        match verdict.iter().find(|sentence| self.check && sentence.urgency == Urgency::Look) {
            Some(sentence) => Err(Failure::new(Exit::Failed, sentence.text.clone()).into()),
            None => Ok(()),
        }
    }
}

fn print(status: &Value) -> std::io::Result<()> {
    let off: Vec<&str> = ["bus", "logging", "processing"]
        .into_iter()
        .filter(|name| status.pointer(&format!("/switches/{name}")) == Some(&Value::Bool(false)))
        .collect();
    out::line(format!("switched off: {}", if off.is_empty() { "nothing".to_owned() } else { off.join(", ") }))?;
    let busy: Vec<&str> = out::list(status, "busy").iter().filter_map(Value::as_str).collect();
    out::line(format!("busy: {}", if busy.is_empty() { "none".to_owned() } else { busy.join(", ") }))?;
    for key in ["objects", "pages", "bindings"] {
        let counts = status.get(key).and_then(Value::as_object);
        let parts: Vec<String> = counts.into_iter().flatten().map(|(name, count)| format!("{name} {count}")).collect();
        out::line(
            format!("{key}: {} {}", total(status, key), if parts.is_empty() { String::new() } else { format!("({})", parts.join(", ")) })
                .trim_end(),
        )?;
    }
    out::line(format!("culture versions: {}", number(status, "culture_versions")))?;
    out::line(format!("history entries: {}", number(status, "history")))?;
    out::line("")?;
    print_queues(status)
}

fn print_queues(status: &Value) -> std::io::Result<()> {
    let now = text(status, "now");
    let mut table = Table::new(&["CONNECTOR", "QUEUED", "FAILING", "PARKED", "BEHIND", "FAILED", "LOOSE ENDS", "OLDEST"]);
    for (name, queue) in status.get("queues").and_then(Value::as_object).into_iter().flatten() {
        let numbers = ["queued", "failing", "parked", "behind", "failed", "loose_ends"].map(|key| number(queue, key).to_string());
        let oldest = verdict::moment(&text(queue, "oldest_submitted_at"), &now);
        table.row(std::iter::once(name.clone()).chain(numbers).chain([oldest]));
    }
    table.print("no connector is installed")
}

/// All counts under a key together.
pub fn total(status: &Value, key: &str) -> u64 {
    status.get(key).and_then(Value::as_object).into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum()
}
