//! Connectors.

use std::sync::Arc;

use lockgate_core::bus::{Added, ConnectorStatus, Started};
use lockgate_core::ports::{Compiled, Limits};
use lockgate_core::settings::ConnectorSettings;
use serde::Serialize;

use super::time;

/// A connector as an operator sees it.
#[derive(Serialize)]
pub(crate) struct ConnectorWire {
    name: String,
    digest: Arc<str>,
    enabled: bool,
    installed_at: Option<String>,
    processing: &'static str,
    queued: u64,
    failed: u64,
    busy: bool,
    loaded: bool,
    not_loaded: Option<String>,
    limits: LimitsWire,
}

/// What its guests are granted. Settings by name only: their values may be nobody's business.
#[derive(Serialize)]
struct LimitsWire {
    deadline_ms: u64,
    memory_bytes_max: u64,
    output_bytes_max: u64,
    log_lines_max: usize,
    log_bytes_max: usize,
    settings: Vec<String>,
}

impl ConnectorWire {
    pub(crate) fn new(status: ConnectorStatus, settings: &ConnectorSettings) -> Self {
        Self {
            name: status.record.name.to_string(),
            digest: status.record.digest,
            enabled: status.record.enabled,
            installed_at: time(status.record.installed_ms),
            processing: settings.processing.as_str(),
            queued: status.queued,
            failed: status.failed,
            busy: status.busy,
            loaded: status.loaded,
            not_loaded: status.not_loaded,
            limits: LimitsWire::from(&settings.limits),
        }
    }
}

impl From<&Limits> for LimitsWire {
    fn from(limits: &Limits) -> Self {
        Self {
            deadline_ms: limits.deadline_ms,
            memory_bytes_max: limits.memory_bytes_max,
            output_bytes_max: limits.output_bytes_max,
            log_lines_max: limits.log_lines_max,
            log_bytes_max: limits.log_bytes_max,
            settings: limits.settings.keys().cloned().collect(),
        }
    }
}

/// What the sandbox found out.
#[derive(Serialize)]
pub(crate) struct CheckedWire {
    digest: Arc<str>,
    strict: bool,
    foreign_imports: Vec<String>,
}

impl From<Compiled> for CheckedWire {
    fn from(compiled: Compiled) -> Self {
        Self { digest: compiled.digest, strict: compiled.foreign_imports.is_empty(), foreign_imports: compiled.foreign_imports }
    }
}

/// What was installed.
#[derive(Serialize)]
pub(crate) struct AddedWire {
    name: String,
    replaced: Option<Arc<str>>,
    #[serde(flatten)]
    checked: CheckedWire,
}

impl From<Added> for AddedWire {
    fn from(added: Added) -> Self {
        Self { name: added.record.name.to_string(), replaced: added.replaced, checked: added.compiled.into() }
    }
}

/// A connector whose pass was asked for.
#[derive(Serialize)]
pub(crate) struct StartedWire {
    pub connector: String,
    pub at_once: bool,
}

impl From<Started> for StartedWire {
    fn from(started: Started) -> Self {
        Self { connector: started.connector.to_string(), at_once: started.at_once }
    }
}
