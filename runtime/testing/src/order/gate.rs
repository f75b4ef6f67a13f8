//! The store as one life of a bus sees it: others act at the moments at which they can, it is gone when the
//! process has ended, and it may be broken on purpose.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

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

use super::broken::Broken;
use super::trace::tell;

/// Calls of one life, at most: everything must end.
const CALLS_MAX: u64 = 20_000;

/// When others can act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Something was read.
    Read,
    /// A commit is about to be carried out.
    BeforeCommit,
    /// A commit was carried out.
    AfterCommit,
}

/// What others do at a moment; false: the process ends.
pub type Others = Box<dyn Fn(Moment) -> bool + Send + Sync>;

/// A store with what surrounds it.
pub struct Gate {
    inner: Arc<dyn Store>,
    others: Others,
    dead: AtomicBool,
    calls: AtomicU64,
    broken: Option<Broken>,
    /// Whether every commit is told.
    told: bool,
}

impl Gate {
    pub fn new(inner: Arc<dyn Store>, others: Others, broken: Option<Broken>, told: bool) -> Self {
        Self { inner, others, dead: AtomicBool::default(), calls: AtomicU64::default(), broken, told }
    }

    /// Whether the process has ended.
    pub fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// The process ends here.
    pub fn die(&self) {
        self.dead.store(true, Ordering::SeqCst);
    }

    /// Whether it has been asked more often than anything that ends asks.
    pub fn is_overrun(&self) -> bool {
        self.calls.load(Ordering::SeqCst) > CALLS_MAX
    }

    fn called(&self) -> Result<(), StoreError> {
        let calls = self.calls.fetch_add(1, Ordering::SeqCst);
        if self.is_dead() || calls > CALLS_MAX { Err(StoreError::Unavailable("the process has ended".to_owned())) } else { Ok(()) }
    }

    fn moment(&self, moment: Moment) -> Result<(), StoreError> {
        if !(self.others)(moment) {
            self.die();
        }
        self.called()
    }

    fn is(&self, broken: Broken) -> bool {
        self.broken == Some(broken)
    }
}

macro_rules! gated {
    ($($port:ident { $(fn $method:ident($($argument:ident: $type:ty),*) -> $answer:ty;)* })*) => {$(
        impl $port for Gate {
            $(gated!(@$method($($argument: $type),*) -> $answer);)*
        }
    )*};
    (@commit($lease:ident: $l:ty, $effects:ident: $e:ty) -> $answer:ty) => {
        fn commit(&self, $lease: $l, $effects: $e) -> Result<$answer, StoreError> {
            self.called()?;
            self.moment(Moment::BeforeCommit)?;
            match self.broken {
                Some(broken) => self.inner.commit($lease, &broken.effects($effects.clone()))?,
                None => self.inner.commit($lease, $effects)?,
            }
            if self.told {
                tell($lease, $effects, &*self.inner);
            }
            self.moment(Moment::AfterCommit)
        }
    };
    (@load($keys:ident: $k:ty) -> $answer:ty) => {
        fn load(&self, $keys: $k) -> Result<$answer, StoreError> {
            self.called()?;
            let mut loaded = self.inner.load($keys)?;
            if let Some(broken) = self.broken {
                broken.loaded(&mut loaded);
            }
            self.moment(Moment::Read)?;
            Ok(loaded)
        }
    };
    (@due($($argument:ident: $type:ty),*) -> $answer:ty) => {
        fn due(&self $(, $argument: $type)*) -> Result<$answer, StoreError> {
            self.called()?;
            let mut due = self.inner.due($($argument),*)?;
            due.retain(|due| match due.how {
                Due::Alone => !self.is(Broken::NothingDueAlone),
                Due::Group => !self.is(Broken::NothingDueInGroups),
            });
            self.moment(Moment::Read)?;
            Ok(due)
        }
    };
    (@line($($arguments:tt)*) -> $answer:ty) => { gated!(#line($($arguments)*) -> $answer); };
    (@bringing($($arguments:tt)*) -> $answer:ty) => { gated!(#bringing($($arguments)*) -> $answer); };
    (@loose_due($($arguments:tt)*) -> $answer:ty) => { gated!(#loose_due($($arguments)*) -> $answer); };
    (#$method:ident($($argument:ident: $type:ty),*) -> $answer:ty) => {
        fn $method(&self $(, $argument: $type)*) -> Result<$answer, StoreError> {
            self.called()?;
            if self.broken.is_some_and(|broken| broken.hides(stringify!($method))) {
                return Ok(Vec::new());
            }
            self.inner.$method($($argument),*)
        }
    };
    (@$method:ident($($argument:ident: $type:ty),*) -> $answer:ty) => {
        fn $method(&self $(, $argument: $type)*) -> Result<$answer, StoreError> {
            self.called()?;
            self.inner.$method($($argument),*)
        }
    };
}

gated! {
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
