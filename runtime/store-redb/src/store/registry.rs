//! What the bus is configured by.

use std::collections::BTreeMap;

use lockgate_core::model::{ContentModel, Unused};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{
    Configuration, ConnectorRecord, Force, Generation, GrantsDigest, ModelPut, Registry, Removed, StateMap, StoreError, Switches,
};

use super::RedbStore;
use crate::{configuration, connectors, model, state};

impl Registry for RedbStore {
    fn generation(&self) -> Result<Generation, StoreError> {
        Ok(Generation(self.reached.generation()))
    }

    fn configuration(&self) -> Result<Configuration, StoreError> {
        self.read(configuration::read)
    }

    fn put_connector(&self, as_of: Generation, record: &ConnectorRecord, component: Option<&[u8]>) -> Result<(), StoreError> {
        let (record, component) = (record.clone(), component.map(<[u8]>::to_vec));
        self.writer.write(1, move |work| connectors::put(work, as_of, &record, component.as_deref()))
    }

    fn remove_connector(&self, name: &ConnectorName, force: Force) -> Result<Removed, StoreError> {
        let (name, id) = (name.clone(), self.names.interner().id(name.as_str()));
        self.write(1, move |work| connectors::remove(work, &name, id, force))
    }

    fn component(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|view| connectors::component(view, digest))
    }

    fn put_model(
        &self,
        as_of: Generation,
        files: &BTreeMap<String, String>,
        model: &ContentModel,
        unused: &Unused,
    ) -> Result<ModelPut, StoreError> {
        let new = model::Replacement::new(files, model, unused, &self.names);
        self.writer.write(1, move |work| model::put(work, as_of, &new))
    }

    fn put_switches(&self, as_of: Generation, switches: Switches) -> Result<(), StoreError> {
        self.writer.write(1, move |work| configuration::put_switches(work, as_of, switches))
    }

    fn put_grants(&self, as_of: Generation, grants: GrantsDigest) -> Result<(), StoreError> {
        self.writer.write(1, move |work| configuration::put_grants(work, as_of, grants))
    }

    fn state(&self, connector: &ConnectorName) -> Result<StateMap, StoreError> {
        self.read(|view| state::all(view, connector))
    }

    fn clear_state(&self, connector: &ConnectorName) -> Result<u64, StoreError> {
        let (name, id) = (connector.clone(), self.names.interner().id(connector.as_str()));
        self.writer.write(1, move |work| state::clear_on_order(work, &name, id))
    }

    fn secret_key(&self) -> Result<[u8; 32], StoreError> {
        self.read(connectors::secret_key)
    }
}
