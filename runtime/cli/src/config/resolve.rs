//! What a file comes to: its keys over the defaults of the code.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lockgate_core::names::ConnectorName;
use lockgate_core::schedule::Schedule;
use lockgate_core::settings::{BusSettings, ConnectorSettings, Processing};

use super::file::{BusSection, ConnectorSection, File, LogFormat, LogSection, ProcessingWord, SandboxSection, ServerSection, StoreSection};
use crate::exit::Failure;
use crate::wire::{SandboxOptions, ServerOptions};

/// The store when none is named.
const STORE_PATH: &str = "./lockgate.redb";
/// Where `serve` listens when nothing is said: this machine only.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7070);
/// What `serve` logs when nothing is said.
const LOG_LEVEL: &str = "info";
/// Runs every five minutes: what `processing = "schedule"` means without a schedule of its own.
const SCHEDULE: &str = "*/5 * * * *";

/// Everything that the operator may set.
#[derive(Debug, Clone)]
pub struct Settings {
    pub server: ServerOptions,
    pub store: PathBuf,
    pub cache_bytes: usize,
    pub sandbox: SandboxOptions,
    pub bus: BusSettings,
    pub log_format: LogFormat,
    pub log_level: String,
    /// The same as a file with every key, for `config show`.
    pub complete: File,
}

/// Adds the defaults. Paths in the file are relative to `folder`; `store` is not.
pub fn resolve(file: File, folder: &Path, store: Option<&Path>) -> Result<Settings, Failure> {
    let path = match (store, &file.store.path) {
        (Some(path), _) => path.to_owned(),
        (None, Some(path)) => folder.join(path),
        (None, None) => folder.join(STORE_PATH),
    };
    let sandbox = sandbox(&file.sandbox, folder, &path);
    let server = server(&file.server, &sandbox);
    let cache_bytes = file.store.cache_bytes.map_or(crate::wire::CACHE_BYTES, |n| n.get());
    let defaults = connector(&file.defaults, &ConnectorSection::default(), &sandbox, "[defaults]")?;
    let mut connectors = BTreeMap::new();
    for (name, section) in &file.connectors {
        let place = format!("[connectors.{name}]");
        let name = ConnectorName::new(name).map_err(|error| Failure::invalid(format!("{place}: {error}")))?;
        connectors.insert(name, connector(section, &file.defaults, &sandbox, &place)?);
    }
    let bus = bus(&file.bus, defaults, connectors);
    let log_format = file.log.format.unwrap_or(LogFormat::Text);
    let log_level = file.log.level.clone().unwrap_or_else(|| LOG_LEVEL.to_owned());
    let mut settings = Settings { server, store: path, cache_bytes, sandbox, bus, log_format, log_level, complete: File::default() };
    settings.complete = complete(&settings, &file);
    Ok(settings)
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
    set(&mut options.header_read_timeout_ms, section.header_read_timeout_ms.map(Into::into));
    set(&mut options.body_read_timeout_ms, section.body_read_timeout_ms.map(Into::into));
    set(&mut options.shutdown_grace_ms, section.shutdown_grace_ms);
    options
}

fn sandbox(section: &SandboxSection, folder: &Path, store: &Path) -> SandboxOptions {
    let artefact_dir = match &section.artefact_dir {
        Some(path) => folder.join(path),
        None => beside(store, ".artefacts"),
    };
    let mut options = SandboxOptions::new(artefact_dir);
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
    settings
}

/// One connector: its own keys over `[defaults]` over the code's. Settings are joined key by key.
fn connector(
    own: &ConnectorSection,
    defaults: &ConnectorSection,
    sandbox: &SandboxOptions,
    place: &str,
) -> Result<ConnectorSettings, Failure> {
    let mut settings = ConnectorSettings::default();
    let schedule = own.schedule.as_ref().or(defaults.schedule.as_ref());
    settings.processing = match own.processing.or(defaults.processing) {
        None => settings.processing,
        Some(ProcessingWord::Auto) => Processing::Auto,
        Some(ProcessingWord::OnRequest) => Processing::OnRequest,
        Some(ProcessingWord::Schedule) => Processing::Schedule(schedule.cloned().unwrap_or_else(|| SCHEDULE.to_owned())),
    };
    if let Processing::Schedule(schedule) = &settings.processing {
        Schedule::parse(schedule).map_err(|error| {
            Failure::invalid(format!("{place} schedule {schedule:?}: {error}"))
                .hint("five fields in UTC: minute hour day month weekday, for example \"*/5 * * * *\"")
        })?;
    }
    let limits = &mut settings.limits;
    set(&mut limits.deadline_ms, own.deadline_ms.or(defaults.deadline_ms).map(Into::into));
    set(&mut limits.memory_bytes_max, own.memory_bytes_max.or(defaults.memory_bytes_max).map(Into::into));
    set(&mut limits.output_bytes_max, own.output_bytes_max.or(defaults.output_bytes_max).map(Into::into));
    set(&mut limits.log_lines_max, own.log_lines_max.or(defaults.log_lines_max));
    set(&mut limits.log_bytes_max, own.log_bytes_max.or(defaults.log_bytes_max));
    for section in [defaults, own] {
        limits.settings.extend(section.settings.iter().flatten().map(|(key, value)| (key.clone(), value.clone())));
    }
    if limits.memory_bytes_max > sandbox.memory_bytes_max {
        return Err(Failure::invalid(format!(
            "{place} memory_bytes_max is {}, more than [sandbox] memory_bytes_max allows ({})",
            limits.memory_bytes_max, sandbox.memory_bytes_max
        )));
    }
    // 0 says "none" in the file, which has no null.
    set(&mut settings.attempts_max, own.attempts_max.or(defaults.attempts_max).map(|n| Some(n).filter(|n| *n > 0)));
    set(&mut settings.backoff_ms, own.backoff_ms.or(defaults.backoff_ms).map(|n| Some(n).filter(|n| *n > 0)));
    Ok(settings)
}

