//! What a process type means, when a task is fetched and when it failed (§4). Pure.

use std::sync::Arc;

use crate::failure::{Class, Code, Failure};
use crate::mark::Mark;
use crate::park::Waiting;
use crate::ports::Standing;
use crate::settings::{ConnectorSettings, OnFailure};
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

/// What a pass does with a task that it comes to. `by`: by what it would fail now (`TaskHead::failed_by`).
pub fn turn(task: &TaskHead, by: Mark, now_ms: i64) -> Turn {
    // §11: what it failed by is another: it is due, once.
    if task.failed_by.is_some_and(|failed_by| failed_by != by) && task.process_type != ProcessType::SkipOnce {
        return Turn::Process;
    }
    if task.state == TaskState::Failed {
        return Turn::Stop;
    }
    // A moment further off was set by a clock that went wrong: it is not waited for.
    let waits = |at: &i64| *at > now_ms && at.abs_diff(now_ms) <= BACKOFF_MS_MAX;
    let due = task.not_before_ms.filter(waits);
    // An outage of the application is everybody's: the connector pauses, whatever the process type.
    let outage = task.failure.as_ref().is_some_and(|failure| failure.code.class() == Class::Application);
    match (task.process_type, due) {
        (ProcessType::SkipOnce, _) => Turn::PassOver(Standing { process_type: ProcessType::Default, ..standing(task) }),
        (_, Some(at)) if outage => Turn::WaitsBehind(at),
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

/// What becomes of a task whose try failed for good, or until the application answers: what fails for the moment
/// is parked ([`parked`]). `by`: by what it failed; `waiting`: what is known of it, so that later tasks of its subject
/// do not overtake it.
pub fn after_failure(
    task: &TaskHead,
    failure: &Failure,
    settings: &ConnectorSettings,
    by: Mark,
    waiting: Option<Arc<Waiting>>,
    now_ms: i64,
) -> AfterFailure {
    let class = failure.code.class();
    let waiting = Some(failing(task, waiting.as_deref(), now_ms));
    let tried = Standing {
        attempts: task.attempts.saturating_add(1),
        failure: Some(failure.clone()),
        state: TaskState::Queued,
        not_before_ms: None,
        aside: false,
        failed_by: (class == Class::Data).then_some(by),
        deletes_allowed: false,
        waiting,
        ..standing(task)
    };
    let later = || settings.backoff_ms.map(|backoff_ms| now_ms.saturating_add(wait_ms(task, failure, backoff_ms)));
    let given_up = settings.attempts_max.is_some_and(|max| tried.attempts >= max);
    if class == Class::Application
        && !given_up
        && let Some(at) = later()
    {
        return AfterFailure::StaysAndStops(Standing { not_before_ms: Some(at), ..tried });
    }
    match task.process_type {
        ProcessType::Default => match settings.on_failure {
            OnFailure::Stop => AfterFailure::StaysAndStops(Standing { state: TaskState::Failed, ..tried }),
            OnFailure::SetAside => AfterFailure::Stays(Standing { state: TaskState::Failed, aside: true, ..tried }),
        },
        ProcessType::SkipOnError if given_up => AfterFailure::Stays(Standing { state: TaskState::Failed, aside: true, ..tried }),
        ProcessType::SkipOnError => AfterFailure::Stays(Standing { not_before_ms: later(), ..tried }),
        ProcessType::DeleteOnError => AfterFailure::Goes,
        // Only an operator's retry brings such a task here.
        ProcessType::SkipOnce => AfterFailure::Stays(tried),
    }
}

/// What is known of a task that fails: since when it has, without having been carried out or parked in between.
fn failing(task: &TaskHead, waiting: Option<&Waiting>, now_ms: i64) -> Arc<Waiting> {
    let fails_still = task.failure.is_some() && matches!(task.state, TaskState::Queued | TaskState::Failed);
    let since_ms = task.waiting.as_deref().filter(|_| fails_still).map_or(now_ms, |before| before.since_ms);
    Arc::new(Waiting { since_ms, ..waiting.cloned().unwrap_or_default() })
}

/// The standing of a task that waits for the moment, or behind another.
pub fn parked(task: &TaskHead, failure: Option<Failure>, waiting: Waiting) -> Standing {
    let state = if waiting.behind.is_some() { TaskState::Behind } else { TaskState::Parked };
    // Parking is no failure: neither a try, nor what it is due by.
    Standing {
        state,
        not_before_ms: None,
        failure: failure.or_else(|| task.failure.clone()),
        aside: false,
        failed_by: None,
        waiting: Some(Arc::new(waiting)),
        ..standing(task)
    }
}

/// What becomes of a task that has waited too long (§11.3): it fails and stands aside, and what it waits for wakes it
/// still.
pub fn waited_too_long(task: &TaskHead, now_ms: i64) -> AfterFailure {
    let waited_ms = task.waiting.as_ref().map_or(0, |waiting| now_ms.saturating_sub(waiting.since_ms));
    let (code, what) = match &task.failure {
        Some(failure) => (failure.code, failure.to_string()),
        None => (Code::UnresolvedReference, "what it needs is not there".to_owned()),
    };
    let failure = Failure::new(code, format!("waited {}: {what}", crate::text::duration(waited_ms)));
    match task.process_type {
        ProcessType::DeleteOnError => AfterFailure::Goes,
        _ => AfterFailure::Stays(Standing { state: TaskState::Failed, aside: true, failure: Some(failure), ..standing(task) }),
    }
}

/// What becomes of a task when an operator gives up what it waits for (§11.10): it fails and stands aside, and nothing
/// wakes it. `what`: in the operator's words.
pub fn given_up(task: &TaskHead, what: &str) -> (Failure, AfterFailure) {
    let failure = Failure::new(Code::GivenUp, format!("an operator has given up {what}"));
    let after = match task.process_type {
        ProcessType::DeleteOnError => AfterFailure::Goes,
        _ => {
            let known = task.waiting.as_deref().cloned().unwrap_or_default();
            let waiting = Waiting { wants: Vec::new(), group_wants: Vec::new(), helpers: Vec::new(), behind: None, ..known };
            AfterFailure::Stays(Standing {
                state: TaskState::Failed,
                aside: true,
                failure: Some(failure.clone()),
                failed_by: None,
                waiting: Some(Arc::new(waiting)),
                ..standing(task)
            })
        }
    };
    (failure, after)
}

/// The back-off, doubled with each try, up to a quarter shorter so that not everybody comes at once; no shorter than what
/// the connector asks for.
fn wait_ms(task: &TaskHead, failure: &Failure, backoff_ms: u64) -> i64 {
    let doubled = backoff_ms.saturating_mul(1 << task.attempts.min(20)).min(BACKOFF_MS_MAX);
    let spread = crate::mark::Marker::new("back-off").number(task.id.0).number(task.attempts.into()).mark().0 % (doubled / 4).max(1);
    let wait = (doubled - spread).max(failure.retry_after_ms.unwrap_or(0).into()).min(BACKOFF_MS_MAX);
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
    Standing { process_type, state: TaskState::Queued, not_before_ms: None, aside: false, failed_by: None, ..standing(task) }
}
