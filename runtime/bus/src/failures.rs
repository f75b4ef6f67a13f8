//! Failures that are one fault: how many tasks fail by it, since when, and by which versions of their connector.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::Bus;
use crate::desk::turn::rights_of;
use crate::known::Known;
use crate::pass::by;
use crate::tasks::TaskError;
use lockgate_core::fingerprint::Fault;
use lockgate_core::mark::Mark;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{LastOutcome, StoreError, TaskFilter};
use lockgate_core::task::{TaskHead, TaskId, TaskState};

/// Tasks that are looked at, at a time.
const PAGE: usize = 1_000;
/// Groups that are told apart, at most (promise 5).
const GROUPS_MAX: usize = 10_000;

/// Tasks that fail by one fault.
#[derive(Debug, Clone, PartialEq)]
pub struct FailureGroup {
    /// What they have in common.
    pub fault: Fault,
    /// How many.
    pub tasks: u64,
    /// Since when the longest of them fails without a break, in ms since 1970.
    pub first_ms: i64,
    /// Since when the newest does.
    pub last_ms: i64,
    /// The first of them by id.
    pub first: TaskHead,
    /// The last by id.
    pub last: TaskId,
    /// How many failed by which version of their connector, by digest; `None`: by one that is not kept, or by another
    /// content model, grant or setting than today's.
    pub versions: BTreeMap<Option<Arc<str>>, u64>,
}

/// What fails.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Failures {
    /// The most tasks first.
    pub groups: Vec<FailureGroup>,
    /// Tasks that fail, all together.
    pub tasks: u64,
    /// Of these, tasks that belong to none of the groups, because there are too many.
    pub others: u64,
}

impl Bus {
    /// What fails, of one connector or of all. Looks at the tasks that fail, and at those before them in their queues.
    pub fn failures(&self, connector: Option<&ConnectorName>) -> Result<Failures, TaskError> {
        let known = self.inner.current()?;
        if let Some(name) = connector.filter(|name| !known.connectors.contains_key(name)) {
            return Err(TaskError::UnknownConnector(name.clone()));
        }
        let mut gathered = Gathered::default();
        let counts = self.counts()?;
        for name in known.connectors.keys().filter(|name| connector.is_none_or(|only| only == *name)) {
            let versions = self.versions(&known, name);
            let of = |counted: &BTreeMap<ConnectorName, u64>| counted.get(name).copied().unwrap_or(0);
            if of(&counts.failed) > 0 {
                let mut after = None;
                loop {
                    let page = self.inner.parts.store.standing(name, TaskState::Failed, after, PAGE)?;
                    let Some(last) = page.last() else { break };
                    after = Some(last.id);
                    page.iter().for_each(|head| gathered.add(head, &versions));
                }
            }
            self.failing_in_queue(name, of(&counts.failing), |head| gathered.add(head, &versions))?;
        }
        Ok(gathered.failures())
    }

    /// Those that were tried stand first, mostly: who has seen as many as there are looks no further.
    fn failing_in_queue(&self, name: &ConnectorName, mut left: u64, mut each: impl FnMut(&TaskHead)) -> Result<(), StoreError> {
        let filter = TaskFilter {
            connector: Some(name.clone()),
            state: Some(TaskState::Queued),
            last: Some(LastOutcome::Failed),
            ..TaskFilter::default()
        };
        let mut after = None;
        while left > 0 {
            let wanted = usize::try_from(left).unwrap_or(PAGE).min(PAGE);
            let page = self.tasks(&filter, after, wanted)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            left = left.saturating_sub(page.len() as u64);
            page.iter().for_each(&mut each);
        }
        Ok(())
    }

    /// By what tasks fail that fail by each kept version, under today's model, grants and settings.
    fn versions(&self, known: &Known, name: &ConnectorName) -> HashMap<Mark, Arc<str>> {
        let versions = known.connectors.get(name).map(|record| record.versions.as_slice()).unwrap_or_default();
        let each = versions.iter().filter_map(|version| {
            let (granted, write) = rights_of(&self.settings(), name, version.manifest.as_deref()).ok()?;
            Some((by(&version.digest, &known.model, &granted, &write), version.digest.clone()))
        });
        each.collect()
    }
}

#[derive(Default)]
struct Gathered {
    groups: HashMap<Mark, FailureGroup>,
    tasks: u64,
    others: u64,
}

impl Gathered {
    fn add(&mut self, head: &TaskHead, versions: &HashMap<Mark, Arc<str>>) {
        let Some(fault) = Fault::of_task(head) else { return };
        self.tasks += 1;
        let group = fault.group();
        if self.groups.len() >= GROUPS_MAX && !self.groups.contains_key(&group) {
            self.others += 1;
            return;
        }
        let since_ms = head.waiting.as_ref().map_or(head.submitted_ms, |waiting| waiting.since_ms);
        let of = self.groups.entry(group).or_insert_with(|| FailureGroup {
            fault,
            tasks: 0,
            first_ms: since_ms,
            last_ms: since_ms,
            first: head.clone(),
            last: head.id,
            versions: BTreeMap::new(),
        });
        of.tasks += 1;
        of.first_ms = of.first_ms.min(since_ms);
        of.last_ms = of.last_ms.max(since_ms);
        of.last = of.last.max(head.id);
        if head.id < of.first.id {
            of.first = head.clone();
        }
        let version = head.failed_by.and_then(|mark| versions.get(&mark)).cloned();
        *of.versions.entry(version).or_default() += 1;
    }

    fn failures(self) -> Failures {
        let mut groups: Vec<FailureGroup> = self.groups.into_values().collect();
        groups.sort_by(|one, other| other.tasks.cmp(&one.tasks).then_with(|| one.fault.cmp(&other.fault)));
        Failures { groups, tasks: self.tasks, others: self.others }
    }
}
