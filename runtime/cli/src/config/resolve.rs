//! What a file comes to: its keys over the defaults of the code.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use lockgate_core::names::ConnectorName;
use lockgate_core::settings::{BusSettings, ConnectorSettings};

use super::complete::complete;
use super::connector::{check_networks, connector};
use super::file::{BusSection, ConnectorSection, File, LogFormat, SandboxSection, ServerSection, StoreSection};
use super::level::LogLevel;
use super::secret::{Unread, Values};
use super::store::{DatabasePlace, StorePlace, is_url};
use crate::exit::{Exit, Failure};
use crate::wire::{SandboxOptions, ServerOptions};

/// The store when none is named.
const STORE_PATH: &str = "./lockgate.redb";
/// What a node compiles when its store is a database.
const ARTEFACT_DIR: &str = "./lockgate.artefacts";
/// How long a node that has gone silent keeps its connectors when nothing is said.
pub(super) const LEASE_MS: u64 = 1_000;
/// The shortest: a node says twice and more within it that it is there.
const LEASE_MS_MIN: u64 = 100;
/// Where `serve` listens when nothing is said: this machine only.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7070);

/// Everything that the operator may set.
#[derive(Debug, Clone)]
pub struct Settings {
    pub server: ServerOptions,
    pub store: StorePlace,
    /// Under which name this machine takes part; the machine's own when nothing is said.
    pub node_name: Option<String>,
    pub cache_bytes: usize,
    pub sandbox: SandboxOptions,
    /// Without the secrets' values, which are read when the bus opens.
    pub bus: BusSettings,
    pub secrets: Vec<Unread>,
    /// Whether the command can do without those values.
    pub secret_values: Values,
    pub log_format: LogFormat,
    /// What `serve` logs.
    pub log_level: LogLevel,
    /// The same as a file with every key, for `config show`.
    pub complete: File,
}

/// Where a file was read.
pub struct Origin<'a> {
    /// Paths in the file are relative to it.
    pub folder: &'a Path,
    /// Goes before the file's own.
    pub store: Option<&'a OsStr>,
    /// Where a key stands, by the names of its tables and its own: `lockgate.toml:12:1`.
    pub place: &'a dyn Fn(&[&str]) -> String,
}

/// Adds the defaults.
pub fn resolve(file: File, origin: &Origin<'_>) -> Result<Settings, Failure> {
    let store = match origin.store {
        Some(named) => StorePlace::named(named),
        None => store(&file.store, origin)?,
    };
    let sandbox = sandbox(&file.sandbox, origin.folder, &store);
    let mut server = server(&file.server, &sandbox);
    server.named_tokens = file.tokens.iter().map(|(name, section)| section.named(name)).collect();
    let cache_bytes = file.store.cache_bytes.map_or(crate::wire::CACHE_BYTES, |n| n.get());
    if file.defaults.webhook.is_some() {
        return Err(Failure::invalid(format!("{}: a webhook belongs to one connector", (origin.place)(&["defaults", "webhook"])))
            .hint("write [connectors.NAME.webhook]"));
    }
    if file.defaults.secrets.is_some() {
        return Err(Failure::invalid(format!("{}: a secret belongs to one connector", (origin.place)(&["defaults", "secrets"])))
            .hint("write [connectors.NAME.secrets.KEY]"));
    }
    let defaults = connector(&file.defaults, &ConnectorSection::default(), &sandbox, &|key| (origin.place)(&["defaults", key]))?;
    let mut connectors = BTreeMap::new();
    let mut secrets = Vec::new();
    for (name, section) in &file.connectors {
        let place = |key: &str| (origin.place)(&["connectors", name, key]);
        let named =
            ConnectorName::new(name).map_err(|error| Failure::invalid(format!("{}: {error}", (origin.place)(&["connectors", name]))))?;
        for (key, secret) in section.secrets.iter().flatten() {
            secrets.push(Unread {
                connector: named.clone(),
                key: key.clone(),
                section: secret.in_folder(origin.folder),
                place: (origin.place)(&["connectors", name, "secrets", key]),
            });
        }
        if let Some(webhook) = &section.webhook {
            let hook = webhook.webhook().map_err(|why| Failure::invalid(format!("{}: {why}", place("webhook"))))?;
            server.webhooks.insert(named.clone(), hook);
        }
        let settings = connector(section, &file.defaults, &sandbox, &place)?;
        check_networks(section, &settings, &place)?;
        connectors.insert(named, settings);
    }
    let mut bus = bus(&file.bus, defaults, connectors);
    if matches!(store, StorePlace::Database(_)) {
        bus.lease_ms = file.node.lease_ms.map_or(LEASE_MS, u64::from).max(LEASE_MS_MIN);
    }
    let node_name = file.node.name.clone().filter(|name| !name.is_empty());
    let log_format = file.log.format.unwrap_or(LogFormat::Text);
    let log_level = file.log.level.clone().map(|word| word.0).unwrap_or_default();
    let mut settings = Settings {
        server,
        store,
        node_name,
        cache_bytes,
        sandbox,
        bus,
        secrets,
        secret_values: Values::IfThere,
        log_format,
        log_level,
        complete: File::default(),
    };
    settings.complete = complete(&settings, &file);
    Ok(settings)
}

