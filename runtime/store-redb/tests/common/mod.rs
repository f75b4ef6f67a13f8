//! Rows, tasks and entries for tests.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

pub mod disk;
pub mod failing;
pub mod random;
pub mod workload;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lockgate_core::change::Change;
use lockgate_core::effects::{Fate, TaskEnd};
use lockgate_core::history::{Counted, Entry, Level, LogLine, Outcome, Source, Used};
use lockgate_core::key::{FormerKey, Key, Question, Tomb, TombBy, TombKey};
use lockgate_core::mark::Mark;
use lockgate_core::model::{ContentModel, Field, Kind, Names, ObjectType, Within};
use lockgate_core::names::{CodeName, ConnectorName, Culture, FieldName, SiteName, TypeName};
use lockgate_core::newer;
use lockgate_core::park::{LooseAt, LooseEnd, NotMade, Waiting, Want};
use lockgate_core::ports::{Claim, Claimed, ConnectorRecord, Lease, NodeName, Removal, Standing, StoreError, Submitted, Version};
use lockgate_core::rows::{
    BindingId, BindingRow, CultureVersion, Link, LooseId, Newer, NodeId, ObjectId, ObjectRow, Owner, PageRow, Scope, Stated, StatedObject,
    Target,
};
use lockgate_core::task::{DataType, NewTask, ProcessType, TaskId, TaskState, TaskType, TaskVersion};
use lockgate_core::value::{Plain, Stored};
use lockgate_store_redb::{Options, RedbStore};
pub use lockgate_testing::{Commit, Short};
use redb::backends::InMemoryBackend;
use uuid::Uuid;

pub use lockgate_core::ports::{Content, Journal, Queue, Registry, Store, Upkeep};

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
    ConnectorRecord {
        name: connector(name),
        digest: digest.into(),
        enabled: true,
        paused: false,
        installed_ms: 7,
        versions: vec![version(digest)],
    }
}

pub fn version(digest: &str) -> Version {
    Version { digest: digest.into(), manifest: None, installed_ms: 7, approved: true }
}

/// The kept store of format 1.
pub fn format_1() -> Vec<u8> {
    kept("format-1")
}

/// The kept store of format 2.
pub fn format_2() -> Vec<u8> {
    kept("format-2")
}

pub fn kept(folder: &str) -> Vec<u8> {
    std::fs::read(kept_folder().join(folder).join("store.redb")).unwrap()
}

fn kept_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/system/kept")
}

/// The kept stores, one of each format.
pub fn kept_stores() -> Vec<PathBuf> {
    let folders = std::fs::read_dir(kept_folder()).unwrap().map(|folder| folder.unwrap().path());
    let stores: Vec<PathBuf> = folders.map(|folder| folder.join("store.redb")).filter(|store| store.exists()).collect();
    assert!(stores.len() > 2, "the kept stores are found: {stores:?}");
    stores
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
    let submitted = store.submit_now(tasks, 1_000_000).unwrap();
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
        together: Vec::new(),
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
        counted: Counted::default(),
        references_resolved: 0,
        warnings: Vec::new(),
        warnings_total: 0,
    }
}

pub fn line(message: &str) -> LogLine {
    LogLine { at_ms: 5, level: Level::Info, source: Source::Guest, message: message.into() }
}

/// The end of a task that was never changed.
pub fn removed(name: &str, task: TaskId) -> TaskEnd {
    ends(name, task, 0, Fate::Removed(Box::new(entry(name, task))))
}

/// What becomes of a task of this version.
pub fn ends(name: &str, task: TaskId, version: u64, fate: Fate) -> TaskEnd {
    TaskEnd { id: task, connector: connector(name), version: TaskVersion(version), fate, log: vec![line("done")] }
}

/// A standing without anything.
pub fn standing(state: TaskState) -> Standing {
    Standing {
        process_type: ProcessType::Default,
        state,
        attempts: 0,
        not_before_ms: None,
        failure: None,
        aside: false,
        failed_by: None,
        deletes_allowed: false,
        waiting: None,
    }
}

/// Parked since then, waiting for these.
pub fn parked(since_ms: i64, wants: &[Mark]) -> Standing {
    let waiting = Waiting { since_ms, wants: wants.iter().map(want).collect(), ..Waiting::default() };
    Standing { waiting: Some(Arc::new(waiting)), ..standing(TaskState::Parked) }
}

pub fn want(mark: &Mark) -> Want {
    Want { mark: *mark, what: format!("the one with {mark}").into(), external: Some("ext".into()) }
}

