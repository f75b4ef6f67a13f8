//! The content's port.

use std::sync::Arc;

use lockgate_core::effects::Effects;
use lockgate_core::key::{Key, Loaded};
use lockgate_core::names::{ConnectorName, SiteName, TypeName};
use lockgate_core::ports::{Content, Lease, StoreError};
use lockgate_core::rows::{BindingId, BindingRow, NodeId, ObjectId, ObjectRow, PageRow};

use super::PgStore;
use crate::{commit, content, load};

impl Content for PgStore {
    fn load(&self, keys: &[Key]) -> Result<Loaded, StoreError> {
        load::load(self, keys)
    }

    fn reserve_ids(&self, count: u64) -> Result<u64, StoreError> {
        content::reserve_ids(self, count)
    }

    fn commit(&self, lease: &Lease, effects: &Effects) -> Result<(), StoreError> {
        commit::commit(self, lease, effects)
    }

    fn amend(&self, connector: &ConnectorName, effects: &Effects) -> Result<(), StoreError> {
        commit::amend(self, connector, effects, None)
    }

    fn objects(&self, object_type: Option<&TypeName>, after: Option<ObjectId>, limit: usize) -> Result<Vec<Arc<ObjectRow>>, StoreError> {
        content::objects(self, object_type, after, limit)
    }

    fn pages_under(&self, site: &SiteName, parent: Option<NodeId>) -> Result<Vec<Arc<PageRow>>, StoreError> {
        content::pages_under(self, site, parent)
    }

    fn pages(&self, after: Option<NodeId>, limit: usize) -> Result<Vec<Arc<PageRow>>, StoreError> {
        content::pages(self, after, limit)
    }

    fn bindings(&self, after: Option<BindingId>, limit: usize) -> Result<Vec<Arc<BindingRow>>, StoreError> {
        content::bindings(self, after, limit)
    }
}
