//! What the store was told and did, watched from outside: the rules that every commit must keep.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lockgate_core::change::Change;
use lockgate_core::failure::{Code, Failure};
use lockgate_core::history::Entry;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Commit, Fate, Lease, Standing, StoreError};
use lockgate_core::rows::PageRow;
use lockgate_core::task::{ProcessType, Task, TaskId, TaskState};

use super::docs::{SITES, Sub};
use super::fold::{Fold, kind_of};
use super::setup::{Connector, Setup, asks};

#[derive(Default)]
pub struct Journal {
    /// Every task that was ever queued.
    pub queued: BTreeMap<TaskId, ConnectorName>,
    /// Every history entry that was ever written, in order.
    pub entries: Vec<Entry>,
    entered: BTreeSet<TaskId>,
    /// How many of the first entries were trimmed.
    pub trimmed: usize,
    /// Tasks that went with their connector.
    pub removed: BTreeSet<TaskId>,
    /// Live idempotency keys.
    pub keys: HashMap<(ConnectorName, String), (u128, TaskId)>,
    /// The newest lease of each connector.
    pub newest: HashMap<ConnectorName, u64>,
    passes: HashMap<ConnectorName, Pass>,
    /// Until when a failed task waits.
    waits: HashMap<TaskId, i64>,
    /// Commits of each connector that were carried out.
    commits_of: HashMap<ConnectorName, u64>,
    pub fold: Fold,
    pub violations: Vec<String>,
    /// Commits that were carried out; refused because of other connectors; by an older lease.
    pub commits: u64,
    pub conflicts: u64,
    pub fenced: u64,
}

/// A pass under way.
#[derive(Default)]
struct Pass {
    begun_ms: i64,
    /// Commits of other connectors before it.
    others: u64,
    last: Option<TaskId>,
    /// A `default` task has failed: nothing may follow.
    ended: bool,
    /// Tasks that were passed over, and that an operator has changed meanwhile.
    excused: BTreeSet<TaskId>,
}

/// One commit, as the store was before it.
pub struct Committed<'a> {
    pub setup: &'a Setup,
    pub subs: &'a HashMap<u64, Sub>,
    pub lease: &'a Lease,
    pub commit: &'a Commit,
    /// The connector's tasks before it.
    pub before: &'a [Task],
    pub now_ms: i64,
}

impl Journal {
    pub fn begin_pass(&mut self, connector: &ConnectorName, begun_ms: i64) {
        self.passes.insert(connector.clone(), Pass { begun_ms, others: self.others(connector), ..Pass::default() });
    }

    pub fn end_pass(&mut self, connector: &ConnectorName) {
        self.passes.remove(connector);
    }

    /// An operator has changed a task.
    pub fn touched(&mut self, task: TaskId) {
        self.passes.values_mut().for_each(|pass| pass.excused.extend([task]));
        self.waits.remove(&task);
    }

    fn others(&self, connector: &ConnectorName) -> u64 {
        self.commits - self.commits_of.get(connector).unwrap_or(&0)
    }

    pub fn entered(&self, task: TaskId) -> bool {
        self.entered.contains(&task)
    }

    fn rule(&mut self, kept: bool, broken: impl FnOnce() -> String) {
        if !kept {
            self.violations.push(broken());
        }
    }

    /// A task has left the queue. One that changes nothing may have been planned `before` what others
    /// have stored meanwhile: it counts as if it had ended then.
    pub fn enter(&mut self, setup: &Setup, subs: &HashMap<u64, Sub>, entry: &Entry, before: bool) {
        let first = self.entered.insert(entry.task);
        self.rule(first, || format!("task {} has ended twice", entry.task));
        if let Some(sub) = entry.title.parse().ok().and_then(|serial| subs.get(&serial)) {
            self.fold.ended(setup, sub, entry, before);
        }
        self.entries.push(entry.clone());
    }

    /// The oldest entries went, and the keys of their tasks.
    pub fn trim(&mut self, count: usize) {
        let gone: BTreeSet<TaskId> = self.entries[self.trimmed..].iter().take(count).map(|entry| entry.task).collect();
        self.trimmed += count;
        self.keys.retain(|_, (_, task)| !gone.contains(task));
    }

