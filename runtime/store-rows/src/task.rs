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
use super::{FORMAT_1, FORMAT_2, FORMAT_3};
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
pub struct Row<'a>(DiskTask3<'a>);

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
    super::encode_as(FORMAT_3, &DiskTask3 { state: task.state.byte(), version: task.version.0, flags, rest, more })
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
            (FORMAT_3, fields) => return super::decode_fields(WHAT, fields).map(Self),
            (format, _) => return Err(super::unknown(WHAT, format)),
        };
        let more = More::default();
        Ok(Self(DiskTask3 { state, version, flags: flags(false, false, &rest, &more), rest, more }))
    }

    /// Its body, if that is in the row.
    pub fn body(&self) -> Body<'a> {
        if self.0.more.beside_bytes.is_some() { Body::Beside } else { Body::Within(self.0.rest.body) }
    }

    /// How long its body is, wherever that is.
    pub fn body_bytes(&self) -> usize {
        self.0.more.beside_bytes.map_or(self.0.rest.body.len(), |bytes| usize::try_from(bytes).unwrap_or(usize::MAX))
    }

    /// What must fit what was decided about it.
    pub fn seen(&self) -> Result<Seen, Fault> {
        seen_of(self.0.state, self.0.version, self.0.flags)
    }

    /// What it is found by while it waits.
    pub fn found_by(&self) -> Result<Option<FoundBy>, Fault> {
        self.0.more.waiting.as_ref().map(DiskWaiting::found_by).transpose()
    }

    /// The task without its body.
    pub fn head(&self, id: TaskId, connector: &ConnectorName, names: &Known) -> Result<TaskHead, Fault> {
        let Self(DiskTask3 { state, version, flags, rest, more }) = self;
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
        self.0.rest.media_type
    }

    /// The same task's next version, with another external object, whose body of so many bytes is there.
    pub fn edited(self, media_type: &str, body: Body<'_>, body_bytes: u64) -> Vec<u8> {
        let Self(DiskTask3 { state, version, flags, rest, more }) = self;
        let (body, beside_bytes) = match body {
            Body::Within(body) => (body, None),
            Body::Beside => ([].as_slice(), Some(body_bytes)),
        };
        let (rest, more) = (Rest { media_type, body, ..rest }, More { beside_bytes, ..more });
        super::encode_as(FORMAT_3, &DiskTask3 { state, version: TaskVersion(version).next().0, flags, rest, more })
    }

    /// The same task's next version, with another standing, and its body there.
    pub fn restand(self, standing: &Standing, body: Body<'_>) -> Vec<u8> {
        let body_bytes = self.body_bytes() as u64;
        let Self(DiskTask3 { state: _, version, flags: _, rest, more }) = self;
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
        super::encode_as(FORMAT_3, &DiskTask3 { state: standing.state.byte(), version, flags, rest, more })
    }
}

/// What is looked at most, without reading the rest.
pub fn seen(bytes: &[u8]) -> Result<Seen, Fault> {
    match super::split(WHAT, bytes)? {
        (FORMAT_3, fields) => {
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
mod tests {
    use lockgate_core::failure::{Code, Failure};
    use lockgate_core::mark::Mark;
    use lockgate_core::park::Waiting;
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

    fn read(bytes: &[u8]) -> Task {
        let connector = ConnectorName::new("shop").unwrap();
        Row::read(bytes).unwrap().task(TaskId(5), &connector, &Known::default(), || Ok::<_, Fault>(b"body".as_slice().into())).unwrap()
    }

    fn standing(state: TaskState) -> Standing {
        Standing {
            process_type: ProcessType::Default,
            state,
            attempts: 4,
            not_before_ms: None,
            failure: None,
            aside: false,
            failed_by: None,
            deletes_allowed: false,
            waiting: None,
        }
    }

    fn restand(bytes: &[u8], standing: &Standing) -> Vec<u8> {
        let row = Row::read(bytes).unwrap();
        let body = row.body();
        row.restand(standing, body)
    }

    #[test]
    fn a_task_of_an_older_format_is_written_in_todays_when_it_changes() {
        let old = super::super::encode(&DiskTask1 { state: 1, rest: rest() });
        let now = seen(&old).unwrap();
        assert_eq!((now.state, now.version, now.fails, now.waits), (TaskState::Failed, TaskVersion(0), false, false));
        let task = read(&old);
        assert_eq!((&*task.title, &*task.external.body, task.external_bytes), ("a title", b"body".as_slice(), 4));
        let second = super::super::encode_as(FORMAT_2, &DiskTask2 { state: 1, version: 0, rest: rest() });
        assert_eq!(read(&second), task);

        for old in [old, second] {
            let standing = standing(TaskState::Queued);
            let new = restand(&old, &standing);
            assert_eq!(new[0], FORMAT_3);
            assert_eq!(seen(&new).unwrap(), seen(&old).unwrap().after(&standing));
            let head = TaskHead {
                version: TaskVersion(1),
                process_type: ProcessType::Default,
                state: TaskState::Queued,
                attempts: 4,
                not_before_ms: None,
                ..task.head.clone()
            };
            assert_eq!(read(&new), Task { head, external: task.external.clone() });
        }
    }

    #[test]
    fn a_version_of_many_bytes_is_found_without_the_rest() {
        for version in [0, 1, 127, 128, 1 << 20, u64::MAX] {
            let row = DiskTask3 { state: 1, version, flags: ASIDE, rest: rest(), more: More::default() };
            let now = seen(&super::super::encode_as(FORMAT_3, &row)).unwrap();
            assert_eq!((now.state, now.version, now.aside), (TaskState::Failed, TaskVersion(version), true));
            assert!(now.stands_apart());
        }
    }

    #[test]
    fn a_task_that_waits_comes_back_whole_and_its_body_may_be_elsewhere() {
        let queued = super::super::encode(&DiskTask1 { state: 0, rest: rest() });
        let standing = Standing {
            failure: Some(Failure::new(Code::Trap, "why")),
            aside: true,
            failed_by: Some(Mark(7)),
            deletes_allowed: true,
            waiting: Some(Arc::new(Waiting { since_ms: 5, ..Waiting::default() })),
            ..standing(TaskState::Failed)
        };
        let beside = Row::read(&queued).unwrap().restand(&standing, Body::Beside);
        assert!(!beside.windows(4).any(|bytes| bytes == b"body"));
        let task = read(&beside);
        assert_eq!((task.external_bytes, &*task.external.body), (4, b"body".as_slice()));
        assert_eq!((task.aside, task.failed_by, task.deletes_allowed), (true, Some(Mark(7)), true));
        assert_eq!((&task.waiting, &task.failure), (&standing.waiting, &standing.failure));
        let now = seen(&beside).unwrap();
        assert!(now.stands_apart() && now.fails && now.waits);

        let within = Row::read(&beside).unwrap().restand(&standing, Body::Within(b"body"));
        assert_eq!(read(&within), Task { head: TaskHead { version: TaskVersion(2), ..task.head }, external: task.external });
    }
}
