//! Who waits for what, and who is due (§11). A waiter is a task or a loose end.

use std::collections::{BTreeMap, BTreeSet};

use lockgate_core::mark::Mark;
use lockgate_core::names::ConnectorName;
use lockgate_core::park::Want;
use lockgate_core::ports::{Due, MISSING_FIRST_MAX, Missing, Waiter};
use lockgate_core::rows::LooseId;
use lockgate_core::task::TaskId;

/// More waiters than these are not woken by the commit that touches what they wait for, but worked off
/// later (§11.8). Few, so that tests meet it.
const WAKE_AT_ONCE: usize = 4;

/// Why a mark was touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Touch {
    /// The answer to the question may be another.
    Wakes,
    /// A task that would touch it has begun to wait.
    Stirs,
}

/// What one waiter waits for.
#[derive(Debug)]
struct Waits {
    connector: ConnectorName,
    since_ms: i64,
    wants: Vec<Want>,
    group_wants: Vec<Mark>,
}

/// How one mark is waited for by one waiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    /// Only with a group.
    Group,
    /// By its own wants.
    Wants,
}

/// Something was touched that had too many waiters.
#[derive(Debug)]
struct Arrival {
    /// Those up to here are worked off.
    after: Option<Waiter>,
    /// Whom it is not for.
    except: BTreeSet<TaskId>,
}

/// How a store in memory loses who waits, on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgets {
    /// Of what wakes somebody, every third thing wakes nobody.
    AWake,
    /// Who waited when a commit began is not woken by it: those who begin to wait in it are.
    WhoWaitedBefore,
    /// Who begins to wait in a commit is not woken by it.
    WhoBeginsToWait,
    /// To be due is lost in a restart.
    WhoIsDue,
    /// What is to be worked off is lost in a restart.
    Arrivals,
    /// What has too many waiters wakes the first of them.
    TheMany,
}

#[derive(Debug, Default)]
pub(super) struct Waiters {
    pub(super) forgets: Option<Forgets>,
    touched: u64,
    /// Those that have begun to wait in the commit that is under way.
    new: BTreeSet<Waiter>,
    waits: BTreeMap<Waiter, Waits>,
    wanted: BTreeMap<Mark, BTreeMap<Waiter, By>>,
    due: BTreeMap<ConnectorName, BTreeMap<Waiter, Due>>,
    arrivals: BTreeMap<(ConnectorName, Mark, Touch), Arrival>,
}

impl Waiters {
    /// A waiter waits for this from now on, and for nothing else. It is not due.
    pub(super) fn put(&mut self, waiter: Waiter, connector: &ConnectorName, since_ms: i64, wants: &[Want], group_wants: &[Mark]) {
        self.forget(waiter);
        self.new.insert(waiter);
        for mark in group_wants {
            self.wanted.entry(*mark).or_default().insert(waiter, By::Group);
        }
        for want in wants {
            self.wanted.entry(want.mark).or_default().insert(waiter, By::Wants);
        }
        let (wants, group_wants) = (wants.to_vec(), group_wants.to_vec());
        self.waits.insert(waiter, Waits { connector: connector.clone(), since_ms, wants, group_wants });
    }

    /// It waits for nothing, and is not due.
    pub(super) fn forget(&mut self, waiter: Waiter) {
        for due in self.due.values_mut() {
            due.remove(&waiter);
        }
        self.due.retain(|_, due| !due.is_empty());
        let Some(waits) = self.waits.remove(&waiter) else { return };
        for mark in waits.wants.iter().map(|want| want.mark).chain(waits.group_wants) {
            if let Some(waiters) = self.wanted.get_mut(&mark) {
                waiters.remove(&waiter);
                if waiters.is_empty() {
                    self.wanted.remove(&mark);
                }
            }
        }
    }

    /// A connector is gone with all who waited for it.
    pub(super) fn forget_arrivals(&mut self, connector: &ConnectorName) {
        self.arrivals.retain(|(of, ..), _| of != connector);
    }

    /// Something was touched: whoever waits for it is due, or will be. `except`: whom a stir is not for.
    pub(super) fn touch(&mut self, mark: Mark, touch: Touch, except: &BTreeSet<TaskId>) {
        let Some(waiters) = self.wanted.get(&mark) else { return };
        self.touched += 1;
        let meant: Vec<(Waiter, Due)> = waiters.iter().filter_map(|(waiter, by)| Some((*waiter, due(*waiter, *by, touch)?))).collect();
        let meant = meant.into_iter().filter(|(waiter, _)| touch == Touch::Wakes || !is_among(*waiter, except));
        let meant = meant.filter(|(waiter, _)| !forgotten(self.forgets, self.new.contains(waiter), self.touched));
        let meant: Vec<(ConnectorName, Waiter, Due)> =
            meant.map(|(waiter, due)| (self.waits[&waiter].connector.clone(), waiter, due)).collect();
        if meant.len() > WAKE_AT_ONCE && self.forgets != Some(Forgets::TheMany) {
            for (connector, ..) in meant {
                let arrival = self.arrivals.entry((connector, mark, touch));
                let arrival = arrival.or_insert_with(|| Arrival { after: None, except: except.clone() });
                arrival.after = None;
                arrival.except.retain(|task| except.contains(task));
            }
        } else {
            for (connector, waiter, due) in meant.into_iter().take(WAKE_AT_ONCE) {
                self.make_due(&connector, waiter, due);
            }
        }
    }

    /// A commit begins.
    pub(super) fn begin(&mut self) {
        self.new.clear();
    }

