//! What is waited for and not there, for operators (§11.10).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::Bus;
use lockgate_core::audit::AuditAction;
use lockgate_core::decide::{AfterFailure, given_up};
use lockgate_core::effects::{self, let_go, row_of};
use lockgate_core::element::shown;
use lockgate_core::key::{Answers, BindingKey, Key, LooseKey, ObjectKey, PageKey};
use lockgate_core::mark::{Mark, ended};
use lockgate_core::names::ConnectorName;
use lockgate_core::park::{LooseAt, LooseEnd};
use lockgate_core::ports::{Missing, Order, Removal, Stand, Stood, StoreError, Waiter};
use lockgate_core::rows::LooseId;
use lockgate_core::task::{TaskHead, TaskId};

/// Wants that are looked at for one page, at most: the ends of other tasks are passed over.
const LOOKED_AT_MAX: usize = 5_000;
/// Wants that are read together, at least.
const PAGE_MIN: usize = 50;
/// Waiters that one transaction gives up.
const GIVEN_UP_AT_ONCE: usize = 1_000;
/// How often it is tried again because somebody was faster.
const CONFLICTS_MAX: u32 = 1_000;
/// Tasks that are named as helping.
const HELPERS_MAX: usize = 3;

/// One thing that is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct MissingThing {
    /// What, how many wait for it, and since when.
    pub missing: Missing,
    /// The first of those who wait, as in `missing`.
    pub first: Vec<Waits>,
    /// Tasks that wait themselves and would bring something that all of these tasks need.
    pub helped_by: Vec<TaskHead>,
}

/// Somebody who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// The task that waits, or that left the loose end.
    pub task: TaskId,
    /// Whose.
    pub connector: ConnectorName,
    /// The task's title; of a loose end nothing.
    pub title: Arc<str>,
    /// Of a loose end, where it is, in the operator's words.
    pub place: Option<String>,
}

/// What was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// What had been waited for.
    pub what: Arc<str>,
    /// Tasks that fail for it.
    pub tasks: u64,
    /// Loose ends that have ended.
    pub loose_ends: u64,
}

impl Bus {
    /// What tasks and loose ends wait for, but for the ends of other tasks: after a mark, so many at most; and the mark to
    /// go on from, if there may be more.
    pub fn missing(&self, after: Option<Mark>, limit: usize) -> Result<(Vec<MissingThing>, Option<Mark>), StoreError> {
        let store = &self.inner.parts.store;
        let (mut things, mut after, mut looked_at) = (Vec::new(), after, 0);
        while looked_at < LOOKED_AT_MAX {
            let page = store.missing(after, (limit - things.len()).saturating_add(1).max(PAGE_MIN))?;
            if page.is_empty() {
                return Ok((things, None));
            }
            looked_at += page.len();
            let known = Known::of(self, &page)?;
            for missing in page {
                let is_end = known.is_end(&missing);
                if !is_end && things.len() == limit {
                    return Ok((things, after));
                }
                after = Some(missing.want.mark);
                if !is_end {
                    things.push(known.thing(self, missing)?);
                }
            }
        }
        Ok((things, after))
    }

    /// Tasks that wait themselves and would help this one.
    pub fn helped_by(&self, task: &TaskHead) -> Result<Vec<TaskHead>, StoreError> {
        let helpers = task.waiting.as_deref().map_or(&[][..], |waiting| &waiting.helpers);
        self.bringing(helpers, &BTreeSet::from([task.id]))
    }

    fn bringing(&self, helpers: &[Mark], but: &BTreeSet<TaskId>) -> Result<Vec<TaskHead>, StoreError> {
        if helpers.is_empty() {
            return Ok(Vec::new());
        }
        let heads = self.inner.parts.store.bringing(helpers, HELPERS_MAX + but.len())?;
        Ok(heads.into_iter().filter(|head| !but.contains(&head.id)).take(HELPERS_MAX).collect())
    }

