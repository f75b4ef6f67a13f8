//! A queued task in the file. Connector and id stand in its key.

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::Standing;
use lockgate_core::task::{ExternalObject, Task, TaskHead, TaskId, TaskState, TaskVersion};
use serde::{Deserialize, Serialize};

use super::failure::DiskFailure;
use super::words::Word;
use super::{FORMAT_1, FORMAT_2};
use crate::fault::Fault;
use crate::names::{Interner, Known};

const WHAT: &str = "task";

/// Format 1: without a version, which is 0.
#[derive(Serialize, Deserialize)]
struct DiskTask1<'a> {
    state: u8,
    #[serde(borrow)]
    rest: Rest<'a>,
}

/// Format 2. State and version come first, so that they are found without decoding the rest.
#[derive(Serialize, Deserialize)]
struct DiskTask2<'a> {
    state: u8,
    version: u64,
    #[serde(borrow)]
    rest: Rest<'a>,
}

#[derive(Serialize, Deserialize)]
struct Rest<'a> {
    process_type: u8,
    task_type: u8,
    data_type: u8,
    site: u32,
    attempts: u32,
    submitted_ms: i64,
    not_before_ms: Option<i64>,
    title: &'a str,
    #[serde(borrow)]
    traceparent: Option<&'a str>,
    #[serde(borrow)]
    failure: Option<DiskFailure<'a>>,
    media_type: &'a str,
    #[serde(borrow, with = "serde_bytes")]
    body: &'a [u8],
}

/// A task's row, read and not copied.
pub(crate) struct Row<'a>(DiskTask2<'a>);

pub(crate) fn encode(task: &Task, names: &mut Interner<'_>) -> Vec<u8> {
    let rest = Rest {
        process_type: task.process_type.byte(),
        task_type: task.task_type.byte(),
        data_type: task.data_type.byte(),
        site: names.site(task.site.as_ref()),
        attempts: task.attempts,
        submitted_ms: task.submitted_ms,
        not_before_ms: task.not_before_ms,
        title: &task.title,
        traceparent: task.traceparent.as_deref(),
        failure: task.failure.as_ref().map(Into::into),
        media_type: &task.external.media_type,
        body: &task.external.body,
    };
    super::encode_as(FORMAT_2, &DiskTask2 { state: task.state.byte(), version: task.version.0, rest })
}

impl<'a> Row<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        match super::split(WHAT, bytes)? {
            (FORMAT_1, fields) => {
                let DiskTask1 { state, rest } = super::decode_fields(WHAT, fields)?;
                Ok(Self(DiskTask2 { state, version: 0, rest }))
            }
            (FORMAT_2, fields) => super::decode_fields(WHAT, fields).map(Self),
            (format, _) => Err(super::unknown(WHAT, format)),
        }
    }

    pub(crate) fn body_bytes(&self) -> usize {
        self.0.rest.body.len()
    }

    /// The task without its body.
    pub(crate) fn head(&self, id: TaskId, connector: &ConnectorName, names: &Known) -> Result<TaskHead, Fault> {
        let Self(DiskTask2 { state, version, rest }) = self;
        Ok(TaskHead {
            id,
            version: TaskVersion(*version),
            connector: connector.clone(),
            external_bytes: rest.body.len() as u64,
            media_type: rest.media_type.into(),
            process_type: Word::from_byte(rest.process_type)?,
            task_type: Word::from_byte(rest.task_type)?,
            data_type: Word::from_byte(rest.data_type)?,
            site: names.maybe_site(rest.site)?,
            title: rest.title.into(),
            traceparent: rest.traceparent.map(Into::into),
            submitted_ms: rest.submitted_ms,
            state: Word::from_byte(*state)?,
            attempts: rest.attempts,
            not_before_ms: rest.not_before_ms,
            failure: rest.failure.as_ref().map(DiskFailure::failure).transpose()?,
        })
    }

    /// All of it.
    pub(crate) fn task(&self, id: TaskId, connector: &ConnectorName, names: &Known) -> Result<Task, Fault> {
        let head = self.head(id, connector, names)?;
        let external = ExternalObject { media_type: head.media_type.clone(), body: self.0.rest.body.into() };
        Ok(Task { head, external })
    }
}

/// State and version alone, without reading the rest.
pub(crate) fn state(bytes: &[u8]) -> Result<(TaskState, TaskVersion), Fault> {
    let (state, version) = match super::split(WHAT, bytes)? {
        (FORMAT_1, fields) => (super::decode_first(WHAT, fields)?, 0),
        (FORMAT_2, fields) => super::decode_first(WHAT, fields)?,
        (format, _) => return Err(super::unknown(WHAT, format)),
    };
    Ok((TaskState::from_byte(state)?, TaskVersion(version)))
}

/// The same task's next version, with another standing.
pub(crate) fn restand(bytes: &[u8], standing: &Standing) -> Result<Vec<u8>, Fault> {
    let Row(mut disk) = Row::read(bytes)?;
    disk.state = standing.state.byte();
    disk.version = TaskVersion(disk.version).next().0;
    disk.rest.process_type = standing.process_type.byte();
    disk.rest.attempts = standing.attempts;
    disk.rest.not_before_ms = standing.not_before_ms;
    disk.rest.failure = standing.failure.as_ref().map(Into::into);
    Ok(super::encode_as(FORMAT_2, &disk))
}

#[cfg(test)]
mod tests {
    use lockgate_core::task::ProcessType;

    use super::*;

    fn rest() -> Rest<'static> {
        Rest {
            process_type: 1,
            task_type: 0,
            data_type: 2,
            site: 0,
            attempts: 3,
            submitted_ms: -7,
            not_before_ms: Some(9),
            title: "a title",
            traceparent: None,
            failure: None,
            media_type: "application/json",
            body: b"body",
        }
    }

    #[test]
    fn a_task_of_format_1_has_version_0_and_is_written_in_todays_format_when_it_changes() {
        let old = super::super::encode(&DiskTask1 { state: 1, rest: rest() });
        assert_eq!(state(&old).unwrap(), (TaskState::Failed, TaskVersion(0)));
        let connector = ConnectorName::new("shop").unwrap();
        let read = |bytes: &[u8]| Row::read(bytes).unwrap().task(TaskId(5), &connector, &Known::default()).unwrap();
        let task = read(&old);
        assert_eq!(
            (&*task.title, &*task.external.body, task.external_bytes, task.version),
            ("a title", b"body".as_slice(), 4, TaskVersion(0))
        );

        let standing =
            Standing { process_type: ProcessType::Default, state: TaskState::Queued, attempts: 4, not_before_ms: None, failure: None };
        let new = restand(&old, &standing).unwrap();
        assert_eq!(new[0], FORMAT_2);
        assert_eq!(state(&new).unwrap(), (TaskState::Queued, TaskVersion(1)));
        let head = TaskHead {
            version: TaskVersion(1),
            process_type: ProcessType::Default,
            state: TaskState::Queued,
            attempts: 4,
            not_before_ms: None,
            ..task.head.clone()
        };
        assert_eq!(read(&new), Task { head, ..task });
    }

    #[test]
    fn a_version_of_many_bytes_is_found_without_the_rest() {
        for version in [0, 1, 127, 128, 1 << 20, u64::MAX] {
            let bytes = super::super::encode_as(FORMAT_2, &DiskTask2 { state: 1, version, rest: rest() });
            assert_eq!(state(&bytes).unwrap(), (TaskState::Failed, TaskVersion(version)));
        }
    }
}
