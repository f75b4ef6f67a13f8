//! Installing and switching connectors (§9).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::standing::QueueStanding;
use crate::trouble::Trouble;
use crate::{Bus, Inner};
use lockgate_core::audit::{AuditAction, AuditRow};
use lockgate_core::grants::{Ask, Manifest, ManifestError};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{
    Compiled, ConnectorRecord, Force, InstallError, NodeName, Order, Ordered, Removed, StateMap, StoreError, Translator,
};
use lockgate_core::versions;

/// A connector as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorStatus {
    /// As installed.
    pub record: ConnectorRecord,
    /// How its queue stands.
    pub standing: QueueStanding,
    /// Whether a pass is running or about to.
    pub busy: bool,
    /// Whether it is loaded.
    pub loaded: bool,
    /// The node that works for it, where several share the store.
    pub node: Option<NodeName>,
    /// Why its last pass did not begin or end well.
    pub trouble: Option<String>,
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
    /// Another version waits than the one that was to be approved.
    #[error("the version of connector {0} that waits for approval is {1}; `lockgate connector show {0}` says what it asks for")]
    OtherPending(ConnectorName, Arc<str>),
    /// There is no version to go back to.
    #[error("connector {0} has no such version; `lockgate connector show {0}` lists those that are kept")]
    NoSuchVersion(ConnectorName),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ConnectorError {
    /// Stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refused) => refused.code,
            Self::Unknown(_) => "unknown-connector",
            Self::HasTasks(..) => "connector-has-tasks",
            Self::NothingPending(_) | Self::OtherPending(..) => "nothing-pending",
            Self::NoSuchVersion(_) => "no-such-version",
            Self::Store(error) => error.code(),
        }
    }
}

/// A row with a connector before and after, as JSON.
fn told(row: AuditRow, before: Option<&ConnectorRecord>, after: Option<&ConnectorRecord>) -> AuditRow {
    let text = |record: &ConnectorRecord| {
        let ConnectorRecord { digest, enabled, paused, .. } = record;
        let waiting = record.pending().map_or("null".to_owned(), |version| format!("\"{}\"", version.digest));
        format!("{{\"digest\":\"{digest}\",\"enabled\":{enabled},\"paused\":{paused},\"waiting\":{waiting}}}")
    };
    let row = match before.or(after) {
        Some(record) => row.of(&record.name),
        None => row,
    };
    let row = before.map(text).map_or(row.clone(), |text| row.before(&text));
    after.map(text).map_or(row.clone(), |text| row.after(&text))
}

impl Bus {
    /// Checks and compiles a component without installing it. What is granted is that of the
    /// connector `name`, or of one without settings of its own.
    pub fn check_component(&self, name: Option<&ConnectorName>, component: &[u8]) -> Result<Checked, InstallError> {
        let compiled = self.inner.parts.sandbox.compile(component)?;
        let manifest = Manifest::of(compiled.manifest.as_deref()).map_err(not_a_manifest)?;
        let settings = self.settings();
        let operator = match name {
            Some(name) => settings.operator(name),
            None => settings.operator_of_any(),
        };
        Ok(Checked { has_manifest: compiled.manifest.is_some(), asks: operator.asks(&manifest), compiled })
    }

    /// Installs a component under a name, beside the versions that are installed there; the connector
    /// stays as enabled as it was. Takes seconds for large components. The new version becomes the
    /// active one and translates queued tasks, the task in hand ends on the old one; a version that
    /// asks for more than the active one waits for `approve_connector` instead (promise 3).
    pub fn add_connector(&self, name: &ConnectorName, component: &[u8]) -> Result<Added, ConnectorError> {
        let checked = self.check_component(Some(name), component)?;
        let added = self.inner.decide(|known| {
            let before = known.connectors.get(name);
            let (record, beyond) = versions::with(before, name, &checked.compiled, self.now_ms()).map_err(not_a_manifest)?;
            let order = Order::PutConnector(known.generation, Box::new(record.clone()), Some(component.to_vec()));
            let row = self.row(AuditAction::ConnectorAdd, &format!("connector {name}"));
            let row = row.map(|row| told(row, before, Some(&record)));
            let put = self.order(&order, row).map(drop);
            let replaced = before.map(|before| before.digest.clone());
            Ok::<_, ConnectorError>(put.map(|()| Added { record, checked: checked.clone(), replaced, beyond }))
        })?;
        self.changed(&added.record);
        Ok(added)
    }

