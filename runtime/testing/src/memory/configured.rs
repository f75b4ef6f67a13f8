//! Connectors, model and switches, and when each was changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Configuration, ConnectorRecord, Generation, GrantsDigest, StoreError, Switches, VERSIONS_KEPT_MAX};

#[derive(Debug, Default)]
pub(super) struct Configured {
    generation: Generation,
    /// When model, switches or grants were changed last.
    base: Generation,
    /// When each connector was changed last; of those that were removed too.
    changed: BTreeMap<ConnectorName, Generation>,
    connectors: BTreeMap<ConnectorName, ConnectorRecord>,
    components: BTreeMap<Arc<str>, Vec<u8>>,
    files: BTreeMap<String, String>,
    switches: Switches,
    grants: GrantsDigest,
}

impl Configured {
    pub(super) fn generation(&self) -> Generation {
        self.generation
    }

    pub(super) fn all(&self) -> Configuration {
        Configuration {
            generation: self.generation,
            model: self.files.clone(),
            connectors: self.connectors.values().cloned().collect(),
            switches: self.switches,
            grants: self.grants,
        }
    }

    /// Whether what was known of a connector, and of all, still holds, and it is there.
    pub(super) fn check(&self, connector: &ConnectorName, as_of: Generation) -> Result<(), StoreError> {
        self.check_base(as_of)?;
        self.check_record(connector, as_of)?;
        if self.connectors.contains_key(connector) { Ok(()) } else { Err(StoreError::Stale) }
    }

    pub(super) fn check_base(&self, as_of: Generation) -> Result<(), StoreError> {
        if self.base > as_of { Err(StoreError::Stale) } else { Ok(()) }
    }

    fn check_record(&self, connector: &ConnectorName, as_of: Generation) -> Result<(), StoreError> {
        if self.changed.get(connector).is_some_and(|changed| *changed > as_of) { Err(StoreError::Stale) } else { Ok(()) }
    }

    fn count(&mut self) -> Generation {
        self.generation = Generation(self.generation.0 + 1);
        self.generation
    }

    /// Whoever has looked at this connector looks again.
    pub(super) fn change(&mut self, name: &ConnectorName) {
        let generation = self.count();
        self.changed.insert(name.clone(), generation);
    }

    pub(super) fn put(&mut self, as_of: Generation, record: &ConnectorRecord, component: Option<&[u8]>) -> Result<(), StoreError> {
        assert!(record.active().is_some(), "the version that runs is among the versions: {record:?}");
        assert!(record.versions.len() <= VERSIONS_KEPT_MAX, "too many versions: {record:?}");
        if self.has_put(record, component) {
            return Ok(());
        }
        self.check_record(&record.name, as_of)?;
        if let (Some(component), Some(newest)) = (component, record.versions.first()) {
            self.components.insert(newest.digest.clone(), component.to_vec());
        }
        self.change(&record.name);
        self.connectors.insert(record.name.clone(), record.clone());
        self.drop_unused_components();
        Ok(())
    }

    /// Whether it is there already, as it is to be put.
    fn has_put(&self, record: &ConnectorRecord, component: Option<&[u8]>) -> bool {
        let stored = |bytes: &[u8]| {
            let newest = record.versions.first().and_then(|newest| self.components.get(&newest.digest));
            newest.is_some_and(|stored| stored == bytes)
        };
        self.connectors.get(&record.name) == Some(record) && component.is_none_or(stored)
    }

    pub(super) fn remove(&mut self, name: &ConnectorName) -> bool {
        if self.connectors.remove(name).is_none() {
            return false;
        }
        self.change(name);
        self.drop_unused_components();
        true
    }

    pub(super) fn put_files(&mut self, files: &BTreeMap<String, String>) {
        self.files = files.clone();
        self.base = self.count();
    }

    pub(super) fn has_files(&self, files: &BTreeMap<String, String>) -> bool {
        self.files == *files
    }

    pub(super) fn put_switches(&mut self, as_of: Generation, switches: Switches) -> Result<(), StoreError> {
        if self.switches != switches {
            self.check_base(as_of)?;
            self.switches = switches;
            self.base = self.count();
        }
        Ok(())
    }

    pub(super) fn put_grants(&mut self, as_of: Generation, grants: GrantsDigest) -> Result<(), StoreError> {
        if self.grants != grants {
            self.check_base(as_of)?;
            self.grants = grants;
            self.base = self.count();
        }
        Ok(())
    }

    pub(super) fn has(&self, name: &ConnectorName) -> bool {
        self.connectors.contains_key(name)
    }

    pub(super) fn component(&self, digest: &str) -> Option<Vec<u8>> {
        self.components.get(digest).cloned()
    }

    fn drop_unused_components(&mut self) {
        let versions = self.connectors.values().flat_map(|record| &record.versions);
        let used: BTreeSet<Arc<str>> = versions.map(|version| version.digest.clone()).collect();
        self.components.retain(|digest, _| used.contains(digest));
    }
}
