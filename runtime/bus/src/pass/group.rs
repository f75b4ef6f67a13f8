//! Groups: tasks that wait, tried together with what they need (§11.6). What belongs to one is decided by
//! `core::park`; here the store is asked, connectors translate, and what holds is committed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use crate::pass::PassContext;
use crate::pass::apply::in_rounds;
use crate::pass::operation::Part;
use crate::pass::side::Side;
use lockgate_core::effects::{Companion, Effects, Ids, Item, NotNow, Relied, Terms, Together, Work, wait_on};
use lockgate_core::failure::{Class, Failure};
use lockgate_core::mark::Mark;
use lockgate_core::names::ConnectorName;
use lockgate_core::park::{Ask, Gathering, Line, LineKind};
use lockgate_core::ports::{Due, Lease, StoreError};
use lockgate_core::task::{TaskHead, TaskId};

/// Tasks that are looked at for one group, at most (promise 5).
const LOOKED_AT_MAX: usize = 2_000;
/// Tasks that one question may bring.
const BROUGHT_MAX: usize = 1_000;
/// How often one group is put together anew because somebody was faster.
const CONFLICTS_MAX: u32 = 16;

/// A task that is to be tried with a group.
pub(super) struct Seed {
    /// What would help it, as far as that is known.
    pub helpers: Vec<Mark>,
    /// It was woken.
    pub due: bool,
    /// It has stood in its lines before: others may wait behind it.
    pub stood: bool,
}

/// Tasks whose groups could not be translated because an application did not answer: they are tried again after
/// a while.
#[derive(Default)]
pub(crate) struct Later {
    pub tasks: BTreeSet<TaskId>,
    /// When, in ms since 1970.
    pub due_ms: Option<i64>,
}

/// What trying groups came to.
#[derive(Default)]
pub(super) struct Grouped {
    /// Tasks that have ended, of whichever connector.
    pub done: BTreeSet<TaskId>,
    /// The configuration changed.
    pub stale: bool,
}

/// Tries each of these with a group, if there is anybody for one.
/// `part`: the part of an operation that has counted them as waiting.
pub(super) fn try_groups(
    context: &PassContext<'_>,
    lease: &Lease,
    seeds: BTreeMap<TaskId, Seed>,
    part: Option<&Part>,
) -> Result<Grouped, StoreError> {
    let mut grouped = Grouped::default();
    let helpers: BTreeSet<Mark> = seeds.values().flat_map(|seed| seed.helpers.iter().copied()).collect();
    let brought: BTreeSet<Mark> = match helpers.is_empty() {
        true => BTreeSet::new(),
        false => {
            let heads = context.store.bringing(&helpers.into_iter().collect::<Vec<_>>(), BROUGHT_MAX)?;
            heads.iter().flat_map(|head| head.waiting.iter().flat_map(|waiting| waiting.brings.iter().copied())).collect()
        }
    };
    let ids: Vec<TaskId> = seeds.keys().copied().collect();
    let mut chains: BTreeSet<(ConnectorName, Line)> = BTreeSet::new();
    let mut waits = Waits::default();
    let mut sides = Sides { context, others: BTreeMap::new() };
    let mut group = Group { sides: &mut sides, lease, part, translated: BTreeMap::new(), unanswered: None };
    for head in context.store.heads(&ids)? {
        let Some(seed) = seeds.get(&head.id) else { continue };
        let Some(waiting) = head.waiting.clone() else { continue };
        let helped = seed.due || seed.stood || waiting.behind.is_some() || seed.helpers.iter().any(|mark| brought.contains(mark));
        if grouped.done.contains(&head.id) || !head.stands_apart() || !helped {
            continue;
        }
        if (context.stop)() {
            // It is due when somebody goes on.
            context.store.make_due(&[head.id], Due::Group)?;
            continue;
        }
        // One try for all who stand in one chain.
        let subjects = waiting.lines.iter().filter(|line| line.kind == LineKind::Subject);
        let new =
            subjects.map(|line| chains.insert((head.connector.clone(), *line))).fold(waiting.lines.is_empty(), |one, other| one | other);
        if !new {
            if seed.due {
                waits.tried.push((head, waiting.group_wants.clone()));
            }
            continue;
        }
        let mut conflicts = 0;
        let came = loop {
            match group.try_one(&head)? {
                Came::Conflict if conflicts < CONFLICTS_MAX => {
                    conflicts += 1;
                    group.translated.clear();
                    (context.renew)()?;
                }
                came => break came,
            }
        };
        match came {
            Came::Holds(tasks) => {
                grouped.done.extend(tasks);
                waits.before_the_last = waits.tried.len();
            }
            Came::Stale => {
                grouped.stale = true;
                context.store.make_due(&[head.id], Due::Group)?;
                return Ok(grouped);
            }
            Came::Conflict => context.store.make_due(&[head.id], Due::Group)?,
            Came::Waits { wants, would, among, relied } => {
                if let Some(failure) = group.unanswered.take() {
                    let backoff_ms = context.side.settings(context).backoff_ms.unwrap_or(0).max(failure.retry_after_ms.unwrap_or(0).into());
                    let at_ms = context.clock.now_ms().saturating_add(i64::try_from(backoff_ms).unwrap_or(i64::MAX));
                    let mut later = context.later.lock().unwrap_or_else(PoisonError::into_inner);
                    later.tasks.insert(head.id);
                    later.due_ms = Some(later.due_ms.map_or(at_ms, |due_ms| due_ms.min(at_ms)));
                }
                // Who was due is not due any more; of the others only those who want something else than before are written.
                if !seed.due {
                    waits.stirs.extend(would.iter().copied());
                }
                if seed.due || !would.is_empty() || waiting.group_wants != wants {
                    waits.among.extend(among);
                    waits.relied.add(relied);
                    waits.tried.push((head, wants));
                }
            }
        }
    }
    grouped.stale = put_back(context, lease, waits, &grouped)?;
    Ok(grouped)
}