/// What `[store]` names.
fn store(section: &StoreSection, origin: &Origin<'_>) -> Result<StorePlace, Failure> {
    let Some(url) = section.url.as_deref().filter(|url| !url.is_empty()) else {
        let path = section.path.as_deref().unwrap_or(Path::new(STORE_PATH));
        return Ok(StorePlace::File(origin.folder.join(path)));
    };
    let place = || (origin.place)(&["store", "url"]);
    if !is_url(url) {
        let why = "the store's URL begins with neither postgres:// nor postgresql:// [store-url]";
        return Err(Failure::new(Exit::Unreachable, format!("{}: {why}", place()))
            .hint("write it as postgres://user@host:5432/database?sslmode=require, or name a file with `path`"));
    }
    if section.path.is_some() {
        return Err(Failure::invalid(format!("{}: [store] has a `path`, too", place())).hint("keep one of the two"));
    }
    let password_file = section.password_file.as_ref().filter(|path| !path.as_os_str().is_empty());
    Ok(StorePlace::Database(DatabasePlace::new(url, password_file.map(|path| origin.folder.join(path)))))
}

fn server(section: &ServerSection, sandbox: &SandboxOptions) -> ServerOptions {
    let mut options = ServerOptions {
        component_bytes_max: usize::try_from(sandbox.component_bytes_max).unwrap_or(usize::MAX),
        ..ServerOptions::default()
    };
    options.listen = section.listen.unwrap_or(LISTEN);
    set(&mut options.tokens, section.tokens.clone());
    set(&mut options.requests_max, section.requests_max.map(Into::into));
    set(&mut options.connections_max, section.connections_max.map(Into::into));
    set(&mut options.connections_without_token_max, section.connections_without_token_max.map(Into::into));
    set(&mut options.header_read_timeout_ms, section.header_read_timeout_ms.map(Into::into));
    set(&mut options.header_read_timeout_without_token_ms, section.header_read_timeout_without_token_ms.map(Into::into));
    set(&mut options.body_read_timeout_ms, section.body_read_timeout_ms.map(Into::into));
    set(&mut options.shutdown_grace_ms, section.shutdown_grace_ms);
    options
}

fn sandbox(section: &SandboxSection, folder: &Path, store: &StorePlace) -> SandboxOptions {
    let artefact_dir = match &section.artefact_dir {
        Some(path) => folder.join(path),
        None => match store {
            StorePlace::File(path) => beside(path, ".artefacts"),
            StorePlace::Database(_) => folder.join(ARTEFACT_DIR),
        },
    };
    let mut options = SandboxOptions::new(artefact_dir);
    set(&mut options.artefact_bytes_max, section.artefact_bytes_max.map(Into::into));
    set(&mut options.compile_memory_bytes_max, section.compile_memory_bytes_max.map(Into::into));
    set(&mut options.compile_cpu_seconds_max, section.compile_cpu_seconds_max.map(Into::into));
    set(&mut options.compile_wall_ms_max, section.compile_wall_ms_max.map(Into::into));
    set(&mut options.instances_max, section.instances_max.map(Into::into));
    set(&mut options.memory_bytes_max, section.memory_bytes_max.map(Into::into));
    set(&mut options.component_bytes_max, section.component_bytes_max.map(Into::into));
    set(&mut options.tick, section.tick_ms.map(|ms| Duration::from_millis(ms.get())));
    options
}

fn bus(section: &BusSection, defaults: ConnectorSettings, connectors: BTreeMap<ConnectorName, ConnectorSettings>) -> BusSettings {
    let mut settings = BusSettings { defaults, connectors, ..BusSettings::default() };
    set(&mut settings.payload_bytes_max, section.payload_bytes_max.map(Into::into));
    set(&mut settings.queue_tasks_max, section.queue_tasks_max.map(Into::into));
    set(&mut settings.history_entries_max, section.history_entries_max.map(Into::into));
    set(&mut settings.batch_tasks_max, section.batch_tasks_max.map(Into::into));
    set(&mut settings.batch_bytes_max, section.batch_bytes_max.map(Into::into));
    set(&mut settings.batch_ms_max, section.batch_ms_max.map(Into::into));
    set(&mut settings.rows_per_task_max, section.rows_per_task_max.map(Into::into));
    set(&mut settings.reference_depth_max, section.reference_depth_max.map(Into::into));
    set(&mut settings.deletes_per_task_max, section.deletes_per_task_max);
    set(&mut settings.waiting_tasks_max, section.waiting_tasks_max);
    set(&mut settings.tombstone_days, section.tombstone_days.map(Into::into));
    set(&mut settings.operations_kept_max, section.operations_kept_max);
    set(&mut settings.audit_rows_max, section.audit_rows_max.map(Into::into));
    settings
}

/// A path beside the store file: its name with something added.
pub fn beside(store: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(store);
    name.push(suffix);
    PathBuf::from(name)
}

/// Over what is there, if something is said.
pub fn set<T>(target: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *target = value;
    }
}
