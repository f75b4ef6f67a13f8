//! Connectors.

use std::sync::Arc;

use lockgate_bus::{Added, Checked, ConnectorStatus, Started};
use lockgate_core::grants::Ask;
use lockgate_core::ports::{ConnectorRecord, Version};
use lockgate_core::settings::ConnectorSettings;
use serde::Serialize;

use super::grant::{GrantWire, LimitsWire};
use super::standing::QueueWire;
use super::state::StateSizeWire;
use super::time;

/// A connector as an operator sees it.
#[derive(Serialize)]
pub(crate) struct ConnectorWire {
    name: String,
    digest: Arc<str>,
    enabled: bool,
    paused: bool,
    installed_at: Option<String>,
    processing: &'static str,
    #[serde(flatten)]
    queue: QueueWire,
    busy: bool,
    loaded: bool,
    /// The node that works for it, where several share the store.
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    trouble: Option<String>,
    has_manifest: bool,
    asks: Vec<AskWire>,
    grant: GrantWire,
    waiting: Option<Arc<str>>,
    beyond: Vec<String>,
    versions: Vec<VersionWire>,
    limits: LimitsWire,
    /// Of one connector only: a list would read all that there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<StateSizeWire>,
}

impl ConnectorWire {
    pub(crate) fn new(status: ConnectorStatus, settings: &ConnectorSettings, state: Option<StateSizeWire>) -> Self {
        let record = status.record;
        Self {
            name: record.name.to_string(),
            enabled: record.enabled,
            paused: record.paused,
            installed_at: time(record.installed_ms),
            processing: settings.processing.as_str(),
            queue: status.standing.into(),
            busy: status.busy,
            loaded: status.loaded,
            node: status.node.map(|node| node.to_string()),
            trouble: status.trouble,
            has_manifest: record.active().is_some_and(|version| version.manifest.is_some()),
            asks: status.asks.into_iter().map(Into::into).collect(),
            grant: GrantWire::from(settings),
            waiting: record.pending().map(|version| version.digest.clone()),
            beyond: status.beyond,
            versions: record.versions.iter().map(|version| VersionWire::new(version, &record)).collect(),
            limits: LimitsWire::from(settings),
            state,
            digest: record.digest,
        }
    }
}

/// One component of a connector: it runs, waits for approval, or is kept for a rollback.
#[derive(Serialize)]
struct VersionWire {
    digest: Arc<str>,
    standing: &'static str,
    installed_at: Option<String>,
    has_manifest: bool,
}

impl VersionWire {
    fn new(version: &Version, record: &ConnectorRecord) -> Self {
        let standing = match version {
            _ if version.digest == record.digest => "active",
            _ if version.approved => "kept",
            _ => "waiting",
        };
        Self {
            digest: version.digest.clone(),
            standing,
            installed_at: time(version.installed_ms),
            has_manifest: version.manifest.is_some(),
        }
    }
}

/// One thing that a manifest asks for.
#[derive(Serialize)]
struct AskWire {
    what: &'static str,
    item: String,
    granted: &'static str,
}

impl From<Ask> for AskWire {
    fn from(ask: Ask) -> Self {
        Self { what: ask.what, item: ask.item, granted: ask.granted.as_str() }
    }
}

/// What the sandbox and the manifest say of a component, beside what is granted.
#[derive(Serialize)]
pub(crate) struct CheckedWire {
    digest: Arc<str>,
    strict: bool,
    foreign_imports: Vec<String>,
    has_manifest: bool,
    asks: Vec<AskWire>,
    grant: GrantWire,
}

impl CheckedWire {
    pub(crate) fn new(checked: Checked, settings: &ConnectorSettings) -> Self {
        Self {
            digest: checked.compiled.digest,
            strict: checked.compiled.foreign_imports.is_empty(),
            foreign_imports: checked.compiled.foreign_imports,
            has_manifest: checked.has_manifest,
            asks: checked.asks.into_iter().map(Into::into).collect(),
            grant: GrantWire::from(settings),
        }
    }
}

/// What was installed.
#[derive(Serialize)]
pub(crate) struct AddedWire {
    name: String,
    /// Whether it runs; else it waits for approval.
    active: bool,
    replaced: Option<Arc<str>>,
    beyond: Vec<String>,
    #[serde(flatten)]
    checked: CheckedWire,
}

impl AddedWire {
    pub(crate) fn new(added: Added, settings: &ConnectorSettings) -> Self {
        Self {
            name: added.record.name.to_string(),
            active: added.record.digest == added.checked.compiled.digest,
            replaced: added.replaced,
            beyond: added.beyond,
            checked: CheckedWire::new(added.checked, settings),
        }
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
