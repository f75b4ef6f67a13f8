//! `lockgate connector`.

mod asks;
pub mod manifest;
mod show;

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use lockgate_core::direct;
use serde_json::Value;

use crate::client::{Access, Missing};
use crate::context::Context;
use crate::out::{self, Table, text};
use crate::request::Request;

/// Install, list and switch connectors
#[derive(Debug, Subcommand)]
pub enum Connector {
    /// Install a component under a name, or a new version of the one installed there
    ///
    /// Says what it asks for and what is granted, with the lines of lockgate.toml that grant the
    /// rest. Queued tasks are translated by the new version. One that asks for more than the version
    /// that runs is kept and does not run until `lockgate connector approve` (the command succeeds).
    /// With --direct nothing is translated: applications submit internal objects.
    ///
    /// Examples:
    ///   lockgate connector add shop shop.wasm --manifest shop.toml
    ///   lockgate connector add direct --direct
    #[command(verbatim_doc_comment)]
    Add {
        /// Name that tasks are submitted to
        name: String,
        /// The component
        #[arg(value_name = "FILE.wasm", required_unless_present = "direct")]
        file: Option<PathBuf>,
        /// What it asks for, to be put into a component that does not say so itself
        #[arg(long, value_name = "FILE.toml")]
        manifest: Option<PathBuf>,
        /// The built-in connector instead of a component: it takes internal objects
        /// (application/vnd.lockgate.object+json) and translates nothing
        #[arg(long, conflicts_with_all = ["file", "manifest"])]
        direct: bool,
    },
    /// Let the version run that waits because it asks for more than the one before
    ///
    /// `lockgate connector show` says what it asks for. With --digest only that version is approved:
    /// another may have been added since.
    ///
    /// Example: lockgate connector approve shop --digest 3f1c
    #[command(verbatim_doc_comment)]
    Approve {
        /// Its name
        name: String,
        /// First digits of the digest of the version that waits, as `lockgate connector show` lists them
        #[arg(long, value_name = "DIGEST", value_parser = clap::builder::NonEmptyStringValueParser::new())]
        digest: Option<String>,
    },
    /// Go back to the version that ran before, or to the one with this digest
    ///
    /// The last five versions are kept.
    ///
    /// Example: lockgate connector rollback shop --to 3f1c
    #[command(verbatim_doc_comment)]
    Rollback {
        /// Its name
        name: String,
        /// First digits of a version's digest, as `lockgate connector show` lists them
        #[arg(long, value_name = "DIGEST", value_parser = clap::builder::NonEmptyStringValueParser::new())]
        to: Option<String>,
    },
    /// Show what a connector keeps from task to task, by key and size
    ///
    /// Example: lockgate connector state shop --clear
    #[command(verbatim_doc_comment)]
    State {
        /// Its name
        name: String,
        /// Forget all of it
        #[arg(long)]
        clear: bool,
        /// Print the values too, in base64
        #[arg(long, conflicts_with = "clear")]
        values: bool,
    },
    /// List installed connectors
    ///
    /// Example: lockgate connector list
    #[command(verbatim_doc_comment)]
    List,
    /// Show one connector: what it asks for, what it is granted, its versions, limits and state
    ///
    /// Example: lockgate connector show shop
    #[command(verbatim_doc_comment)]
    Show {
        /// Its name
        name: String,
    },
    /// Check a component without installing it, and say what it asks for
    ///
    /// Example: lockgate connector check shop.wasm --as shop
    #[command(verbatim_doc_comment)]
    Check {
        /// The component
        #[arg(value_name = "FILE.wasm")]
        file: PathBuf,
        /// Name of the connector whose grants are meant, installed or not [default: those of every one]
        #[arg(long = "as", value_name = "NAME")]
        name: Option<String>,
        /// What it asks for, for a component that does not say so itself
        #[arg(long, value_name = "FILE.toml")]
        manifest: Option<PathBuf>,
    },
    /// Let a connector take and process tasks again
    ///
    /// Example: lockgate connector enable shop
    #[command(verbatim_doc_comment)]
    Enable {
        /// Its name
        name: String,
    },
    /// Let a connector take tasks and process none, until it is resumed
    ///
    /// Example: lockgate connector pause shop
    #[command(verbatim_doc_comment)]
    Pause {
        /// Its name
        name: String,
    },
    /// Let a paused connector process again
    ///
    /// Example: lockgate connector resume shop
    #[command(verbatim_doc_comment)]
    Resume {
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
            Self::Add { name, file, manifest, direct: _ } => {
                let component = match file {
                    Some(file) => manifest::component(&file, manifest.as_deref())?,
                    None => direct::COMPONENT.to_vec(),
                };
                add(context, &name, component)
            }
            Self::Check { file, name, manifest } => check(context, name.as_deref(), manifest::component(&file, manifest.as_deref())?),
            Self::Approve { name, digest } => {
                let request = Request::post(&["v1", "connectors", &name, "approve"]).maybe("digest", digest);
                let answer = context.client()?.json(request)?;
                context.show(&answer, |answer| out::line(format!("approved: {name} now runs version {}", text(answer, "digest"))))
            }
            Self::Rollback { name, to } => {
                let request = Request::post(&["v1", "connectors", &name, "rollback"]).maybe("to", to);
                let answer = context.client()?.json(request)?;
                context.show(&answer, |answer| out::line(format!("rolled back: {name} now runs version {}", text(answer, "digest"))))
            }
            Self::State { name, clear: true, .. } => {
                let answer = context.client()?.json(Request::delete(&["v1", "connectors", &name, "state"]))?;
                context.show(&answer, |answer| out::line(format!("{name} has forgotten {} keys", out::number(answer, "removed_keys"))))
            }
            Self::State { name, values, .. } => {
                let request = Request::get(&["v1", "connectors", &name, "state"]).maybe("values", values.then_some("true"));
                let answer = context.client_to_read()?.json(request)?;
                context.show(&answer, |answer| print_state(answer, values))
            }
            Self::List => {
                let answer = context.client_to_read()?.json(Request::get(&["v1", "connectors"]))?;
                context.show(&answer, |answer| print_list(out::list(answer, "connectors")))
            }
            Self::Show { name } => {
                let answer = context.client_to_read()?.json(Request::get(&["v1", "connectors", &name]))?;
                context.show(&answer, show::print)
            }
            Self::Enable { name } => switch(context, &name, "enable", "enabled"),
            Self::Pause { name } => switch(context, &name, "pause", "paused"),
            Self::Resume { name } => switch(context, &name, "resume", "no longer paused"),
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

fn add(context: &Context, name: &str, component: Vec<u8>) -> Result<()> {
    let request = Request::put(&["v1", "connectors", name]).body("application/wasm", component);
    let client = context.client_with(Access::Change(Missing::Create))?;
    let answer = out::waiting(out::COMPILING, || client.json(request))?;
    let answer = with_lines(answer, name);
    context.show(&answer, |answer| {
        let replaced = text(answer, "replaced");
        if answer.get("active") == Some(&Value::Bool(false)) {
            out::line(format!("kept, not active: {name} goes on with version {replaced}"))?;
            show::print_beyond(name, &text(answer, "digest"), answer)?;
        } else {
            out::line(format!("{} {name}", if replaced.is_empty() { "installed" } else { "replaced" }))?;
        }
        print_component(Some(name), answer)
    })
}

fn check(context: &Context, name: Option<&str>, component: Vec<u8>) -> Result<()> {
    let request = Request::post(&["v1", "connectors", "check"]).maybe("name", name).body("application/wasm", component);
    let client = context.client_with(Access::Try)?;
    let answer = out::waiting(out::COMPILING, || client.json(request))?;
    let answer = with_lines(answer, name.unwrap_or("NAME"));
    context.show(&answer, |answer| {
        out::line("this component can be installed")?;
        print_component(name, answer)
    })
}

/// The answer, with the lines that would grant what is missing.
fn with_lines(mut answer: Value, name: &str) -> Value {
    let lines = asks::missing(name, &answer);
    if let Value::Object(members) = &mut answer {
        members.insert("grant_toml".to_owned(), lines.into());
    }
    answer
}

fn print_component(name: Option<&str>, answer: &Value) -> std::io::Result<()> {
    out::line(format!("digest: {}", text(answer, "digest")))?;
    let imports: Vec<&str> = out::list(answer, "foreign_imports").iter().filter_map(Value::as_str).collect();
    match imports.as_slice() {
        [] => out::line("strict: it imports nothing but the contract")?,
        imports => {
            let calls = imports.iter().any(|import| import.starts_with("wasi:http/"));
            let effect = if calls { "linked without effect, but for calls to granted hosts" } else { "linked without effect" };
            out::line(format!("imports beyond the contract, {effect}: {}", imports.join(", ")))?;
        }
    }
    asks::print(name, answer)
}

fn print_state(answer: &Value, values: bool) -> std::io::Result<()> {
    let keys = out::list(answer, "keys");
    let size = |kept: &Value| out::bytes(out::number(kept, "bytes"));
    if values {
        // Whole, unlike in a table's cell.
        keys.iter().try_for_each(|kept| out::line(format!("{} ({}): {}", text(kept, "key"), size(kept), text(kept, "value_base64"))))?;
    } else {
        let mut table = Table::new(&["KEY", "SIZE"]);
        keys.iter().for_each(|kept| table.row([text(kept, "key"), size(kept)]));
        table.print("nothing is kept")?;
    }
    out::line(format!("{} of {}", size(answer), out::bytes(out::number(answer, "bytes_max"))))
}

fn print_list(connectors: &[Value]) -> std::io::Result<()> {
    let mut table =
        Table::new(&["NAME", "WORKS", "PROCESSING", "QUEUED", "PARKED", "BEHIND", "FAILED", "BUSY", "LOADED", "DIGEST", "TROUBLE"]);
    for connector in connectors {
        table.row([
            text(connector, "name"),
            works(connector),
            text(connector, "processing"),
            text(connector, "queued"),
            text(connector, "parked"),
            text(connector, "behind"),
            text(connector, "failed"),
            yes(connector, "busy"),
            yes(connector, "loaded"),
            text(connector, "digest").chars().take(12).collect(),
            text(connector, "trouble"),
        ]);
    }
    table.print("no connector is installed; `lockgate connector add NAME FILE.wasm` installs one")
}

/// `yes`, or why not.
fn works(connector: &Value) -> String {
    let is = |key| connector.get(key) == Some(&Value::Bool(true));
    let works = match (is("enabled"), is("paused")) {
        (false, _) => "disabled",
        (true, true) => "paused",
        (true, false) => "yes",
    };
    works.to_owned()
}

fn yes(value: &Value, key: &str) -> String {
    if value.get(key) == Some(&Value::Bool(true)) { "yes".to_owned() } else { "no".to_owned() }
}
