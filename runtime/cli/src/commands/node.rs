//! `lockgate node`.

use anyhow::Result;
use clap::Subcommand;
use serde_json::Value;

use crate::context::Context;
use crate::out::{self, Table, number, text};
use crate::request::Request;

/// Look at the machines that share a database, take one out of work
#[derive(Debug, Subcommand)]
pub enum Node {
    /// List nodes, what each works for, and whether it grants what is granted last
    ///
    /// A connector runs only on nodes whose grants are the newest that any node has come with.
    ///
    /// Example: lockgate node list
    #[command(verbatim_doc_comment)]
    List,
    /// Let a node give its connectors to others and take none, for example before its machine is upgraded
    ///
    /// It ends the tasks in hand, and goes on answering requests. Restarted, it takes part again.
    ///
    /// Example: lockgate node drain east-1
    #[command(verbatim_doc_comment)]
    Drain {
        /// The node
        node: String,
        /// Let it take part again
        #[arg(long)]
        undo: bool,
    },
}

impl Node {
    pub fn run(self, context: &Context) -> Result<()> {
        let nodes = match self {
            Self::List => context.client_to_read()?.json(Request::get(&["v1", "nodes"]))?,
            Self::Drain { node, undo } => {
                let verb = if undo { "resume" } else { "drain" };
                context.client()?.json(Request::post(&["v1", "nodes", &node, verb]))?
            }
        };
        context.show(&nodes, print)
    }
}

fn print(answer: &Value) -> std::io::Result<()> {
    if answer.get("shared") == Some(&Value::Bool(false)) {
        return out::line("the store is a file: it has one node, and needs no list");
    }
    let names = |value: &Value, key: &str| out::list(value, key).iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ");
    let mut table = Table::new(&["NODE", "STATE", "GRANTS", "SINCE", "SILENT MS", "ABOUT", "CONNECTORS"]);
    for node in out::list(answer, "nodes") {
        table.row(["name", "state", "grants", "since"].map(|key| text(node, key)).into_iter().chain([
            number(node, "silent_ms").to_string(),
            text(node, "about"),
            names(node, "connectors"),
        ]));
    }
    table.print("no node takes part: start `lockgate serve`")?;
    let without = names(answer, "without_node");
    if without.is_empty() { Ok(()) } else { out::line(format!("no node works for: {without}")) }
}
