//! A store in memory that tells every call, and fails or lets others act where a test wants it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use lockgate_core::audit::AuditRow;
use lockgate_core::edit::{Edit, Edits};
use lockgate_core::effects::Effects;
use lockgate_core::history::{Entry, LogLine};
use lockgate_core::key::{Key, Loaded};
use lockgate_core::mark::Mark;
use lockgate_core::model::{ContentModel, Unused};
use lockgate_core::names::{ConnectorName, SiteName, TypeName};
use lockgate_core::operation::{NewOperation, Operation, OperationId, OperationState, Packet, Step};
use lockgate_core::park::{Line, LooseEnd};
use lockgate_core::ports::{
    Audit, AuditFilter, Backup, Claim, Claimed, Configuration, ConnectorRecord, Content, Counts, Due, DueTask, Force, Generation,
    GrantsDigest, HistoryFilter, Journal, Lease, Missing, ModelPut, Operations, Order, Ordered, Queue, Registry, Removal, Removed, Stand,
    StateMap, Stood, StoreError, Submitted, Switches, TaskFilter, Upkeep, Waiter,
};
use lockgate_core::rows::{BindingId, BindingRow, NodeId, ObjectId, ObjectRow, PageRow};
use lockgate_core::task::{NewTask, Task, TaskHead, TaskId, TaskState};

use crate::MemoryStore;

/// Called before each call, with the method's name; an error is the answer.
type Before = Arc<dyn Fn(&'static str) -> Result<(), StoreError> + Send + Sync>;

/// A [`MemoryStore`] that is watched.
#[derive(Default)]
pub struct WatchedStore {
    /// The store, for calls that are not told.
    pub inner: MemoryStore,
    calls: Mutex<BTreeMap<&'static str, u64>>,
    before: Mutex<Option<Before>>,
}

impl WatchedStore {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// How often a method was called since the last time that this was asked.
    pub fn calls(&self, method: &'static str) -> u64 {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).remove(method).unwrap_or(0)
    }

    /// From now on this is called before each call of a method; an error is the answer.
    pub fn before(&self, before: impl Fn(&'static str) -> Result<(), StoreError> + Send + Sync + 'static) {
        *self.before.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(before));
    }

    fn called(&self, method: &'static str) -> Result<(), StoreError> {
        *self.calls.lock().unwrap_or_else(PoisonError::into_inner).entry(method).or_default() += 1;
        let before = self.before.lock().unwrap_or_else(PoisonError::into_inner).clone();
        before.map_or(Ok(()), |before| before(method))
    }
}

macro_rules! watched {
    ($($port:ident { $(fn $method:ident($($argument:ident: $type:ty),*) -> $answer:ty;)* })*) => {$(
        impl $port for WatchedStore {
            $(fn $method(&self $(, $argument: $type)*) -> Result<$answer, StoreError> {
                self.called(stringify!($method))?;
                self.inner.$method($($argument),*)
            })*
        }
    )*};
}

watched! {
    Queue {
        fn submit(as_of: Generation, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Vec<Submitted>;
        fn claim(claim: &Claim<'_>) -> Claimed;
        fn release(lease: &Lease) -> ();
        fn fetch(connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Vec<Task>;
        fn task(id: TaskId) -> Option<Task>;
        fn heads(ids: &[TaskId]) -> Vec<TaskHead>;
        fn tasks(filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Vec<TaskHead>;
        fn stand(stands: &[Stand]) -> Vec<Stood>;
        fn due(connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Vec<DueTask>;
        fn loose_due(connector: &ConnectorName, limit: usize) -> Vec<Arc<LooseEnd>>;
        fn work_off(lease: &Lease, limit: usize) -> bool;
        fn make_due(ids: &[TaskId], how: Due) -> ();
        fn stirred() -> Vec<ConnectorName>;
        fn in_lines(connector: &ConnectorName) -> u64;
        fn line(connector: &ConnectorName, lines: &[Line], limit: usize) -> Vec<TaskHead>;
        fn bringing(marks: &[Mark], limit: usize) -> Vec<TaskHead>;
        fn standing(connector: &ConnectorName, state: TaskState, after: Option<TaskId>, limit: usize) -> Vec<TaskHead>;
        fn parked_before(connector: &ConnectorName, since_ms: i64, limit: usize) -> Vec<TaskHead>;
        fn missing(after: Option<Mark>, limit: usize) -> Vec<Missing>;
        fn waiters(mark: Mark, limit: usize) -> Vec<Waiter>;
        fn remove(removals: Vec<Removal>) -> Vec<Stood>;
        fn edit(edit: &Edit) -> Stood;
        fn edits(id: TaskId) -> Option<Edits>;
    }
    Content {
        fn load(keys: &[Key]) -> Loaded;
        fn reserve_ids(count: u64) -> u64;
        fn commit(lease: &Lease, effects: &Effects) -> ();
        fn amend(connector: &ConnectorName, effects: &Effects) -> ();
        fn objects(object_type: Option<&TypeName>, after: Option<ObjectId>, limit: usize) -> Vec<Arc<ObjectRow>>;
        fn pages_under(site: &SiteName, parent: Option<NodeId>) -> Vec<Arc<PageRow>>;
        fn pages(after: Option<NodeId>, limit: usize) -> Vec<Arc<PageRow>>;
        fn bindings(after: Option<BindingId>, limit: usize) -> Vec<Arc<BindingRow>>;
    }
    Operations {
        fn begin_operation(operation: NewOperation, kept_max: u64) -> OperationId;
        fn operation(id: OperationId) -> Option<Operation>;
        fn operations(before: Option<OperationId>, limit: usize) -> Vec<Operation>;
        fn running_operations() -> Vec<Operation>;
        fn packet(id: OperationId, connector: Option<&ConnectorName>) -> Option<Packet>;
        fn operation_connectors(id: OperationId) -> Vec<ConnectorName>;
        fn carry_out(stands: &[Stand], removals: Vec<Removal>, step: &Step) -> ();
        fn end_operation(id: OperationId, state: OperationState, why: Option<&str>, at_ms: i64) -> bool;
    }
    Registry {
        fn generation() -> Generation;
        fn configuration() -> Configuration;
        fn put_connector(as_of: Generation, record: &ConnectorRecord, component: Option<&[u8]>) -> ();
        fn remove_connector(name: &ConnectorName, force: Force) -> Removed;
        fn component(digest: &str) -> Option<Vec<u8>>;
        fn put_model(as_of: Generation, files: &BTreeMap<String, String>, model: &ContentModel, unused: &Unused) -> ModelPut;
        fn put_switches(as_of: Generation, switches: Switches) -> ();
        fn put_grants(as_of: Generation, grants: GrantsDigest) -> ();
        fn state(connector: &ConnectorName) -> StateMap;
        fn clear_state(connector: &ConnectorName) -> u64;
        fn secret_key() -> [u8; 32];
    }
    Journal {
        fn log(id: TaskId, limit: usize) -> Vec<LogLine>;
        fn history(filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Vec<(u64, Entry)>;
        fn trim_history(entries_max: u64) -> u64;
    }
    Audit {
        fn signed(order: &Order, row: &AuditRow) -> Ordered;
        fn audit(filter: &AuditFilter, before: Option<u64>, limit: usize) -> Vec<(u64, AuditRow)>;
        fn trim_audit(rows_max: u64) -> u64;
    }
    Upkeep {
        fn counts() -> Counts;
        fn can_write() -> ();
        fn backup() -> Backup;
    }
}
