//! `lockgate status`.

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::context::Context;
use crate::out::{self, number, text};
use crate::request::Request;

/// Show what waits, what failed and what is stored
///
/// Example: lockgate status --json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Status {}

impl Status {
    pub fn run(self, context: &Context) -> Result<()> {
        let client = context.client()?;
        let status = client.json(Request::get(&["v1", "status"]))?;
        context.show(&status, |status| {
            out::line(if client.is_local() { "server: none; this is the store itself" } else { "server: running" })?;
            out::line(format!("version: {}", text(status, "version")))?;
            print(status)
        })
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
    for key in ["queued", "failed", "objects", "pages", "bindings"] {
        let counts = status.get(key).and_then(Value::as_object);
        let parts: Vec<String> = counts.into_iter().flatten().map(|(name, count)| format!("{name} {count}")).collect();
        out::line(
            format!("{key}: {} {}", total(status, key), if parts.is_empty() { String::new() } else { format!("({})", parts.join(", ")) })
                .trim_end(),
        )?;
    }
    out::line(format!("culture versions: {}", number(status, "culture_versions")))?;
    out::line(format!("history entries: {}", number(status, "history")))
}

/// All counts under a key together.
pub fn total(status: &Value, key: &str) -> u64 {
    status.get(key).and_then(Value::as_object).into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum()
}