/// Those that were tried and wait on.
#[derive(Default)]
struct Waits {
    /// With what their groups failed by.
    tried: Vec<(TaskHead, Vec<Mark>)>,
    /// What those that have just parked would touch.
    stirs: Vec<Mark>,
    /// Others who were in their groups: their ends are waited for.
    among: BTreeSet<TaskId>,
    /// By which answers they failed.
    relied: Relied,
    /// How many had been tried when the last group was carried out: what it touched nobody waited for yet.
    before_the_last: usize,
}

/// Those that wait on keep what their groups failed by. Whatever has changed since they were tried: they are looked
/// at again (no lost wake-up, §11.7). True when the configuration has changed.
fn put_back(context: &PassContext<'_>, lease: &Lease, waits: Waits, grouped: &Grouped) -> Result<bool, StoreError> {
    let Waits { tried, stirs, among, relied, before_the_last } = waits;
    let again: Vec<TaskId> = tried.iter().take(before_the_last).map(|(head, _)| head.id).collect();
    let tried: Vec<_> = tried.into_iter().filter(|(head, _)| !grouped.done.contains(&head.id)).collect();
    if tried.is_empty() {
        return Ok(false);
    }
    let ids: Vec<TaskId> = tried.iter().map(|(head, _)| head.id).collect();
    let terms = context.side.terms(context, true);
    match context.store.commit(lease, &wait_on(&terms, tried, stirs, relied)) {
        Ok(()) => {}
        // Somebody was faster.
        Err(error @ (StoreError::Conflict | StoreError::Stale)) => {
            context.store.make_due(&ids, Due::Group)?;
            return Ok(matches!(error, StoreError::Stale));
        }
        Err(error) => return Err(error),
    }
    // Who has ended before somebody waited for that wakes nobody.
    let among: Vec<TaskId> = among.into_iter().filter(|id| !grouped.done.contains(id)).collect();
    let ended = !among.is_empty() && context.store.heads(&among)?.len() < among.len();
    context.store.make_due(if ended { &ids } else { &again }, Due::Group)?;
    Ok(false)
}

/// What one try came to.
enum Came {
    /// These have ended.
    Holds(Vec<TaskId>),
    /// Somebody was faster.
    Conflict,
    /// The configuration changed.
    Stale,
    /// It waits on.
    Waits {
        /// For this.
        wants: Vec<Mark>,
        /// What the whole group would touch.
        would: Vec<Mark>,
        /// Others who were in its groups.
        among: Vec<TaskId>,
        /// By which answers they failed.
        relied: Relied,
    },
}

/// The connectors' sides, made when they are first needed.
struct Sides<'a, 'c> {
    context: &'a PassContext<'c>,
    others: BTreeMap<ConnectorName, Option<Arc<Side>>>,
}

impl<'a> Sides<'a, '_> {
    /// `None`: it does not process now.
    fn of(&mut self, connector: &ConnectorName) -> Option<Arc<Side>> {
        if *connector == self.context.side.connector {
            return Some(self.context.side.clone());
        }
        let context = self.context;
        self.others.entry(connector.clone()).or_insert_with(|| (context.others)(connector)).clone()
    }
}

struct Group<'a, 's, 'c> {
    sides: &'a mut Sides<'s, 'c>,
    lease: &'a Lease,
    part: Option<&'a Part>,
    /// For as long as groups are tried: what is carried out is checked by the tasks' versions.
    translated: BTreeMap<TaskId, (Arc<Side>, Item)>,
    /// An application did not answer one that could have been in the group.
    unanswered: Option<Failure>,
}

