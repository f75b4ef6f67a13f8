//! The configuration's port.

use std::collections::BTreeMap;

use lockgate_core::model::{ContentModel, Unused};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{
    Configuration, ConnectorRecord, Force, Generation, GrantsDigest, ModelPut, Registry, Removed, StateMap, StoreError, Switches,
};

use super::PgStore;
use crate::{model, registry};

impl Registry for PgStore {
    fn generation(&self) -> Result<Generation, StoreError> {
        registry::generation(self)
    }

    fn configuration(&self) -> Result<Configuration, StoreError> {
        registry::configuration(self)
    }

    fn put_connector(&self, as_of: Generation, record: &ConnectorRecord, component: Option<&[u8]>) -> Result<(), StoreError> {
        registry::put_connector(self, as_of, record, component, None)
    }

    fn remove_connector(&self, name: &ConnectorName, force: Force) -> Result<Removed, StoreError> {
        registry::remove_connector(self, name, force, None)
    }

    fn component(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        registry::component(self, digest)
    }

    fn put_model(
        &self,
        as_of: Generation,
        files: &BTreeMap<String, String>,
        model: &ContentModel,
        unused: &Unused,
    ) -> Result<ModelPut, StoreError> {
        model::put(self, as_of, files, model, unused, None)
    }

    fn put_switches(&self, as_of: Generation, switches: Switches) -> Result<(), StoreError> {
        registry::put_switches(self, as_of, switches, None)
    }

    fn put_grants(&self, as_of: Generation, grants: GrantsDigest) -> Result<(), StoreError> {
        registry::put_grants(self, as_of, grants)
    }

    fn state(&self, connector: &ConnectorName) -> Result<StateMap, StoreError> {
        registry::state(self, connector)
    }

    fn clear_state(&self, connector: &ConnectorName) -> Result<u64, StoreError> {
        registry::clear_state(self, connector, None)
    }

    fn secret_key(&self) -> Result<[u8; 32], StoreError> {
        registry::secret_key(self)
    }
}
