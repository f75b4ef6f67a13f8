//! Looking through long lists within bounds: a search says how far it looked, and where to look on (promise 5).

use std::sync::Arc;

use crate::Bus;
use lockgate_core::history::Entry;
use lockgate_core::key::ReferrersOf;
use lockgate_core::ports::{HistoryFilter, StoreError, TaskFilter};
use lockgate_core::rows::{Referrer, Target};
use lockgate_core::task::{TaskHead, TaskId, TaskState};

/// Rows that are looked at together.
const PAGE: usize = 1_000;
/// Bytes of payloads that one search reads, at most.
const PAYLOAD_BYTES_MAX: u64 = 64 << 20;

/// How far a list is to be looked through.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    /// Rows that are given, at most.
    pub limit: usize,
    /// Rows that are looked at, at most.
    pub look_at: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked<T> {
    /// In the order of the list.
    pub found: Vec<T>,
    /// How many rows were looked at.
    pub looked_at: u64,
    /// Where to look on, after this row; `None`: the list ends here.
    pub next: Option<u64>,
}

impl Bus {
    /// Tasks after an id that fit the filter and whose payload contains this, ascending.
    pub fn look_for_tasks(
        &self,
        filter: &TaskFilter,
        contains: Option<&str>,
        after: Option<TaskId>,
        reach: Reach,
    ) -> Result<Looked<TaskHead>, StoreError> {
        let (mut looked, mut payload_bytes, mut after) = (Looked { found: Vec::new(), looked_at: 0, next: None }, 0, after);
        loop {
            let count = PAGE.min(reach.look_at.saturating_sub(usize::try_from(looked.looked_at).unwrap_or(usize::MAX))).max(1);
            let page = self.heads_after(filter, after, count)?;
            let last_page = page.len() < count;
            let of = page.len();
            for (at, head) in (1..).zip(page) {
                looked.looked_at += 1;
                after = Some(head.id);
                if filter.matches(&head) && self.payload_has(&head, contains, &mut payload_bytes)? {
                    looked.found.push(head);
                }
                if looked.found.len() >= reach.limit || payload_bytes >= PAYLOAD_BYTES_MAX {
                    let more = at < of || !last_page;
                    looked.next = after.filter(|_| more).map(|id| id.0);
                    return Ok(looked);
                }
            }
            if last_page {
                return Ok(looked);
            }
            if looked.looked_at >= reach.look_at as u64 {
                looked.next = after.map(|id| id.0);
                return Ok(looked);
            }
        }
    }

    /// Tasks that may fit, ascending, found without a walk through others: by connector, and by a state that stands apart.
    fn heads_after(&self, filter: &TaskFilter, after: Option<TaskId>, count: usize) -> Result<Vec<TaskHead>, StoreError> {
        let store = &self.inner.parts.store;
        let states: &[TaskState] = match filter.state {
            Some(TaskState::Parked) => &[TaskState::Parked],
            Some(TaskState::Behind) => &[TaskState::Behind],
            Some(TaskState::Failed) => &[TaskState::Failed],
            // Whoever waits for something stands in one of these.
            None if filter.waits_for.is_some() => &[TaskState::Parked, TaskState::Behind, TaskState::Failed],
            state => {
                let narrow = TaskFilter { connector: filter.connector.clone(), state, ..TaskFilter::default() };
                return store.tasks(&narrow, after, count);
            }
        };
        let known = self.inner.current()?;
        let mut heads = Vec::new();
        for connector in known.connectors.keys().filter(|name| filter.connector.as_ref().is_none_or(|wanted| wanted == *name)) {
            for state in states {
                heads.extend(store.standing(connector, *state, after, count)?);
            }
        }
        heads.sort_unstable_by_key(|head| head.id);
        heads.truncate(count);
        Ok(heads)
    }

    fn payload_has(&self, head: &TaskHead, contains: Option<&str>, read: &mut u64) -> Result<bool, StoreError> {
        let Some(text) = contains else { return Ok(true) };
        *read += head.external_bytes;
        let task = self.inner.parts.store.task(head.id)?;
        Ok(task.is_some_and(|task| String::from_utf8_lossy(&task.external.body).contains(text)))
    }

    /// History entries that fit the filter, the newest first.
    pub fn look_through_history(
        &self,
        filter: &HistoryFilter,
        before: Option<u64>,
        reach: Reach,
    ) -> Result<Looked<(u64, Entry)>, StoreError> {
        let store = &self.inner.parts.store;
        // One task's entries are found without a walk.
        let narrow = HistoryFilter { task: filter.task, ..HistoryFilter::default() };
        let (mut looked, mut before) = (Looked { found: Vec::new(), looked_at: 0, next: None }, before);
        loop {
            let page = store.history(&narrow, before, PAGE)?;
            let last_page = page.len() < PAGE;
            let of = page.len();
            for (at, (number, entry)) in (1..).zip(page) {
                looked.looked_at += 1;
                before = Some(number);
                if filter.matches(&entry) {
                    looked.found.push((number, entry));
                }
                if looked.found.len() >= reach.limit || looked.looked_at >= reach.look_at as u64 {
                    looked.next = before.filter(|_| at < of || !last_page);
                    return Ok(looked);
                }
            }
            if last_page {
                return Ok(looked);
            }
        }
    }

    /// Who points to a row, with which field; parents of objects and pages are no fields.
    pub fn referrers(&self, target: Target) -> Result<Arc<[Referrer]>, StoreError> {
        Ok(crate::ask::ask(&*self.inner.parts.store, ReferrersOf(target))?.into())
    }

    /// 32 bytes that nobody can guess.
    pub fn random(&self) -> [u8; 32] {
        self.inner.parts.randomness.seed()
    }
}
