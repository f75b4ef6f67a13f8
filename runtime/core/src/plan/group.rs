//! Several tasks planned together, in the order in which they are given, and judged only at the end (§11.6).

use crate::model::ContentModel;
use crate::plan::{PlanLimits, Planned, Sources, Stop, View, plan};
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
    // Until members are judged at the end: one after the other.
    let mut planned: Vec<Planned> = Vec::new();
    for (at, member) in members.iter().enumerate() {
        match plan(member.task, member.translated, model, member.limits, view, sources) {
            Ok(one) => planned.push(one),
            Err(stop) => {
                for change in planned.into_iter().flat_map(|planned| planned.changes).rev() {
                    view.take_back(&change, model);
                }
                return Err(match stop {
                    Stop::Fail(_) | Stop::Unmet(_) => Apart::Members(vec![(at, stop)]),
                    stop => Apart::Stop(stop),
                });
            }
        }
    }
    Ok(planned)
}
