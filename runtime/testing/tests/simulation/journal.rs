//! What the store was told and did, watched from outside: the rules that every commit must keep.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lockgate_core::effects::{Effects, Fate};
use lockgate_core::failure::{Class, Failure};
use lockgate_core::history::{Entry, Outcome};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Force, Lease, Standing, Stood, StoreError, Submitted};
use lockgate_core::settings::ConnectorSettings;
use lockgate_core::task::{NewTask, ProcessType, Task, TaskId, TaskState, TaskVersion};

use super::docs::Sub;
use super::fold::{Fold, kind_of};
use super::rights::{Rights, may_write};
use super::setup::{Connector, Setup};

/// A process, from its beginning to its end: one that begins again is another one.
pub type Life = u64;

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
    /// Who may process which connector, and by which configuration.
    pub rights: Rights,
    passes: HashMap<(Life, ConnectorName), Pass>,
    /// The task that a process has looked at to run it out of turn.
    pub out_of_turn: HashMap<(Life, ConnectorName), TaskId>,
    /// Until when a failed task waits.
    waits: HashMap<TaskId, i64>,
    /// Commits of each connector that were carried out.
    commits_of: HashMap<ConnectorName, u64>,
    pub fold: Fold,
    pub violations: Vec<String>,
    /// Commits that were carried out; refused because of what others changed; by an older lease; by an
    /// older configuration.
    pub commits: u64,
    pub conflicts: u64,
    pub fenced: u64,
    pub stale: u64,
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
    pub life: Life,
    pub lease: &'a Lease,
    pub effects: &'a Effects,
    /// All tasks before it.
    pub before: &'a [Task],
    pub now_ms: i64,
}

impl Journal {
    pub fn begin_pass(&mut self, life: Life, connector: &ConnectorName, begun_ms: i64) {
        let pass = Pass { begun_ms, others: self.others(connector), ..Pass::default() };
        self.passes.insert((life, connector.clone()), pass);
    }

    pub fn end_pass(&mut self, life: Life, connector: &ConnectorName) {
        self.passes.remove(&(life, connector.clone()));
    }

    /// An operator has changed a task.
    fn touched(&mut self, task: TaskId) {
        self.passes.values_mut().for_each(|pass| pass.excused.extend([task]));
        self.waits.remove(&task);
    }

    /// The store has answered a submission.
    pub fn submitted(&mut self, task: &NewTask, submitted: Submitted, queue_tasks_max: u64) {
        let key = task.idempotency().map(|known| ((task.connector().clone(), known.key.to_string()), known.digest));
        let known = key.as_ref().and_then(|(key, _)| self.keys.get(key).copied());
        let digest = key.as_ref().map(|(_, digest)| *digest);
        let right = match (submitted, known) {
            (Submitted::Queued(_), None) => true,
            (Submitted::Repeated(id), Some((before, first))) => id == first && Some(before) == digest,
            (Submitted::KeyReused(id), Some((before, first))) => id == first && Some(before) != digest,
            (Submitted::QueueFull, None) => queue_tasks_max < 1_000,
            _ => false,
        };
        self.rule(right, || format!("a submission with key {key:?}, known as {known:?}, was answered {submitted:?}"));
        if let Submitted::Queued(id) = submitted {
            self.queued.insert(id, task.connector().clone());
            self.keys.extend(key.map(|(key, digest)| (key, (digest, id))));
        }
    }

    /// The store has answered an operator's change of a task, of which this version was `queued`.
    pub fn stood(&mut self, id: TaskId, seen: TaskVersion, queued: Option<TaskVersion>, stood: Stood) {
        let right = match queued {
            None => Stood::Gone,
            Some(version) if version == seen => Stood::Done,
            Some(_) => Stood::Changed,
        };
        self.rule(stood == right, || format!("task {id}, seen as {seen:?} and queued as {queued:?}: a change came to {stood:?}"));
        if stood == Stood::Done {
            self.touched(id);
        }
    }

    fn others(&self, connector: &ConnectorName) -> u64 {
        self.commits - self.commits_of.get(connector).unwrap_or(&0)
    }

    pub fn entered(&self, task: TaskId) -> bool {
        self.entered.contains(&task)
    }

    pub fn rule(&mut self, kept: bool, broken: impl FnOnce() -> String) {
        if !kept {
            self.violations.push(broken());
        }
    }