/// The file that would say the same with every key written out.
fn complete(settings: &Settings, file: &File) -> File {
    let Settings { server, sandbox, bus, .. } = settings;
    File {
        server: ServerSection {
            listen: Some(server.listen),
            tokens: Some(server.tokens.clone()),
            requests_max: server.requests_max.try_into().ok(),
            connections_max: server.connections_max.try_into().ok(),
            header_read_timeout_ms: server.header_read_timeout_ms.try_into().ok(),
            body_read_timeout_ms: server.body_read_timeout_ms.try_into().ok(),
            shutdown_grace_ms: Some(server.shutdown_grace_ms),
        },
        store: StoreSection { path: Some(settings.store.clone()), cache_bytes: settings.cache_bytes.try_into().ok() },
        sandbox: SandboxSection {
            artefact_dir: Some(sandbox.artefact_dir.clone()),
            instances_max: sandbox.instances_max.try_into().ok(),
            memory_bytes_max: sandbox.memory_bytes_max.try_into().ok(),
            component_bytes_max: sandbox.component_bytes_max.try_into().ok(),
            tick_ms: u64::try_from(sandbox.tick.as_millis()).ok().and_then(NonZeroU64::new),
        },
        bus: BusSection {
            payload_bytes_max: bus.payload_bytes_max.try_into().ok(),
            queue_tasks_max: bus.queue_tasks_max.try_into().ok(),
            history_entries_max: bus.history_entries_max.try_into().ok(),
            batch_tasks_max: bus.batch_tasks_max.try_into().ok(),
            batch_bytes_max: bus.batch_bytes_max.try_into().ok(),
            batch_ms_max: bus.batch_ms_max.try_into().ok(),
            rows_per_task_max: bus.rows_per_task_max.try_into().ok(),
            reference_depth_max: bus.reference_depth_max.try_into().ok(),
        },
        log: LogSection { format: Some(settings.log_format), level: Some(settings.log_level.clone()) },
        defaults: complete_connector(&bus.defaults, file.defaults.schedule.as_deref()),
        connectors: bus
            .connectors
            .iter()
            .map(|(name, settings)| {
                let schedule = file.connectors.get(name.as_str()).and_then(|own| own.schedule.as_deref());
                (name.as_str().to_owned(), complete_connector(settings, schedule.or(file.defaults.schedule.as_deref())))
            })
            .collect(),
    }
}

fn complete_connector(settings: &ConnectorSettings, schedule: Option<&str>) -> ConnectorSection {
    let limits = &settings.limits;
    ConnectorSection {
        processing: Some(match settings.processing {
            Processing::Auto => ProcessingWord::Auto,
            Processing::OnRequest => ProcessingWord::OnRequest,
            Processing::Schedule(_) => ProcessingWord::Schedule,
        }),
        schedule: Some(schedule.unwrap_or(SCHEDULE).to_owned()),
        deadline_ms: limits.deadline_ms.try_into().ok(),
        memory_bytes_max: limits.memory_bytes_max.try_into().ok(),
        output_bytes_max: limits.output_bytes_max.try_into().ok(),
        log_lines_max: Some(limits.log_lines_max),
        log_bytes_max: Some(limits.log_bytes_max),
        attempts_max: Some(settings.attempts_max.unwrap_or(0)),
        backoff_ms: Some(settings.backoff_ms.unwrap_or(0)),
        settings: Some(limits.settings.clone()),
    }
}

/// A path beside the store file: its name with something added.
pub fn beside(store: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(store);
    name.push(suffix);
    PathBuf::from(name)
}

fn set<T>(target: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *target = value;
    }
}
