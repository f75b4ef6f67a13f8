//! What is stored for readers.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use lockgate_core::effects::Effects;
use lockgate_core::key::{Key, Loaded};
use lockgate_core::names::{ConnectorName, SiteName, TypeName};
use lockgate_core::ports::{Content, Lease, StoreError};
use lockgate_core::rows::{BindingId, BindingRow, NodeId, ObjectId, ObjectRow, PageRow};

use super::RedbStore;
use crate::{amend, commit, load, read};

impl Content for RedbStore {
    fn load(&self, keys: &[Key]) -> Result<Loaded, StoreError> {
        // Before the snapshot is taken: it may be newer than this says, never older.
        let as_of = self.reached.commits();
        self.read(|view| load::load(view, as_of, keys))
    }

    fn reserve_ids(&self, count: u64) -> Result<u64, StoreError> {
        Ok(self.next_row.fetch_add(count, Ordering::SeqCst))
    }

    fn commit(&self, lease: &Lease, effects: &Effects) -> Result<(), StoreError> {
        let (lease, mut ready) = (lease.clone(), commit::ready(&lease.connector, effects, &self.names, self.reached.wanted()));
        self.writer.write(ready.weight(), move |work| commit::commit(work, &lease, &mut ready))
    }

    fn amend(&self, connector: &ConnectorName, effects: &Effects) -> Result<(), StoreError> {
        let mut amendment = amend::ready(connector, effects, &self.names, self.reached.wanted());
        self.writer.write(amendment.weight(), move |work| amend::amend(work, &mut amendment))
    }

    fn objects(&self, object_type: Option<&TypeName>, after: Option<ObjectId>, limit: usize) -> Result<Vec<Arc<ObjectRow>>, StoreError> {
        self.read(|view| read::objects(view, object_type, after.map(|id| id.0), limit))
    }

    fn pages_under(&self, site: &SiteName, parent: Option<NodeId>) -> Result<Vec<Arc<PageRow>>, StoreError> {
        self.read(|view| read::pages_under(view, site, parent))
    }

    fn pages(&self, after: Option<NodeId>, limit: usize) -> Result<Vec<Arc<PageRow>>, StoreError> {
        self.read(|view| read::pages(view, after.map(|id| id.0), limit))
    }

    fn bindings(&self, after: Option<BindingId>, limit: usize) -> Result<Vec<Arc<BindingRow>>, StoreError> {
        self.read(|view| read::bindings(view, after.map(|id| id.0), limit))
    }
}