    /// Lets the version that waits run: the operator has seen what it asks for. With the first digits
    /// of its digest only that one: another may have come since.
    pub fn approve_connector(&self, name: &ConnectorName, digest: Option<&str>) -> Result<ConnectorRecord, ConnectorError> {
        self.change_connector(AuditAction::ConnectorApprove, name, |record| {
            versions::approved(record, digest).ok_or_else(|| match (digest, record.pending()) {
                (Some(_), Some(waiting)) => ConnectorError::OtherPending(name.clone(), waiting.digest.clone()),
                _ => ConnectorError::NothingPending(name.clone()),
            })
        })
    }

    /// Goes back to the version before the active one, or to the approved one whose digest begins
    /// with `to`.
    pub fn roll_back_connector(&self, name: &ConnectorName, to: Option<&str>) -> Result<ConnectorRecord, ConnectorError> {
        self.change_connector(AuditAction::ConnectorRollback, name, |record| {
            versions::rolled_back(record, to).ok_or_else(|| ConnectorError::NoSuchVersion(name.clone()))
        })
    }

    fn change_connector(
        &self,
        action: AuditAction,
        name: &ConnectorName,
        change: impl Fn(&ConnectorRecord) -> Result<ConnectorRecord, ConnectorError>,
    ) -> Result<ConnectorRecord, ConnectorError> {
        let record = self.inner.decide(|known| {
            let before = known.connectors.get(name).ok_or_else(|| ConnectorError::Unknown(name.clone()))?;
            let record = change(before)?;
            let order = Order::PutConnector(known.generation, Box::new(record.clone()), None);
            let row = self.row(action, &format!("connector {name}")).filter(|_| record != *before);
            let row = row.map(|row| told(row, Some(before), Some(&record)));
            Ok::<_, ConnectorError>(self.order(&order, row).map(|_| record))
        })?;
        self.changed(&record);
        Ok(record)
    }

    /// A connector was installed or changed: its queue is looked at. The same component, too, is loaded
    /// again after it could not be.
    fn changed(&self, record: &ConnectorRecord) {
        if record.enabled && !record.paused {
            self.inner.begin(&record.name, true);
        }
    }

    /// What a connector keeps from task to task.
    pub fn connector_state(&self, name: &ConnectorName) -> Result<StateMap, ConnectorError> {
        self.installed(name)?;
        Ok(self.inner.parts.store.state(name)?)
    }

    /// Forgets what a connector keeps. Tasks that are being translated have read the old state, and are
    /// translated again.
    pub fn clear_connector_state(&self, name: &ConnectorName) -> Result<u64, ConnectorError> {
        self.inner.decide(|known| match known.connectors.contains_key(name) {
            true => {
                let row = self.row(AuditAction::StateClear, &format!("connector {name}")).map(|row| row.of(name));
                Ok(self.order(&Order::ClearState(name.clone()), row).map(|ordered| match ordered {
                    Ordered::Cleared(keys) => keys,
                    _ => 0,
                }))
            }
            false => Err(ConnectorError::Unknown(name.clone())),
        })
    }

    /// Whether a connector of this name is installed.
    pub fn is_installed(&self, name: &ConnectorName) -> Result<bool, StoreError> {
        Ok(self.inner.current()?.connectors.contains_key(name))
    }

    fn installed(&self, name: &ConnectorName) -> Result<(), ConnectorError> {
        match self.inner.current()?.connectors.contains_key(name) {
            true => Ok(()),
            false => Err(ConnectorError::Unknown(name.clone())),
        }
    }

    /// Enables or disables a connector. A disabled one ends its pass after the task in hand and
    /// keeps its queue.
    pub fn enable_connector(&self, name: &ConnectorName, enabled: bool) -> Result<ConnectorRecord, ConnectorError> {
        let action = if enabled { AuditAction::ConnectorEnable } else { AuditAction::ConnectorDisable };
        self.change_connector(action, name, |before| Ok(ConnectorRecord { enabled, ..before.clone() }))
    }

    /// Pauses a connector, or lets it go on (§12). A paused one ends its pass after the task in hand, takes tasks and
    /// processes none.
    pub fn pause_connector(&self, name: &ConnectorName, paused: bool) -> Result<ConnectorRecord, ConnectorError> {
        let action = if paused { AuditAction::ConnectorPause } else { AuditAction::ConnectorResume };
        self.change_connector(action, name, |before| Ok(ConnectorRecord { paused, ..before.clone() }))
    }

