//! The store, as the bus sees it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::history::{Entry, LogLine};
use crate::key::{Key, Loaded};
use crate::model::ContentModel;
use crate::names::{ConnectorName, SiteName, TypeName};
use crate::ports::{
    Backup, Commit, ConnectorRecord, Counts, HistoryFilter, Lease, Standing, StateMap, StoreError, Submitted, Switches, TaskFilter,
};
use crate::rows::{BindingId, BindingRow, NodeId, ObjectId, ObjectRow, PageRow};
use crate::task::{NewTask, Task, TaskId};

/// The store. Every method blocks, is safe to call from many threads, and is atomic: it happens
/// whole or not at all. What returned `Ok` from a writing method survives power loss.
pub trait Store: Send + Sync {
    /// Queues tasks, in order, with ascending ids. Returns after the fsync (promise 1). Many calls
    /// share one transaction. `queue_tasks_max` counts a connector's queued tasks.
    fn submit(&self, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Result<Vec<Submitted>, StoreError>;

    /// Takes the right to process a connector, from whoever had it.
    fn claim(&self, connector: &ConnectorName) -> Result<Lease, StoreError>;

    /// The connector's tasks after an id, ascending; stops at either limit, but gives one task if
    /// there is one.
    fn fetch(&self, connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Result<Vec<Task>, StoreError>;

    /// Answers every question as of one moment.
    fn load(&self, keys: &[Key]) -> Result<Loaded, StoreError>;

    /// Ids for `count` new rows: the first of them. Never given again once used in a commit.
    fn reserve_ids(&self, count: u64) -> Result<u64, StoreError>;

    /// Carries out a commit: changes, log, history and queue in one transaction. `Fenced` when the
    /// lease is not the newest, `Conflict` when what it relied on has changed.
    fn commit(&self, lease: &Lease, commit: &Commit, model: &ContentModel) -> Result<(), StoreError>;

    /// One task.
    fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError>;

    /// Tasks after an id, ascending, over all connectors.
    fn tasks(&self, filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Result<Vec<Task>, StoreError>;

    /// Changes what an operator may change of a queued task; false when it is not queued any more.
    fn stand(&self, id: TaskId, standing: &Standing) -> Result<bool, StoreError>;

    /// Removes queued tasks on an operator's order, one history entry each; those not queued any
    /// more are passed over. Returns how many were removed.
    fn remove(&self, entries: Vec<Entry>) -> Result<u64, StoreError>;

    /// A task's log lines, in order, the first `limit` of those that are kept: its newest
    /// `history::LOG_LINES_KEPT_MAX` over all its tries.
    fn log(&self, id: TaskId, limit: usize) -> Result<Vec<LogLine>, StoreError>;

    /// History entries with a number below `before`, newest first, each with its number.
    fn history(&self, filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Entry)>, StoreError>;

    /// Removes the oldest history entries beyond `entries_max`, with the logs of their tasks.
    fn trim_history(&self, entries_max: u64) -> Result<u64, StoreError>;

    /// Installed connectors, by name.
    fn connectors(&self) -> Result<Vec<ConnectorRecord>, StoreError>;

    /// Installs or changes a connector. `component` is the bytes of its newest version, kept under
    /// their digest. Components that no connector's versions name any more are removed.
    fn put_connector(&self, record: &ConnectorRecord, component: Option<&[u8]>) -> Result<(), StoreError>;

    /// Removes a connector with all its queued tasks and its state. Returns how many tasks those were.
    fn delete_connector(&self, name: &ConnectorName) -> Result<u64, StoreError>;

    /// The bytes of an installed component.
    fn component(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// What a connector keeps from task to task; empty when it keeps nothing.
    fn state(&self, connector: &ConnectorName) -> Result<StateMap, StoreError>;

    /// Forgets what a connector keeps. Returns how many keys there were.
    fn clear_state(&self, connector: &ConnectorName) -> Result<u64, StoreError>;

    /// Random bytes that were made with the store and are shown to nobody: the key of the MAC over
    /// compiled artefacts.
    fn secret_key(&self) -> Result<[u8; 32], StoreError>;

    /// The content model's source files by name; empty before the first `put_model`.
    fn model(&self) -> Result<BTreeMap<String, String>, StoreError>;

    /// Replaces the content model's source files, and makes the index of unique fields fit what
    /// they declare (`change::unique_values`).
    fn put_model(&self, files: &BTreeMap<String, String>, model: &ContentModel) -> Result<(), StoreError>;

    /// The operator's switches.
    fn switches(&self) -> Result<Switches, StoreError>;

    /// Sets the operator's switches.
    fn put_switches(&self, switches: Switches) -> Result<(), StoreError>;

    /// Objects after an id, ascending id; of one type, or of all.
    fn objects(&self, object_type: Option<&TypeName>, after: Option<ObjectId>, limit: usize) -> Result<Vec<Arc<ObjectRow>>, StoreError>;

    /// Pages of a site directly under a page (`None`: the root), in order of the tree: `order`
    /// (those without last), then alias key.
    fn pages_under(&self, site: &SiteName, parent: Option<NodeId>) -> Result<Vec<Arc<PageRow>>, StoreError>;

    /// Pages after an id, ascending id, of all sites.
    fn pages(&self, after: Option<NodeId>, limit: usize) -> Result<Vec<Arc<PageRow>>, StoreError>;

    /// Bindings after an id, ascending id, of all types.
    fn bindings(&self, after: Option<BindingId>, limit: usize) -> Result<Vec<Arc<BindingRow>>, StoreError>;

    /// Numbers for the operator. Costs no scan.
    fn counts(&self) -> Result<Counts, StoreError>;

    /// Why nothing is written at the moment: after a failed write, until the store has recovered by
    /// itself. Never blocks for long.
    fn can_write(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// A copy of everything as of one moment, made while the store goes on. Returns when it is made,
    /// which takes as long as reading everything.
    fn backup(&self) -> Result<Backup, StoreError>;
}
