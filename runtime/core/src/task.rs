//! Tasks: one change each to carry in.

use std::fmt;
use std::sync::Arc;

use crate::failure::Failure;
use crate::mark::Mark;
use crate::names::{ConnectorName, SiteName};
use crate::park::Waiting;

/// A task's id: ascending in order of submission, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u64);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A word that none of the enumerations has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} {word:?}; known are: {known}")]
pub struct UnknownWord {
    /// Which enumeration.
    pub what: &'static str,
    /// The word.
    pub word: String,
    /// What it could have been.
    pub known: String,
}

words!(
    /// How a task behaves when it is fetched and when it fails (§4).
    ProcessType, "process type" {
        /// A failure stops the pass; later tasks wait.
        Default = "default",
        /// Passed over in the next pass, then `default`.
        SkipOnce = "skip-once",
        /// A failure leaves it in the queue, and the pass goes on.
        SkipOnError = "skip-on-error",
        /// A failure removes it, and the pass goes on.
        DeleteOnError = "delete-on-error",
    }
);

words!(
    /// What is to be done (§5).
    TaskType, "task type" {
        /// Upsert an object.
        CreateObject = "create-object",
        /// The same upsert.
        UpdateObject = "update-object",
        /// Delete an object with its children and bindings.
        DeleteObject = "delete-object",
        /// Upsert, then bind to the task's site.
        AddToSite = "add-to-site",
        /// Remove the binding to the task's site.
        RemoveFromSite = "remove-from-site",
        /// Upsert one culture version of a page.
        CreateDocument = "create-document",
        /// The same upsert.
        UpdateDocument = "update-document",
        /// Delete one culture version.
        DeleteDocument = "delete-document",
        /// Delete the page with all cultures.
        DeleteAllCultures = "delete-all-cultures",
        /// Upsert, then publish.
        PublishDocument = "publish-document",
        /// Unpublish and mark archived.
        ArchiveDocument = "archive-document",
        /// Move a page under another parent.
        MoveDocument = "move-document",
    }
);

impl TaskType {
    /// Whether it is about a page.
    pub fn is_page(self) -> bool {
        !matches!(self, Self::CreateObject | Self::UpdateObject | Self::DeleteObject | Self::AddToSite | Self::RemoveFromSite)
    }

    /// Whether a site must be named: every page task, and those that bind to one.
    pub fn needs_site(self) -> bool {
        self.is_page() || matches!(self, Self::AddToSite | Self::RemoveFromSite)
    }
}

words!(
    /// How much of the data is meant (§6).
    DataType, "data type" {
        /// The object alone; references are internal ids.
        Simple = "simple",
        /// The object alone; references are translated.
        SimpleSnapshot = "simple-snapshot",
        /// With children and bindings.
        Snapshot = "snapshot",
    }
);

impl Default for DataType {
    /// For submissions that say nothing (§7.5): references are external ids and children count, as the contract
    /// says.
    fn default() -> Self {
        Self::Snapshot
    }
}

words!(
    /// What a task in the queue waits for (§11, §12).
    TaskState, "task state" {
        /// To be processed.
        Queued = "queued",
        /// For the moment: that other rows than its own change.
        Parked = "parked",
        /// For the end of an earlier task of its subject.
        Behind = "behind",
        /// For an operator, or for what it failed by to change.
        Failed = "failed",
    }
);

/// Media type of an external object that is an internal one already (§2).
pub const INTERNAL_MEDIA_TYPE: &str = "application/vnd.lockgate.object+json";

/// What the external application handed in, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalObject {
    /// For example `application/json`.
    pub media_type: Arc<str>,
    /// Opaque to the host.
    pub body: Arc<[u8]>,
}

/// A task that may be queued: only `admit` builds one, so it cannot be built wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    pub(crate) connector: ConnectorName,
    pub(crate) external: ExternalObject,
    pub(crate) process_type: ProcessType,
    pub(crate) task_type: TaskType,
    pub(crate) data_type: DataType,
    pub(crate) site: Option<SiteName>,
    pub(crate) title: Arc<str>,
    pub(crate) subject: Option<Arc<str>>,
    pub(crate) file_name: Option<Arc<str>>,
    pub(crate) idempotency: Option<Idempotency>,
    pub(crate) traceparent: Option<Arc<str>>,
    pub(crate) submitted_ms: i64,
}

/// A client's own name for a request, so that sending it twice queues it once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// Unique within the connector.
    pub key: Arc<str>,
    /// Over everything that was asked, body included: the same key with another digest is refused.
    pub digest: u128,
}

impl NewTask {
    /// A task to be queued anew, past admission: its id and its standing are left behind. For the suites
    /// that stores must pass, which need tasks that no admission would make.
    pub fn like(task: Task, idempotency: Option<Idempotency>) -> Self {
        let Task { head, external } = task;
        Self {
            connector: head.connector,
            external,
            process_type: head.process_type,
            task_type: head.task_type,
            data_type: head.data_type,
            site: head.site,
            title: head.title,
            subject: head.subject,
            file_name: head.file_name,
            idempotency,
            traceparent: head.traceparent,
            submitted_ms: head.submitted_ms,
        }
    }

