//! `lockgate config`.

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;

use crate::commands::doctor::{Findings, look};
use crate::config::{DEFAULT_FILE, Values, read_secrets};
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
    /// Say whether a server could run by it: everything that can be known without starting one
    ///
    /// Secrets are read, tokens and addresses looked at, and the sections compared with what is installed.
    ///
    /// Example: lockgate config check --config /etc/lockgate.toml
    #[command(verbatim_doc_comment)]
    Check,
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
            Self::Check => check(context),
            Self::Show => {
                let mut file = context.settings.complete.clone();
                let webhooks = file.connectors.values_mut().filter_map(|section| section.webhook.as_mut());
                let secrets = webhooks.flat_map(|webhook| webhook.secrets.iter_mut());
                for hidden in file.server.tokens.iter_mut().flatten().chain(secrets) {
                    "(hidden)".clone_into(hidden);
                }
                let text = toml::to_string(&file)?;
                context.show(&serde_json::to_value(&file)?, |_| out::lines(text.trim_end()))
            }
        }
    }
}

fn check(context: &Context) -> Result<()> {
    let settings = &context.settings;
    crate::wire::check_options(&settings.server)?;
    let mut bus = settings.bus.clone();
    read_secrets(&settings.secrets, Values::Needed, &mut bus, &|name| std::env::var(name).ok())?;
    let mut warnings = Findings::default();
    if let Ok(false) = crate::wire::is_missing(settings) {
        look::connectors(context, &mut warnings);
    }
    let file = context.file().map_or_else(|| "no file: every key has its default".to_owned(), |path| path.display().to_string());
    let found: Vec<String> = warnings.found.iter().map(|finding| finding.message.clone()).collect();
    let answer = json!({ "file": file, "ok": true, "warnings": found });
    context.show(&answer, |answer| {
        for warning in &found {
            out::line(format!("warning: {warning}"))?;
        }
        out::line(format!("a server could run by it: {}", out::text(answer, "file")))
    })
}

/// Needs no file that can be read.
pub fn print_default(json: bool) -> Result<()> {
    out::show(json, &json!({"file": DEFAULT_FILE}), |_| out::lines(DEFAULT_FILE.trim_end()))
}
