//! An operation in the file, and what is left of it. Its id stands in its key.

use std::borrow::Cow;

use lockgate_core::failure::Code;
use lockgate_core::names::ConnectorName;
use lockgate_core::operation::{Came, Operation, OperationId, OperationState, TaskAction};
use lockgate_core::ports::{LastOutcome, TaskFilter};
use lockgate_core::task::{ProcessType, TaskId, TaskState, TaskType};
use serde::{Deserialize, Serialize};

use super::waiting::{DiskMark, disk_mark, mark};
use super::words::Word;
use crate::{FORMAT_2, Fault};

const WHAT: &str = "operation";

#[derive(Serialize, Deserialize)]
struct DiskOperation<'a> {
    /// Packets that are left.
    packets: u64,
    action: u8,
    process_type: Option<u8>,
    #[serde(borrow)]
    filter: DiskFilter<'a>,
    state: u8,
    started_ms: i64,
    ended_ms: Option<i64>,
    meant: u64,
    done: u64,
    failed: u64,
    waiting: u64,
    passed_over: u64,
    /// As words: codes are never renamed.
    #[serde(borrow)]
    by_code: Vec<(&'a str, u64)>,
    #[serde(borrow)]
    why: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
struct DiskFilter<'a> {
    #[serde(borrow)]
    connector: Option<&'a str>,
    state: Option<u8>,
    /// Whether the last try failed.
    failing: Option<bool>,
    code: Option<&'a str>,
    path: Option<&'a str>,
    process_type: Option<u8>,
    attempts_min: Option<u32>,
    waits_for: Option<DiskMark>,
    task_type: Option<u8>,
    title: Option<&'a str>,
    since_ms: Option<i64>,
    until_ms: Option<i64>,
}

/// Actions as bytes. The numbers stand in files: never reuse one.
const RETRY: u8 = 0;
const RETRY_WITH_DELETES: u8 = 1;
const SKIP: u8 = 2;
const SET_PROCESS_TYPE: u8 = 3;
const DELETE: u8 = 4;

fn action(action: TaskAction) -> (u8, Option<u8>) {
    match action {
        TaskAction::Retry => (RETRY, None),
        TaskAction::RetryWithDeletes => (RETRY_WITH_DELETES, None),
        TaskAction::Skip => (SKIP, None),
        TaskAction::SetProcessType(process_type) => (SET_PROCESS_TYPE, Some(process_type.byte())),
        TaskAction::Delete => (DELETE, None),
    }
}

fn read_action(byte: u8, process_type: Option<u8>) -> Result<TaskAction, Fault> {
    match (byte, process_type) {
        (RETRY, None) => Ok(TaskAction::Retry),
        (RETRY_WITH_DELETES, None) => Ok(TaskAction::RetryWithDeletes),
        (SKIP, None) => Ok(TaskAction::Skip),
        (SET_PROCESS_TYPE, Some(process_type)) => Ok(TaskAction::SetProcessType(ProcessType::from_byte(process_type)?)),
        (DELETE, None) => Ok(TaskAction::Delete),
        (other, _) => Err(Fault::row(WHAT, format_args!("no action has the number {other}"))),
    }
}

fn code(word: &str) -> Result<Code, Fault> {
    word.parse().map_err(|error| Fault::row(WHAT, error))
}

impl<'a> From<&'a TaskFilter> for DiskFilter<'a> {
    fn from(filter: &'a TaskFilter) -> Self {
        let TaskFilter {
            ids: _,
            connector,
            state,
            last,
            code,
            path,
            process_type,
            attempts_min,
            waits_for,
            task_type,
            title,
            since_ms,
            until_ms,
            group: _,
        } = filter;
        Self {
            connector: connector.as_ref().map(ConnectorName::as_str),
            state: state.map(Word::byte),
            failing: last.map(|last| last == LastOutcome::Failed),
            code: code.map(Code::as_str),
            path: path.as_deref(),
            process_type: process_type.map(Word::byte),
            attempts_min: *attempts_min,
            waits_for: waits_for.map(disk_mark),
            task_type: task_type.map(Word::byte),
            title: title.as_deref(),
            since_ms: *since_ms,
            until_ms: *until_ms,
        }
    }
}

impl DiskFilter<'_> {
    fn filter(&self) -> Result<TaskFilter, Fault> {
        Ok(TaskFilter {
            ids: None,
            connector: self.connector.map(ConnectorName::new).transpose().map_err(|error| Fault::row(WHAT, error))?,
            state: self.state.map(TaskState::from_byte).transpose()?,
            last: self.failing.map(|failing| if failing { LastOutcome::Failed } else { LastOutcome::NotFailed }),
            code: self.code.map(code).transpose()?,
            path: self.path.map(ToOwned::to_owned),
            process_type: self.process_type.map(ProcessType::from_byte).transpose()?,
            attempts_min: self.attempts_min,
            waits_for: self.waits_for.map(mark),
            task_type: self.task_type.map(TaskType::from_byte).transpose()?,
            title: self.title.map(ToOwned::to_owned),
            since_ms: self.since_ms,
            until_ms: self.until_ms,
            group: None,
        })
    }
}

/// An operation with how many packets of it are left.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// The operation.
    pub operation: Operation,
    /// Packets that are left of it.
    pub packets: u64,
}