impl Group<'_, '_, '_> {
    fn try_one(&mut self, head: &TaskHead) -> Result<Came, StoreError> {
        let context = self.sides.context;
        let mut gathering = Gathering::new(head);
        let mut would: Option<Vec<Mark>> = None;
        let mut relied = Relied::default();
        loop {
            match gathering.ask() {
                Ask::Line(connector, lines, before) => {
                    let mut heads = context.store.line(&connector, &lines, BROUGHT_MAX)?;
                    heads.retain(|other| before.is_none_or(|before| other.id < before));
                    gathering.stand(&heads);
                }
                Ask::Bringing(marks) => gathering.stand(&context.store.bringing(&marks, BROUGHT_MAX)?),
                Ask::Plan(members) => {
                    if gathering.looked_at() > LOOKED_AT_MAX || (context.stop)() {
                        return Ok(waits_on(&gathering, would, relied));
                    }
                    if let Some(not) = self.translate(&members)? {
                        gathering.cannot(not);
                        continue;
                    }
                    match self.plan(&members)? {
                        Ok(effects) => return self.commit(effects, members),
                        Err(NotNow { open, relied: by }) => {
                            relied.add(by);
                            would.get_or_insert_with(|| open.iter().flat_map(|open| open.would.iter().copied()).collect());
                            gathering.open(open.into_iter().map(|open| (open.task, open.wants, open.helpers)));
                        }
                    }
                }
                Ask::Nothing => return Ok(waits_on(&gathering, would, relied)),
            }
        }
    }

    /// Translates those of them that are not yet; one that cannot be in a group, if there is one.
    fn translate(&mut self, members: &[TaskId]) -> Result<Option<TaskId>, StoreError> {
        let context = self.sides.context;
        if self.translated.len() > LOOKED_AT_MAX {
            self.translated.retain(|id, _| members.contains(id));
        }
        for id in members {
            if self.translated.contains_key(id) {
                continue;
            }
            let Some(task) = context.store.task(*id)? else { return Ok(Some(*id)) };
            let Some(side) = self.sides.of(&task.connector) else { return Ok(Some(*id)) };
            let state = side.state(context)?;
            let item = side.processed(context, task, &state);
            // What writes its connector's state is carried out in its own turn alone; what fails, fails as itself.
            if let Work::Processed { result: Err(failure), .. } = &item.work
                && failure.code.class() == Class::Application
            {
                self.unanswered = Some(failure.clone());
            }
            if item.writes_state() || !matches!(item.work, Work::Processed { result: Ok(_), .. }) {
                return Ok(Some(*id));
            }
            self.translated.insert(*id, (side, item));
        }
        Ok(None)
    }

    fn plan(&self, members: &[TaskId]) -> Result<Result<Effects, NotNow>, StoreError> {
        let context = self.sides.context;
        let mut terms: BTreeMap<&ConnectorName, Terms<'_>> = BTreeMap::new();
        for (side, _) in self.translated.values() {
            if !terms.contains_key(&side.connector) {
                terms.insert(&side.connector, side.terms(context, true));
            }
        }
        let companions: Vec<Companion<'_>> = members
            .iter()
            .filter_map(|id| {
                let (side, item) = self.translated.get(id)?;
                let Work::Processed { result: Ok(translated), usage } = &item.work else { return None };
                Some(Companion { task: &item.task, translated, usage, terms: terms.get(&side.connector)? })
            })
            .collect();
        let own = context.side.terms(context, true);
        let mut together = Together::new(&own, &companions, Ids::default());
        in_rounds(context, &mut together)?;
        Ok(together.finish().0)
    }

    fn commit(&self, effects: Effects, members: Vec<TaskId>) -> Result<Came, StoreError> {
        let context = self.sides.context;
        let effects = match self.part.and_then(|part| part.together(context, &members)) {
            Some(step) => effects.with_step(step),
            None => effects,
        };
        let begun_us = context.clock.monotonic_us();
        match context.store.commit(self.lease, &effects) {
            Ok(()) => {
                let took_ms = context.clock.monotonic_us().saturating_sub(begun_us) / 1_000;
                context.numbers.committed(&context.side.connector, effects.tasks(), took_ms);
                tracing::debug!(connector = %context.side.connector, "{} tasks were carried out together", members.len());
                (context.stir)()?;
                Ok(Came::Holds(members))
            }
            Err(StoreError::Conflict) => Ok(Came::Conflict),
            Err(StoreError::Stale) => Ok(Came::Stale),
            Err(error) => Err(error),
        }
    }
}

fn waits_on(gathering: &Gathering, would: Option<Vec<Mark>>, relied: Relied) -> Came {
    Came::Waits { wants: gathering.wants(), would: would.unwrap_or_default(), among: gathering.others(), relied }
}
