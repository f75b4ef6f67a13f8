//! What checks have in common: a store with the tests' model, short ways to write and to ask, and
//! rows to write.

mod rows;
mod waiting;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) use rows::*;
pub(super) use waiting::*;

use crate::short::{AS_STORED, Commit, OWN, Short};
use crate::suite::Reopen;
use crate::{model, model_files, new_task};
use lockgate_core::change::Change;
use lockgate_core::effects::{Effects, Fate, TaskEnd};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::history::{Action, Counted, Entry, Level, LogLine, Outcome, Source, Used, Warning, Written};
use lockgate_core::key::{BindingKey, BindingsOf, ObjectKey, ObjectsKey, PageKey, Question, ReferrersOf};
use lockgate_core::model::ContentModel;
use lockgate_core::names::{CodeName, ConnectorName, Culture, FieldName, SiteName, TypeName};
use lockgate_core::ports::{ConnectorRecord, Lease, Standing, StateMap, Store, StoreError, Submitted, Version};
use lockgate_core::rows::{BindingId, BindingRow, Fields, NodeId, ObjectId, ObjectRow, PageRow, Referrer, Target};
use lockgate_core::task::{DataType, NewTask, ProcessType, Task, TaskHead, TaskId, TaskState, TaskType, TaskVersion};
use lockgate_core::value::{Plain, Stored};

/// Queue limit of checks that are not about it.
pub(super) const QUEUE_MAX: u64 = 1_000_000;

/// A store under test, with the tests' model.
pub struct Bench<'e> {
    engine: &'e mut dyn Reopen,
    store: Option<Arc<dyn Store>>,
    pub(super) model: ContentModel,
    /// The lease by which `write` writes.
    lease: Option<Lease>,
}

impl<'e> Bench<'e> {
    /// Puts the model into the engine's empty store.
    pub fn new(engine: &'e mut dyn Reopen) -> Self {
        let store = engine.store();
        let model = model();
        store.put_model_now(&model_files(), &model).expect("the model is stored");
        Self { engine, store: Some(store), model, lease: None }
    }

    pub(super) fn store(&self) -> &dyn Store {
        &**self.store.as_ref().expect("the store is open")
    }

    pub(super) fn reopen(&mut self) {
        self.store = None;
        self.engine.reopen();
        self.store = Some(self.engine.store());
    }

    /// Queues a task of connector `name` for each body.
    pub(super) fn submit(&self, name: &str, bodies: &[&str]) -> Vec<TaskId> {
        self.submit_tasks(bodies.iter().map(|body| new_task(&connector(name), body.as_bytes())).collect())
    }

    pub(super) fn submit_tasks(&self, tasks: Vec<NewTask>) -> Vec<TaskId> {
        let submitted = self.store().submit_now(tasks, QUEUE_MAX).expect("submit");
        submitted
            .into_iter()
            .map(|one| match one {
                Submitted::Queued(id) => id,
                other => panic!("the task was not queued: {other:?}"),
            })
            .collect()
    }

    pub(super) fn claim(&self, name: &str) -> Lease {
        self.store().claim_now(&connector(name)).expect("claim")
    }

    pub(super) fn commit(&self, lease: &Lease, commit: &Commit) -> Result<(), StoreError> {
        self.store().commit_now(lease, commit, &self.model)
    }

    pub(super) fn effects(&self, commit: &Commit) -> Effects {
        self.store().effects(commit, &self.model)
    }

    /// Writes changes as a connector of its own, without tasks.
    pub(super) fn write(&mut self, changes: Vec<Change>) {
        let lease = match &self.lease {
            Some(lease) => lease.clone(),
            None => self.claim("writer"),
        };
        self.commit(&lease, &Commit { changes, ..Commit::default() }).expect("commit");
        self.lease = Some(lease);
    }

    /// Ends a task with an entry and these log lines.
    pub(super) fn end(&self, lease: &Lease, task: &Task, log: Vec<LogLine>) {
        let commit = Commit { tasks: vec![removed(task, log)], ..Commit::default() };
        self.commit(lease, &commit).expect("commit");
    }

