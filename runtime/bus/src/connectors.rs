//! Installing and switching connectors (§9).

use std::sync::Arc;

use crate::{Bus, Inner};
use lockgate_core::grants::{Ask, Manifest, ManifestError};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Compiled, ConnectorRecord, InstallError, StateMap, StoreError, Translator};
use lockgate_core::versions;

/// A connector as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorStatus {
    /// As installed.
    pub record: ConnectorRecord,
    /// Waiting tasks, failed ones not among them.
    pub queued: u64,
    /// Failed tasks.
    pub failed: u64,
    /// Whether a pass is running or about to.
    pub busy: bool,
    /// Why it cannot be loaded, as last tried; `None` when it is loaded or was not needed yet.
    pub not_loaded: Option<String>,
    /// Whether it is loaded.
    pub loaded: bool,
    /// What it asks for, and how much of it is granted.
    pub asks: Vec<Ask>,
    /// What the version that waits for approval asks for beyond the active one.
    pub beyond: Vec<String>,
}

/// What the sandbox and the manifest say of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What the sandbox found out.
    pub compiled: Compiled,
    /// Whether it has a manifest.
    pub has_manifest: bool,
    /// What it asks for, and how much of it is granted.
    pub asks: Vec<Ask>,
}

/// What `add_connector` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// As installed.
    pub record: ConnectorRecord,
    /// What was found out about the component.
    pub checked: Checked,
    /// The digest that was active before, if it was installed before.
    pub replaced: Option<Arc<str>>,
    /// What it asks for beyond the active version. If there is anything, the component is kept, and
    /// waits for `approve_connector`; the active one stays.
    pub beyond: Vec<String>,
}