    /// Gives up what is missing: its tasks fail, its loose ends end. Not in one transaction when there are many. `None`:
    /// nothing waits for it.
    pub fn ignore_missing(&self, mark: Mark) -> Result<Option<Ignored>, StoreError> {
        let mut ignored: Option<Ignored> = None;
        let mut conflicts = 0;
        loop {
            let waiters = self.inner.parts.store.waiters(mark, GIVEN_UP_AT_ONCE)?;
            let tasks: Vec<TaskId> =
                waiters.iter().filter_map(|waiter| if let Waiter::Task(id) = waiter { Some(*id) } else { None }).collect();
            let ends: Vec<LooseId> =
                waiters.iter().filter_map(|waiter| if let Waiter::Loose(id) = waiter { Some(*id) } else { None }).collect();
            let (tasks, ends) = (self.give_up_tasks(mark, &tasks)?, self.give_up_ends(mark, &ends)?);
            let (Some(what), done) = (tasks.what.or(ends.what), tasks.done + ends.done) else { break };
            let sum = ignored.get_or_insert(Ignored { what, tasks: 0, loose_ends: 0 });
            sum.tasks += tasks.done;
            sum.loose_ends += ends.done;
            conflicts = if done == 0 { conflicts + 1 } else { 0 };
            if conflicts > CONFLICTS_MAX {
                return Err(StoreError::Conflict);
            }
        }
        if let Some(Ignored { what, tasks, loose_ends }) = &ignored {
            tracing::info!(mark = %mark, tasks, loose_ends, "an operator has given up {what}: {tasks} tasks, {loose_ends} loose ends");
        }
        Ok(ignored)
    }

    fn give_up_tasks(&self, mark: Mark, ids: &[TaskId]) -> Result<GivenUp, StoreError> {
        let mut given = GivenUp::default();
        let (mut stands, mut removals) = (Vec::new(), Vec::new());
        let mut connectors = BTreeSet::new();
        for head in self.heads(ids)?.into_iter().filter(TaskHead::waits) {
            let waiting = head.waiting.as_deref();
            let want = waiting.and_then(|waiting| waiting.wants.iter().find(|want| want.mark == mark));
            // The end of another task is not missing: that task is to be decided about.
            let Some(want) = want.filter(|_| !is_end(&head, mark)) else { continue };
            given.what.get_or_insert_with(|| want.what.clone());
            let (failure, after) = given_up(&head, &want.what);
            connectors.insert(head.connector.clone());
            match after {
                AfterFailure::Stays(standing) | AfterFailure::StaysAndStops(standing) => {
                    stands.push(Stand { id: head.id, version: head.version, standing });
                }
                AfterFailure::Goes => {
                    let failed = TaskHead { failure: Some(failure), ..head.clone() };
                    removals.push(Removal { version: head.version, entry: effects::given_up(&failed, self.now_ms()) });
                }
            }
        }
        if given.what.is_none() {
            return Ok(given);
        }
        let row = |tasks: usize| {
            let what = given.what.as_deref().unwrap_or_default();
            self.row(AuditAction::MissingIgnore, what).map(|row| row.after(&format!("{{\"tasks\":{tasks}}}")))
        };
        let (standing, going) = (row(stands.len()), row(removals.len()));
        let stood = self.order(&Order::Stand(stands), standing)?.stood();
        let stood = stood.into_iter().chain(self.order(&Order::Remove(removals), going)?.stood());
        given.done = stood.filter(|stood| *stood == Stood::Done).count() as u64;
        // Whoever waited behind one that is gone.
        connectors.iter().for_each(|name| self.inner.begin_due(name));
        Ok(given)
    }

    fn give_up_ends(&self, mark: Mark, ids: &[LooseId]) -> Result<GivenUp, StoreError> {
        let mut given = GivenUp::default();
        let mut ends = self.loose_ends(ids)?;
        ends.retain(|end| end.wants.iter().any(|want| want.mark == mark));
        let mut by_connector: BTreeMap<ConnectorName, Vec<Arc<LooseEnd>>> = BTreeMap::new();
        for end in ends {
            given.what = given.what.or_else(|| Some(end.wants.iter().find(|want| want.mark == mark)?.what.clone()));
            by_connector.entry(end.connector.clone()).or_default().push(end);
        }
        for (connector, ends) in by_connector {
            let known = self.inner.current()?;
            let rows = self.rows_of(&ends)?;
            let effects = let_go(known.model.clone(), known.generation, &ends, &rows);
            let row = self.row(AuditAction::MissingIgnore, given.what.as_deref().unwrap_or_default());
            let row = row.map(|row| row.of(&connector).after(&format!("{{\"loose_ends\":{}}}", ends.len())));
            match self.order(&Order::Amend(connector.clone(), Box::new(effects)), row) {
                Ok(_) => given.done += ends.len() as u64,
                // They are looked at again.
                Err(StoreError::Conflict) => {}
                Err(StoreError::Stale) => drop(self.inner.reload()?),
                Err(error) => return Err(error),
            }
        }
        Ok(given)
    }

    fn loose_ends(&self, ids: &[LooseId]) -> Result<Vec<Arc<LooseEnd>>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<Key> = ids.iter().map(|id| LooseKey(*id).into()).collect();
        let answers = self.inner.parts.store.load(&keys)?.answers;
        Ok(answers.of::<LooseKey>().values().flatten().cloned().collect())
    }

    /// The rows at whose fields these are.
    fn rows_of(&self, ends: &[Arc<LooseEnd>]) -> Result<Answers, StoreError> {
        let keys: Vec<Key> = ends.iter().filter_map(|end| row_of(end)).collect();
        Ok(if keys.is_empty() { Answers::default() } else { self.inner.parts.store.load(&keys)?.answers })
    }
}