    pub(super) fn task(&self, id: TaskId) -> Task {
        self.store().task(id).expect("task").expect("the task is queued")
    }

    pub(super) fn is_queued(&self, id: TaskId) -> bool {
        self.store().task(id).expect("task").is_some()
    }

    pub(super) fn fetch_all(&self, name: &str) -> Vec<TaskId> {
        let tasks = self.store().fetch(&connector(name), None, usize::MAX, usize::MAX).expect("fetch");
        tasks.into_iter().map(|task| task.id).collect()
    }

    pub(super) fn state(&self, name: &str) -> StateMap {
        self.store().state(&connector(name)).expect("state")
    }

    pub(super) fn as_of(&self) -> u64 {
        self.store().load(&[]).expect("load").as_of
    }

    /// The answer to one question; nothing else is answered.
    pub(super) fn ask<Q: Question>(&self, question: &Q) -> Q::Answer {
        let mut loaded = self.store().load(&[question.clone().into()]).expect("load");
        let answer = loaded.answers.remove(question);
        assert!(loaded.answers.is_empty(), "{question:?} was answered with more than was asked");
        answer.unwrap_or_else(|| panic!("{question:?} was not answered"))
    }

    pub(super) fn object(&self, key: &ObjectKey) -> Option<ObjectRow> {
        self.ask(key).map(|row| (*row).clone())
    }

    pub(super) fn objects(&self, key: &ObjectsKey) -> Vec<ObjectId> {
        self.ask(key).iter().map(|row| row.id).collect()
    }

    pub(super) fn page(&self, key: &PageKey) -> Option<PageRow> {
        self.ask(key).map(|row| (*row).clone())
    }

    pub(super) fn binding(&self, key: &BindingKey) -> Option<BindingRow> {
        self.ask(key).map(|row| (*row).clone())
    }

    pub(super) fn bindings(&self, key: &BindingsOf) -> Vec<BindingId> {
        self.ask(key).iter().map(|row| row.id).collect()
    }

    pub(super) fn referrers(&self, target: Target) -> Vec<Referrer> {
        self.ask(&ReferrersOf(target))
    }
}

pub(super) fn connector(name: &str) -> ConnectorName {
    ConnectorName::new(name).expect("a connector's name")
}

/// A version without a manifest, installed then and approved.
pub(super) fn version(digest: &str, installed_ms: i64) -> Version {
    Version { digest: digest.into(), manifest: None, installed_ms, approved: true }
}

/// An enabled connector with one version.
pub(super) fn record(name: &str, digest: &str) -> ConnectorRecord {
    ConnectorRecord {
        name: connector(name),
        digest: digest.into(),
        enabled: true,
        paused: false,
        installed_ms: 7,
        versions: vec![version(digest, 7)],
    }
}

/// What a commit writes to a connector's state.
pub(super) fn writes<'w>(writes: impl IntoIterator<Item = (&'w str, Option<&'w [u8]>)>) -> BTreeMap<Arc<str>, Option<Arc<[u8]>>> {
    writes.into_iter().map(|(key, value)| (key.into(), value.map(Into::into))).collect()
}

pub(super) fn site(name: &str) -> SiteName {
    SiteName::new(name).expect("a site's name")
}

pub(super) fn type_name(name: &str) -> TypeName {
    TypeName::new(name).expect("a type's name")
}

pub(super) fn field(name: &str) -> FieldName {
    FieldName::new(name).expect("a field's name")
}

pub(super) fn culture(name: &str) -> Culture {
    Culture::new(name).expect("a culture")
}

pub(super) fn code_name(name: &str) -> CodeName {
    CodeName::new(name).expect("a code name")
}

pub(super) fn key_of(name: &str) -> Arc<str> {
    code_name(name).key().into()
}

pub(super) fn text(text: &str) -> Stored {
    Stored::Plain(Plain::Text(text.into()))
}

pub(super) fn to_object(id: u64) -> Stored {
    Stored::Reference(Target::Object(ObjectId(id)))
}

pub(super) fn to_page(id: u64) -> Stored {
    Stored::Reference(Target::Page(NodeId(id)))
}

