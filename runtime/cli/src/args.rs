//! The command line. Each verb's own flags stand beside what it does, in `commands`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands::{
    audit, backup, binding, bindings, check, compact, completions, component, config, connector, dev, doctor, explain, export, failures,
    history, missing, model, new, node, object, operation, page, process, reload, restore, serve, status, submit, switch, task, test,
    token, upgrade, wit,
};

/// Runs connectors that are trusted with nothing.
#[derive(Debug, Parser)]
#[command(
    name = "lockgate",
    version,
    about = "Carries external objects into a content store through sandboxed connectors",
    long_about = "Carries external objects into a content store: connectors, WebAssembly components trusted with nothing, translate them; \
                  lockgate queues, isolates, resolves references and writes.\n\n\
                  Without a running server, every command works on the store file itself.",
    after_long_help = "Begin with:\n  \
                       lockgate model apply model.toml\n  \
                       lockgate connector add shop shop.wasm\n  \
                       lockgate serve\n  \
                       lockgate submit shop order.json\n\n\
                       Exit codes: 0 ok; 1 failed: refused, not found, or a task failed; 2 usage or invalid input;\n\
                       3 the server or the store cannot be reached or opened."
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every verb.
#[derive(Debug, Args)]
pub struct Global {
    /// Configuration file; `-` is standard input [default: ./lockgate.toml if there is one]
    #[arg(long, global = true, value_name = "FILE", env = "LOCKGATE_CONFIG", help_heading = "Global options")]
    pub config: Option<PathBuf>,
    /// Store: a file, or the postgres:// URL of a database [default: from the configuration, else ./lockgate.redb]
    #[arg(long, global = true, value_name = "STORE", env = "LOCKGATE_STORE", hide_env_values = true, help_heading = "Global options")]
    pub store: Option<OsString>,
    /// Server to speak to [default: the one that has the store open, else the store itself]
    #[arg(long, global = true, value_name = "URL", env = "LOCKGATE_URL", help_heading = "Global options")]
    pub url: Option<String>,
    /// Token for the server
    #[arg(long, global = true, value_name = "TOKEN", env = "LOCKGATE_TOKEN", hide_env_values = true, help_heading = "Global options")]
    pub token: Option<String>,
    /// File that holds the token: unlike --token, no list of processes shows it
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "LOCKGATE_TOKEN_FILE",
        conflicts_with = "token",
        help_heading = "Global options"
    )]
    pub token_file: Option<PathBuf>,
    /// Answer with JSON on stdout, errors as JSON on stderr
    #[arg(long, global = true, help_heading = "Global options")]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Serve(serve::Serve),
    #[command(subcommand)]
    Connector(connector::Connector),
    #[command(subcommand)]
    Model(model::Model),
    Submit(submit::Submit),
    #[command(subcommand)]
    Task(task::Task),
    #[command(subcommand)]
    Operation(operation::Operation),
    #[command(subcommand)]
    Node(node::Node),
    Process(process::Process),
    #[command(subcommand)]
    Object(object::Object),
    #[command(subcommand)]
    Page(page::Page),
    #[command(subcommand)]
    Binding(binding::Binding),
    Failures(failures::Failures),
    History(history::History),
    Audit(audit::Audit),
    Missing(missing::Missing),
    Export(export::Export),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Check(check::Check),
    Compact(compact::Compact),
    Upgrade(upgrade::Upgrade),
    Status(status::Status),
    Switch(switch::Switch),
    Explain(explain::Explain),
    New(new::New),
    #[command(subcommand)]
    Component(component::Component),
    Bindings(bindings::Bindings),
    Test(test::Test),
    Dev(dev::Dev),
    #[command(subcommand)]
    Wit(wit::Wit),
    #[command(subcommand)]
    Config(config::Config),
    #[command(subcommand)]
    Token(token::Token),
    Reload(reload::Reload),
    Doctor(doctor::Doctor),
    Completions(completions::Completions),
    Man(completions::Man),
}

/// Reads an id, a number of rows or a depth. Every number that the bus gives out fits.
pub fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            format!("no id and no number here is larger than {}", u64::MAX)
        } else {
            "it should be a whole number, for example 17".to_owned()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_teaches_an_example() {
        fn check(command: &clap::Command) {
            if command.has_subcommands() {
                command.get_subcommands().filter(|c| c.get_name() != "help").for_each(check);
            } else {
                let help = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
                assert!(help.contains("lockgate "), "`{}` has no example", command.get_name());
            }
        }
        check(&Cli::command());
    }
}
