//! Installing and switching connectors (§9).

use std::sync::Arc;

use crate::bus::{Bus, Inner};
use crate::names::ConnectorName;
use crate::ports::{Compiled, ConnectorRecord, InstallError, StoreError, Translator};

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
}

/// What `add_connector` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// As installed.
    pub record: ConnectorRecord,
    /// What the sandbox found out.
    pub compiled: Compiled,
    /// The digest that it replaces, if it was installed before.
    pub replaced: Option<Arc<str>>,
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
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Bus {
    /// Checks and compiles a component without installing it.
    pub fn check_component(&self, component: &[u8]) -> Result<Compiled, InstallError> {
        self.inner.parts.sandbox.compile(component)
    }

    /// Installs a component under a name, or replaces the one installed there; it stays as enabled
    /// as it was. Takes seconds for large components. Queued tasks are translated by the new one.
    pub fn add_connector(&self, name: &ConnectorName, component: &[u8]) -> Result<Added, ConnectorError> {
        let compiled = self.inner.parts.sandbox.compile(component)?;
        let _changing = self.inner.lock_changing();
        let before = self.inner.read_state().connectors.get(name).cloned();
        let record = ConnectorRecord {
            name: name.clone(),
            digest: compiled.digest.clone(),
            enabled: before.as_ref().is_none_or(|before| before.enabled),
            installed_ms: self.now_ms(),
        };
        self.inner.parts.store.put_connector(&record, Some(component))?;
        self.inner.write_state().connectors.insert(name.clone(), record.clone());
        self.inner.begin(name, true);
        Ok(Added { record, compiled, replaced: before.map(|before| before.digest) })
    }

    /// Enables or disables a connector. A disabled one ends its pass after the task in hand and
    /// keeps its queue.
    pub fn enable_connector(&self, name: &ConnectorName, enabled: bool) -> Result<ConnectorRecord, ConnectorError> {
        let _changing = self.inner.lock_changing();
        let before = self.inner.read_state().connectors.get(name).cloned();
        let record = ConnectorRecord { enabled, ..before.ok_or_else(|| ConnectorError::Unknown(name.clone()))? };
        self.inner.parts.store.put_connector(&record, None)?;
        self.inner.write_state().connectors.insert(name.clone(), record.clone());
        if enabled {
            self.inner.begin(name, true);
        }
        Ok(record)
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
            Ok(removed) => Ok(removed),
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
                record,
            })
            .collect())
    }
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
        let in_use: Vec<Arc<str>> = self.read_state().connectors.values().map(|r| r.digest.clone()).collect();
        let mut translators = self.lock_translators();
        translators.retain(|digest, _| in_use.contains(digest));
        translators.insert(record.digest.clone(), loaded.clone());
        Ok(loaded)
    }

    fn lock_translators(&self) -> std::sync::MutexGuard<'_, std::collections::HashMap<Arc<str>, Arc<dyn Translator>>> {
        self.translators.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