pub(super) fn fields(fields: impl IntoIterator<Item = (&'static str, Stored)>) -> Fields {
    fields.into_iter().map(|(name, value)| (field(name), value)).collect()
}

pub(super) fn line(message: &str) -> LogLine {
    LogLine { at_ms: 5, level: Level::Warn, source: Source::Guest, message: message.into() }
}

/// The entry of a task that was stored, with something in every field.
pub(super) fn entry(task: &Task) -> Entry {
    Entry {
        together: vec![TaskId(0), TaskId(u64::MAX)],
        task: task.id,
        connector: task.connector.clone(),
        task_type: task.task_type,
        data_type: task.data_type,
        process_type: task.process_type,
        site: task.site.clone(),
        title: task.title.clone(),
        outcome: Outcome::Stored,
        attempts: task.attempts.saturating_add(1),
        digest: "00ff".into(),
        submitted_ms: task.submitted_ms,
        ended_ms: task.submitted_ms.saturating_add(7),
        used: Used {
            guest_us: 42,
            longest_call_us: 41,
            deadline_ms: 5_000,
            memory_bytes: 1 << 40,
            memory_bytes_max: u64::MAX,
            output_bytes: 300,
            output_bytes_max: 8 << 20,
            http_calls: u32::MAX,
            http_calls_max: 9,
            http_bytes: 10,
            http_bytes_max: 11,
        },
        written: vec![Written { type_name: "cms.user".into(), name: "José".into(), action: Action::Inserted }],
        written_total: 101,
        counted: Counted { inserted: 98, updated: 1, deleted: 2, unchanged: 0 },
        references_resolved: 3,
        warnings: vec![Warning { code: "default-used".into(), message: "a default was taken".into() }],
        warnings_total: 1_000,
    }
}

pub(super) fn removed(task: &Task, log: Vec<LogLine>) -> TaskEnd {
    TaskEnd { id: task.id, connector: task.connector.clone(), version: AS_STORED, fate: Fate::Removed(Box::new(entry(task))), log }
}

pub(super) fn stays(task: TaskId, standing: Standing) -> TaskEnd {
    TaskEnd { id: task, connector: connector(OWN), version: AS_STORED, fate: Fate::Stays(standing), log: Vec::new() }
}

/// The standing of a task that failed.
pub(super) fn failed() -> Standing {
    Standing {
        attempts: 3,
        not_before_ms: Some(i64::MAX),
        failure: Some(Failure { retry_after_ms: Some(u32::MAX), ..Failure::new(Code::Unavailable, "later").at("/fields/email") }),
        ..standing(ProcessType::Default, TaskState::Failed)
    }
}

/// The standing of a task of which nothing else is known.
pub(super) fn standing(process_type: ProcessType, state: TaskState) -> Standing {
    Standing {
        process_type,
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

/// The head of a task that stands so now: what an operator or a pass may not change is as before.
pub(super) fn stood(before: &TaskHead, version: TaskVersion, standing: Standing) -> TaskHead {
    let Standing { process_type, state, attempts, not_before_ms, failure, aside, failed_by, deletes_allowed, waiting } = standing;
    TaskHead {
        version,
        process_type,
        state,
        attempts,
        not_before_ms,
        failure,
        aside,
        failed_by,
        deletes_allowed,
        waiting,
        ..before.clone()
    }
}

/// A task with something in every field.
pub(super) fn a_full_task(name: &str) -> NewTask {
    a_full_task_with(name, |_| {})
}

/// The same, changed.
pub(super) fn a_full_task_with(name: &str, change: impl FnOnce(&mut Task)) -> NewTask {
    let mut task = new_task(&connector(name), b"{}").queued(TaskId(0));
    task.head.process_type = ProcessType::SkipOnError;
    task.head.task_type = TaskType::PublishDocument;
    task.head.data_type = DataType::SimpleSnapshot;
    task.head.site = Some(site("main"));
    task.head.title = "Über uns".into();
    task.head.subject = Some("página:7".into());
    task.head.traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into());
    task.head.submitted_ms = -1;
    change(&mut task);
    NewTask::like(task, None)
}
