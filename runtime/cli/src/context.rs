//! What every command is given.

use anyhow::Result;
use serde_json::Value;

use crate::args::Global;
use crate::client::{Client, Missing};
use crate::config::{self, Settings};
use crate::{exit, out};

/// Settings and how to answer.
pub struct Context {
    pub settings: Settings,
    pub json: bool,
    url: Option<String>,
    token: Option<String>,
}

impl Context {
    pub fn new(global: Global) -> Result<Self> {
        let settings = config::load(global.config.as_deref(), global.store.as_deref())?;
        Ok(Self { settings, json: global.json, url: global.url, token: global.token })
    }

    /// A client for what must be there.
    pub fn client(&self) -> Result<Client> {
        self.client_or(Missing::Refuse)
    }

    /// A client, and what to do when there is no store.
    pub fn client_or(&self, missing: Missing) -> Result<Client> {
        crate::logs::start(self.settings.log_format, "error")?;
        Client::connect(&self.settings, self.url.as_deref(), self.token.as_deref(), missing)
    }

    /// The answer: the object with `--json`, else what `text` prints.
    pub fn show(&self, value: &Value, text: impl FnOnce(&Value) -> std::io::Result<()>) -> Result<()> {
        match out::show(self.json, value, text) {
            // The reader has gone, as in `lockgate … | head`: what is left to be said is the exit code.
            Err(error) if exit::is_broken_pipe(&error) => Ok(()),
            shown => shown,
        }
    }
}