    /// A task has left the queue. One that changes nothing may have been planned `before` what others
    /// have stored meanwhile: it counts as if it had ended then.
    pub fn enter(&mut self, setup: &Setup, subs: &HashMap<u64, Sub>, entry: &Entry, before: bool) {
        // §12: who sends again what was given up is not told that it was taken.
        if matches!(entry.outcome, Outcome::Failed(_) | Outcome::Deleted(_)) {
            self.keys.retain(|_, (_, task)| *task != entry.task);
        }
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

    pub fn connector_removed(&mut self, name: &ConnectorName, force: Force, tasks: &[TaskId]) {
        self.rule(force == Force::Yes || tasks.is_empty(), || format!("{name} was removed with tasks {tasks:?}, without force"));
        self.removed.extend(tasks);
        self.keys.retain(|(owner, _), _| owner != name);
        self.fold.state.remove(name);
        self.rights.removed(name);
    }

    /// The store has not carried out a commit.
    pub fn refused(&mut self, error: &StoreError) {
        match error {
            StoreError::Conflict => self.conflicts += 1,
            StoreError::Fenced(_) => self.fenced += 1,
            StoreError::Stale => self.stale += 1,
            _ => {}
        }
    }

    /// The store has carried out a commit.
    pub fn committed(&mut self, at: &Committed<'_>) {
        let name = &at.lease.connector;
        self.commits += 1;
        *self.commits_of.entry(name.clone()).or_default() += 1;
        let wrong = self.rights.wrong_with_commit(at.life, at.lease, at.effects);
        self.violations.extend(wrong);
        let mut pass = self.pass_of(at);
        let before = at.effects.changes().is_empty() && pass.as_ref().is_none_or(|pass| pass.others < self.others(name));
        for task in at.effects.tasks() {
            let Some(stored) = at.before.iter().find(|stored| stored.id == task.id) else {
                self.violations.push(format!("a commit of {name} ends task {}, which was not queued", task.id));
                continue;
            };
            let same = stored.version == task.version;
            self.rule(same, || format!("task {} was decided about as {:?}, and is {:?}", task.id, task.version, stored.version));
            if let Some(pass) = &mut pass {
                self.in_turn(at, pass, stored, &task.fate);
            }
            let waiting = at.settings(&stored.connector).waiting;
            match &task.fate {
                Fate::Removed(entry) => {
                    // Who has waited too long is not tried.
                    let tried = u32::from(!(stored.stands_apart()) || entry.attempts != stored.attempts);
                    self.rule(entry.attempts == stored.attempts + tried, || format!("task {}: attempts are not counted", task.id));
                    self.enter(at.setup, at.subs, entry, before);
                }
                Fate::Stays(standing) if passed_over(stored, standing) => {}
                Fate::Stays(standing) if waits(standing) => {
                    let right = (waiting || standing.state == TaskState::Behind) && standing.attempts == stored.attempts;
                    self.rule(right, || format!("task {} waits, was tried {} times, {standing:?}", task.id, stored.attempts));
                }
                Fate::Stays(standing) => self.failed(at, pass.as_ref(), stored, standing),
            }
            if let (Some(pass), Fate::Stays(standing)) = (&mut pass, &task.fate) {
                pass.excused.insert(task.id);
                let holds_up = stored.process_type == ProcessType::Default && !standing.aside && !waits(standing);
                pass.ended |= holds_up && !passed_over(stored, standing);
            }
        }
        self.entries.extend(at.effects.mends().iter().cloned());
        self.granted(at);
        if let Some(pass) = pass {
            self.passes.insert((at.life, name.clone()), pass);
        }
    }

    /// The pass that a commit belongs to; none: a task was run out of turn.
    fn pass_of(&mut self, at: &Committed<'_>) -> Option<Pass> {
        if let [only] = at.effects.tasks()
            && self.out_of_turn.remove(&(at.life, at.lease.connector.clone())) == Some(only.id)
        {
            return None;
        }
        self.passes.remove(&(at.life, at.lease.connector.clone()))
    }

    /// Promise 2: in strictly ascending order, and nothing before what stands in the way.
    fn in_turn(&mut self, at: &Committed<'_>, pass: &mut Pass, task: &Task, fate: &Fate) {
        let id = task.id;
        // §11: what it failed by is another by now; if it fails by the same again, it was not.
        let due_again = task.failed_by.is_some() && !matches!(fate, Fate::Stays(standing) if standing.failed_by == task.failed_by);
        // What waited is tried when it is due; who is behind it, after it.
        if at.settings(&task.connector).waiting || task.stands_apart() {
            return;
        }
        self.rule(pass.last.is_none_or(|last| last < id), || format!("task {id} comes after task {:?} in one pass", pass.last));
        self.rule(!pass.ended, || format!("task {id} comes after a `default` task that failed in the same pass"));
        pass.last = Some(id);
        let over = matches!(fate, Fate::Stays(standing) if passed_over(task, standing));
        if over || pass.excused.contains(&id) {
            return;
        }
        self.rule(task.state == TaskState::Queued || due_again, || {
            format!(
                "task {id} has failed, and a pass has processed it: it was {:?} by {:?}, and comes to {fate:?}",
                task.failure, task.failed_by
            )
        });
        let due = self.waits.get(&id).copied();
        self.rule(due_again || due.is_none_or(|due| due <= at.now_ms), || format!("task {id} is not due, and a pass has processed it"));
        let in_this = |id: TaskId| at.effects.tasks().iter().any(|task| task.id == id);
        let left = at.before.iter().find(|earlier| {
            let waits_for_none = matches!(earlier.process_type, ProcessType::SkipOnError | ProcessType::DeleteOnError)
                && earlier.state == TaskState::Queued
                && earlier.not_before_ms.is_some_and(|due| due > pass.begun_ms);
            let before = earlier.connector == task.connector && earlier.id < id && !earlier.stands_apart();
            before && !waits_for_none && !in_this(earlier.id) && !pass.excused.contains(&earlier.id)
        });
        self.rule(left.is_none(), || format!("task {id} was processed before task {}", left.map_or(0, |task| task.id.0)));
    }

    /// §4: what becomes of a task whose try failed.
    fn failed(&mut self, at: &Committed<'_>, pass: Option<&Pass>, task: &Task, standing: &Standing) {
        let id = task.id;
        let settings = at.settings(&task.connector);
        self.rule(standing.attempts == task.attempts + 1, || format!("task {id}: attempts are not counted"));
        let Some(failure) = &standing.failure else { return self.violations.push(format!("task {id} stays without a failure")) };
        let application = failure.code.class() == Class::Application;
        let given_up = settings.attempts_max.is_some_and(|max| standing.attempts >= max);
        let waits = match task.process_type {
            // §11: an outage of the application is everybody's, whatever the process type.
            _ if application && !given_up && settings.backoff_ms.is_some() => settings.backoff_ms,
            ProcessType::DeleteOnError => return self.violations.push(format!("task {id} is `delete-on-error`, has failed and stays")),
            ProcessType::SkipOnError => {
                self.rule(given_up == standing.aside, || format!("task {id} was tried {} times", standing.attempts));
                settings.backoff_ms.filter(|_| !given_up)
            }
            ProcessType::Default | ProcessType::SkipOnce => None,
        };
        let fails = standing.aside || task.process_type == ProcessType::Default && waits.is_none();
        self.rule((standing.state == TaskState::Failed) == fails, || format!("task {id} is {} after a failure", standing.state));
        let due = waits.map(|backoff_ms| wait_ms(backoff_ms, task.attempts, failure));
        let begun_ms = pass.map_or(at.now_ms - 86_400_000, |pass| pass.begun_ms);
        let respected = match (due, standing.not_before_ms) {
            (None, None) => true,
            (Some((least, most)), Some(not_before)) => (begun_ms + least..=at.now_ms + most).contains(&not_before),
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
        let connector_of = |name: &ConnectorName| at.setup.connectors.iter().find(|c| c.name == *name).unwrap();
        let mut writers: Vec<(&Connector, u8)> = at
            .effects
            .tasks()
            .iter()
            .filter_map(|task| match &task.fate {
                Fate::Removed(entry) => Some((connector_of(&task.connector), kind_of(&entry.digest))),
                Fate::Stays(_) => None,
            })
            .collect();
        if writers.is_empty() {
            writers.push((connector_of(&at.lease.connector), 0));
        }
        for change in at.effects.changes() {
            let allowed = writers.iter().any(|(connector, kind)| may_write(connector, *kind, change));
            self.rule(allowed, || format!("{} has written what it may not: {change:?}", at.lease.connector));
        }
    }
}

impl Committed<'_> {
    fn settings(&self, connector: &ConnectorName) -> &ConnectorSettings {
        &self.setup.connectors.iter().find(|c| c.name == *connector).unwrap().settings
    }
}

/// Whether a task is parked, or was so for too long.
fn waits(standing: &Standing) -> bool {
    matches!(standing.state, TaskState::Parked | TaskState::Behind)
}

fn passed_over(task: &Task, standing: &Standing) -> bool {
    standing.attempts == task.attempts && standing.failure == task.failure
}

/// The shortest and the longest wait: doubled with each try, up to a quarter shorter, no shorter than the connector asks
/// for, an hour at most.
fn wait_ms(backoff_ms: u64, tries_before: u32, failure: &Failure) -> (i64, i64) {
    let mut wait = backoff_ms as i64;
    for _ in 0..tries_before {
        wait = (wait * 2).min(HOUR_MS);
    }
    let asked = i64::from(failure.retry_after_ms.unwrap_or(0)).min(HOUR_MS);
    ((wait - wait / 4).max(asked), wait.max(asked))
}

const HOUR_MS: i64 = 3_600_000;
