//! How a queued task stands, for stores that keep it beside what was submitted.

use std::sync::Arc;

use lockgate_core::ports::Standing;
use lockgate_core::task::TaskHead;
use serde::{Deserialize, Serialize};

use crate::Fault;
use crate::failure::DiskFailure;
use crate::waiting::{DiskMark, DiskWaiting, disk_mark, mark};
use crate::words::Word;

const WHAT: &str = "standing of a task";

#[derive(Serialize, Deserialize)]
struct DiskStanding<'a> {
    process_type: u8,
    state: u8,
    attempts: u32,
    not_before_ms: Option<i64>,
    #[serde(borrow)]
    failure: Option<DiskFailure<'a>>,
    aside: bool,
    failed_by: Option<DiskMark>,
    deletes_allowed: bool,
    #[serde(borrow)]
    waiting: Option<DiskWaiting<'a>>,
}

/// A standing's bytes.
pub fn encode(standing: &Standing) -> Vec<u8> {
    let Standing { process_type, state, attempts, not_before_ms, failure, aside, failed_by, deletes_allowed, waiting } = standing;
    crate::encode(&DiskStanding {
        process_type: process_type.byte(),
        state: state.byte(),
        attempts: *attempts,
        not_before_ms: *not_before_ms,
        failure: failure.as_ref().map(Into::into),
        aside: *aside,
        failed_by: failed_by.map(disk_mark),
        deletes_allowed: *deletes_allowed,
        waiting: waiting.as_deref().map(Into::into),
    })
}

/// The standing in these bytes.
pub fn decode(bytes: &[u8]) -> Result<Standing, Fault> {
    let disk: DiskStanding<'_> = crate::decode(WHAT, bytes)?;
    Ok(Standing {
        process_type: Word::from_byte(disk.process_type)?,
        state: Word::from_byte(disk.state)?,
        attempts: disk.attempts,
        not_before_ms: disk.not_before_ms,
        failure: disk.failure.as_ref().map(DiskFailure::failure).transpose()?,
        aside: disk.aside,
        failed_by: disk.failed_by.map(mark),
        deletes_allowed: disk.deletes_allowed,
        waiting: disk.waiting.as_ref().map(|waiting| waiting.waiting().map(Arc::new)).transpose()?,
    })
}

/// The same task, standing so.
pub fn stood(head: TaskHead, standing: Standing) -> TaskHead {
    let Standing { process_type, state, attempts, not_before_ms, failure, aside, failed_by, deletes_allowed, waiting } = standing;
    TaskHead { process_type, state, attempts, not_before_ms, failure, aside, failed_by, deletes_allowed, waiting, ..head }
}

#[cfg(test)]
mod tests {
    use lockgate_core::failure::{Code, Failure};
    use lockgate_core::mark::Mark;
    use lockgate_core::park::Waiting;
    use lockgate_core::task::{ProcessType, TaskState};

    use super::*;

    #[test]
    fn a_standing_comes_back_as_it_was() {
        let standing = Standing {
            process_type: ProcessType::SkipOnError,
            state: TaskState::Failed,
            attempts: u32::MAX,
            not_before_ms: Some(i64::MIN),
            failure: Some(Failure::new(Code::Trap, "why")),
            aside: true,
            failed_by: Some(Mark(7)),
            deletes_allowed: true,
            waiting: Some(Arc::new(Waiting { since_ms: 5, ..Waiting::default() })),
        };
        assert_eq!(decode(&encode(&standing)).unwrap(), standing);
    }
}
