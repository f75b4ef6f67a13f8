//! Several tasks planned together, in the order in which they are given, and judged only at the end (§11.6).

use std::collections::{BTreeMap, VecDeque};

use crate::failure::{Code, Failure};
use crate::maps::{HashMap, HashSet};
use crate::mark::{Mark, ended};
use crate::model::ContentModel;
use crate::park::{Line, LineKind};
use crate::plan::open::{Open, unmet};
use crate::plan::step::{About, Step};
use crate::plan::{PlanLimits, Planned, Sources, Stop, Unmet, View, lines};
use crate::task::Task;
use crate::translate::Translated;

/// One task of a group.
#[derive(Clone, Copy)]
pub struct Member<'a> {
    /// The task.
    pub task: &'a Task,
    /// What its connector made of it.
    pub translated: &'a Translated,
    /// Its connector's limits and grants: each acts under its own.
    pub limits: PlanLimits<'a>,
}

/// Why a group does not hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Apart {
    /// Rows, ids or a commit are needed first: `Load`, `Ids` or `Commit`.
    Stop(Stop),
    /// These members, by their place, fail (`Fail`) or have something open (`Unmet`).
    Members(Vec<(usize, Stop)>),
}

/// Plans tasks together. On `Err` the view is as it was.
pub fn plan_together(
    members: &[Member<'_>],
    model: &ContentModel,
    view: &mut View,
    sources: &mut Sources<'_>,
) -> Result<Vec<Planned>, Apart> {
    let abouts: Vec<About<'_>> = members.iter().map(About::of).collect();
    let Some((first, others)) = abouts.split_first() else { return Ok(Vec::new()) };
    if let ([member], []) = (members, others) {
        return match super::plan(member.task, member.translated, model, member.limits, view, sources) {
            Ok(planned) => Ok(vec![planned]),
            Err(stop @ (Stop::Fail(_) | Stop::Unmet(_))) => Err(Apart::Members(vec![(0, stop)])),
            Err(stop) => Err(Apart::Stop(stop)),
        };
    }
    let mut step = Step::new(*first, others, model, view, sources);
    let mut failed = BTreeMap::new();
    let result = step.act_together(members, &mut failed).and_then(|()| match step.judge() {
        Err(stop @ (Stop::Fail(_) | Stop::Unmet(_))) => {
            failed.entry(step.at).or_insert(stop);
            Ok(())
        }
        judged => judged,
    });
    step.end_together(members, result, failed)
}

/// A member that cannot act yet.
struct Held {
    /// What it was stopped by.
    stop: Stop,
    /// What would let it act: what it wants, or the end of who is before it.
    until: Vec<Mark>,
}

/// Members that cannot act yet: parents come before what lies under them.
struct Waiting<'m> {
    members: &'m [Member<'m>],
    model: &'m ContentModel,
    held: BTreeMap<usize, Held>,
    until: HashMap<Mark, Vec<usize>>,
    /// The lines of those that are held, and of whom each is.
    lines: HashMap<Line, Vec<usize>>,
}

impl<'m> Waiting<'m> {
    fn lines_of(&self, at: usize) -> Vec<Line> {
        self.members.get(at).map_or_else(Vec::new, |member| lines(member.task, member.translated, self.model))
    }

    /// Whom of those that are held a member may not overtake. A parent overtakes its children: they wait for it.
    fn before(&self, at: usize) -> Option<usize> {
        if self.held.is_empty() {
            return None;
        }
        let connector = |at: usize| self.members.get(at).map(|member| &member.task.connector);
        let of_same = |held: &&usize| **held < at && connector(**held) == connector(at);
        let behind = |line: Line| match line.kind {
            LineKind::Subject | LineKind::Child => self.lines.get(&line.opposite()).into_iter().flatten().filter(of_same).max().copied(),
            LineKind::List => None,
        };
        self.lines_of(at).into_iter().filter_map(behind).max()
    }

    fn hold(&mut self, at: usize, stop: Stop, until: Vec<Mark>) {
        for mark in &until {
            self.until.entry(*mark).or_default().push(at);
        }
        for line in self.lines_of(at) {
            self.lines.entry(line).or_default().push(at);
        }
        self.held.insert(at, Held { stop, until });
    }

