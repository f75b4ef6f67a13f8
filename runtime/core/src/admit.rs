//! Submitting: what is refused, and what becomes a task (§2). Processing: which connectors may (§3).

use std::sync::Arc;

use crate::failure::sanitised;
use crate::model::ContentModel;
use crate::names::{ConnectorName, SiteName};
use crate::ports::{ConnectorRecord, Switches};
use crate::task::{DataType, ExternalObject, INTERNAL_MEDIA_TYPE, Idempotency, NewTask, ProcessType, TaskId, TaskType};

/// Longest idempotency key, in bytes.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;
/// Longest title, in bytes; a longer one is cut.
pub const TITLE_BYTES_MAX: usize = 300;
/// Longest name of a file, in bytes; a longer one is cut.
pub const FILE_NAME_BYTES_MAX: usize = 255;

/// What an external application asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// Who is to translate it.
    pub connector: ConnectorName,
    /// What it is about.
    pub external: ExternalObject,
    /// How it behaves when it fails.
    pub process_type: ProcessType,
    /// What is to be done.
    pub task_type: TaskType,
    /// How much is meant.
    pub data_type: DataType,
    /// Where.
    pub site: Option<SiteName>,
    /// For people; empty is fine.
    pub title: String,
    /// What the external application calls the object that it is about (§2).
    pub subject: Option<String>,
    /// Of the file that the external object was read from. Folders before it are cut off.
    pub file_name: Option<String>,
    /// The client's own name for this request.
    pub idempotency_key: Option<String>,
    /// W3C trace context.
    pub traceparent: Option<String>,
}

/// Longest subject, in bytes.
pub const SUBJECT_BYTES_MAX: usize = 1_000;

/// Why nothing was stored. `code` is stable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No connector has this name.
    #[error("no connector is named {0}; `lockgate connector list` shows those that are installed")]
    UnknownConnector(ConnectorName),
    /// The operator disabled it.
    #[error("connector {0} is disabled and takes no tasks")]
    ConnectorDisabled(ConnectorName),
    /// The operator switched off logging of tasks, or the bus.
    #[error("the bus takes no tasks now: the operator has switched that off")]
    LoggingOff,
    /// The content model has no such site.
    #[error("no site is named {0}; `lockgate model show` lists the sites")]
    UnknownSite(SiteName),
    /// The task type needs a site.
    #[error("a {0} task needs a site")]
    SiteMissing(TaskType),
    /// The external object is too large.
    #[error("the external object has {bytes} bytes, at most {max} are taken")]
    TooLarge {
        /// How large it is.
        bytes: usize,
        /// How large it may be.
        max: usize,
    },
    /// The subject is empty, too long or holds control characters.
    #[error("a subject has 1 to {SUBJECT_BYTES_MAX} bytes without control characters")]
    BadSubject,
    /// An internal object that cannot be read.
    #[error("the body is declared as {INTERNAL_MEDIA_TYPE} and cannot be read: {0}")]
    BadInternalObject(String),
    /// The idempotency key is empty, too long or holds odd characters.
    #[error("an idempotency key has 1 to {IDEMPOTENCY_KEY_BYTES_MAX} visible ASCII characters")]
    BadIdempotencyKey,
    /// The same idempotency key came with other content.
    #[error("this idempotency key was used for task {0} with other content")]
    KeyReused(TaskId),
    /// The connector's queue is full.
    #[error("connector {0} has as many queued tasks as it may have; try again later")]
    QueueFull(ConnectorName),
}

impl Refusal {
    /// Whether another configuration might have admitted it.
    pub fn is_by_configuration(&self) -> bool {
        match self {
            Self::UnknownConnector(_) | Self::ConnectorDisabled(_) | Self::LoggingOff | Self::UnknownSite(_) => true,
            Self::SiteMissing(_)
            | Self::TooLarge { .. }
            | Self::BadSubject
            | Self::BadInternalObject(_)
            | Self::BadIdempotencyKey
            | Self::KeyReused(_)
            | Self::QueueFull(_) => false,
        }
    }

    /// Stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownConnector(_) => "unknown-connector",
            Self::ConnectorDisabled(_) => "connector-disabled",
            Self::LoggingOff => "logging-off",
            Self::UnknownSite(_) => "unknown-site",
            Self::SiteMissing(_) => "site-missing",
            Self::TooLarge { .. } => "too-large",
            Self::BadSubject => "bad-subject",
            Self::BadInternalObject(_) => "bad-internal-object",
            Self::BadIdempotencyKey => "bad-idempotency-key",
            Self::KeyReused(_) => "idempotency-key-reused",
            Self::QueueFull(_) => "queue-full",
        }
    }
}

/// Why a connector may not process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rests {
    /// The operator switched off processing, or the bus.
    #[error("the operator has switched off processing")]
    ProcessingOff,
    /// No connector has this name.
    #[error("the connector is not installed")]
    NotInstalled,
    /// The operator disabled it.
    #[error("the connector is disabled")]
    Disabled,
    /// The operator paused it (§12).
    #[error("the connector is paused; `lockgate connector resume` lets it go on")]
    Paused,
}

