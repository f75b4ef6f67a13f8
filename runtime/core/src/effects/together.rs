//! Drafting the effects of a group (§11.6): tasks that are carried out together or not at all, each under the
//! grants of its own connector.

use std::collections::BTreeMap;

use crate::decide::parked;
use crate::effects::draft::distinct;
use crate::effects::entry::entry;
use crate::effects::{Effects, Fate, Ids, Missing, Rounds, TaskEnd, Terms};
use crate::failure::{Failure, sanitised};
use crate::history::{Level, LogLine, Source};
use crate::key::{Key, Loaded};
use crate::maps::HashSet;
use crate::mark::Mark;
use crate::park::Waiting;
use crate::plan::{Apart, Member, Planned, Sources, Stop, View, hints, plan_together};
use crate::ports::Usage;
use crate::task::{Task, TaskHead, TaskId};
use crate::translate::Translated;

/// A task of a group, translated.
#[derive(Clone, Copy)]
pub struct Companion<'a> {
    /// The task.
    pub task: &'a Task,
    /// What its connector made of it.
    pub translated: &'a Translated,
    /// What its guest used and said.
    pub usage: &'a Usage,
    /// By what its connector is planned.
    pub terms: &'a Terms<'a>,
}

/// What is open of one task of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    /// Which task.
    pub task: TaskId,
    /// It fails for what it says itself; else it waits.
    pub fails: Option<Failure>,
    /// What it wants.
    pub wants: Vec<Mark>,
    /// What a waiting task would bring that would help.
    pub helpers: Vec<Mark>,
    /// What it would touch.
    pub would: Vec<Mark>,
}

/// Why a group does not hold now.
#[derive(Debug, Clone, PartialEq)]
pub struct NotNow {
    /// What is open of whom.
    pub open: Vec<Open>,
    /// By which answers.
    pub relied: Relied,
}

/// Questions whose answers were relied on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Relied {
    /// The store's counter when the first of them was loaded.
    as_of: Option<u64>,
    keys: HashSet<Key>,
}

impl Relied {
    /// With others.
    pub fn add(&mut self, other: Self) {
        self.as_of = [self.as_of, other.as_of].into_iter().flatten().min();
        self.keys.extend(other.keys);
    }
}

/// A group being planned.
pub struct Together<'a> {
    members: &'a [Companion<'a>],
    terms: &'a Terms<'a>,
    view: View,
    ids: Ids,
    ids_wanted: u64,
    hinted: bool,
    made: Option<Vec<Planned>>,
    open: Vec<Open>,
}

impl<'a> Together<'a> {
    /// By the terms of the connector that carries it out. Members in the order in which they are to be
    /// carried out.
    pub fn new(terms: &'a Terms<'a>, members: &'a [Companion<'a>], ids: Ids) -> Self {
        let mut view = View::default();
        view.reserve(ids.next..ids.end);
        Self { members, terms, view, ids, ids_wanted: 4_096, hinted: false, made: None, open: Vec::new() }
    }

    /// The group's effects, or what is open of whom; and what is left of the ids.
    pub fn finish(self) -> (Result<Effects, NotNow>, Ids) {
        let Self { members, terms, view, ids, made, open, .. } = self;
        let Some(made) = made else {
            let relied = Relied { as_of: Some(view.as_of()), keys: view.into_relied().into_iter().collect() };
            return (Err(NotNow { open, relied }), ids);
        };
        let mut tasks = BTreeMap::new();
        let (mut changes, mut touched) = (Vec::new(), Vec::new());
        let now_ms = terms.clock.now_ms();
        for (member, mut planned) in members.iter().zip(made) {
            changes.append(&mut planned.changes);
            touched.append(&mut planned.touched);
            let Companion { task, translated, usage, terms } = *member;
            let outcome = planned.outcome(&translated.prepared);
            let mut entry = entry(terms, task, outcome, planned, usage);
            entry.together = members.iter().map(|other| other.task.id).filter(|id| *id != task.id).collect();
            let mut log = usage.log.clone();
            let message = sanitised(&format!("carried out together with {}", named(&entry.together)));
            log.push(LogLine { at_ms: now_ms, level: Level::Info, source: Source::Host, message: message.into() });
            let (connector, version) = (task.connector.clone(), task.version);
            tasks.insert(task.id, TaskEnd { id: task.id, connector, version, fate: Fate::Removed(Box::new(entry)), log });
        }
        let (model, generation, as_of) = (terms.model.clone(), terms.generation, view.as_of());
        let relied = view.into_relied().into_iter().filter(|key| !matches!(key, Key::Line(_))).collect();
        let tasks = tasks.into_values().collect();
        let (stirs, mends, state) = (Vec::new(), Vec::new(), BTreeMap::new());
        (
            Ok(Effects {
                model,
                generation,
                tasks,
                changes,
                touched,
                stirs,
                mends,
                state,
                as_of,
                relied,
                step: None,
                signed: None,
                regroups: false,
                #[cfg(feature = "testing")]
                hushed: Vec::new(),
            }),
            ids,
        )
    }
}

