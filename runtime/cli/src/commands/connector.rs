//! `lockgate connector`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use serde_json::Value;

use crate::client::Missing;
use crate::context::Context;
use crate::input;
use crate::out::{self, Table, text};
use crate::request::Request;

/// Install, list and switch connectors
#[derive(Debug, Subcommand)]
pub enum Connector {
    /// Install a component under a name, or replace the one installed there
    ///
    /// Queued tasks are translated by the new one.
    ///
    /// Example: lockgate connector add shop shop.wasm
    #[command(verbatim_doc_comment)]
    Add {
        /// Name that tasks are submitted to
        name: String,
        /// The component
        #[arg(value_name = "FILE.wasm")]
        file: PathBuf,
    },
    /// List installed connectors
    ///
    /// Example: lockgate connector list
    #[command(verbatim_doc_comment)]
    List,
    /// Show one connector, its limits and why it is not loaded
    ///
    /// Example: lockgate connector show shop
    #[command(verbatim_doc_comment)]
    Show {
        /// Its name
        name: String,
    },
    /// Check a component without installing it
    ///
    /// Example: lockgate connector check shop.wasm
    #[command(verbatim_doc_comment)]
    Check {
        /// The component
        #[arg(value_name = "FILE.wasm")]
        file: PathBuf,
    },
    /// Let a connector take and process tasks again
    ///
    /// Example: lockgate connector enable shop
    #[command(verbatim_doc_comment)]
    Enable {
        /// Its name
        name: String,
    },
    /// Let a connector neither take nor process tasks; its queue stays
    ///
    /// Example: lockgate connector disable shop
    #[command(verbatim_doc_comment)]
    Disable {
        /// Its name
        name: String,
    },
    /// Remove a connector
    ///
    /// Example: lockgate connector remove shop --force
    #[command(verbatim_doc_comment)]
    Remove {
        /// Its name
        name: String,
        /// Delete its queued tasks too
        #[arg(long)]
        force: bool,
    },
}

impl Connector {
    pub fn run(self, context: &Context) -> Result<()> {
        match self {
            Self::Add { name, file } => {
                let component = input::read_file(&file)?;
                let request = Request::put(&["v1", "connectors", &name]).body("application/wasm", component);
                let answer = context.client_or(Missing::Create)?.json(request)?;
                context.show(&answer, |answer| {
                    let verb = if answer.get("replaced").is_some_and(|replaced| !replaced.is_null()) { "replaced" } else { "installed" };
                    out::line(format!("{verb} {name}"))?;
                    print_component(answer)
                })
            }
            Self::Check { file } => {
                let component = input::read_file(&file)?;
                let request = Request::post(&["v1", "connectors", "check"]).body("application/wasm", component);
                let answer = context.client_or(Missing::Throwaway)?.json(request)?;
                context.show(&answer, |answer| {
                    out::line("this component can be installed")?;
                    print_component(answer)
                })
            }
            Self::List => {
                let answer = context.client()?.json(Request::get(&["v1", "connectors"]))?;
                context.show(&answer, |answer| print_list(out::list(answer, "connectors")))
            }
            Self::Show { name } => {
                let answer = context.client()?.json(Request::get(&["v1", "connectors", &name]))?;
                context.show(&answer, print_one)
            }
            Self::Enable { name } => switch(context, &name, "enable", "enabled"),
            Self::Disable { name } => switch(context, &name, "disable", "disabled"),
            Self::Remove { name, force } => {
                let request = Request::delete(&["v1", "connectors", &name]).maybe("force", force.then_some("true"));
                let answer = context.client()?.json(request)?;
                context
                    .show(&answer, |answer| out::line(format!("removed {name} with {} queued tasks", out::number(answer, "removed_tasks"))))
            }
        }
    }
}

fn switch(context: &Context, name: &str, verb: &str, done: &str) -> Result<()> {
    let answer = context.client()?.json(Request::post(&["v1", "connectors", name, verb]))?;
    context.show(&answer, |_| out::line(format!("{done} {name}")))
}

fn print_component(answer: &Value) -> std::io::Result<()> {
    out::line(format!("digest: {}", text(answer, "digest")))?;
    let imports: Vec<&str> = out::list(answer, "foreign_imports").iter().filter_map(Value::as_str).collect();
    if imports.is_empty() {
        return out::line("strict: it imports nothing but the contract");
    }
    out::line(format!("imports beyond the contract, linked without effect: {}", imports.join(", ")))
}

fn print_list(connectors: &[Value]) -> std::io::Result<()> {
    let mut table = Table::new(&["NAME", "ENABLED", "PROCESSING", "QUEUED", "FAILED", "BUSY", "LOADED", "DIGEST"]);
    for connector in connectors {
        table.row([
            text(connector, "name"),
            yes(connector, "enabled"),
            text(connector, "processing"),
            text(connector, "queued"),
            text(connector, "failed"),
            yes(connector, "busy"),
            match text(connector, "not_loaded") {
                why if why.is_empty() => yes(connector, "loaded"),
                why => why,
            },
            text(connector, "digest").chars().take(12).collect(),
        ]);
    }
    table.print("no connector is installed; `lockgate connector add NAME FILE.wasm` installs one")
}

fn print_one(connector: &Value) -> std::io::Result<()> {
    for (key, value) in connector.as_object().into_iter().flatten() {
        match value {
            Value::Object(members) => {
                for (member, value) in members {
                    out::line(format!("{key}.{member}: {value}"))?;
                }
            }
            Value::Null => {}
            _ => out::line(format!("{key}: {}", text(connector, key)))?,
        }
    }
    Ok(())
}

fn yes(value: &Value, key: &str) -> String {
    if value.get(key) == Some(&Value::Bool(true)) { "yes".to_owned() } else { "no".to_owned() }
}
