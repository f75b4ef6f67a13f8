//! Rows, tasks and entries for tests.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

pub mod disk;
pub mod failing;
pub mod random;
pub mod workload;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use lockgate_core::change::Change;
use lockgate_core::history::{Entry, Level, LogLine, Outcome, Source, Used};
use lockgate_core::key::{Answer, Key};
use lockgate_core::model::{ContentModel, Field, Kind, ObjectType};
use lockgate_core::names::{CodeName, ConnectorName, Culture, FieldName, SiteName, TypeName};
use lockgate_core::ports::{Commit, ConnectorRecord, Fate, Lease, Store, StoreError, Submitted, TaskCommit, Version};
use lockgate_core::rows::{BindingId, BindingRow, CultureVersion, NodeId, ObjectId, ObjectRow, PageRow, Scope, Target};
use lockgate_core::task::{DataType, NewTask, ProcessType, TaskId, TaskType};
use lockgate_core::value::{Plain, Stored};
use lockgate_store_redb::{Options, RedbStore};
use redb::backends::InMemoryBackend;
use uuid::Uuid;

pub fn memory() -> RedbStore {
    RedbStore::with_backend(InMemoryBackend::new(), small()).unwrap()
}

pub fn small() -> Options {
    Options { cache_bytes: 8 << 20, ..Options::default() }
}

pub fn connector(name: &str) -> ConnectorName {
    ConnectorName::new(name).unwrap()
}

/// An enabled connector with one version.
pub fn record(name: &str, digest: &str) -> ConnectorRecord {
    ConnectorRecord { name: connector(name), digest: digest.into(), enabled: true, installed_ms: 7, versions: vec![version(digest)] }
}

pub fn version(digest: &str) -> Version {
    Version { digest: digest.into(), manifest: None, installed_ms: 7, approved: true }
}

/// The kept store of format 1.
pub fn format_1() -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/system/kept/format-1/store.redb")).unwrap()
}

pub fn new_task(name: &str, body: &[u8]) -> NewTask {
    lockgate_testing::new_task(&connector(name), body)
}

pub fn new_task_with_key(name: &str, body: &[u8], key: &str, digest: u128) -> NewTask {
    lockgate_testing::new_task_with_key(&connector(name), body, key, digest)
}

pub fn type_name(name: &str) -> TypeName {
    TypeName::new(name).unwrap()
}

pub fn field(name: &str) -> FieldName {
    FieldName::new(name).unwrap()
}

pub fn site(name: &str) -> SiteName {
    SiteName::new(name).unwrap()
}

pub fn submit(store: &dyn Store, name: &str, count: usize) -> Vec<TaskId> {
    let tasks = (0..count).map(|n| new_task(name, format!("body {n}").as_bytes())).collect();
    let submitted = store.submit(tasks, 1_000_000).unwrap();
    submitted
        .into_iter()
        .map(|s| match s {
            Submitted::Queued(id) => id,
            other => panic!("{other:?}"),
        })
        .collect()
}

pub fn entry(name: &str, task: TaskId) -> Entry {
    Entry {
        task,
        connector: connector(name),
        task_type: TaskType::CreateObject,
        data_type: DataType::Snapshot,
        process_type: ProcessType::Default,
        site: Some(site("main")),
        title: "a title".into(),
        outcome: Outcome::Stored,
        attempts: 1,
        digest: "abc".into(),
        submitted_ms: 1,
        ended_ms: 2,
        used: Used { guest_us: 3, memory_bytes: 4, ..Used::default() },
        written: Vec::new(),
        written_total: 0,
        references_resolved: 0,
        warnings: Vec::new(),
    }
}

pub fn line(message: &str) -> LogLine {
    LogLine { at_ms: 5, level: Level::Info, source: Source::Guest, message: message.into() }
}

pub fn removed(name: &str, task: TaskId) -> TaskCommit {
    TaskCommit { id: task, fate: Fate::Removed(Box::new(entry(name, task))), log: vec![line("done")] }
}

pub fn object(id: u64, name: &str) -> ObjectRow {
    ObjectRow {
        id: ObjectId(id),
        object_type: type_name("cms.user"),
        scope: Scope::default(),
        code_name: CodeName::new(name).unwrap(),
        guid: Uuid::from_u128(u128::from(id) + 1_000),
        guid_given: true,
        display_name: name.into(),
        sites: BTreeSet::from([site("main")]),
        fields: BTreeMap::new(),
        created_ms: 1,
        modified_ms: 2,
    }
}

pub fn page(id: u64, parent: Option<u64>, alias: &str) -> PageRow {
    PageRow {
        id: NodeId(id),
        site: site("main"),
        class_name: type_name("blog.post"),
        guid: Uuid::from_u128(u128::from(id) + 1_000),
        guid_given: false,
        parent: parent.map(NodeId),
        alias: CodeName::new(alias).unwrap(),
        order: None,
        cultures: BTreeMap::from([(
            Culture::new("en-US").unwrap(),
            CultureVersion { name: alias.into(), published: true, archived: false, fields: BTreeMap::new() },
        )]),
        created_ms: 1,
        modified_ms: 2,
    }
}

pub fn binding(id: u64, binds: &[Target]) -> BindingRow {
    BindingRow {
        id: BindingId(id),
        binding_type: type_name("cms.userrole"),
        binds: binds.to_vec(),
        fields: binds.iter().zip(["user", "role"]).map(|(t, name)| (field(name), Stored::Reference(*t))).collect(),
    }
}

pub fn text(value: &str) -> Stored {
    Stored::Plain(Plain::Text(value.into()))
}

pub fn objects(before: Option<&ObjectRow>, after: Option<&ObjectRow>) -> Change {
    Change::Object(before.cloned().map(Arc::new), after.cloned().map(Arc::new))
}

pub fn pages(before: Option<&PageRow>, after: Option<&PageRow>) -> Change {
    Change::Page(before.cloned().map(Arc::new), after.cloned().map(Arc::new))
}

pub fn bindings(before: Option<&BindingRow>, after: Option<&BindingRow>) -> Change {
    Change::Binding(before.cloned().map(Arc::new), after.cloned().map(Arc::new))
}

/// A model with one type whose fields are these, unique or not.
pub fn model(fields: &[(&str, bool)]) -> ContentModel {
    let fields = fields.iter().map(|(name, unique)| Field {
        name: field(name),
        kind: Kind::Text,
        required: false,
        unique: *unique,
        length_max: None,
    });
    let declared = ObjectType {
        name: type_name("cms.user"),
        site_bound: false,
        parent: None,
        parent_required: false,
        group: None,
        fields: fields.collect(),
        children: Vec::new(),
        binds: Vec::new(),
    };
    ContentModel { object_types: BTreeMap::from([(declared.name.clone(), declared)]), ..ContentModel::default() }
}

pub fn change(store: &dyn Store, lease: &Lease, changes: Vec<Change>, model: &ContentModel) -> Result<(), StoreError> {
    store.commit(lease, &Commit { changes, ..Commit::default() }, model)
}

pub fn answer(store: &dyn Store, key: Key) -> Answer {
    store.load(std::slice::from_ref(&key)).unwrap().answers.remove(&key).unwrap()
}

pub fn found(store: &dyn Store, key: Key) -> Option<u64> {
    match answer(store, key) {
        Answer::Object(row) => row.map(|row| row.id.0),
        Answer::Page(row) => row.map(|row| row.id.0),
        Answer::Binding(row) => row.map(|row| row.id.0),
        other => panic!("{other:?}"),
    }
}
