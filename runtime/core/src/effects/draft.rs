//! Drafting effects: translated tasks in, effects out, in rounds. Whatever all tasks of the batch want
//! to know is asked for at once, never one question for each task.

use std::sync::Arc;

use crate::decide::{AfterFailure, after_failure};
use crate::effects::entry::entry;
use crate::effects::{Effects, Fate, StateWrites, TaskEnd};
use crate::failure::{Code, Failure, sanitised};
use crate::grants::WriteGrant;
use crate::history::{Entry, Level, LogLine, Outcome, Source};
use crate::key::{Key, Loaded};
use crate::mark::Mark;
use crate::model::SharedModel;
use crate::plan::{PlanLimits, Planned, Sources, Stop, View, hints, plan};
use crate::ports::{Clock, Generation, Granted, Randomness, Standing, Usage};
use crate::prepared::Prepared;
use crate::settings::{BusSettings, ConnectorSettings};
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
    /// Limits.
    pub settings: &'a BusSettings,
    /// Those of its connector.
    pub connector: &'a ConnectorSettings,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Randomness for GUIDs.
    pub randomness: &'a dyn Randomness,
}

/// Plans one task on the view; on an error the view is as it was.
fn plan_one(terms: &Terms<'_>, view: &mut View, ids: &mut Ids, task: &Task, translated: &Translated) -> Result<Planned, Stop> {
    let Terms { settings, clock, randomness, model, write, connector, .. } = *terms;
    let limits = PlanLimits {
        rows_max: settings.rows_per_task_max,
        depth_max: settings.reference_depth_max,
        loose_ends_left: connector.loose_ends_max,
        loose_ends: true,
        write,
    };
    let mut sources = Sources { next_id: ids.next, end_id: ids.end, clock, randomness };
    let result = plan(task, translated, model, limits, view, &mut sources);
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
    pub fn translation_stops(&self) -> bool {
        self.task.process_type == ProcessType::Default && matches!(&self.work, Work::Processed { result: Err(_), .. })
    }

    /// What its guest has handed over, in bytes.
    pub fn output_bytes(&self) -> u64 {
        match &self.work {
            Work::PassOver(_) => 0,
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
    hinted: bool,
    ids: Ids,
    ids_wanted: u64,
    view: View,
    made: Made,
}

#[derive(Default)]
struct Made {
    tasks: Vec<TaskEnd>,
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
        Self { terms, items, at: 0, hinted: false, ids, ids_wanted: IDS_WANTED, view, made: Made::default() }
    }

    /// Plans as far as what is known allows. `Ok`: it is through.
    pub fn go_on(&mut self) -> Result<(), Missing> {
        if !self.hinted {
            self.hinted = true;
            let missing = self.view.missing(&self.hints());
            if !missing.is_empty() {
                return Err(Missing::Answers(missing));
            }
        }
        let items = self.items;
        while let Some(item) = items.get(self.at)
            && self.made.stopped_at.is_none()
        {
            match &item.work {
                Work::PassOver(standing) => self.stays(&item.task, standing.clone(), Vec::new()),
                Work::Processed { result: Err(failure), usage } => self.failed(&item.task, failure, usage),
                Work::Processed { result: Ok(translated), usage } => {
                    match plan_one(&self.terms, &mut self.view, &mut self.ids, &item.task, translated) {
                        Ok(planned) => self.done(&item.task, translated, planned, usage),
                        Err(Stop::Fail(failure)) => self.failed(&item.task, &failure, usage),
                        Err(Stop::Unmet(unmet)) => self.failed(&item.task, &unmet.failure, usage),
                        Err(Stop::Load(keys)) => return Err(Missing::Answers(self.gathered(keys))),
                        Err(Stop::Ids) => {
                            let wanted = self.ids_wanted;
                            self.ids_wanted = wanted.saturating_mul(2);
                            return Err(Missing::Ids(wanted));
                        }
                        Err(Stop::Commit) if self.at > 0 => return Ok(()),
                        Err(Stop::Commit) => {
                            let failure = Failure::new(Code::Internal, "the plan did not come to an end");
                            self.failed(&item.task, &failure, usage);
                        }
                    }
                }
            }
            self.at += 1;
        }
        Ok(())
    }

    /// Takes in what the store answered.
    pub fn answered(&mut self, loaded: Loaded) {
        self.view.add(loaded, self.terms.model);
    }

    /// Takes in row ids that were reserved.
    pub fn reserved(&mut self, first: u64, count: u64) {
        self.ids = Ids { next: first, end: first.saturating_add(count) };
        self.view.reserve(self.ids.next..self.ids.end);
    }

    /// What was planned.
    pub fn finish(self) -> Drafted {
        let Self { terms, at, ids, view, made, .. } = self;
        let Made { tasks, changes, touched, state, done, failures, stopped_at, last, due_ms } = made;
        let ends = tasks.iter().filter(|task| matches!(task.fate, Fate::Removed(_))).map(|task| crate::mark::ended(task.id));
        let mut wakes: Vec<Mark> = changes.iter().flat_map(|change| change.wakes(terms.model)).chain(ends).collect();
        wakes.sort_unstable();
        wakes.dedup();
        let (as_of, relied) = if changes.is_empty() { (0, Vec::new()) } else { (view.as_of(), view.into_relied()) };
        let effects = Effects {
            model: terms.model.clone(),
            generation: terms.generation,
            tasks,
            changes,
            touched,
            wakes,
            stirs: Vec::new(),
            mends: Vec::new(),
            state,
            as_of,
            relied,
        };
        Drafted { effects, items: at, done, failures, stopped_at, last, due_ms, ids }
    }

    fn hints(&self) -> Vec<Key> {
        let mut keys = Vec::new();
        for item in self.items {
            if let Work::Processed { result: Ok(translated), .. } = &item.work {
                keys.extend(hints(&item.task, translated, self.terms.model));
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
        self.made.changes.append(&mut planned.changes);
        self.made.touched.append(&mut planned.touched);
        if self.terms.granted.state {
            self.made.state.extend(usage.state.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        self.made.done += 1;
        let outcome = match &translated.prepared {
            Prepared::Skip(reason) => Outcome::Skipped(sanitised(reason).into()),
            _ => Outcome::Stored,
        };
        self.made.last = Some((outcome.as_str(), None));
        let entry = entry(&self.terms, task, outcome, planned, usage);
        self.goes(task, entry, usage.log.clone());
    }

    fn failed(&mut self, task: &Task, failure: &Failure, usage: &Usage) {
        self.made.failures.push((task.id, failure.clone()));
        self.made.last = Some(("failed", Some(failure.clone())));
        let now_ms = self.terms.clock.now_ms();
        let mut log = usage.log.clone();
        log.push(LogLine { at_ms: now_ms, level: Level::Error, source: Source::Host, message: failure.to_string().into() });
        match after_failure(task, failure, self.terms.connector, now_ms) {
            AfterFailure::Stays(standing) => self.stays(task, standing, log),
            AfterFailure::StaysAndStops(standing) => {
                self.made.stopped_at = Some(task.id);
                self.stays(task, standing, log);
            }
            AfterFailure::Goes => {
                let entry = entry(&self.terms, task, Outcome::Failed(failure.clone()), Planned::default(), usage);
                self.goes(task, entry, log);
            }
        }
    }

    fn stays(&mut self, task: &Task, standing: Standing, log: Vec<LogLine>) {
        // Whoever gives a task a time to be tried again has it looked at then.
        self.made.due_ms = [self.made.due_ms, standing.not_before_ms].into_iter().flatten().min();
        self.ends(task, Fate::Stays(standing), log);
    }

    fn goes(&mut self, task: &Task, entry: Entry, log: Vec<LogLine>) {
        self.ends(task, Fate::Removed(Box::new(entry)), log);
    }

    fn ends(&mut self, task: &Task, fate: Fate, log: Vec<LogLine>) {
        self.made.tasks.push(TaskEnd { id: task.id, connector: task.connector.clone(), version: task.version, fate, log });
    }
}
