//! Drafting effects: translated tasks in, effects out, in rounds. Whatever all tasks of the batch want
//! to know is asked for at once, never one question for each task.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::decide::{AfterFailure, after_failure, parked};
use crate::effects::entry::{entry, outcome};
use crate::effects::lines::Lines;
use crate::effects::{Effects, Fate, Rounds, StateWrites, TaskEnd};
use crate::failure::{Class, Code, Failure, sanitised};
use crate::grants::WriteGrant;
use crate::history::{Entry, Level, LogLine, Outcome, Source};
use crate::key::{Key, LineKey, Loaded};
use crate::mark::{Mark, ended};
use crate::model::SharedModel;
use crate::park::{Line, Waiting, Want};
use crate::plan::{PlanLimits, Planned, Sources, Stop, Unmet, View, brings, hints, lines, plan};
use crate::ports::{Clock, Generation, Granted, Randomness, Standing, Usage};
use crate::settings::{BusSettings, ConnectorSettings, OnFailure};
use crate::task::{ProcessType, Task, TaskId};
use crate::translate::Translated;

/// Questions that are gathered ahead in one round, at most (promise 5).
const GATHERED_MAX: usize = 50_000;

/// By what a batch is planned.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// The content model.
    pub model: &'a SharedModel,
    /// The configuration that it, the connector and its grants are from.
    pub generation: Generation,
    /// Digest of the component that translated, for the history.
    pub digest: &'a Arc<str>,
    /// What its guests may use.
    pub granted: &'a Granted,
    /// What may be written for it (promise 3).
    pub write: &'a WriteGrant,
    /// By what a task fails that fails for its data (`TaskHead::failed_by`).
    pub by: Mark,
    /// Whether anybody stands in the connector's lines (§11.9).
    pub in_lines: bool,
    /// Whether further tasks may wait (`waiting_tasks_max`).
    pub may_wait: bool,
    /// Limits.
    pub settings: &'a BusSettings,
    /// Those of its connector.
    pub connector: &'a ConnectorSettings,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Randomness for GUIDs.
    pub randomness: &'a dyn Randomness,
}

impl<'a> Terms<'a> {
    /// What a plan may do.
    pub(super) fn limits(&self) -> PlanLimits<'a> {
        let BusSettings { rows_per_task_max, reference_depth_max, .. } = *self.settings;
        PlanLimits { rows_max: rows_per_task_max, depth_max: reference_depth_max, write: self.write }
    }
}

/// Plans one task on the view; on an error the view is as it was.
fn plan_one(terms: &Terms<'_>, view: &mut View, ids: &mut Ids, task: &Task, translated: &Translated) -> Result<Planned, Stop> {
    let Terms { clock, randomness, model, .. } = *terms;
    let mut sources = Sources { next_id: ids.next, end_id: ids.end, clock, randomness };
    let result = plan(task, translated, model, terms.limits(), view, &mut sources);
    if result.is_ok() {
        ids.next = sources.next_id;
    }
    result
}

/// One task of a batch.
#[derive(Debug)]
pub struct Item {
    /// The task.
    pub task: Task,
    /// What is to be done with it.
    pub work: Work,
}

/// What is to be done with a task.
#[derive(Debug)]
pub enum Work {
    /// It gets this standing.
    PassOver(Standing),
    /// It is of the subject of this task before it, which has not ended: it was not translated.
    Behind(TaskId),
    /// It was translated, or failed in it.
    Processed {
        /// What came of it.
        result: Result<Box<Translated>, Failure>,
        /// What its guest used and said.
        usage: Usage,
    },
}

impl Item {
    /// Whether its translation alone ends the pass.
    pub fn translation_stops(&self, settings: &ConnectorSettings) -> bool {
        let Work::Processed { result: Err(failure), .. } = &self.work else { return false };
        let stops = self.task.process_type == ProcessType::Default && settings.on_failure == OnFailure::Stop;
        stops || failure.code.class() == Class::Application
    }

    /// What its guest has handed over, in bytes.
    pub fn output_bytes(&self) -> u64 {
        match &self.work {
            Work::PassOver(_) | Work::Behind(_) => 0,
            Work::Processed { usage, .. } => usage.output_bytes,
        }
    }

