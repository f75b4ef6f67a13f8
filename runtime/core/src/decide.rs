//! What a process type means, when a task is fetched and when it failed (§4). Pure.

use crate::failure::{Code, Failure};
use crate::ports::Standing;
use crate::settings::ConnectorSettings;
use crate::task::{ProcessType, TaskHead, TaskState};

/// Longest back-off, in ms: an hour.
pub const BACKOFF_MS_MAX: u64 = 3_600_000;

/// What a pass does with a task that it comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Turn {
    /// Translate and apply it.
    Process,
    /// Leave it, with this standing, and go on.
    PassOver(Standing),
    /// Leave it until then, and go on.
    Wait(i64),
    /// Leave it until then; later tasks wait behind it.
    WaitsBehind(i64),
    /// It failed before: the pass ends here, without another log line.
    Stop,
}

/// What a pass does with a task that it comes to.
pub fn turn(task: &TaskHead, now_ms: i64) -> Turn {
    if task.state == TaskState::Failed {
        return Turn::Stop;
    }
    // A moment further off was set by a clock that went wrong: it is not waited for.
    let waits = |at: &i64| *at > now_ms && at.abs_diff(now_ms) <= BACKOFF_MS_MAX;
    let due = task.not_before_ms.filter(waits);
    match (task.process_type, due) {
        (ProcessType::SkipOnce, _) => Turn::PassOver(Standing { process_type: ProcessType::Default, ..standing(task) }),
        (ProcessType::SkipOnError | ProcessType::DeleteOnError, Some(at)) => Turn::Wait(at),
        (ProcessType::Default, Some(at)) => Turn::WaitsBehind(at),
        (_, None) => Turn::Process,
    }
}

/// What becomes of a task whose try failed.
#[derive(Debug, Clone, PartialEq)]
pub enum AfterFailure {
    /// It stays so; the pass goes on.
    Stays(Standing),
    /// It stays so; the pass ends.
    StaysAndStops(Standing),
    /// It goes, with a history entry; the pass goes on.
    Goes,
}

/// What becomes of a task whose try failed.
pub fn after_failure(task: &TaskHead, failure: &Failure, settings: &ConnectorSettings, now_ms: i64) -> AfterFailure {
    let tried =
        Standing { attempts: task.attempts.saturating_add(1), failure: Some(failure.clone()), not_before_ms: None, ..standing(task) };
    match task.process_type {
        ProcessType::Default => match settings.backoff_ms {
            // §8: what the connector calls transient may be tried again by itself.
            Some(backoff_ms) if failure.code == Code::Unavailable => {
                let at = now_ms.saturating_add(wait_ms(task, failure, backoff_ms));
                AfterFailure::StaysAndStops(Standing { not_before_ms: Some(at), state: TaskState::Queued, ..tried })
            }
            _ => AfterFailure::StaysAndStops(Standing { state: TaskState::Failed, ..tried }),
        },
        ProcessType::SkipOnError => {
            if settings.attempts_max.is_some_and(|max| tried.attempts >= max) {
                return AfterFailure::Goes;
            }
            let not_before_ms = settings.backoff_ms.map(|backoff_ms| now_ms.saturating_add(wait_ms(task, failure, backoff_ms)));
            AfterFailure::Stays(Standing { not_before_ms, ..tried })
        }
        ProcessType::DeleteOnError => AfterFailure::Goes,
        // Only an operator's retry brings such a task here.
        ProcessType::SkipOnce => AfterFailure::Stays(tried),
    }
}

/// The back-off, doubled with each try; no shorter than what the connector asks for.
fn wait_ms(task: &TaskHead, failure: &Failure, backoff_ms: u64) -> i64 {
    let doubled = backoff_ms.saturating_mul(1 << task.attempts.min(20));
    let wait = doubled.max(failure.retry_after_ms.unwrap_or(0).into()).min(BACKOFF_MS_MAX);
    i64::try_from(wait).unwrap_or(i64::MAX)
}

/// A task's standing as it is.
fn standing(task: &TaskHead) -> Standing {
    Standing {
        process_type: task.process_type,
        state: task.state,
        attempts: task.attempts,
        not_before_ms: task.not_before_ms,
        failure: task.failure.clone(),
        aside: task.aside,
        failed_by: task.failed_by,
        deletes_allowed: task.deletes_allowed,
        waiting: task.waiting.clone(),
    }
}

/// The standing of a task that an operator lets wait again, with this process type.
pub fn waiting_again(task: &TaskHead, process_type: ProcessType) -> Standing {
    Standing { process_type, state: TaskState::Queued, not_before_ms: None, ..standing(task) }
}