    /// Those that may act now that these were touched, in order.
    fn released(&mut self, touched: &[Mark]) -> Vec<usize> {
        let mut free: Vec<usize> = touched.iter().filter_map(|mark| self.until.get(mark)).flatten().copied().collect();
        free.sort_unstable();
        free.dedup();
        free.retain(|at| {
            let Some(held) = self.held.remove(at) else { return false };
            for mark in &held.until {
                if let Some(all) = self.until.get_mut(mark) {
                    all.retain(|other| other != at);
                }
            }
            true
        });
        if !free.is_empty() {
            let gone: HashSet<usize> = free.iter().copied().collect();
            self.lines.values_mut().for_each(|all| all.retain(|at| !gone.contains(at)));
        }
        free
    }
}

impl<'a> Step<'a, '_> {
    fn act_together(&mut self, members: &[Member<'a>], failed: &mut BTreeMap<usize, Stop>) -> Result<(), Stop> {
        let mut waiting =
            Waiting { members, model: self.model, held: BTreeMap::new(), until: HashMap::default(), lines: HashMap::default() };
        let mut queue: VecDeque<usize> = (0..members.len()).collect();
        while let Some(at) = queue.pop_front() {
            let Some(member) = members.get(at) else { continue };
            self.turn(at);
            if let Some(before) = waiting.before(at) {
                let until = members.get(before).map(|member| ended(member.task.id));
                waiting.hold(at, Stop::Commit, until.into_iter().collect());
                continue;
            }
            let changes = self.planned.changes.len();
            match self.act(&member.translated.prepared) {
                Ok(()) => {}
                // Nothing is written yet: where its object lies is not known.
                Err(Stop::Unmet(unmet)) if self.planned.changes.len() == changes => {
                    let until = unmet.wants.iter().map(|want| want.mark).collect();
                    waiting.hold(at, Stop::Unmet(unmet), until);
                    continue;
                }
                // What it has written stays until all is taken back: those that need it are not to blame.
                Err(stop @ (Stop::Fail(_) | Stop::Unmet(_))) => drop(failed.insert(at, stop)),
                Err(stop) => return Err(stop),
            }
            if !waiting.held.is_empty() {
                let made = self.planned.changes.get(changes..).unwrap_or_default();
                let mut touched: Vec<Mark> = made.iter().flat_map(|change| change.wakes(self.model)).collect();
                touched.push(ended(member.task.id));
                for free in waiting.released(&touched).into_iter().rev() {
                    queue.push_front(free);
                }
            }
        }
        for (at, held) in waiting.held {
            // One that is only behind another is not to blame.
            if let Stop::Unmet(unmet) = held.stop {
                self.is_open(at, Open::from(*unmet));
            }
        }
        Ok(())
    }

    fn end_together(
        mut self,
        members: &[Member<'_>],
        result: Result<(), Stop>,
        mut failed: BTreeMap<usize, Stop>,
    ) -> Result<Vec<Planned>, Apart> {
        if let Err(stop) = result {
            self.take_back();
            return Err(Apart::Stop(stop));
        }
        let mut open: BTreeMap<usize, Vec<Open>> = BTreeMap::new();
        for (at, one) in std::mem::take(&mut self.open) {
            open.entry(at).or_default().push(one);
        }
        for (at, open) in open {
            failed.entry(at).or_insert_with(|| unmet(open.into_iter()));
        }
        if failed.is_empty() {
            let rows_max = members.iter().map(|member| member.limits.rows_max).max().unwrap_or(0);
            if self.net_rows() <= rows_max {
                return Ok(self.finish_all());
            }
            failed = (0..members.len()).map(|at| (at, too_large(rows_max))).collect();
        }
        let failed = failed.into_iter().map(|(at, stop)| (at, self.with_would(at, stop))).collect();
        self.take_back();
        Err(Apart::Members(failed))
    }
}

fn too_large(rows_max: usize) -> Stop {
    let message = format!("tasks that need each other may write {rows_max} rows together, and these would write more");
    let failure = Failure::new(Code::RingTooLarge, message);
    Stop::Unmet(Box::new(Unmet { failure, wants: Vec::new(), helpers: Vec::new(), would: Vec::new(), lines: Vec::new() }))
}
