//! A queued task in the file. Connector and id stand in its key.

use std::sync::Arc;

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::Standing;
use lockgate_core::task::{ExternalObject, Task, TaskHead, TaskId, TaskState, TaskVersion};
use serde::{Deserialize, Serialize};

use super::failure::DiskFailure;
pub use super::seen::Seen;
use super::waiting::{DiskWaiting, FoundBy, disk_mark, mark};
use super::words::Word;
use super::{FORMAT_1, FORMAT_2, FORMAT_3, FORMAT_4};
use crate::Fault;
use crate::names::{Intern, Known};

const WHAT: &str = "task";

/// Format 1: without a version, which is 0.
#[derive(Serialize, Deserialize)]
struct DiskTask1<'a> {
    state: u8,
    #[serde(borrow)]
    rest: Rest<'a>,
}

/// Format 2.
#[derive(Serialize, Deserialize)]
struct DiskTask2<'a> {
    state: u8,
    version: u64,
    #[serde(borrow)]
    rest: Rest<'a>,
}

/// Format 3. What is looked at most comes first, so that it is found without decoding the rest.
#[derive(Serialize, Deserialize)]
struct DiskTask3<'a> {
    state: u8,
    version: u64,
    flags: u8,
    #[serde(borrow)]
    rest: Rest<'a>,
    #[serde(borrow)]
    more: More<'a>,
}

/// Format 4, of tasks whose file has a name; others stay in format 3.
#[derive(Serialize, Deserialize)]
struct DiskTask4<'a> {
    #[serde(borrow)]
    task: DiskTask3<'a>,
    file_name: &'a str,
}

/// It failed and stands apart.
const ASIDE: u8 = 1;
/// Its last try failed.
const FAILS: u8 = 2;
/// Something is known of it since a pass came to it.
const WAITS: u8 = 4;
/// Its next try may delete more.
const DELETES_ALLOWED: u8 = 8;

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

/// What format 3 says more.
#[derive(Default, Serialize, Deserialize)]
struct More<'a> {
    #[serde(borrow)]
    subject: Option<&'a str>,
    failed_by: Option<[u8; 8]>,
    /// How long the body is, if it has a row of its own.
    beside_bytes: Option<u64>,
    #[serde(borrow)]
    waiting: Option<DiskWaiting<'a>>,
}

/// A task's row, read and not copied.
pub struct Row<'a> {
    task: DiskTask3<'a>,
    file_name: Option<&'a str>,
}

/// Where a task's body is.
#[derive(Debug, Clone, Copy)]
pub enum Body<'b> {
    /// In the task's row.
    Within(&'b [u8]),
    /// In a row of its own.
    Beside,
}

/// A task's bytes, its body among them.
pub fn encode(task: &Task, names: &mut dyn Intern) -> Vec<u8> {
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
    let more = More {
        subject: task.subject.as_deref(),
        failed_by: task.failed_by.map(disk_mark),
        beside_bytes: None,
        waiting: task.waiting.as_deref().map(Into::into),
    };
    let flags = flags(task.aside, task.deletes_allowed, &rest, &more);
    written(DiskTask3 { state: task.state.byte(), version: task.version.0, flags, rest, more }, task.file_name.as_deref())
}

fn written(task: DiskTask3<'_>, file_name: Option<&str>) -> Vec<u8> {
    match file_name {
        None => super::encode_as(FORMAT_3, &task),
        Some(file_name) => super::encode_as(FORMAT_4, &DiskTask4 { task, file_name }),
    }
}

fn flags(aside: bool, deletes_allowed: bool, rest: &Rest<'_>, more: &More<'_>) -> u8 {
    let flag = |flag: u8, is: bool| if is { flag } else { 0 };
    flag(ASIDE, aside) | flag(FAILS, rest.failure.is_some()) | flag(WAITS, more.waiting.is_some()) | flag(DELETES_ALLOWED, deletes_allowed)
}