/// The connector, if it may process. Pure.
pub fn may_process(switches: Switches, connector: Option<&ConnectorRecord>) -> Result<&ConnectorRecord, Rests> {
    if !switches.processes() {
        return Err(Rests::ProcessingOff);
    }
    let record = connector.ok_or(Rests::NotInstalled)?;
    match record {
        ConnectorRecord { enabled: false, .. } => Err(Rests::Disabled),
        ConnectorRecord { paused: true, .. } => Err(Rests::Paused),
        _ => Ok(record),
    }
}

/// What admission looks at.
pub struct Admission<'a> {
    /// Sites.
    pub model: &'a ContentModel,
    /// The connector, if it is installed.
    pub connector: Option<&'a ConnectorRecord>,
    /// The operator's switches.
    pub switches: Switches,
    /// Largest external object.
    pub payload_bytes_max: usize,
    /// Now, in ms since 1970.
    pub now_ms: i64,
}

/// The task that may be queued, or why not. Pure.
pub fn admit(submission: Submission, admission: &Admission<'_>) -> Result<NewTask, Refusal> {
    let record = admission.connector.ok_or_else(|| Refusal::UnknownConnector(submission.connector.clone()))?;
    if !admission.switches.bus || !admission.switches.logging {
        return Err(Refusal::LoggingOff);
    }
    if !record.enabled {
        return Err(Refusal::ConnectorDisabled(submission.connector));
    }
    if let Some(site) = &submission.site
        && !admission.model.sites.contains_key(site)
    {
        return Err(Refusal::UnknownSite(site.clone()));
    }
    if submission.site.is_none() && submission.task_type.needs_site() {
        return Err(Refusal::SiteMissing(submission.task_type));
    }
    let bytes = submission.external.body.len();
    if bytes > admission.payload_bytes_max {
        return Err(Refusal::TooLarge { bytes, max: admission.payload_bytes_max });
    }
    if &*submission.external.media_type == INTERNAL_MEDIA_TYPE {
        crate::internal::read(&submission.external.body).map_err(Refusal::BadInternalObject)?;
    }
    if let Some(subject) = &submission.subject
        && (subject.is_empty() || subject.len() > SUBJECT_BYTES_MAX || subject.chars().any(char::is_control))
    {
        return Err(Refusal::BadSubject);
    }
    let idempotency = submission.idempotency_key.as_deref().map(|key| idempotency(key, &submission)).transpose()?;
    let mut title = sanitised(&submission.title);
    title.truncate(title.floor_char_boundary(TITLE_BYTES_MAX));
    Ok(NewTask {
        connector: submission.connector,
        external: submission.external,
        process_type: submission.process_type,
        task_type: submission.task_type,
        data_type: submission.data_type,
        site: submission.site,
        title: title.into(),
        subject: submission.subject.map(Arc::from),
        file_name: submission.file_name.as_deref().and_then(file_name),
        idempotency,
        traceparent: submission.traceparent.map(Arc::from),
        submitted_ms: admission.now_ms,
    })
}

/// The name without folders, of whichever system; nothing where none is left.
fn file_name(given: &str) -> Option<Arc<str>> {
    let mut name = sanitised(given.rsplit(['/', '\\']).next().unwrap_or_default());
    name.truncate(name.floor_char_boundary(FILE_NAME_BYTES_MAX));
    (!name.is_empty()).then(|| name.into())
}

fn idempotency(key: &str, submission: &Submission) -> Result<Idempotency, Refusal> {
    if key.is_empty() || key.len() > IDEMPOTENCY_KEY_BYTES_MAX || !key.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
        return Err(Refusal::BadIdempotencyKey);
    }
    // A name-based UUID is a well-mixed 122 bits over everything that was asked.
    let mut asked = Vec::with_capacity(submission.external.body.len() + 200);
    for part in [
        submission.connector.as_str(),
        submission.process_type.as_str(),
        submission.task_type.as_str(),
        submission.data_type.as_str(),
        submission.site.as_ref().map_or("", SiteName::as_str),
        &submission.external.media_type,
    ]
    .into_iter()
    // Keys of tasks without a subject were made before there was one.
    .chain(submission.subject.as_deref().map(|subject| ["subject", subject]).into_iter().flatten())
    {
        asked.extend_from_slice(part.as_bytes());
        asked.push(0);
    }
    asked.extend_from_slice(&submission.external.body);
    let digest = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, &asked).as_u128();
    Ok(Idempotency { key: key.into(), digest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_has_no_folders_and_is_bounded() {
        for (given, name) in [
            ("order.json", Some("order.json")),
            ("/home/ann/order.json", Some("order.json")),
            ("C:\\data\\order.json", Some("order.json")),
            ("", None),
            ("folder/", None),
        ] {
            assert_eq!(file_name(given).as_deref(), name, "{given}");
        }
        assert_eq!(file_name(&"é".repeat(200)).map(|name| name.len()), Some(254));
    }
}