    /// Removes a connector; with its queued tasks only if `force`. Returns how many tasks went. Whether
    /// there are any is found out by the store, in the transaction that removes it: a task that is
    /// acknowledged before is kept or counted, one that comes after is refused. Waits for the task in
    /// hand.
    pub fn remove_connector(&self, name: &ConnectorName, force: Force) -> Result<u64, ConnectorError> {
        let known = self.inner.known();
        let row = self.row(AuditAction::ConnectorRemove, &format!("connector {name}"));
        let row = row.map(|row| told(row.of(name), known.connectors.get(name), None));
        let removed = self.order(&Order::RemoveConnector(name.clone(), force), row).map(|ordered| match ordered {
            Ordered::Removed(removed) => removed,
            _ => Removed::NotThere,
        });
        if matches!(removed, Ok(Removed::Gone(_)) | Err(StoreError::Unknown(_))) {
            self.inner.look_again(&known);
        }
        let tasks = match removed? {
            Removed::Gone(tasks) => tasks,
            Removed::HasTasks(tasks) => return Err(ConnectorError::HasTasks(name.clone(), tasks)),
            Removed::NotThere => return Err(ConnectorError::Unknown(name.clone())),
        };
        self.inner.join_removed(name);
        Ok(tasks)
    }

    /// Of every connector, whether it is paused: 1 or 0.
    pub fn paused(&self) -> Result<BTreeMap<ConnectorName, u64>, StoreError> {
        Ok(self.inner.current()?.connectors.values().map(|record| (record.name.clone(), record.paused.into())).collect())
    }

    /// Every connector, by name.
    pub fn connectors(&self) -> Result<Vec<ConnectorStatus>, StoreError> {
        // First, as `busy` says.
        let workers: BTreeMap<ConnectorName, (bool, Option<String>)> =
            self.inner.lock_workers().iter().map(|(name, worker)| (name.clone(), worker.busy_and_trouble())).collect();
        let busy = self.busy();
        let nodes = self.nodes()?.unwrap_or_default();
        let counts = self.inner.parts.store.counts()?;
        let mut standings = self.standings(&counts)?;
        let known = self.inner.current()?;
        Ok(known
            .connectors
            .values()
            .cloned()
            .map(|record| ConnectorStatus {
                standing: standings.remove(&record.name).unwrap_or_default(),
                busy: busy.contains(&record.name),
                node: nodes.connector(&record.name).and_then(|shared| shared.holder.clone()),
                trouble: workers.get(&record.name).and_then(|(_, trouble)| trouble.clone()),
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

impl Inner {
    /// The connector's component, ready to make instances; loaded once.
    pub(super) fn translator(&self, record: &ConnectorRecord) -> Result<Arc<dyn Translator>, Trouble> {
        if let Some(translator) = self.lock_translators().get(&record.digest) {
            return Ok(translator.clone());
        }
        let store = &self.parts.store;
        let mut store_failed = None;
        let mut component = || {
            store.component(&record.digest).unwrap_or_else(|error| {
                store_failed = Some(error);
                None
            })
        };
        let loaded = self.parts.sandbox.load(&record.digest, &mut component);
        let loaded = loaded.map_err(|error| match store_failed {
            // The sandbox cannot know why it was given nothing.
            Some(failed) => Trouble::Store(failed),
            None => {
                tracing::error!(connector = %record.name, "connector {} cannot be loaded: {error}", record.name);
                if error.may_pass() { Trouble::Passing(error.to_string()) } else { Trouble::Other(error.to_string()) }
            }
        })?;
        self.unload_unused();
        let mut translators = self.lock_translators();
        translators.insert(record.digest.clone(), loaded.clone());
        Ok(loaded)
    }

    /// Lets go of components that no connector runs any more: each holds memory and a file.
    pub(super) fn unload_unused(&self) {
        let in_use: Vec<Arc<str>> = self.known().connectors.values().map(|record| record.digest.clone()).collect();
        self.lock_translators().retain(|digest, _| in_use.contains(digest));
    }

    fn lock_translators(&self) -> std::sync::MutexGuard<'_, std::collections::HashMap<Arc<str>, Arc<dyn Translator>>> {
        self.translators.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