/// A loose end at a field of an object.
pub fn loose(id: u64, name: &str, wants: &[Mark]) -> LooseEnd {
    LooseEnd {
        id: LooseId(id),
        connector: connector(name),
        task: TaskId(1),
        since_ms: 7,
        at: LooseAt::Object(ObjectId(1), field("role")),
        stated: vec![Arc::new(Stated::Object(StatedObject::Guid(type_name("cms.role"), Uuid::from_u128(9))))],
        wants: wants.iter().map(want).collect(),
    }
}

/// A binding that is not made, of this owner.
pub fn not_made(id: u64, name: &str, owner: Owner, wants: &[Mark]) -> LooseEnd {
    let stated = Arc::new(Stated::Object(StatedObject::Guid(type_name("cms.role"), Uuid::from_u128(8))));
    let link = Link { stated: stated.clone(), external: "ext".into(), by: connector(name), loose: None };
    let at = NotMade {
        binding_type: type_name("cms.userrole"),
        owner,
        fields: BTreeMap::from([(field("since"), text("2026"))]),
        links: BTreeMap::from([(field("role"), link)]),
    };
    LooseEnd { at: LooseAt::NotMade(at), stated: vec![stated], ..loose(id, name, wants) }
}

pub fn loose_ends(before: Option<&LooseEnd>, after: Option<&LooseEnd>) -> Change {
    Change::Loose(before.cloned().map(Arc::new), after.cloned().map(Arc::new))
}

pub fn former(name: &str) -> FormerKey {
    FormerKey(type_name("cms.user"), Scope::default(), name.into())
}

pub fn tomb_key(guid: u128) -> TombKey {
    TombKey { type_name: type_name("cms.user"), culture: None, by: TombBy::Guid(Uuid::from_u128(guid)) }
}

pub fn tomb(version: &str, until_ms: i64) -> Arc<Tomb> {
    Arc::new(Tomb { version: newer::Version::Number(version.into()), until_ms })
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
        links: BTreeMap::new(),
        newer: Newer::default(),
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
            CultureVersion {
                name: alias.into(),
                published: true,
                archived: false,
                fields: BTreeMap::new(),
                links: BTreeMap::new(),
                newer: Newer::default(),
            },
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
        links: BTreeMap::new(),
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
        unique_within: Within::default(),
        names: Names::default(),
        newer_by: None,
    };
    ContentModel { object_types: BTreeMap::from([(declared.name.clone(), declared)]), ..ContentModel::default() }
}

pub fn change(store: &dyn Store, lease: &Lease, changes: Vec<Change>, model: &ContentModel) -> Result<(), StoreError> {
    store.commit_now(lease, &Commit { changes, ..Commit::default() }, model)
}

/// An operator's removal of a task that was never changed.
pub fn removal(name: &str, task: TaskId) -> Removal {
    Removal { version: TaskVersion(0), entry: entry(name, task) }
}

/// A new claim of a connector that is installed if it was not.
pub fn claim(store: &dyn Store, name: &str) -> Lease {
    store.claim_now(&connector(name)).unwrap()
}

/// The same, of one that is installed, or on a disk that may be gone.
pub fn lease_of(store: &dyn Store, name: &str) -> Result<Lease, StoreError> {
    let (connector, node) = (connector(name), NodeName::new("test"));
    match store.claim(&Claim { connector: &connector, node: &node, held: &BTreeSet::new(), lease_ms: 0, now_ms: 0 })? {
        Claimed::Yes(lease) => Ok(lease),
        other => panic!("{other:?}"),
    }
}

pub fn answer<Q: Question>(store: &dyn Store, question: Q) -> Q::Answer {
    let keys: [Key; 1] = [question.clone().into()];
    store.load(&keys).unwrap().answers.remove(&question).unwrap()
}

/// The id of the row that a question leads to.
pub fn found<R: HasId, Q: Question<Answer = Option<Arc<R>>>>(store: &dyn Store, question: Q) -> Option<u64> {
    answer(store, question).map(|row| row.row_id())
}

pub trait HasId {
    fn row_id(&self) -> u64;
}

impl HasId for ObjectRow {
    fn row_id(&self) -> u64 {
        self.id.0
    }
}

impl HasId for PageRow {
    fn row_id(&self) -> u64 {
        self.id.0
    }
}

impl HasId for BindingRow {
    fn row_id(&self) -> u64 {
        self.id.0
    }
}