impl Rounds for Together<'_> {
    fn go_on(&mut self) -> Result<(), Missing> {
        if !std::mem::replace(&mut self.hinted, true) {
            let keys: Vec<Key> = self.members.iter().flat_map(|member| hints(member.task, member.translated, self.terms.model)).collect();
            let missing = self.view.missing(&keys);
            if !missing.is_empty() {
                return Err(Missing::Answers(missing));
            }
        }
        let Terms { clock, randomness, .. } = *self.terms;
        let mut sources = Sources { next_id: self.ids.next, end_id: self.ids.end, clock, randomness };
        let members: Vec<Member<'_>> = self
            .members
            .iter()
            .map(|member| Member { task: member.task, translated: member.translated, limits: member.terms.limits() })
            .collect();
        match plan_together(&members, self.terms.model, &mut self.view, &mut sources) {
            Ok(planned) => {
                self.ids.next = sources.next_id;
                self.made = Some(planned);
                Ok(())
            }
            Err(Apart::Stop(Stop::Load(keys))) => Err(Missing::Answers(keys)),
            Err(Apart::Stop(Stop::Ids)) => {
                let wanted = self.ids_wanted;
                self.ids_wanted = wanted.saturating_mul(2);
                Err(Missing::Ids(wanted))
            }
            Err(Apart::Stop(stop)) => {
                // An answer that depends on what is planned: nobody of them can be judged now.
                self.open = self.members.iter().filter_map(|member| open(member.task.id, stop.clone())).collect();
                Ok(())
            }
            Err(Apart::Members(stops)) => {
                self.open = stops.into_iter().filter_map(|(at, stop)| open(self.members.get(at)?.task.id, stop)).collect();
                Ok(())
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

fn open(task: TaskId, stop: Stop) -> Option<Open> {
    let nothing = Open { task, fails: None, wants: Vec::new(), helpers: Vec::new(), would: Vec::new() };
    match stop {
        Stop::Fail(failure) => Some(Open { fails: Some(failure), ..nothing }),
        Stop::Unmet(unmet) => {
            let wants = unmet.wants.iter().map(|want| want.mark).collect();
            Some(Open { wants, helpers: unmet.helpers, would: unmet.would, ..nothing })
        }
        Stop::Commit => Some(nothing),
        Stop::Load(_) | Stop::Ids => None,
    }
}

fn named(tasks: &[TaskId]) -> String {
    /// More are not named in a line.
    const NAMED_MAX: usize = 20;
    let mut named: Vec<String> = tasks.iter().take(NAMED_MAX).map(|id| format!("task {id}")).collect();
    if tasks.len() > NAMED_MAX {
        named.push(format!("{} more", tasks.len() - NAMED_MAX));
    }
    named.join(", ")
}

/// The effects of tasks that wait on: each with what the groups that it was tried with failed by, and what those would
/// touch.
pub fn wait_on(terms: &Terms<'_>, tried: Vec<(TaskHead, Vec<Mark>)>, stirs: Vec<Mark>, relied: Relied) -> Effects {
    let end = |(head, group_wants): (TaskHead, Vec<Mark>)| {
        let waiting = Waiting { group_wants, ..head.waiting.as_deref().cloned().unwrap_or_default() };
        let state = head.state;
        let standing = crate::ports::Standing { state, aside: head.aside, failed_by: head.failed_by, ..parked(&head, None, waiting) };
        let (connector, version) = (head.connector.clone(), head.version);
        (head.id, TaskEnd { id: head.id, connector, version, fate: Fate::Stays(standing), log: Vec::new() })
    };
    let tasks: BTreeMap<TaskId, TaskEnd> = tried.into_iter().map(end).collect();
    Effects {
        model: terms.model.clone(),
        generation: terms.generation,
        tasks: tasks.into_values().collect(),
        changes: Vec::new(),
        touched: Vec::new(),
        stirs: distinct(stirs),
        mends: Vec::new(),
        state: BTreeMap::new(),
        as_of: relied.as_of.unwrap_or(0),
        relied: relied.keys.into_iter().filter(|key| !matches!(key, Key::Line(_))).collect(),
        regroups: true,
        #[cfg(feature = "testing")]
        hushed: Vec::new(),
        step: None,
        signed: None,
    }
}
