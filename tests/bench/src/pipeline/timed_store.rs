//! A store with a clock beside what a pass asks of it. Looked at once a batch.

use std::collections::BTreeMap;
use std::sync::Arc;

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
    StateMap, Stood, Store, StoreError, Submitted, Switches, TaskFilter, Upkeep, Waiter,
};
use lockgate_core::rows::{BindingId, BindingRow, NodeId, ObjectId, ObjectRow, PageRow};
use lockgate_core::task::{NewTask, Task, TaskHead, TaskId, TaskState};

use super::spans::Spans;

type Done<T> = Result<T, StoreError>;

pub struct TimedStore {
    pub inner: Arc<dyn Store>,
    pub spans: Arc<Spans>,
}

macro_rules! passed_on {
    ($(fn $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        $(fn $name(&self, $($argument: $type),*) -> $answer {
            self.inner.$name($($argument),*)
        })*
    };
}

impl Queue for TimedStore {
    fn fetch(&self, connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Done<Vec<Task>> {
        self.spans.fetch.of(|| self.inner.fetch(connector, after, tasks_max, bytes_max))
    }

    passed_on! {
        fn submit(as_of: Generation, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Done<Vec<Submitted>>;
        fn claim(claim: &Claim<'_>) -> Done<Claimed>;
        fn release(lease: &Lease) -> Done<()>;
        fn task(id: TaskId) -> Done<Option<Task>>;
        fn heads(ids: &[TaskId]) -> Done<Vec<TaskHead>>;
        fn tasks(filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Done<Vec<TaskHead>>;
        fn stand(stands: &[Stand]) -> Done<Vec<Stood>>;
        fn due(connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Done<Vec<DueTask>>;
        fn loose_due(connector: &ConnectorName, limit: usize) -> Done<Vec<Arc<LooseEnd>>>;
        fn work_off(lease: &Lease, limit: usize) -> Done<bool>;
        fn make_due(ids: &[TaskId], how: Due) -> Done<()>;
        fn stirred() -> Done<Vec<ConnectorName>>;
        fn in_lines(connector: &ConnectorName) -> Done<u64>;
        fn line(connector: &ConnectorName, lines: &[Line], limit: usize) -> Done<Vec<TaskHead>>;
        fn bringing(marks: &[Mark], limit: usize) -> Done<Vec<TaskHead>>;
        fn standing(connector: &ConnectorName, state: TaskState, after: Option<TaskId>, limit: usize) -> Done<Vec<TaskHead>>;
        fn parked_before(connector: &ConnectorName, since_ms: i64, limit: usize) -> Done<Vec<TaskHead>>;
        fn missing(after: Option<Mark>, limit: usize) -> Done<Vec<Missing>>;
        fn waiters(mark: Mark, limit: usize) -> Done<Vec<Waiter>>;
        fn remove(removals: Vec<Removal>) -> Done<Vec<Stood>>;
        fn edit(edit: &Edit) -> Done<Stood>;
        fn edits(id: TaskId) -> Done<Option<Edits>>;
    }
}

impl Operations for TimedStore {
    passed_on! {
        fn begin_operation(operation: NewOperation, kept_max: u64) -> Done<OperationId>;
        fn operation(id: OperationId) -> Done<Option<Operation>>;
        fn operations(before: Option<OperationId>, limit: usize) -> Done<Vec<Operation>>;
        fn running_operations() -> Done<Vec<Operation>>;
        fn packet(id: OperationId, connector: Option<&ConnectorName>) -> Done<Option<Packet>>;
        fn operation_connectors(id: OperationId) -> Done<Vec<ConnectorName>>;
        fn carry_out(stands: &[Stand], removals: Vec<Removal>, step: &Step) -> Done<()>;
        fn end_operation(id: OperationId, state: OperationState, why: Option<&str>, at_ms: i64) -> Done<bool>;
    }
}

impl Content for TimedStore {
    fn load(&self, keys: &[Key]) -> Done<Loaded> {
        self.spans.resolve.of(|| self.inner.load(keys))
    }

    fn commit(&self, lease: &Lease, effects: &Effects) -> Done<()> {
        self.spans.commit.of(|| self.inner.commit(lease, effects))
    }

    passed_on! {
        fn reserve_ids(count: u64) -> Done<u64>;
        fn amend(connector: &ConnectorName, effects: &Effects) -> Done<()>;
        fn objects(object_type: Option<&TypeName>, after: Option<ObjectId>, limit: usize) -> Done<Vec<Arc<ObjectRow>>>;
        fn pages_under(site: &SiteName, parent: Option<NodeId>) -> Done<Vec<Arc<PageRow>>>;
        fn pages(after: Option<NodeId>, limit: usize) -> Done<Vec<Arc<PageRow>>>;
        fn bindings(after: Option<BindingId>, limit: usize) -> Done<Vec<Arc<BindingRow>>>;
    }
}

impl Registry for TimedStore {
    passed_on! {
        fn generation() -> Done<Generation>;
        fn configuration() -> Done<Configuration>;
        fn put_connector(as_of: Generation, record: &ConnectorRecord, component: Option<&[u8]>) -> Done<()>;
        fn remove_connector(name: &ConnectorName, force: Force) -> Done<Removed>;
        fn component(digest: &str) -> Done<Option<Vec<u8>>>;
        fn put_model(as_of: Generation, files: &BTreeMap<String, String>, model: &ContentModel, unused: &Unused) -> Done<ModelPut>;
        fn put_switches(as_of: Generation, switches: Switches) -> Done<()>;
        fn put_grants(as_of: Generation, grants: GrantsDigest) -> Done<()>;
        fn state(connector: &ConnectorName) -> Done<StateMap>;
        fn clear_state(connector: &ConnectorName) -> Done<u64>;
        fn secret_key() -> Done<[u8; 32]>;
    }
}

impl Journal for TimedStore {
    passed_on! {
        fn log(id: TaskId, limit: usize) -> Done<Vec<LogLine>>;
        fn history(filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Done<Vec<(u64, Entry)>>;
        fn trim_history(entries_max: u64) -> Done<u64>;
    }
}

impl Audit for TimedStore {
    passed_on! {
        fn signed(order: &Order, row: &AuditRow) -> Done<Ordered>;
        fn audit(filter: &AuditFilter, before: Option<u64>, limit: usize) -> Done<Vec<(u64, AuditRow)>>;
        fn trim_audit(rows_max: u64) -> Done<u64>;
    }
}

impl Upkeep for TimedStore {
    passed_on! {
        fn counts() -> Done<Counts>;
        fn can_write() -> Done<()>;
        fn backup() -> Done<Backup>;
    }
}