    /// Whether it would change the connector's state.
    pub fn writes_state(&self) -> bool {
        matches!(&self.work, Work::Processed { result: Ok(_), usage } if !usage.state.is_empty())
    }
}

/// Row ids that were reserved and not used.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ids {
    /// The first.
    pub next: u64,
    /// One past the last.
    pub end: u64,
}

/// What a draft wants before it can go on.
#[derive(Debug, Clone, PartialEq)]
pub enum Missing {
    /// Answers to these.
    Answers(Vec<Key>),
    /// More row ids: at least so many.
    Ids(u64),
}

/// A batch being planned. Ask it to [`go_on`](Self::go_on) until it is through.
pub struct Draft<'a> {
    terms: Terms<'a>,
    items: &'a [Item],
    /// Where it stands.
    at: usize,
    /// Those before that waited for what came since: they are next.
    again: BTreeSet<usize>,
    lines: Lines,
    hinted: bool,
    ids: Ids,
    ids_wanted: u64,
    view: View,
    made: Made,
}

#[derive(Default)]
struct Made {
    /// By task, for one that waited may end after all.
    tasks: BTreeMap<TaskId, TaskEnd>,
    stirs: Vec<Mark>,
    waiting: BTreeMap<TaskId, Vec<Mark>>,
    changes: Vec<crate::change::Change>,
    touched: Vec<Key>,
    state: StateWrites,
    done: u64,
    failures: Vec<(TaskId, Failure)>,
    stopped_at: Option<TaskId>,
    last: Option<(&'static str, Option<Failure>)>,
    due_ms: Option<i64>,
}

/// What a draft came to.
#[derive(Debug)]
pub struct Drafted {
    /// What is to be carried out.
    pub effects: Effects,
    /// How many of the items are in it; the rest is for another draft.
    pub items: usize,
    /// Tasks that are done.
    pub done: u64,
    /// Tasks that failed, and why.
    pub failures: Vec<(TaskId, Failure)>,
    /// A task failed, and the pass ends behind it.
    pub stopped_at: Option<TaskId>,
    /// Tasks that wait, and what would help them (`Unmet::helpers`): each is to be tried with a group (§11.6).
    pub waiting: BTreeMap<TaskId, Vec<Mark>>,
    /// Outcome of the last task, for a retry.
    pub last: Option<(&'static str, Option<Failure>)>,
    /// When the first of those that stay is due, in ms since 1970.
    pub due_ms: Option<i64>,
    /// What is left of the ids.
    pub ids: Ids,
}

/// Row ids for plans whose changes are thrown away. No store gets so far.
const IDS_AHEAD: Ids = Ids { next: 1 << 63, end: u64::MAX };

/// Row ids wanted at first.
const IDS_WANTED: u64 = 4_096;

impl<'a> Draft<'a> {
    /// Nothing is planned yet.
    pub fn new(terms: Terms<'a>, items: &'a [Item], ids: Ids) -> Self {
        let mut view = View::default();
        view.reserve(ids.next..ids.end);
        Self {
            terms,
            items,
            at: 0,
            again: BTreeSet::new(),
            lines: Lines::default(),
            hinted: false,
            ids,
            ids_wanted: IDS_WANTED,
            view,
            made: Made::default(),
        }
    }

