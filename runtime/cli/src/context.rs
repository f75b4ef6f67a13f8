//! What every command is given.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::Value;

use crate::args::Global;
use crate::client::{Access, Client, Missing, Shown};
use crate::config::{self, LogLevel, Settings, StorePlace, Values};
use crate::exit::Failure;
use crate::{exit, out};

/// Settings and how to answer.
pub struct Context {
    pub settings: Settings,
    pub json: bool,
    url: Option<String>,
    token: Option<String>,
    /// As they were named, to be read again.
    config: Option<PathBuf>,
    named_store: Option<OsString>,
}

/// A token that stands alone in a file.
fn token_in(path: &Path) -> Result<String> {
    let text = crate::input::read(Some(path))?;
    let text = String::from_utf8(text).map_err(|_| Failure::invalid(format!("{} holds no token: it is not text", path.display())))?;
    let token = text.trim();
    if token.is_empty() {
        return Err(Failure::invalid(format!("{} holds no token: it is empty", path.display())).into());
    }
    Ok(token.to_owned())
}

impl Context {
    pub fn new(global: Global) -> Result<Self> {
        let store = global.store.filter(|place| !place.is_empty());
        let settings = config::load(global.config.as_deref(), store.as_deref())?;
        if let (Some(_), StorePlace::Database(database)) = (&store, &settings.store)
            && database.has_password()
            && std::env::args().any(|argument| argument.contains(database.secret_url()))
        {
            return Err(Failure::invalid("the database's password stands on the command line, where every user of this machine reads it")
                .hint("put it into [store] password_file, PGPASSWORD or ~/.pgpass, or the whole URL into LOCKGATE_STORE")
                .into());
        }
        let token = match &global.token_file {
            Some(path) => Some(token_in(path)?),
            None => global.token,
        };
        Ok(Self { settings, json: global.json, url: global.url, token, config: global.config, named_store: store })
    }

    /// The file that the configuration is from, if it is from one.
    pub fn file(&self) -> Option<PathBuf> {
        config::path(self.config.as_deref())
    }

    /// The configuration as it is in its file now.
    pub fn read_again(&self) -> Result<Settings> {
        if self.config.as_deref() == Some(Path::new("-")) {
            return Err(Failure::invalid("the configuration came by standard input, which is read once").into());
        }
        config::load(self.config.as_deref(), self.named_store.as_deref())
    }

    /// A client to change what must be there.
    pub fn client(&self) -> Result<Client> {
        self.client_with(Access::Change(Missing::Refuse))
    }

    /// A client to read what must be there.
    pub fn client_to_read(&self) -> Result<Client> {
        self.client_with(Access::Read)
    }

    /// A client for what the command does with the store.
    pub fn client_with(&self, access: Access) -> Result<Client> {
        self.connect(&self.settings, access)
    }

    /// A client of a server, if one is named or has the store open.
    pub fn client_of_server(&self) -> Result<Option<Client>> {
        self.start_log(&self.settings);
        Client::of_server(&self.settings, self.url.as_deref(), self.token.as_deref())
    }

    /// The store's file, if it is on this machine.
    pub fn store_here(&self) -> Option<&Path> {
        self.settings.store.file().filter(|_| self.url.is_none())
    }

    /// The store's file, for what only a file needs.
    pub fn store_file(&self) -> Result<&Path> {
        self.settings.store.file().ok_or_else(|| {
            Failure::invalid(format!("this command works on a store's file, and the store is the database {}", self.settings.store))
                .hint("PostgreSQL's own programs do it: pg_dump and pg_restore, or a base backup with its log; autovacuum frees space")
                .into()
        })
    }

    /// A client for what must be there, and may translate tasks in this process.
    pub fn client_to_process(&self) -> Result<Client> {
        self.connect(&Settings { secret_values: Values::Needed, ..self.settings.clone() }, Access::Change(Missing::Refuse))
    }

    /// A client for what must be there. Nothing that this process does for connectors is sent
    /// anywhere. With a running server it is that one which would send.
    pub fn client_of_dry_run(&self) -> Result<Client> {
        let mut settings = self.settings.clone();
        settings.bus.dry_run_egress = true;
        settings.secret_values = Values::Needed;
        let client = self.connect(&settings, Access::Change(Missing::Refuse))?;
        if !client.is_local() {
            return Err(Failure::invalid("a server is running: it, and not this command, makes the calls")
                .hint("stop it and start it with `lockgate serve --dry-run-egress`, or give this command a store of its own with --store")
                .into());
        }
        Ok(client)
    }

    fn connect(&self, settings: &Settings, access: Access) -> Result<Client> {
        self.start_log(settings);
        Client::connect(settings, self.url.as_deref(), self.token.as_deref(), access)
    }

    /// What is wrong with the configuration is said by every command that opens the store.
    fn start_log(&self, settings: &Settings) {
        crate::logs::start(settings.log_format, &LogLevel::of_commands());
    }

    /// The answer: the object with `--json`, else what `text` prints.
    pub fn show(&self, value: &Value, text: impl FnOnce(&Value) -> std::io::Result<()>) -> Result<()> {
        unless_gone(out::show(self.json, value, text))
    }

    /// The same of an answer that has values of fields.
    pub fn show_exact(&self, answer: &Shown, text: impl FnOnce(&Shown) -> std::io::Result<()>) -> Result<()> {
        let shown = if self.json { out::json(&answer.exact) } else { text(answer) };
        unless_gone(shown.map_err(Into::into))
    }
}

/// The reader has gone, as in `lockgate … | head`: what is left to be said is the exit code.
fn unless_gone(shown: Result<()>) -> Result<()> {
    match shown {
        Err(error) if exit::is_broken_pipe(&error) => Ok(()),
        shown => shown,
    }
}