/// What of one page of waiters was given up.
#[derive(Default)]
struct GivenUp {
    /// What they waited for; `None`: none of them does.
    what: Option<Arc<str>>,
    /// How many.
    done: u64,
}

/// Whether this is the end of a task that the task stands behind.
fn is_end(head: &TaskHead, mark: Mark) -> bool {
    head.waiting.as_deref().and_then(|waiting| waiting.behind).is_some_and(|behind| ended(behind) == mark)
}

/// The first who wait for what is missing.
struct Known {
    tasks: BTreeMap<TaskId, TaskHead>,
    ends: BTreeMap<LooseId, Arc<LooseEnd>>,
    rows: Answers,
}

impl Known {
    fn of(bus: &Bus, page: &[Missing]) -> Result<Self, StoreError> {
        let (mut tasks, mut ends) = (Vec::new(), Vec::new());
        for waiter in page.iter().flat_map(|missing| &missing.first) {
            match waiter {
                Waiter::Task(id) => tasks.push(*id),
                Waiter::Loose(id) => ends.push(*id),
            }
        }
        let tasks = bus.heads(&tasks)?.into_iter().map(|head| (head.id, head)).collect();
        let ends = bus.loose_ends(&ends)?;
        let rows = bus.rows_of(&ends)?;
        Ok(Self { tasks, ends: ends.into_iter().map(|end| (end.id, end)).collect(), rows })
    }

    /// The tasks that wait for it, of the first.
    fn waiting<'a>(&'a self, missing: &'a Missing) -> impl Iterator<Item = &'a TaskHead> {
        missing.first.iter().filter_map(|waiter| if let Waiter::Task(id) = waiter { self.tasks.get(id) } else { None })
    }

    fn is_end(&self, missing: &Missing) -> bool {
        self.waiting(missing).any(|head| is_end(head, missing.want.mark))
    }

    fn thing(&self, bus: &Bus, missing: Missing) -> Result<MissingThing, StoreError> {
        let mut helpers: Option<BTreeSet<Mark>> = None;
        for head in self.waiting(&missing) {
            let its: BTreeSet<Mark> = head.waiting.iter().flat_map(|waiting| waiting.helpers.iter().copied()).collect();
            helpers = Some(helpers.map_or(its.clone(), |common| common.intersection(&its).copied().collect()));
        }
        let helpers: Vec<Mark> = helpers.into_iter().flatten().collect();
        let but = self.waiting(&missing).map(|head| head.id).collect();
        let helped_by = bus.bringing(&helpers, &but)?;
        let first = missing.first.iter().filter_map(|waiter| self.waits(*waiter)).collect();
        Ok(MissingThing { missing, first, helped_by })
    }

    fn waits(&self, waiter: Waiter) -> Option<Waits> {
        match waiter {
            Waiter::Task(id) => {
                let head = self.tasks.get(&id)?;
                Some(Waits { task: id, connector: head.connector.clone(), title: head.title.clone(), place: None })
            }
            Waiter::Loose(id) => {
                let end = self.ends.get(&id)?;
                let place = Some(place(&end.at, &self.rows));
                Some(Waits { task: end.task, connector: end.connector.clone(), title: "".into(), place })
            }
        }
    }
}

/// Where a loose end is.
fn place(at: &LooseAt, rows: &Answers) -> String {
    let field = match at {
        LooseAt::Object(_, field) | LooseAt::Page(_, _, field) | LooseAt::Binding(_, field) => shown(field),
        LooseAt::NotMade(_) => "".into(),
    };
    match at {
        LooseAt::Object(id, _) => match rows.get(&ObjectKey::Id(*id)).and_then(Option::as_ref) {
            Some(row) => format!("field {field} of {} '{}'", row.object_type, row.code_name),
            None => format!("field {field} of object {id}"),
        },
        LooseAt::Page(id, culture, _) => match rows.get(&PageKey::Id(*id)).and_then(Option::as_ref) {
            Some(row) => format!("field {field} ({culture}) of page '{}' of site {}", row.alias, row.site),
            None => format!("field {field} ({culture}) of page {id}"),
        },
        LooseAt::Binding(id, _) => match rows.get(&BindingKey::Id(*id)).and_then(Option::as_ref) {
            Some(row) => format!("field {field} of a {}", row.binding_type),
            None => format!("field {field} of binding {id}"),
        },
        LooseAt::NotMade(not_made) => format!("a {} that is not made", not_made.binding_type),
    }
}