    fn one(&mut self, at: usize, item: &'a Item) -> Result<(), Stop> {
        let task = &item.task;
        let (translated, usage) = match &item.work {
            Work::PassOver(standing) => {
                // Whoever is of its subject must not overtake it.
                let lines: Vec<Line> = task.subject.iter().map(|subject| Line::submitted(subject)).collect();
                let waiting = self.known(task, lines, Vec::new());
                self.stays(task, Standing { waiting, ..standing.clone() }, Vec::new());
                return Ok(());
            }
            Work::Behind(_) => (None, None),
            Work::Processed { result: Err(failure), usage } => {
                let lines = task.subject.iter().map(|subject| Line::submitted(subject)).collect();
                self.failed(task, failure, usage, lines);
                return Ok(());
            }
            Work::Processed { result: Ok(translated), usage } => (Some(&**translated), Some(usage)),
        };
        // Where nobody stands in a line, nobody asks whose it would be.
        let may_be_behind = self.terms.in_lines || !self.lines.is_empty();
        if may_be_behind {
            let lines = self.lines_of(task, translated);
            let Terms { in_lines, model, .. } = self.terms;
            if let Some(ahead) = self.lines.ahead(&task.connector, task.id, &lines, in_lines, &mut self.view, model)? {
                self.behind(at, task, translated, lines, ahead);
                return Ok(());
            }
        }
        let (Some(translated), Some(usage)) = (translated, usage) else {
            if let Work::Behind(ahead) = item.work {
                // It has ended meanwhile: the store finds this one due.
                let lines = self.lines_of(task, None);
                self.behind(at, task, None, lines, ahead);
            }
            return Ok(());
        };
        match plan_one(&self.terms, &mut self.view, &mut self.ids, task, translated) {
            Ok(planned) => self.done(task, translated, planned, usage),
            Err(Stop::Fail(failure)) => {
                let lines = self.lines_of(task, Some(translated));
                self.failed(task, &failure, usage, lines);
            }
            Err(Stop::Unmet(unmet)) => self.unmet(at, task, translated, *unmet, usage),
            Err(stop) => return Err(stop),
        }
        Ok(())
    }

    /// What was planned.
    pub fn finish(self) -> Drafted {
        let Self { terms, at, ids, view, made, .. } = self;
        let Made { tasks, changes, touched, state, done, failures, stopped_at, last, due_ms, stirs, waiting } = made;
        let tasks: Vec<TaskEnd> = tasks.into_values().collect();
        // Who waits relies on what was not there.
        let relies = !changes.is_empty() || !waiting.is_empty();
        let (as_of, relied) = if relies { (view.as_of(), view.into_relied()) } else { (0, Vec::new()) };
        let relied = relied.into_iter().filter(|key| !matches!(key, Key::Line(_))).collect();
        let stirs = distinct(stirs);
        let (model, generation) = (terms.model.clone(), terms.generation);
        let effects = Effects { model, generation, tasks, changes, touched, stirs, mends: Vec::new(), state, as_of, relied };
        Drafted { effects, items: at, done, failures, stopped_at, waiting, last, due_ms, ids }
    }

    fn hints(&self) -> Vec<Key> {
        let mut keys = Vec::new();
        for item in self.items {
            if let Work::Processed { result: Ok(translated), .. } = &item.work {
                keys.extend(hints(&item.task, translated, self.terms.model));
            }
            if self.terms.in_lines {
                let translated = if let Work::Processed { result: Ok(translated), .. } = &item.work { Some(&**translated) } else { None };
                let (connector, before) = (&item.task.connector, item.task.id);
                let lines = self.lines_of(&item.task, translated);
                keys.extend(lines.iter().map(|line| LineKey { connector: connector.clone(), line: line.opposite(), before }.into()));
            }
        }
        keys
    }

    /// What this task and later ones will want, beside these: they are planned ahead, one on top of
    /// the other, as if nothing were stored but what is known. So whoever needs what an earlier task
    /// makes finds it. Each round comes a step deeper into what is stored already.
    fn gathered(&self, mut keys: Vec<Key>) -> Vec<Key> {
        let mut ids = IDS_AHEAD;
        let mut ahead = self.view.ahead(ids.next..ids.end);
        for item in self.items.iter().skip(self.at) {
            if ahead.assumed().len() >= GATHERED_MAX {
                break;
            }
            if let Work::Processed { result: Ok(translated), .. } = &item.work {
                // Whatever it comes to: it has left its questions.
                let _ = plan_one(&self.terms, &mut ahead, &mut ids, &item.task, translated);
            }
        }
        keys.extend_from_slice(ahead.assumed());
        self.view.missing(&keys)
    }