impl<'a> Row<'a> {
    /// The row in these bytes.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        let (state, version, rest) = match super::split(WHAT, bytes)? {
            (FORMAT_1, fields) => {
                let DiskTask1 { state, rest } = super::decode_fields(WHAT, fields)?;
                (state, 0, rest)
            }
            (FORMAT_2, fields) => {
                let DiskTask2 { state, version, rest } = super::decode_fields(WHAT, fields)?;
                (state, version, rest)
            }
            (FORMAT_3, fields) => return super::decode_fields(WHAT, fields).map(|task| Self { task, file_name: None }),
            (FORMAT_4, fields) => {
                let DiskTask4 { task, file_name } = super::decode_fields(WHAT, fields)?;
                return Ok(Self { task, file_name: Some(file_name) });
            }
            (format, _) => return Err(super::unknown(WHAT, format)),
        };
        let more = More::default();
        let task = DiskTask3 { state, version, flags: flags(false, false, &rest, &more), rest, more };
        Ok(Self { task, file_name: None })
    }

    /// Its body, if that is in the row.
    pub fn body(&self) -> Body<'a> {
        if self.task.more.beside_bytes.is_some() { Body::Beside } else { Body::Within(self.task.rest.body) }
    }

    /// How long its body is, wherever that is.
    pub fn body_bytes(&self) -> usize {
        self.task.more.beside_bytes.map_or(self.task.rest.body.len(), |bytes| usize::try_from(bytes).unwrap_or(usize::MAX))
    }

    /// What must fit what was decided about it.
    pub fn seen(&self) -> Result<Seen, Fault> {
        seen_of(self.task.state, self.task.version, self.task.flags)
    }

    /// What it is found by while it waits.
    pub fn found_by(&self) -> Result<Option<FoundBy>, Fault> {
        self.task.more.waiting.as_ref().map(DiskWaiting::found_by).transpose()
    }

    /// The task without its body.
    pub fn head(&self, id: TaskId, connector: &ConnectorName, names: &Known) -> Result<TaskHead, Fault> {
        let Self { task: DiskTask3 { state, version, flags, rest, more }, file_name } = self;
        Ok(TaskHead {
            id,
            version: TaskVersion(*version),
            connector: connector.clone(),
            external_bytes: more.beside_bytes.unwrap_or(rest.body.len() as u64),
            media_type: rest.media_type.into(),
            process_type: Word::from_byte(rest.process_type)?,
            task_type: Word::from_byte(rest.task_type)?,
            data_type: Word::from_byte(rest.data_type)?,
            site: names.maybe_site(rest.site)?,
            title: rest.title.into(),
            subject: more.subject.map(Into::into),
            file_name: file_name.map(Into::into),
            traceparent: rest.traceparent.map(Into::into),
            submitted_ms: rest.submitted_ms,
            state: Word::from_byte(*state)?,
            attempts: rest.attempts,
            not_before_ms: rest.not_before_ms,
            failure: rest.failure.as_ref().map(DiskFailure::failure).transpose()?,
            aside: flags & ASIDE != 0,
            failed_by: more.failed_by.map(mark),
            deletes_allowed: flags & DELETES_ALLOWED != 0,
            waiting: more.waiting.as_ref().map(|waiting| waiting.waiting().map(Arc::new)).transpose()?,
        })
    }

    /// All of it; `beside` gives the body if that has a row of its own.
    pub fn task<E: From<Fault>>(
        &self,
        id: TaskId,
        connector: &ConnectorName,
        names: &Known,
        beside: impl FnOnce() -> Result<Arc<[u8]>, E>,
    ) -> Result<Task, E> {
        let head = self.head(id, connector, names)?;
        let body = match self.body() {
            Body::Within(body) => body.into(),
            Body::Beside => beside()?,
        };
        let external = ExternalObject { media_type: head.media_type.clone(), body };
        Ok(Task { head, external })
    }

    /// The media type of its external object.
    pub fn media_type(&self) -> &'a str {
        self.task.rest.media_type
    }

    /// The same task's next version, with another external object, whose body of so many bytes is there.
    pub fn edited(self, media_type: &str, body: Body<'_>, body_bytes: u64) -> Vec<u8> {
        let Self { task: DiskTask3 { state, version, flags, rest, more }, file_name } = self;
        let (body, beside_bytes) = match body {
            Body::Within(body) => (body, None),
            Body::Beside => ([].as_slice(), Some(body_bytes)),
        };
        let (rest, more) = (Rest { media_type, body, ..rest }, More { beside_bytes, ..more });
        written(DiskTask3 { state, version: TaskVersion(version).next().0, flags, rest, more }, file_name)
    }

    /// The same task's next version, with another standing, and its body there.
    pub fn restand(self, standing: &Standing, body: Body<'_>) -> Vec<u8> {
        let body_bytes = self.body_bytes() as u64;
        let Self { task: DiskTask3 { state: _, version, flags: _, rest, more }, file_name } = self;
        let (body, beside_bytes) = match body {
            Body::Within(body) => (body, None),
            Body::Beside => ([].as_slice(), Some(body_bytes)),
        };
        let rest = Rest {
            process_type: standing.process_type.byte(),
            attempts: standing.attempts,
            not_before_ms: standing.not_before_ms,
            failure: standing.failure.as_ref().map(Into::into),
            body,
            ..rest
        };
        let more = More {
            subject: more.subject,
            failed_by: standing.failed_by.map(disk_mark),
            beside_bytes,
            waiting: standing.waiting.as_deref().map(Into::into),
        };
        let flags = flags(standing.aside, standing.deletes_allowed, &rest, &more);
        let version = TaskVersion(version).next().0;
        written(DiskTask3 { state: standing.state.byte(), version, flags, rest, more }, file_name)
    }
}

/// What is looked at most, without reading the rest.
pub fn seen(bytes: &[u8]) -> Result<Seen, Fault> {
    match super::split(WHAT, bytes)? {
        (FORMAT_3 | FORMAT_4, fields) => {
            let (state, version, flags) = super::decode_first(WHAT, fields)?;
            seen_of(state, version, flags)
        }
        _ => Row::read(bytes)?.seen(),
    }
}

fn seen_of(state: u8, version: u64, flags: u8) -> Result<Seen, Fault> {
    let is = |flag: u8| flags & flag != 0;
    Ok(Seen { state: TaskState::from_byte(state)?, version: TaskVersion(version), aside: is(ASIDE), fails: is(FAILS), waits: is(WAITS) })
}

#[cfg(test)]
mod tests;
