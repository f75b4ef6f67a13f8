//! What is stored for readers, as the bus sees it.

use std::sync::Arc;

use crate::effects::Effects;
use crate::key::{Key, Loaded};
use crate::names::{ConnectorName, SiteName, TypeName};
use crate::ports::{Lease, StoreError};
use crate::rows::{BindingId, BindingRow, NodeId, ObjectId, ObjectRow, PageRow};

/// Objects, pages and bindings. Every method blocks and is atomic. Each may answer `Unavailable`,
/// `Unreadable` and `Full`.
pub trait Content: Send + Sync {
    /// Answers every question as of one moment, in one round trip however many there are.
    fn load(&self, keys: &[Key]) -> Result<Loaded, StoreError>;

    /// Ids for `count` new rows: the first of them. Never given again once used in a commit.
    fn reserve_ids(&self, count: u64) -> Result<u64, StoreError>;

    /// Carries out effects, whole or not at all: changes, log, history, state and queue in one
    /// transaction. Returns after the fsync (promise 1). `Fenced` when the lease is not the newest;
    /// `Stale` when the connector, or that of one of its tasks, is gone, or what it was planned by has
    /// changed; `Conflict` when rows that it relied on have changed, or a task of it is not as it was; `Unknown`.
    ///
    /// Whoever waits for what it touches (`Effects::wakes`, `Effects::stirs`) is due afterwards, and so is who goes
    /// behind a task that is not queued any more: an operator may have removed it meanwhile. An idempotency
    /// key of a task that fails for good or is deleted is free again.
    fn commit(&self, lease: &Lease, effects: &Effects) -> Result<(), StoreError>;

    /// Carries out what an operator orders of stored content, whole or not at all: changes alone, which concern this
    /// connector, under no lease. `Conflict` when a row or a loose end that they change is not as they say; `Stale` when
    /// the connector is gone, or the configuration by which they were made is another; `Unknown`. Whoever has planned by
    /// what they change meets a `Conflict`, a pass of the same connector too.
    fn amend(&self, connector: &ConnectorName, effects: &Effects) -> Result<(), StoreError>;

    /// Objects after an id, ascending id; of one type, or of all.
    fn objects(&self, object_type: Option<&TypeName>, after: Option<ObjectId>, limit: usize) -> Result<Vec<Arc<ObjectRow>>, StoreError>;

    /// Pages of a site directly under a page (`None`: the root), in order of the tree: `order`
    /// (those without last), then alias key.
    fn pages_under(&self, site: &SiteName, parent: Option<NodeId>) -> Result<Vec<Arc<PageRow>>, StoreError>;

    /// Pages after an id, ascending id, of all sites.
    fn pages(&self, after: Option<NodeId>, limit: usize) -> Result<Vec<Arc<PageRow>>, StoreError>;

    /// Bindings after an id, ascending id, of all types.
    fn bindings(&self, after: Option<BindingId>, limit: usize) -> Result<Vec<Arc<BindingRow>>, StoreError>;
}
