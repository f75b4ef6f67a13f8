//! How the queues stand: what waits for what, and what stands in the way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::{Bus, Inner};
use lockgate_core::decide::{Turn, turn};
use lockgate_core::failure::Failure;
use lockgate_core::mark::{Mark, ended};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{ConnectorRecord, Counts, StoreError, TaskFilter, Waiter};
use lockgate_core::task::{TaskHead, TaskId, TaskState};

/// Tasks that are looked at together.
const PAGE: usize = 1_000;
/// Tasks that are looked at to find what stands in a connector's way, at most (promise 5).
const LOOKED_AT_MAX: usize = 10_000;
/// Tasks behind one that are counted, at most, besides those that stand in the queue.
const FOLLOWERS_MAX: usize = 1_000;
/// Tasks behind one that are named.
const FOLLOWERS_NAMED_MAX: usize = 20;

/// How one connector's queue stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueStanding {
    /// Tasks in the state `queued`, those that fail again and again among them.
    pub queued: u64,
    /// Of these, those whose last try failed.
    pub failing: u64,
    /// Tasks that wait for the moment.
    pub parked: u64,
    /// Tasks that wait behind another one of their subject.
    pub behind: u64,
    /// Failed tasks, those that are set aside among them.
    pub failed: u64,
    /// What is not as a task stated it, for want of what it points to.
    pub loose_ends: u64,
    /// When the oldest task that has not ended was submitted, in ms since 1970.
    pub oldest_ms: Option<i64>,
    /// What the queue stands behind.
    pub blocked: Option<Blocked>,
    /// Why nothing of it is processed, because an operator wants it so: `disabled` or `paused`.
    pub rests: Option<&'static str>,
}

/// A task that all later ones in the queue wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// Which task.
    pub by: TaskId,
    /// Its title.
    pub title: Arc<str>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Since when it has failed, in ms since 1970; unknown of tasks that failed before that was kept.
    pub since_ms: Option<i64>,
    /// When it is tried again by itself, in ms since 1970; `None`: when somebody or something changes.
    pub until_ms: Option<i64>,
    /// How many tasks of the queue wait for it.
    pub waiting: u64,
}

/// Who waits for the end of one task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Followers {
    /// How many.
    pub total: u64,
    /// Whether there may be more.
    pub more: bool,
    /// The first of them, ascending: `FOLLOWERS_NAMED_MAX` at most.
    pub first: Vec<TaskId>,
}

impl Bus {
    /// How the queue of each installed connector stands.
    pub fn standings(&self, counts: &Counts) -> Result<BTreeMap<ConnectorName, QueueStanding>, StoreError> {
        let known = self.inner.current()?;
        let standing = |record: &ConnectorRecord| {
            let rests = match record {
                ConnectorRecord { enabled: false, .. } => Some("disabled"),
                ConnectorRecord { paused: true, .. } => Some("paused"),
                _ => None,
            };
            Ok((record.name.clone(), QueueStanding { rests, ..self.inner.standing(&record.name, counts)? }))
        };
        known.connectors.values().map(standing).collect()
    }

    /// Who waits for the end of a task: those behind it because they are about the same object, those behind these, and, if
    /// it stands in the way of its queue, all that come later in it.
    pub fn followers(&self, task: &TaskHead) -> Result<Followers, StoreError> {
        let store = &self.inner.parts.store;
        let (mut behind, mut looked_at) = (BTreeSet::new(), BTreeSet::from([task.id]));
        let mut next = vec![task.id];
        while let Some(ahead) = next.pop()
            && behind.len() < FOLLOWERS_MAX
        {
            for waiter in store.waiters(ended(ahead), FOLLOWERS_MAX)? {
                if let Waiter::Task(id) = waiter
                    && looked_at.insert(id)
                {
                    behind.insert(id);
                    next.push(id);
                }
            }
        }
        let more = behind.len() >= FOLLOWERS_MAX;
        let mut followers = Followers { total: behind.len() as u64, more, first: behind.into_iter().take(FOLLOWERS_NAMED_MAX).collect() };
        if let Turn::Stop | Turn::WaitsBehind(_) = turn_of(task, self.now_ms()) {
            let waiting = self.inner.blocked(&task.connector, &self.counts()?)?.filter(|blocked| blocked.by == task.id);
            let filter = queued(&task.connector);
            followers.total += waiting.map_or(0, |blocked| blocked.waiting);
            followers.first.extend(store.tasks(&filter, Some(task.id), FOLLOWERS_NAMED_MAX)?.iter().map(|head| head.id));
            followers.first.sort_unstable();
            followers.first.truncate(FOLLOWERS_NAMED_MAX);
        }
        Ok(followers)
    }
}

