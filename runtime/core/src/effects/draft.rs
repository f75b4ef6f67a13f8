//! Drafting effects: translated tasks in, effects out, in rounds. Whatever all tasks of the batch want
//! to know is asked for at once, never one question for each task.

mod terms;
mod waits;

use std::collections::{BTreeMap, BTreeSet};

pub use terms::{Ids, Item, Missing, Terms, Work};

use crate::decide::{AfterFailure, after_failure};
use crate::effects::entry::entry;
use crate::effects::lines::Lines;
use crate::effects::{Effects, Fate, Rounds, StateWrites, TaskEnd};
use crate::failure::{Code, Failure};
use crate::history::{Entry, Level, LogLine, Outcome, Source};
use crate::key::{Key, LineKey, Loaded};
use crate::mark::Mark;
use crate::park::Line;
use crate::plan::{Planned, Sources, Stop, View, hints, plan};
use crate::ports::{Standing, Usage};
use crate::task::{Task, TaskId};
use crate::translate::Translated;

/// Questions that are gathered ahead in one round, at most (promise 5).
const GATHERED_MAX: usize = 50_000;

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

/// A batch being planned. Ask it to [`go_on`](Self::go_on) until it is through.
pub struct Draft<'a> {
    terms: Terms<'a>,
    items: &'a [Item],
    /// Where it stands.
    at: usize,
    /// Those before that waited for what came since: they are next.
    again: BTreeSet<usize>,
    /// Whether those behind a failure that stops the queue are left.
    stops: bool,
    lines: Lines,
    hinted: bool,
    ids: Ids,
    ids_wanted: u64,
    view: View,
    made: Made,
}

#[derive(Default)]
struct Made {
    /// Ascending, each once: one that waited may end after all.
    tasks: Vec<TaskEnd>,
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

impl Made {
    fn ends(&mut self, task: TaskEnd) {
        // Most come in order.
        if self.tasks.last().is_none_or(|last| last.id < task.id) {
            self.tasks.push(task);
            return;
        }
        match self.tasks.binary_search_by_key(&task.id, |one| one.id) {
            Ok(at) => {
                if let Some(before) = self.tasks.get_mut(at) {
                    *before = task;
                }
            }
            Err(at) => self.tasks.insert(at, task),
        }
    }
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
            stops: true,
            lines: Lines::default(),
            hinted: false,
            ids,
            ids_wanted: IDS_WANTED,
            view,
            made: Made::default(),
        }
    }

    /// Each of the items was asked for: one that fails stops no other.
    #[must_use]
    pub fn out_of_turn(self) -> Self {
        Self { stops: false, ..self }
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
                let lines = self.lines_of(task, None);
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
        // Who waits relies on what was not there.
        let relies = !changes.is_empty() || !waiting.is_empty();
        let (as_of, relied) = if relies { (view.as_of(), view.into_relied()) } else { (0, Vec::new()) };
        let relied = relied.into_iter().filter(|key| !matches!(key, Key::Line(_))).collect();
        let stirs = distinct(stirs);
        let (model, generation) = (terms.model.clone(), terms.generation);
        let effects = Effects {
            model,
            generation,
            tasks,
            changes,
            touched,
            stirs,
            mends: Vec::new(),
            state,
            as_of,
            relied,
            step: None,
            signed: None,
            regroups: false,
            #[cfg(feature = "testing")]
            hushed: Vec::new(),
        };
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
        let outcome = planned.outcome(&translated.prepared);
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
                if self.stops {
                    self.made.stopped_at = Some(task.id);
                }
                self.stays(task, standing, log);
            }
            AfterFailure::Goes => {
                self.again.extend(self.lines.ends(task, []));
                let entry = entry(&self.terms, task, Outcome::Failed(failure.clone()), Planned::default(), usage);
                self.goes(task, entry, log);
            }
        }
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
        self.made.ends(TaskEnd { id: task.id, connector, version, fate, log });
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
            if waited.is_some() {
                // It waits for nothing unless it says so again: else it would be carried out once more.
                self.lines.forget(at);
            }
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
