//! A change to be handed in.

use lockgate_core::admit::Submission;
use lockgate_core::names::{ConnectorName, SiteName};
use lockgate_core::task::{DataType, ExternalObject, INTERNAL_MEDIA_TYPE, ProcessType, TaskType};

use crate::error::Error;

/// One change: an external object, and what is to be done with it. What is not said is `create-object`, `snapshot` and
/// `default`.
#[derive(Debug, Clone)]
#[must_use = "nothing happens until it is submitted"]
pub struct Change {
    connector: String,
    external: ExternalObject,
    process_type: ProcessType,
    task_type: TaskType,
    data_type: DataType,
    site: Option<String>,
    title: String,
    subject: Option<String>,
    file_name: Option<String>,
    key: Option<String>,
}

impl Change {
    /// An external object of this media type, for the connector of this name.
    pub fn new(connector: &str, media_type: &str, body: impl AsRef<[u8]>) -> Self {
        Self {
            connector: connector.to_owned(),
            external: ExternalObject { media_type: media_type.into(), body: body.as_ref().into() },
            process_type: ProcessType::Default,
            task_type: TaskType::CreateObject,
            data_type: DataType::default(),
            site: None,
            title: String::new(),
            subject: None,
            file_name: None,
            key: None,
        }
    }

    /// An internal object, as JSON: no connector translates it.
    pub fn internal(connector: &str, body: impl AsRef<[u8]>) -> Self {
        Self::new(connector, INTERNAL_MEDIA_TYPE, body)
    }

    /// What is to be done.
    pub fn task_type(self, task_type: TaskType) -> Self {
        Self { task_type, ..self }
    }

    /// How much is meant.
    pub fn data_type(self, data_type: DataType) -> Self {
        Self { data_type, ..self }
    }

    /// What happens when it fails.
    pub fn process_type(self, process_type: ProcessType) -> Self {
        Self { process_type, ..self }
    }

    /// Where; needed for pages.
    pub fn site(self, site: &str) -> Self {
        Self { site: Some(site.to_owned()), ..self }
    }

    /// For people.
    pub fn title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// What the object is called where it comes from: changes of one subject never overtake each other.
    pub fn subject(self, subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), ..self }
    }

    /// Name of the file that it was read from, without folders: a connector may ask for it.
    pub fn file_name(self, file_name: impl Into<String>) -> Self {
        Self { file_name: Some(file_name.into()), ..self }
    }

    /// A name of this change: handing it in twice queues it once. One for each change, not for each object.
    pub fn key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    pub(crate) fn submission(self) -> Result<Submission, Error> {
        Ok(Submission {
            connector: ConnectorName::new(self.connector)?,
            external: self.external,
            process_type: self.process_type,
            task_type: self.task_type,
            data_type: self.data_type,
            site: self.site.map(SiteName::new).transpose()?,
            title: self.title,
            subject: self.subject,
            file_name: self.file_name,
            idempotency_key: self.key,
            traceparent: None,
        })
    }
}