/// Tasks of a connector that a pass comes to on its way.
fn queued(connector: &ConnectorName) -> TaskFilter {
    TaskFilter { connector: Some(connector.clone()), state: Some(TaskState::Queued), ..TaskFilter::default() }
}

/// What a pass would do with a task, if nothing has changed of what it failed by.
fn turn_of(task: &TaskHead, now_ms: i64) -> Turn {
    turn(task, task.failed_by.unwrap_or(Mark(0)), now_ms)
}

impl Inner {
    fn standing(&self, connector: &ConnectorName, counts: &Counts) -> Result<QueueStanding, StoreError> {
        let of = |counted: &BTreeMap<ConnectorName, u64>| counted.get(connector).copied().unwrap_or(0);
        let (queued, parked, behind, failed) = (of(&counts.queued), of(&counts.parked), of(&counts.behind), of(&counts.failed));
        let oldest_ms = if queued + parked + behind + failed == 0 {
            None
        } else {
            let filter = TaskFilter { connector: Some(connector.clone()), ..TaskFilter::default() };
            self.parts.store.tasks(&filter, None, 1)?.first().map(|head| head.submitted_ms)
        };
        let (failing, loose_ends) = (of(&counts.failing), of(&counts.loose_ends));
        let blocked = self.blocked(connector, counts)?;
        Ok(QueueStanding { queued, failing, parked, behind, failed, loose_ends, oldest_ms, blocked, rests: None })
    }

    /// What a connector's queue stands behind.
    pub(crate) fn blocked(&self, connector: &ConnectorName, counts: &Counts) -> Result<Option<Blocked>, StoreError> {
        let of = |counted: &BTreeMap<ConnectorName, u64>| counted.get(connector).copied().unwrap_or(0);
        let failed = if of(&counts.failed) > 0 { self.stopped_at(connector)? } else { None };
        if failed.is_none() && of(&counts.failing) == 0 {
            return Ok(None);
        }
        let now_ms = self.parts.clock.now_ms();
        let (mut before, mut after) = (0, None);
        while before < LOOKED_AT_MAX as u64 {
            let page = self.parts.store.tasks(&queued(connector), after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for head in &page {
                match (turn_of(head, now_ms), &failed) {
                    (_, Some(failed)) if head.id > failed.id => return Ok(Some(waits_for(failed, None, of(&counts.queued), before))),
                    (Turn::WaitsBehind(at), _) => return Ok(Some(waits_for(head, Some(at), of(&counts.queued), before + 1))),
                    // A pass has not come so far.
                    (_, None) if head.failure.is_none() => return Ok(None),
                    _ => before += 1,
                }
            }
        }
        Ok(failed.map(|failed| waits_for(&failed, None, of(&counts.queued), before)))
    }

    /// The failed task that no later one passes.
    fn stopped_at(&self, connector: &ConnectorName) -> Result<Option<TaskHead>, StoreError> {
        let (mut looked_at, mut after) = (0, None);
        while looked_at < LOOKED_AT_MAX {
            let page = self.parts.store.standing(connector, TaskState::Failed, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            looked_at += page.len();
            if let Some(failed) = page.into_iter().find(|head| !head.aside) {
                return Ok(Some(failed));
            }
        }
        Ok(None)
    }
}

/// `before`: how many of the queued ones do not wait for it.
fn waits_for(head: &TaskHead, until_ms: Option<i64>, queued: u64, before: u64) -> Blocked {
    Blocked {
        by: head.id,
        title: head.title.clone(),
        failure: head.failure.clone(),
        since_ms: head.waiting.as_ref().map(|waiting| waiting.since_ms),
        until_ms,
        waiting: queued.saturating_sub(before),
    }
}