    fn done(&mut self, task: &Task, translated: &Translated, mut planned: Planned, usage: &Usage) {
        if !self.lines.nobody_waits() {
            let touched = planned.changes.iter().flat_map(|change| change.wakes(self.terms.model));
            self.again.extend(self.lines.ends(task, touched.collect::<Vec<_>>()));
        } else if !self.lines.is_empty() || self.terms.in_lines {
            self.lines.ends(task, []);
        }
        self.made.waiting.remove(&task.id);
        self.made.changes.append(&mut planned.changes);
        self.made.touched.append(&mut planned.touched);
        if self.terms.granted.state {
            self.made.state.extend(usage.state.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        self.made.done += 1;
        let outcome = outcome(task, translated, &planned);
        self.made.last = Some((outcome.as_str(), None));
        let entry = entry(&self.terms, task, outcome, planned, usage);
        self.goes(task, entry, usage.log.clone());
    }

    fn failed(&mut self, task: &Task, failure: &Failure, usage: &Usage, lines: Vec<Line>) {
        self.made.failures.push((task.id, failure.clone()));
        self.made.last = Some(("failed", Some(failure.clone())));
        let now_ms = self.terms.clock.now_ms();
        let mut log = usage.log.clone();
        log.push(LogLine { at_ms: now_ms, level: Level::Error, source: Source::Host, message: failure.to_string().into() });
        let waiting = self.known(task, lines, Vec::new());
        match after_failure(task, failure, self.terms.connector, self.terms.by, waiting, now_ms) {
            AfterFailure::Stays(standing) => self.stays(task, standing, log),
            AfterFailure::StaysAndStops(standing) => {
                self.made.stopped_at = Some(task.id);
                self.stays(task, standing, log);
            }
            AfterFailure::Goes => {
                self.again.extend(self.lines.ends(task, []));
                let entry = entry(&self.terms, task, Outcome::Failed(failure.clone()), Planned::default(), usage);
                self.goes(task, entry, log);
            }
        }
    }

    /// Other rows than its own stand in its way: it is parked, or fails where nobody waits.
    fn unmet(&mut self, at: usize, task: &Task, translated: &Translated, unmet: Unmet, usage: &Usage) {
        let lines = self.lines_of(task, Some(translated));
        if !self.terms.connector.waiting || !self.terms.may_wait {
            return self.failed(task, &unmet.failure, usage, lines);
        }
        let Unmet { failure, wants, helpers, would } = unmet;
        self.made.stirs.extend(would);
        self.made.waiting.insert(task.id, helpers.clone());
        let brings = brings(task, translated, self.terms.model);
        let before = task.waiting.as_deref();
        let waiting = Waiting {
            since_ms: before.map_or_else(|| self.terms.clock.now_ms(), |before| before.since_ms),
            lines,
            brings,
            wants,
            group_wants: before.map(|before| before.group_wants.clone()).unwrap_or_default(),
            helpers,
            behind: None,
        };
        self.waits(at, task, waiting, Some(failure), usage.log.clone());
    }

    /// A task before it has not ended: it waits behind that.
    fn behind(&mut self, at: usize, task: &Task, translated: Option<&Translated>, lines: Vec<Line>, ahead: TaskId) {
        let before = task.waiting.as_deref();
        self.made.waiting.insert(task.id, Vec::new());
        let waiting = Waiting {
            since_ms: before.map_or_else(|| self.terms.clock.now_ms(), |before| before.since_ms),
            lines,
            brings: translated.map(|translated| brings(task, translated, self.terms.model)).unwrap_or_default(),
            wants: vec![Want { mark: ended(ahead), what: format!("the end of task {ahead}").into(), external: None }],
            group_wants: before.map(|before| before.group_wants.clone()).unwrap_or_default(),
            helpers: Vec::new(),
            behind: Some(ahead),
        };
        self.waits(at, task, waiting, None, Vec::new());
    }

    fn waits(&mut self, at: usize, task: &Task, waiting: Waiting, failure: Option<Failure>, mut log: Vec<LogLine>) {
        self.lines.waits(at, &waiting.wants);
        let why = match (&failure, waiting.behind) {
            (_, Some(ahead)) => format!("waits behind task {ahead}, which is about the same object and has not ended"),
            (Some(failure), None) => format!("waits: {failure}"),
            (None, None) => String::new(),
        };
        let outcome = if waiting.behind.is_some() { "behind" } else { "parked" };
        self.made.last = Some((outcome, failure.clone()));
        let standing = parked(task, failure, waiting);
        // What is so still is not said again.
        if standing.state != task.state || standing.failure != task.failure {
            let at_ms = self.terms.clock.now_ms();
            log.push(LogLine { at_ms, level: Level::Info, source: Source::Host, message: sanitised(&why).into() });
        }
        self.stays(task, standing, log);
    }

    fn lines_of(&self, task: &Task, translated: Option<&Translated>) -> Vec<Line> {
        match (translated, task.waiting.as_deref()) {
            (Some(translated), _) => lines(task, translated, self.terms.model),
            // What an earlier translation said of it.
            (None, Some(waiting)) if !waiting.lines.is_empty() => waiting.lines.clone(),
            (None, _) => task.subject.iter().map(|subject| Line::submitted(subject)).collect(),
        }
    }

    /// What is known of a task that does not wait for rows: its lines, where it has any.
    fn known(&self, task: &Task, lines: Vec<Line>, brings: Vec<Mark>) -> Option<Arc<Waiting>> {
        let before = task.waiting.as_deref();
        let lines = match before {
            Some(before) if lines.is_empty() => before.lines.clone(),
            _ => lines,
        };
        if lines.is_empty() {
            return None;
        }
        let since_ms = before.map_or_else(|| self.terms.clock.now_ms(), |before| before.since_ms);
        Some(Arc::new(Waiting { since_ms, lines, brings, ..Waiting::default() }))
    }

    fn stays(&mut self, task: &Task, standing: Standing, log: Vec<LogLine>) {
        // Whoever gives a task a time to be tried again has it looked at then.
        self.made.due_ms = [self.made.due_ms, standing.not_before_ms].into_iter().flatten().min();
        if let Some(waiting) = &standing.waiting {
            self.lines.stands(task.id, &waiting.lines);
        }
        self.ends(task, Fate::Stays(standing), log);
    }

    fn goes(&mut self, task: &Task, entry: Entry, log: Vec<LogLine>) {
        self.ends(task, Fate::Removed(Box::new(entry)), log);
    }

    fn ends(&mut self, task: &Task, fate: Fate, log: Vec<LogLine>) {
        let (connector, version) = (task.connector.clone(), task.version);
        self.made.tasks.insert(task.id, TaskEnd { id: task.id, connector, version, fate, log });
    }
}

impl Rounds for Draft<'_> {
    fn go_on(&mut self) -> Result<(), Missing> {
        if !self.hinted {
            self.hinted = true;
            let missing = self.view.missing(&self.hints());
            if !missing.is_empty() {
                return Err(Missing::Answers(missing));
            }
        }
        let items = self.items;
        loop {
            // §11.2: those that waited for what came are next, before later ones.
            let waited = self.again.first().copied();
            let at = waited.unwrap_or(self.at);
            let Some(item) = items.get(at).filter(|_| waited.is_some() || self.made.stopped_at.is_none()) else { return Ok(()) };
            match self.one(at, item) {
                Ok(()) => {}
                Err(Stop::Load(keys)) => return Err(Missing::Answers(self.gathered(keys))),
                Err(Stop::Ids) => {
                    let wanted = self.ids_wanted;
                    self.ids_wanted = wanted.saturating_mul(2);
                    return Err(Missing::Ids(wanted));
                }
                // What it waited for is in this commit: the store finds it due.
                Err(Stop::Commit) if waited.is_some() => {}
                Err(Stop::Commit) if self.at > 0 => return Ok(()),
                Err(Stop::Commit | Stop::Fail(_) | Stop::Unmet(_)) => {
                    let failure = Failure::new(Code::Internal, "the plan did not come to an end");
                    self.failed(&item.task, &failure, &Usage::default(), Vec::new());
                }
            }
            match waited {
                Some(at) => drop(self.again.remove(&at)),
                None => self.at += 1,
            }
        }
    }

    fn answered(&mut self, loaded: Loaded) {
        self.view.add(loaded, self.terms.model);
    }

    fn reserved(&mut self, first: u64, count: u64) {
        self.ids = Ids { next: first, end: first.saturating_add(count) };
        self.view.reserve(self.ids.next..self.ids.end);
    }
}

/// Each once, in order.
pub(super) fn distinct(mut marks: Vec<Mark>) -> Vec<Mark> {
    marks.sort_unstable();
    marks.dedup();
    marks
}
