//! Waiting until a task was tried.

use std::time::Duration;

use lockgate_core::history::Outcome;
use lockgate_core::ports::{HistoryFilter, TaskFilter};
use lockgate_core::task::{TaskId, TaskState};
use tokio::time::{Instant, sleep};

use crate::caller::Caller;
use crate::query::Query;
use crate::wire::problem::Problem;
use crate::wire::task::Stands;

/// Longest wait: proxies on the way give up after a minute.
const WAIT_MAX: Duration = Duration::from_secs(50);
/// Between two looks: at first, and at last. A task takes some ms.
const PAUSE_MIN: Duration = Duration::from_millis(5);
const PAUSE_MAX: Duration = Duration::from_millis(250);
/// Entries of loose ends of one task that may stand before its own.
const MENDED_MAX: usize = 100;

/// How long to wait, as the query says it: `5s`, `500ms`, or seconds.
pub(super) fn of(query: &Query) -> Result<Option<Duration>, Problem> {
    query.read_as("wait", |text| {
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
        let number: Option<u64> = number.parse().ok();
        let wait = match (number, unit) {
            (Some(number), "s" | "") => Some(Duration::from_secs(number)),
            (Some(number), "ms") => Some(Duration::from_millis(number)),
            _ => None,
        };
        let wait = wait.filter(|wait| *wait <= WAIT_MAX);
        wait.ok_or_else(|| format!("{text:?} is not a time to wait, such as 5s or 500ms; {} s at most", WAIT_MAX.as_secs()))
    })
}

/// Waits until a task has ended, waits, or was tried in vain; or until the time is over.
pub(super) async fn until_tried(caller: &Caller, task: TaskId, wait: Duration) -> Result<Stands, Problem> {
    let end = Instant::now() + wait;
    let mut pause = PAUSE_MIN;
    loop {
        let (stands, tried) = caller.work(move |bus| look(bus, task)).await?;
        let left = end.saturating_duration_since(Instant::now());
        if tried || left.is_zero() {
            return Ok(stands);
        }
        sleep(pause.min(left)).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

fn look(bus: &lockgate_bus::Bus, task: TaskId) -> Result<(Stands, bool), Problem> {
    let filter = TaskFilter { ids: Some(vec![task]), ..TaskFilter::default() };
    if let Some(head) = bus.store().heads(&[task])?.into_iter().find(|head| filter.matches(head)) {
        let tried = head.state != TaskState::Queued || head.failure.is_some();
        return Ok((Stands { state: Some(head.state.as_str()), outcome: None }, tried));
    }
    let entries = bus.history(&HistoryFilter { task: Some(task), ..HistoryFilter::default() }, None, MENDED_MAX)?;
    let own = entries.iter().find(|(_, entry)| entry.outcome != Outcome::Mended);
    Ok((Stands { state: None, outcome: own.map(|(_, entry)| entry.outcome.as_str()) }, true))
}