    /// The queued task, once the store has given it an id.
    pub fn queued(self, id: TaskId) -> Task {
        Task {
            head: TaskHead {
                id,
                version: TaskVersion::default(),
                connector: self.connector,
                external_bytes: self.external.body.len() as u64,
                media_type: self.external.media_type.clone(),
                process_type: self.process_type,
                task_type: self.task_type,
                data_type: self.data_type,
                site: self.site,
                title: self.title,
                subject: self.subject,
                file_name: self.file_name,
                traceparent: self.traceparent,
                submitted_ms: self.submitted_ms,
                state: TaskState::Queued,
                attempts: 0,
                not_before_ms: None,
                failure: None,
                aside: false,
                failed_by: None,
                deletes_allowed: false,
                waiting: None,
            },
            external: self.external,
        }
    }

    /// Whose task it is.
    pub fn connector(&self) -> &ConnectorName {
        &self.connector
    }

    /// The client's own name for it.
    pub fn idempotency(&self) -> Option<&Idempotency> {
        self.idempotency.as_ref()
    }
}

/// How often a queued task was changed since it was submitted: what was decided about one version
/// does not hold for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TaskVersion(pub u64);

impl TaskVersion {
    /// After one more change.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// A queued task: its head, and what the external application handed in.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Everything else.
    pub head: TaskHead,
    /// What the external application handed in.
    pub external: ExternalObject,
}

impl std::ops::Deref for Task {
    type Target = TaskHead;
    fn deref(&self) -> &TaskHead {
        &self.head
    }
}

/// A queued task without what the external application handed in, which may be a megabyte.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskHead {
    /// Ascending in order of submission.
    pub id: TaskId,
    /// Which of its versions this is.
    pub version: TaskVersion,
    /// Who translates it.
    pub connector: ConnectorName,
    /// Size of the external object's body.
    pub external_bytes: u64,
    /// Its media type.
    pub media_type: Arc<str>,
    /// How it behaves when it fails.
    pub process_type: ProcessType,
    /// What is to be done.
    pub task_type: TaskType,
    /// How much of the data is meant.
    pub data_type: DataType,
    /// Where. Present for every page task.
    pub site: Option<SiteName>,
    /// For people, may be empty.
    pub title: Arc<str>,
    /// What the submission calls the object that it is about (§2): tasks of one connector and subject never
    /// overtake each other.
    pub subject: Option<Arc<str>>,
    /// Of the file that the external object was read from, without folders.
    pub file_name: Option<Arc<str>>,
    /// W3C trace context of the submission.
    pub traceparent: Option<Arc<str>>,
    /// When it was submitted, in ms since 1970.
    pub submitted_ms: i64,
    /// What it waits for.
    pub state: TaskState,
    /// How often it was tried.
    pub attempts: u32,
    /// Not to be tried before, in ms since 1970 (back-off).
    pub not_before_ms: Option<i64>,
    /// Why the last try failed.
    pub failure: Option<Failure>,
    /// It failed and stands apart from the queue: later tasks pass it (§12).
    pub aside: bool,
    /// By what it failed for its data: when that is another, it is due again by itself (§11).
    pub failed_by: Option<Mark>,
    /// Whether an operator has allowed it to delete more rows than a task may, once (§7.5).
    pub deletes_allowed: bool,
    /// What is known of it since a pass came to it; `None`: none has, or it has no subject.
    pub waiting: Option<Arc<Waiting>>,
}

impl TaskHead {
    /// Whether a pass does not come to it on its way through the queue: it waits, or is set aside.
    pub fn stands_apart(&self) -> bool {
        stands_apart(self.state, self.aside)
    }

    /// Whether its last try failed. One that waits has not failed, whatever it waits by.
    pub fn failing(&self) -> bool {
        self.failure.is_some() && matches!(self.state, TaskState::Queued | TaskState::Failed)
    }

    /// Whether the connector's queue may stand because of it: it failed and is not set aside, or later tasks wait
    /// until it is tried again.
    pub fn may_hold_up(&self) -> bool {
        !self.stands_apart() && (self.state == TaskState::Failed || self.not_before_ms.is_some())
    }

    /// Whether what it wants wakes it: it is parked or behind, or waited too long and keeps its wants.
    pub fn waits(&self) -> bool {
        let keeps_wants = self.waiting.as_ref().is_some_and(|waiting| !waiting.wants.is_empty());
        self.stands_apart() && (self.state != TaskState::Failed || keeps_wants)
    }
}

/// Whether a pass does not come to such a task on its way through the queue.
pub fn stands_apart(state: TaskState, aside: bool) -> bool {
    match state {
        TaskState::Queued => false,
        TaskState::Parked | TaskState::Behind => true,
        TaskState::Failed => aside,
    }
}