impl Kept {
    /// Whether it has not ended.
    pub fn runs(&self) -> bool {
        self.operation.state == OperationState::Running
    }
}

/// An operation's bytes.
pub fn encode(kept: &Kept) -> Vec<u8> {
    let Operation { id: _, action: what, filter, state, started_ms, ended_ms, meant, came, why } = &kept.operation;
    let (what, process_type) = action(*what);
    let group = filter.group.map(disk_mark);
    let disk = DiskOperation {
        packets: kept.packets,
        action: what,
        process_type,
        filter: filter.into(),
        state: state.byte(),
        started_ms: *started_ms,
        ended_ms: *ended_ms,
        meant: *meant,
        done: came.done,
        failed: came.failed,
        waiting: came.waiting,
        passed_over: came.passed_over,
        by_code: came.by_code.iter().map(|(code, count)| (code.as_str(), *count)).collect(),
        why: why.as_deref().map(Cow::Borrowed),
    };
    // Where there is none, an older version reads it, too.
    match group {
        Some(group) => super::encode_as(FORMAT_2, &(disk, group)),
        None => super::encode(&disk),
    }
}

/// The operation in these bytes.
pub fn decode(id: u64, bytes: &[u8]) -> Result<Kept, Fault> {
    let (disk, group): (DiskOperation<'_>, Option<DiskMark>) = match super::split(WHAT, bytes)? {
        (FORMAT_2, fields) => super::decode_fields(WHAT, fields).map(|(disk, group)| (disk, Some(group)))?,
        _ => (super::decode(WHAT, bytes)?, None),
    };
    let by_code = disk.by_code.iter().map(|(word, count)| Ok((code(word)?, *count))).collect::<Result<_, Fault>>()?;
    let operation = Operation {
        id: OperationId(id),
        action: read_action(disk.action, disk.process_type)?,
        filter: TaskFilter { group: group.map(mark), ..disk.filter.filter()? },
        state: OperationState::from_byte(disk.state)?,
        started_ms: disk.started_ms,
        ended_ms: disk.ended_ms,
        meant: disk.meant,
        came: Came { done: disk.done, failed: disk.failed, waiting: disk.waiting, passed_over: disk.passed_over, by_code },
        why: disk.why.as_deref().map(Into::into),
    };
    Ok(Kept { operation, packets: disk.packets })
}

/// Ascending ids, each as its distance from the one before: neighbours take a byte.
pub fn encode_tasks(tasks: &[TaskId]) -> Vec<u8> {
    let mut before = 0;
    let distances: Vec<u64> = tasks
        .iter()
        .map(|task| {
            let distance = task.0.saturating_sub(before);
            before = task.0;
            distance
        })
        .collect();
    super::encode(&distances)
}

/// The ids in these bytes.
pub fn decode_tasks(bytes: &[u8]) -> Result<Vec<TaskId>, Fault> {
    let distances: Vec<u64> = super::decode("packet of an operation", bytes)?;
    let mut id: u64 = 0;
    let tasks = distances.into_iter().map(|distance| {
        id = id.checked_add(distance).ok_or_else(|| Fault::row("packet of an operation", "an id is beyond all ids"))?;
        Ok(TaskId(id))
    });
    tasks.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn an_operation_comes_back_as_it_was() {
        let filter = TaskFilter {
            connector: Some(ConnectorName::new("shop").unwrap()),
            state: Some(TaskState::Parked),
            last: Some(LastOutcome::NotFailed),
            code: Some(Code::Invalid),
            path: Some("a \"b\"".to_owned()),
            process_type: Some(ProcessType::SkipOnce),
            attempts_min: Some(3),
            waits_for: Some(lockgate_core::mark::Mark(u64::MAX - 1)),
            task_type: Some(TaskType::MoveDocument),
            title: Some("ž".to_owned()),
            since_ms: Some(-1),
            until_ms: Some(i64::MAX),
            ids: None,
            group: None,
        };
        let grouped = TaskFilter { group: Some(lockgate_core::mark::Mark(u64::MAX)), ..filter.clone() };
        for (filter, action, state) in [
            (&filter, TaskAction::Retry, OperationState::Running),
            (&filter, TaskAction::RetryWithDeletes, OperationState::Done),
            (&filter, TaskAction::Skip, OperationState::Cancelled),
            (&filter, TaskAction::SetProcessType(ProcessType::DeleteOnError), OperationState::Failed),
            (&grouped, TaskAction::Delete, OperationState::Running),
        ] {
            let came = Came { done: 1, failed: 2, waiting: 3, passed_over: 4, by_code: BTreeMap::from([(Code::Cycle, 5)]) };
            let operation = Operation {
                id: OperationId(7),
                action,
                filter: filter.clone(),
                state,
                started_ms: 5,
                ended_ms: Some(6),
                meant: 99,
                came,
                why: Some("an \"odd\" reason".into()),
            };
            let kept = Kept { operation, packets: 12 };
            assert_eq!(decode(7, &encode(&kept)).unwrap(), kept);
        }
        let tasks = [0, 1, 5, 1 << 40, u64::MAX].map(TaskId);
        assert_eq!(decode_tasks(&encode_tasks(&tasks)).unwrap(), tasks);
        assert!(encode_tasks(&(1_000_000..1_001_000).map(TaskId).collect::<Vec<_>>()).len() < 1_010);
    }
}