    /// The process has ended and begun again.
    pub(super) fn restart(&mut self) {
        match self.forgets {
            Some(Forgets::WhoIsDue) => self.due.clear(),
            Some(Forgets::Arrivals) => self.arrivals.clear(),
            _ => {}
        }
    }

    /// It is due; to be tried alone says more than with a group.
    pub(super) fn make_due(&mut self, connector: &ConnectorName, waiter: Waiter, due: Due) {
        let was = self.due.entry(connector.clone()).or_default().entry(waiter).or_insert(due);
        *was = due.min(*was);
    }

    /// What it is due for.
    pub(super) fn is_due(&self, connector: &ConnectorName, waiter: Waiter) -> Option<Due> {
        self.due.get(connector)?.get(&waiter).copied()
    }

    /// Tasks of a connector that are due.
    pub(super) fn due_tasks(&self, connector: &ConnectorName) -> impl Iterator<Item = (TaskId, Due)> {
        let due = self.due.get(connector).into_iter().flatten();
        due.filter_map(|(waiter, due)| if let Waiter::Task(id) = waiter { Some((*id, *due)) } else { None })
    }

    /// Loose ends of a connector that are due.
    pub(super) fn due_ends(&self, connector: &ConnectorName) -> impl Iterator<Item = LooseId> {
        let due = self.due.get(connector).into_iter().flatten();
        due.filter_map(|(waiter, _)| if let Waiter::Loose(id) = waiter { Some(*id) } else { None })
    }

    /// Connectors that have something to do.
    pub(super) fn stirred(&self) -> BTreeSet<ConnectorName> {
        self.due.keys().chain(self.arrivals.keys().map(|(connector, ..)| connector)).cloned().collect()
    }

    /// Makes so many due that were too many before; true when there are more.
    pub(super) fn work_off(&mut self, connector: &ConnectorName, limit: usize) -> bool {
        let mut left = limit;
        while let Some(key) = self.arrivals.keys().find(|(of, ..)| of == connector).cloned() {
            let (_, mark, touch) = &key;
            let (_, arrival) = self.arrivals.remove_entry(&key).expect("it was found");
            let waiters = self.wanted.get(mark).into_iter().flatten();
            let meant = waiters.filter_map(|(waiter, by)| Some((*waiter, due(*waiter, *by, *touch)?)));
            let meant = meant.filter(|(waiter, _)| {
                arrival.after.is_none_or(|after| *waiter > after)
                    && self.waits[waiter].connector == *connector
                    && !is_among(*waiter, &arrival.except)
            });
            let meant: Vec<(Waiter, Due)> = meant.take(left.saturating_add(1)).collect();
            for (waiter, due) in meant.iter().take(left) {
                self.make_due(connector, *waiter, *due);
            }
            if meant.len() > left {
                let after = meant.get(left.wrapping_sub(1)).map(|(waiter, _)| *waiter).or(arrival.after);
                self.arrivals.insert(key, Arrival { after, ..arrival });
                return true;
            }
            left -= meant.len();
        }
        false
    }

    /// What is wanted by tasks and loose ends alone, after a mark.
    pub(super) fn missing(&self, after: Option<Mark>) -> impl Iterator<Item = Missing> {
        self.wanted.keys().filter(move |mark| after.is_none_or(|after| **mark > after)).filter_map(|mark| self.one_missing(*mark))
    }

    fn one_missing(&self, mark: Mark) -> Option<Missing> {
        let all: Vec<Waiter> = self.who_wants(mark).collect();
        let first: Vec<Waiter> = all.iter().take(MISSING_FIRST_MAX).copied().collect();
        let tasks = all.iter().filter(|waiter| matches!(waiter, Waiter::Task(_))).count() as u64;
        let connectors: BTreeSet<&ConnectorName> = all.iter().map(|waiter| &self.waits[waiter].connector).collect();
        Some(Missing {
            want: self.waits[all.first()?].wants.iter().find(|want| want.mark == mark)?.clone(),
            tasks,
            loose_ends: all.len() as u64 - tasks,
            connectors: connectors.into_iter().cloned().collect(),
            since_ms: first.iter().map(|waiter| self.waits[waiter].since_ms).min()?,
            first,
        })
    }

    /// Who wants this alone, ascending.
    pub(super) fn who_wants(&self, mark: Mark) -> impl Iterator<Item = Waiter> {
        let waiters = self.wanted.get(&mark).into_iter().flatten();
        waiters.filter(|(_, by)| **by == By::Wants).map(|(waiter, _)| *waiter)
    }
}

/// What a waiter is due for when this was touched.
fn due(waiter: Waiter, by: By, touch: Touch) -> Option<Due> {
    match (waiter, by, touch) {
        (_, By::Wants, Touch::Wakes) => Some(Due::Alone),
        (Waiter::Task(_), ..) => Some(Due::Group),
        (Waiter::Loose(_), ..) => None,
    }
}

/// Whether a store that is so broken does not wake one of these.
fn forgotten(forgets: Option<Forgets>, new: bool, touched: u64) -> bool {
    match forgets {
        Some(Forgets::AWake) => touched.is_multiple_of(3),
        Some(Forgets::WhoWaitedBefore) => !new,
        Some(Forgets::WhoBeginsToWait) => new,
        Some(Forgets::WhoIsDue | Forgets::Arrivals | Forgets::TheMany) | None => false,
    }
}

fn is_among(waiter: Waiter, tasks: &BTreeSet<TaskId>) -> bool {
    matches!(waiter, Waiter::Task(id) if tasks.contains(&id))
}