    pub fn connector_removed(&mut self, name: &ConnectorName, tasks: impl Iterator<Item = TaskId>) {
        self.removed.extend(tasks);
        self.keys.retain(|(owner, _), _| owner != name);
        self.fold.state.remove(name);
        *self.newest.entry(name.clone()).or_default() += 1;
    }

    /// The store has not carried out a commit.
    pub fn refused(&mut self, error: &StoreError) {
        match error {
            StoreError::Conflict => self.conflicts += 1,
            StoreError::Fenced(_) => self.fenced += 1,
            _ => {}
        }
    }

    /// The store has carried out a commit.
    pub fn committed(&mut self, at: &Committed<'_>) {
        let name = &at.lease.connector;
        self.commits += 1;
        *self.commits_of.entry(name.clone()).or_default() += 1;
        let newest = self.newest.get(name) == Some(&at.lease.epoch);
        self.rule(newest, || format!("a commit of {name} was carried out under lease {}, which is not the newest", at.lease.epoch));
        let mut pass = self.passes.remove(name);
        let before = at.commit.changes.is_empty() && pass.as_ref().is_none_or(|pass| pass.others < self.others(name));
        for task in &at.commit.tasks {
            let Some(stored) = at.before.iter().find(|stored| stored.id == task.id) else {
                self.violations.push(format!("a commit of {name} ends task {}, which was not queued", task.id));
                continue;
            };
            if let Some(pass) = &mut pass {
                self.in_turn(at, pass, stored, &task.fate);
            }
            match &task.fate {
                Fate::Removed(entry) => {
                    self.rule(entry.attempts == stored.attempts + 1, || format!("task {}: attempts are not counted", task.id));
                    self.enter(at.setup, at.subs, entry, before);
                }
                Fate::Stays(standing) if passed_over(stored, standing) => {}
                Fate::Stays(standing) => self.failed(at, pass.as_ref(), stored, standing),
            }
            if let (Some(pass), Fate::Stays(standing)) = (&mut pass, &task.fate) {
                pass.excused.insert(task.id);
                pass.ended |= stored.process_type == ProcessType::Default && !passed_over(stored, standing);
            }
        }
        self.granted(at);
        if let Some(pass) = pass {
            self.passes.insert(name.clone(), pass);
        }
    }

    /// Promise 2: in strictly ascending order, and nothing before what stands in the way.
    fn in_turn(&mut self, at: &Committed<'_>, pass: &mut Pass, task: &Task, fate: &Fate) {
        let id = task.id;
        self.rule(pass.last.is_none_or(|last| last < id), || format!("task {id} comes after task {:?} in one pass", pass.last));
        self.rule(!pass.ended, || format!("task {id} comes after a `default` task that failed in the same pass"));
        pass.last = Some(id);
        let over = matches!(fate, Fate::Stays(standing) if passed_over(task, standing));
        if over || pass.excused.contains(&id) {
            return;
        }
        self.rule(task.state == TaskState::Queued, || format!("task {id} has failed, and a pass has processed it"));
        let due = self.waits.get(&id).copied();
        self.rule(due.is_none_or(|due| due <= at.now_ms), || format!("task {id} is not due, and a pass has processed it"));
        let in_this = |id: TaskId| at.commit.tasks.iter().any(|task| task.id == id);
        let left = at.before.iter().find(|earlier| {
            let waits_for_none = matches!(earlier.process_type, ProcessType::SkipOnError | ProcessType::DeleteOnError)
                && earlier.state == TaskState::Queued
                && earlier.not_before_ms.is_some_and(|due| due > pass.begun_ms);
            earlier.id < id && !waits_for_none && !in_this(earlier.id) && !pass.excused.contains(&earlier.id)
        });
        self.rule(left.is_none(), || format!("task {id} was processed before task {}", left.map_or(0, |task| task.id.0)));
    }