/// Why a connector was not installed or changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ConnectorError {
    /// The component was refused. What was installed stays.
    #[error(transparent)]
    Refused(#[from] InstallError),
    /// No connector has this name.
    #[error("no connector is named {0}; `lockgate connector list` shows those that are installed")]
    Unknown(ConnectorName),
    /// It has queued tasks and force was not asked for.
    #[error("connector {0} has {1} queued tasks; remove it with `--force` to delete them too")]
    HasTasks(ConnectorName, u64),
    /// No version waits for the operator.
    #[error("connector {0} has no version that waits for approval")]
    NothingPending(ConnectorName),
    /// There is no version to go back to.
    #[error("connector {0} has no such version; `lockgate connector show {0}` lists those that are kept")]
    NoSuchVersion(ConnectorName),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Bus {
    /// Checks and compiles a component without installing it. What is granted is that of the
    /// connector `name`, or of one without settings of its own.
    pub fn check_component(&self, name: Option<&ConnectorName>, component: &[u8]) -> Result<Checked, InstallError> {
        let compiled = self.inner.parts.sandbox.compile(component)?;
        let manifest = Manifest::of(compiled.manifest.as_deref()).map_err(not_a_manifest)?;
        let operator = match name {
            Some(name) => self.settings().operator(name),
            None => self.settings().operator_of_any(),
        };
        Ok(Checked { has_manifest: compiled.manifest.is_some(), asks: operator.asks(&manifest), compiled })
    }

    /// Installs a component under a name, beside the versions that are installed there; the connector
    /// stays as enabled as it was. Takes seconds for large components. The new version becomes the
    /// active one and translates queued tasks, the task in hand ends on the old one; a version that
    /// asks for more than the active one waits for `approve_connector` instead (promise 3).
    pub fn add_connector(&self, name: &ConnectorName, component: &[u8]) -> Result<Added, ConnectorError> {
        let checked = self.check_component(Some(name), component)?;
        let _changing = self.inner.lock_changing();
        let before = self.inner.read_state().connectors.get(name).cloned();
        let (record, beyond) = versions::with(before.as_ref(), name, &checked.compiled, self.now_ms()).map_err(not_a_manifest)?;
        self.inner.parts.store.put_connector(&record, Some(component))?;
        self.activate(&record, true);
        Ok(Added { record, checked, replaced: before.map(|before| before.digest), beyond })
    }

    /// Lets the version that waits run: the operator has seen what it asks for.
    pub fn approve_connector(&self, name: &ConnectorName) -> Result<ConnectorRecord, ConnectorError> {
        self.change_connector(name, |record| versions::approved(record).ok_or_else(|| ConnectorError::NothingPending(name.clone())))
    }

    /// Goes back to the version before the active one, or to the approved one whose digest begins
    /// with `to`.
    pub fn roll_back_connector(&self, name: &ConnectorName, to: Option<&str>) -> Result<ConnectorRecord, ConnectorError> {
        self.change_connector(name, |record| versions::rolled_back(record, to).ok_or_else(|| ConnectorError::NoSuchVersion(name.clone())))
    }

    fn change_connector(
        &self,
        name: &ConnectorName,
        change: impl FnOnce(&ConnectorRecord) -> Result<ConnectorRecord, ConnectorError>,
    ) -> Result<ConnectorRecord, ConnectorError> {
        let _changing = self.inner.lock_changing();
        let before = self.inner.read_state().connectors.get(name).cloned();
        let record = change(&before.ok_or_else(|| ConnectorError::Unknown(name.clone()))?)?;
        self.inner.parts.store.put_connector(&record, None)?;
        self.activate(&record, record.enabled);
        Ok(record)
    }

    fn activate(&self, record: &ConnectorRecord, begin: bool) {
        self.inner.write_state().connectors.insert(record.name.clone(), record.clone());
        if begin {
            self.inner.begin(&record.name, true);
        }
    }

    /// What a connector keeps from task to task.
    pub fn connector_state(&self, name: &ConnectorName) -> Result<StateMap, ConnectorError> {
        self.installed(name)?;
        Ok(self.inner.parts.store.state(name)?)
    }

    /// Forgets what a connector keeps. Tasks that are being translated have read the old state.
    pub fn clear_connector_state(&self, name: &ConnectorName) -> Result<u64, ConnectorError> {
        self.installed(name)?;
        Ok(self.inner.parts.store.clear_state(name)?)
    }

    fn installed(&self, name: &ConnectorName) -> Result<(), ConnectorError> {
        if self.inner.read_state().connectors.contains_key(name) { Ok(()) } else { Err(ConnectorError::Unknown(name.clone())) }
    }

    /// Enables or disables a connector. A disabled one ends its pass after the task in hand and
    /// keeps its queue.
    pub fn enable_connector(&self, name: &ConnectorName, enabled: bool) -> Result<ConnectorRecord, ConnectorError> {
        self.change_connector(name, |before| Ok(ConnectorRecord { enabled, ..before.clone() }))
    }

    /// Removes a connector; with its queued tasks only if `force`. Returns how many tasks went.
    pub fn remove_connector(&self, name: &ConnectorName, force: Force) -> Result<u64, ConnectorError> {
        let _changing = self.inner.lock_changing();
        if !self.inner.read_state().connectors.contains_key(name) {
            return Err(ConnectorError::Unknown(name.clone()));
        }
        let counts = self.inner.parts.store.counts()?;
        let tasks = counts.queued.get(name).unwrap_or(&0) + counts.failed.get(name).unwrap_or(&0);
        if tasks > 0 && force == Force::No {
            return Err(ConnectorError::HasTasks(name.clone(), tasks));
        }
        // No new tasks from here on; then the pass ends; then the queue goes.
        let record = self.inner.write_state().connectors.remove(name);
        // A statement of its own: the lock must not be held while the pass ends.
        let worker = self.inner.lock_workers().remove(name);
        if let Some(worker) = worker {
            worker.stop();
            worker.join();
        }
        match self.inner.parts.store.delete_connector(name) {
            Ok(removed) => {
                self.inner.unload_unused();
                Ok(removed)
            }
            Err(error) => {
                if let Some(record) = record {
                    self.inner.write_state().connectors.insert(name.clone(), record);
                }
                Err(error.into())
            }
        }
    }

    /// Every connector, by name.
    pub fn connectors(&self) -> Result<Vec<ConnectorStatus>, StoreError> {
        let counts = self.inner.parts.store.counts()?;
        let records: Vec<ConnectorRecord> = self.inner.read_state().connectors.values().cloned().collect();
        let busy = self.busy();
        let workers = self.inner.lock_workers();
        Ok(records
            .into_iter()
            .map(|record| ConnectorStatus {
                queued: counts.queued.get(&record.name).copied().unwrap_or(0),
                failed: counts.failed.get(&record.name).copied().unwrap_or(0),
                busy: busy.contains(&record.name),
                not_loaded: workers.get(&record.name).and_then(|worker| worker.trouble()),
                loaded: self.inner.lock_translators().contains_key(&record.digest),
                asks: self.asks(&record),
                beyond: versions::beyond(&record),
                record,
            })
            .collect())
    }
}

impl Bus {
    fn asks(&self, record: &ConnectorRecord) -> Vec<Ask> {
        let manifest = Manifest::of(record.active().and_then(|version| version.manifest.as_deref()));
        manifest.map(|manifest| self.settings().operator(&record.name).asks(&manifest)).unwrap_or_default()
    }
}

fn not_a_manifest(error: ManifestError) -> InstallError {
    InstallError { code: "invalid-manifest", message: error.to_string() }
}

/// Whether queued tasks may be deleted with their connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// They may.
    Yes,
    /// They may not.
    No,
}

impl Inner {
    /// The connector's component, ready to make instances; loaded once.
    pub(super) fn translator(&self, record: &ConnectorRecord) -> Result<Arc<dyn Translator>, InstallError> {
        if let Some(translator) = self.lock_translators().get(&record.digest) {
            return Ok(translator.clone());
        }
        let store = &self.parts.store;
        let loaded = self.parts.sandbox.load(&record.digest, &mut || store.component(&record.digest).ok().flatten())?;
        self.unload_unused();
        let mut translators = self.lock_translators();
        translators.insert(record.digest.clone(), loaded.clone());
        Ok(loaded)
    }

    /// Lets go of components that no connector runs any more: each holds memory and a file.
    fn unload_unused(&self) {
        let in_use: Vec<Arc<str>> = self.read_state().connectors.values().map(|r| r.digest.clone()).collect();
        self.lock_translators().retain(|digest, _| in_use.contains(digest));
    }

    fn lock_translators(&self) -> std::sync::MutexGuard<'_, std::collections::HashMap<Arc<str>, Arc<dyn Translator>>> {
        self.translators.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
