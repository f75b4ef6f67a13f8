//! Groups: tasks that wait, tried together with what they need (§11.6). What belongs to one is decided by
//! `core::park`; here the store is asked, connectors translate, and what holds is committed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::pass::PassContext;
use crate::pass::apply::in_rounds;
use crate::pass::operation::Part;
use crate::pass::side::Side;
use lockgate_core::effects::{Companion, Effects, Ids, Item, Open, Terms, Together, Work, wait_on};
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
    /// It was woken: those behind it are looked at, too.
    pub due: bool,
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
    let mut tried: Vec<(TaskHead, Vec<Mark>)> = Vec::new();
    let mut stirs: Vec<Mark> = Vec::new();
    let mut sides = Sides { context, others: BTreeMap::new() };
    let mut group = Group { sides: &mut sides, lease, part, translated: BTreeMap::new() };
    for head in context.store.heads(&ids)? {
        let Some(seed) = seeds.get(&head.id) else { continue };
        let Some(waiting) = head.waiting.clone() else { continue };
        let helped = seed.due || waiting.behind.is_some() || seed.helpers.iter().any(|mark| brought.contains(mark));
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
                tried.push((head, waiting.group_wants.clone()));
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
            Came::Holds(tasks) => grouped.done.extend(tasks),
            Came::Stale => {
                grouped.stale = true;
                context.store.make_due(&[head.id], Due::Group)?;
                return Ok(grouped);
            }
            Came::Conflict => context.store.make_due(&[head.id], Due::Group)?,
            Came::Waits { wants, would } => {
                // Who was due is not due any more; of the others only those who want something else than before are written.
                if !seed.due {
                    stirs.extend(would.iter().copied());
                }
                if seed.due || !would.is_empty() || waiting.group_wants != wants {
                    tried.push((head, wants));
                }
            }
        }
    }
    put_back(context, lease, tried, stirs, &grouped)?;
    Ok(grouped)
}

/// Those that wait on keep what their groups failed by.
fn put_back(
    context: &PassContext<'_>,
    lease: &Lease,
    tried: Vec<(TaskHead, Vec<Mark>)>,
    stirs: Vec<Mark>,
    grouped: &Grouped,
) -> Result<(), StoreError> {
    let tried: Vec<_> = tried.into_iter().filter(|(head, _)| !grouped.done.contains(&head.id)).collect();
    if tried.is_empty() {
        return Ok(());
    }
    let ids: Vec<TaskId> = tried.iter().map(|(head, _)| head.id).collect();
    let terms = context.side.terms(context, true);
    match context.store.commit(lease, &wait_on(&terms, tried, stirs)) {
        // Somebody has changed one of them meanwhile: all are looked at again.
        Err(StoreError::Conflict | StoreError::Stale) => context.store.make_due(&ids, Due::Group),
        done => done,
    }
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
}

impl Group<'_, '_, '_> {
    fn try_one(&mut self, head: &TaskHead) -> Result<Came, StoreError> {
        let context = self.sides.context;
        let mut gathering = Gathering::new(head);
        let mut would: Option<Vec<Mark>> = None;
        loop {
            match gathering.next() {
                Ask::Line(connector, lines, before) => {
                    let mut heads = context.store.line(&connector, &lines, BROUGHT_MAX)?;
                    heads.retain(|other| before.is_none_or(|before| other.id < before));
                    gathering.stand(&heads);
                }
                Ask::Bringing(marks) => gathering.stand(&context.store.bringing(&marks, BROUGHT_MAX)?),
                Ask::Plan(members) => {
                    if gathering.looked_at() > LOOKED_AT_MAX || (context.stop)() {
                        return Ok(Came::Waits { wants: gathering.wants(), would: would.unwrap_or_default() });
                    }
                    if let Some(not) = self.translate(&members)? {
                        gathering.cannot(not);
                        continue;
                    }
                    match self.plan(&members)? {
                        Ok(effects) => return self.commit(effects, members),
                        Err(open) => {
                            would.get_or_insert_with(|| open.iter().flat_map(|open| open.would.iter().copied()).collect());
                            gathering.open(open.into_iter().map(|open| (open.task, open.wants, open.helpers)));
                        }
                    }
                }
                Ask::Nothing => return Ok(Came::Waits { wants: gathering.wants(), would: would.unwrap_or_default() }),
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
            if item.writes_state() || !matches!(item.work, Work::Processed { result: Ok(_), .. }) {
                return Ok(Some(*id));
            }
            self.translated.insert(*id, (side, item));
        }
        Ok(None)
    }

    fn plan(&self, members: &[TaskId]) -> Result<Result<Effects, Vec<Open>>, StoreError> {
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
        match context.store.commit(self.lease, &effects) {
            Ok(()) => {
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
