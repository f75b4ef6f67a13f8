//! A store with a clock beside what a pass asks of it. Looked at once a batch.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_core::history::{Entry, LogLine};
use lockgate_core::key::{Key, Loaded};
use lockgate_core::model::ContentModel;
use lockgate_core::names::{ConnectorName, SiteName, TypeName};
use lockgate_core::ports::{
    Backup, Commit, ConnectorRecord, Counts, HistoryFilter, Lease, Standing, StateMap, Store, StoreError, Submitted, Switches, TaskFilter,
};
use lockgate_core::rows::{BindingId, BindingRow, NodeId, ObjectId, ObjectRow, PageRow};
use lockgate_core::task::{NewTask, Task, TaskId};

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

impl Store for TimedStore {
    fn fetch(&self, connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Done<Vec<Task>> {
        self.spans.fetch.of(|| self.inner.fetch(connector, after, tasks_max, bytes_max))
    }

    fn load(&self, keys: &[Key]) -> Done<Loaded> {
        self.spans.resolve.of(|| self.inner.load(keys))
    }

    fn commit(&self, lease: &Lease, commit: &Commit, model: &ContentModel) -> Done<()> {
        self.spans.commit.of(|| self.inner.commit(lease, commit, model))
    }

    passed_on! {
        fn submit(tasks: Vec<NewTask>, queue_tasks_max: u64) -> Done<Vec<Submitted>>;
        fn claim(connector: &ConnectorName) -> Done<Lease>;
        fn reserve_ids(count: u64) -> Done<u64>;
        fn task(id: TaskId) -> Done<Option<Task>>;
        fn tasks(filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Done<Vec<Task>>;
        fn stand(id: TaskId, standing: &Standing) -> Done<bool>;
        fn remove(entries: Vec<Entry>) -> Done<u64>;
        fn log(id: TaskId, limit: usize) -> Done<Vec<LogLine>>;
        fn history(filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Done<Vec<(u64, Entry)>>;
        fn trim_history(entries_max: u64) -> Done<u64>;
        fn connectors() -> Done<Vec<ConnectorRecord>>;
        fn put_connector(record: &ConnectorRecord, component: Option<&[u8]>) -> Done<()>;
        fn delete_connector(name: &ConnectorName) -> Done<u64>;
        fn component(digest: &str) -> Done<Option<Vec<u8>>>;
        fn state(connector: &ConnectorName) -> Done<StateMap>;
        fn clear_state(connector: &ConnectorName) -> Done<u64>;
        fn secret_key() -> Done<[u8; 32]>;
        fn model() -> Done<BTreeMap<String, String>>;
        fn put_model(files: &BTreeMap<String, String>, model: &ContentModel) -> Done<()>;
        fn switches() -> Done<Switches>;
        fn put_switches(switches: Switches) -> Done<()>;
        fn objects(object_type: Option<&TypeName>, after: Option<ObjectId>, limit: usize) -> Done<Vec<Arc<ObjectRow>>>;
        fn pages_under(site: &SiteName, parent: Option<NodeId>) -> Done<Vec<Arc<PageRow>>>;
        fn pages(after: Option<NodeId>, limit: usize) -> Done<Vec<Arc<PageRow>>>;
        fn bindings(after: Option<BindingId>, limit: usize) -> Done<Vec<Arc<BindingRow>>>;
        fn counts() -> Done<Counts>;
        fn can_write() -> Done<()>;
        fn backup() -> Done<Backup>;
    }
}
