//! What the bus is configured by, as far as the store has it. Whoever keeps a copy in memory keeps the
//! generation with it, and every transaction that relies on the copy checks it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::model::{ContentModel, Unused};
use crate::names::ConnectorName;
use crate::ports::{StateMap, StoreError};

/// How often the configuration was changed: an older copy of it says less than the store has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Generation(pub u64);

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A digest of everything that an operator grants to connectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GrantsDigest(pub u128);

/// Everything that is kept in memory of the store, as of one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Configuration {
    /// When this was so.
    pub generation: Generation,
    /// The content model's source files by name; empty before the first `put_model`.
    pub model: BTreeMap<String, String>,
    /// Installed connectors, by name.
    pub connectors: Vec<ConnectorRecord>,
    /// The operator's switches.
    pub switches: Switches,
    /// The newest grants that any process has come with.
    pub grants: GrantsDigest,
}

/// Connectors, model, switches. Every method blocks and is atomic. Each may answer `Unavailable`,
/// `Unreadable` and `Full`; those that write also `Unknown`, and `Stale` when what they change has
/// changed since `as_of`: read it again, and decide anew. To put what is there already is no change: it
/// makes no generation, and no `as_of` is too old for it.
pub trait Registry: Send + Sync {
    /// The newest generation. Costs next to nothing: it is asked at each pass.
    fn generation(&self) -> Result<Generation, StoreError>;

    /// Everything.
    fn configuration(&self) -> Result<Configuration, StoreError>;

    /// Installs or changes a connector. `component` is the bytes of its newest version, kept under
    /// their digest. Components that no connector's versions name any more are removed.
    fn put_connector(&self, as_of: Generation, record: &ConnectorRecord, component: Option<&[u8]>) -> Result<(), StoreError>;

    /// Removes a connector with its state and its loose ends, and with its queued tasks if `force` says so;
    /// who holds its lease is fenced. Whoever waits for the end of one of the tasks is due; what was planned by
    /// one of the loose ends is a `Conflict`.
    fn remove_connector(&self, name: &ConnectorName, force: Force) -> Result<Removed, StoreError>;

    /// The bytes of an installed component.
    fn component(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Replaces the content model's source files, and makes the index of unique fields fit what
    /// they declare (`change::unique_values`). Not done when something of `unused` is stored.
    fn put_model(
        &self,
        as_of: Generation,
        files: &BTreeMap<String, String>,
        model: &ContentModel,
        unused: &Unused,
    ) -> Result<ModelPut, StoreError>;

    /// Sets the operator's switches.
    fn put_switches(&self, as_of: Generation, switches: Switches) -> Result<(), StoreError>;

    /// Says by which grants connectors work from now on: those that were planned by others are `Stale`.
    fn put_grants(&self, as_of: Generation, grants: GrantsDigest) -> Result<(), StoreError>;

    /// What a connector keeps from task to task; empty when it keeps nothing.
    fn state(&self, connector: &ConnectorName) -> Result<StateMap, StoreError>;

    /// Forgets what a connector keeps. Returns how many keys there were. If there were any, what was
    /// planned by them is `Stale`. `Stale` itself when the connector is not there.
    fn clear_state(&self, connector: &ConnectorName) -> Result<u64, StoreError>;

    /// Random bytes that were made with the store and are shown to nobody: the key of the MAC over
    /// compiled artefacts.
    fn secret_key(&self) -> Result<[u8; 32], StoreError>;
}

/// Whether queued tasks may be deleted with their connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// They may.
    Yes,
    /// They may not.
    No,
}

/// What came of removing a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// It is gone, with so many queued tasks.
    Gone(u64),
    /// It has so many queued tasks, and stays.
    HasTasks(u64),
    /// There was none.
    NotThere,
}

/// What came of replacing the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelPut {
    /// It is replaced.
    Done,
    /// Something that had to be unused is stored. Nothing was done.
    InUse,
}

/// One component of a connector, beside others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Hexadecimal SHA-256 of its bytes.
    pub digest: Arc<str>,
    /// The text of its manifest, if it has one: what it asks for.
    pub manifest: Option<Arc<str>>,
    /// When it was installed, in ms since 1970.
    pub installed_ms: i64,
    /// Whether it may run. One that asks for more than the active one waits for the operator.
    pub approved: bool,
}

/// A connector as it is installed. What it is granted stands in the operator's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorRecord {
    /// Its code name.
    pub name: ConnectorName,
    /// Hexadecimal SHA-256 of the component that runs: one of `versions`.
    pub digest: Arc<str>,
    /// A disabled connector keeps its queue, takes no tasks and processes none.
    pub enabled: bool,
    /// A paused connector takes tasks and processes none (§12).
    pub paused: bool,
    /// When the active component was installed, in ms since 1970.
    pub installed_ms: i64,
    /// Newest first, [`VERSIONS_KEPT_MAX`] at most; the active one is among them.
    pub versions: Vec<Version>,
}

/// Versions of one connector that are kept for `rollback`.
pub const VERSIONS_KEPT_MAX: usize = 5;

impl ConnectorRecord {
    /// The version that runs.
    pub fn active(&self) -> Option<&Version> {
        self.version(&self.digest)
    }

    /// The version with this digest.
    pub fn version(&self, digest: &str) -> Option<&Version> {
        self.versions.iter().find(|version| &*version.digest == digest)
    }

    /// The version that waits for the operator, if one does.
    pub fn pending(&self) -> Option<&Version> {
        self.versions.iter().find(|version| !version.approved)
    }
}

/// The operator's switches (§9). All on by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    /// Everything.
    pub bus: bool,
    /// Taking in tasks.
    pub logging: bool,
    /// Processing them.
    pub processing: bool,
}

impl Switches {
    /// Whether connectors may process at all.
    pub fn processes(self) -> bool {
        self.bus && self.processing
    }
}

impl Default for Switches {
    fn default() -> Self {
        Self { bus: true, logging: true, processing: true }
    }
}
