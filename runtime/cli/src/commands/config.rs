//! `lockgate config`.

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;

use crate::config::DEFAULT_FILE;
use crate::context::Context;
use crate::out;

/// Show the configuration
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print what holds, every key written out, tokens hidden
    ///
    /// Example: lockgate config show --config /etc/lockgate.toml
    #[command(verbatim_doc_comment)]
    Show,
    /// Print the file with every default and its reason
    ///
    /// Example: lockgate config default > lockgate.toml
    #[command(verbatim_doc_comment)]
    Default,
}

impl Config {
    pub fn run(self, context: &Context) -> Result<()> {
        match self {
            Self::Default => print_default(context.json),
            Self::Show => {
                let mut file = context.settings.complete.clone();
                for token in file.server.tokens.iter_mut().flatten() {
                    "(hidden)".clone_into(token);
                }
                let text = toml::to_string(&file)?;
                context.show(&serde_json::to_value(&file)?, |_| out::lines(text.trim_end()))
            }
        }
    }
}

/// Needs no file that can be read.
pub fn print_default(json: bool) -> Result<()> {
    out::show(json, &json!({"file": DEFAULT_FILE}), |_| out::lines(DEFAULT_FILE.trim_end()))
}
