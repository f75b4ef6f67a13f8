//! A queued task in the file. Connector and id stand in its key.

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::Standing;
use lockgate_core::task::{ExternalObject, Task, TaskId, TaskState};
use serde::{Deserialize, Serialize};

use super::failure::DiskFailure;
use super::words::Word;
use crate::fault::Fault;
use crate::names::{Interner, Known};

#[derive(Serialize, Deserialize)]
struct DiskTask<'a> {
    /// First, so that it is found without decoding the rest.
    state: u8,
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

pub(crate) fn encode(task: &Task, names: &mut Interner<'_>) -> Vec<u8> {
    super::encode(&DiskTask {
        state: task.state.byte(),
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
    })
}

pub(crate) fn decode(id: TaskId, connector: &ConnectorName, bytes: &[u8], names: &Known) -> Result<Task, Fault> {
    let disk: DiskTask<'_> = super::decode("task", bytes)?;
    Ok(Task {
        id,
        connector: connector.clone(),
        external: ExternalObject { media_type: disk.media_type.into(), body: disk.body.into() },
        process_type: Word::from_byte(disk.process_type)?,
        task_type: Word::from_byte(disk.task_type)?,
        data_type: Word::from_byte(disk.data_type)?,
        site: names.maybe_site(disk.site)?,
        title: disk.title.into(),
        traceparent: disk.traceparent.map(Into::into),
        submitted_ms: disk.submitted_ms,
        state: Word::from_byte(disk.state)?,
        attempts: disk.attempts,
        not_before_ms: disk.not_before_ms,
        failure: disk.failure.as_ref().map(DiskFailure::failure).transpose()?,
    })
}

/// The state alone, without reading the rest.
pub(crate) fn state(bytes: &[u8]) -> Result<TaskState, Fault> {
    match bytes {
        [super::FORMAT_1, state, ..] => TaskState::from_byte(*state),
        // Says what is wrong with it.
        _ => super::decode::<DiskTask<'_>>("task", bytes).and_then(|disk| TaskState::from_byte(disk.state)),
    }
}

/// The same task with another standing.
pub(crate) fn restand(bytes: &[u8], standing: &Standing) -> Result<Vec<u8>, Fault> {
    let mut disk: DiskTask<'_> = super::decode("task", bytes)?;
    disk.state = standing.state.byte();
    disk.process_type = standing.process_type.byte();
    disk.attempts = standing.attempts;
    disk.not_before_ms = standing.not_before_ms;
    disk.failure = standing.failure.as_ref().map(Into::into);
    Ok(super::encode(&disk))
}