    /// §4: what becomes of a task whose try failed.
    fn failed(&mut self, at: &Committed<'_>, pass: Option<&Pass>, task: &Task, standing: &Standing) {
        let id = task.id;
        let settings = &at.setup.connectors.iter().find(|c| c.name == task.connector).unwrap().settings;
        self.rule(standing.attempts == task.attempts + 1, || format!("task {id}: attempts are not counted"));
        let Some(failure) = &standing.failure else { return self.violations.push(format!("task {id} stays without a failure")) };
        let waits = match task.process_type {
            ProcessType::DeleteOnError => return self.violations.push(format!("task {id} is `delete-on-error`, has failed and stays")),
            ProcessType::SkipOnError => {
                let may_stay = settings.attempts_max.is_none_or(|max| standing.attempts < max);
                self.rule(may_stay, || format!("task {id} was tried {} times", standing.attempts));
                settings.backoff_ms
            }
            ProcessType::Default => settings.backoff_ms.filter(|_| failure.code == Code::Unavailable),
            ProcessType::SkipOnce => None,
        };
        let fails = task.process_type == ProcessType::Default && waits.is_none();
        self.rule(
            (standing.state == TaskState::Failed)
                == (fails || task.process_type == ProcessType::SkipOnce && task.state == TaskState::Failed),
            || format!("task {id} is {} after a failure", standing.state),
        );
        let due = waits.map(|backoff_ms| wait_ms(backoff_ms, task.attempts, failure));
        let begun_ms = pass.map_or(at.now_ms - 86_400_000, |pass| pass.begun_ms);
        let respected = match (due, standing.not_before_ms) {
            (None, None) => true,
            (Some(wait), Some(not_before)) => (begun_ms + wait..=at.now_ms + wait).contains(&not_before),
            _ => false,
        };
        match standing.not_before_ms {
            Some(due) => drop(self.waits.insert(id, due)),
            None => drop(self.waits.remove(&id)),
        }
        self.rule(respected, || format!("task {id} is to wait {due:?} ms, until {:?}; it is {}", standing.not_before_ms, at.now_ms));
    }

    /// Promise 3: nothing that is not granted is written.
    fn granted(&mut self, at: &Committed<'_>) {
        let connector = at.setup.connectors.iter().find(|c| c.name == at.lease.connector).unwrap();
        let digest = at.commit.tasks.iter().find_map(|task| match &task.fate {
            Fate::Removed(entry) => Some(entry.digest.clone()),
            Fate::Stays(_) => None,
        });
        let kind = digest.map_or(0, |digest| kind_of(&digest));
        for change in &at.commit.changes {
            let allowed = may_write(connector, kind, change);
            self.rule(allowed, || format!("{} has written what it may not: {change:?}", connector.name));
        }
    }
}

fn may_write(connector: &Connector, kind: u8, change: &Change) -> bool {
    let (all, other_site, _) = asks(kind);
    match change {
        Change::Object(_, after) => {
            let row = change_type(change);
            match row.as_str() {
                "sim.secret" => connector.secret && all,
                // A cleared reference is an effect of a granted delete.
                "sim.item" => all || after.as_ref().is_some_and(|row| !row.fields.keys().any(|name| name.as_str() == "other")),
                _ => true,
            }
        }
        Change::Page(before, after) => {
            let cleared = matches!((before, after), (Some(before), Some(after)) if same_but_fields(before, after));
            let site = before.as_ref().or(after.as_ref()).map_or("", |row| row.site.as_str());
            cleared || (all && (site == SITES[0] || connector.other_site && other_site))
        }
        Change::Binding(..) => true,
    }
}

fn change_type(change: &Change) -> String {
    match change {
        Change::Object(before, after) => before.as_ref().or(after.as_ref()).map_or(String::new(), |row| row.object_type.to_string()),
        _ => String::new(),
    }
}

fn same_but_fields(one: &PageRow, other: &PageRow) -> bool {
    let names = |row: &PageRow| -> Vec<_> { row.cultures.iter().map(|(c, v)| (c.clone(), v.name.clone(), v.published)).collect() };
    one.parent == other.parent && names(one) == names(other)
}

fn passed_over(task: &Task, standing: &Standing) -> bool {
    standing.attempts == task.attempts && standing.failure == task.failure
}

/// Doubled with each try, no shorter than the connector asks for, an hour at most.
fn wait_ms(backoff_ms: u64, tries_before: u32, failure: &Failure) -> i64 {
    let mut wait = backoff_ms as i64;
    for _ in 0..tries_before {
        wait = (wait * 2).min(3_600_000);
    }
    wait.max(i64::from(failure.retry_after_ms.unwrap_or(0))).min(3_600_000)
}
