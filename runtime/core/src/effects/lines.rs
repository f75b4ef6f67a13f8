//! Who stands in the lines of a connector (§11.5), as far as a draft has changed it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::key::{LINE_IDS_MAX, LineKey};
use crate::mark::{Mark, ended};
use crate::model::ContentModel;
use crate::names::ConnectorName;
use crate::park::{Line, Want};
use crate::plan::{Stop, View};
use crate::task::{TaskHead, TaskId};

/// What a draft has changed of the lines, and who of its tasks waits for what.
#[derive(Debug, Default)]
pub(super) struct Lines {
    added: BTreeMap<Line, BTreeSet<TaskId>>,
    ended: BTreeSet<TaskId>,
    /// Tasks of the draft, by their place in it, that wait for a mark.
    waiting: HashMap<Mark, BTreeSet<usize>>,
}

impl Lines {
    /// The task that a task must not overtake: the last of those before it in its lines. `stored`: whether
    /// the store has anybody in lines of this connector.
    pub fn ahead(
        &self,
        connector: &ConnectorName,
        task: TaskId,
        lines: &[Line],
        stored: bool,
        view: &mut View,
        model: &ContentModel,
    ) -> Result<Option<TaskId>, Stop> {
        let mut last = None;
        let mut to_load = Vec::new();
        for line in lines.iter().map(|line| line.opposite()) {
            if stored {
                match view.ask(&LineKey { connector: connector.clone(), line, before: task }, model) {
                    Ok(ids) => {
                        let standing = ids.iter().rev().find(|id| !self.ended.contains(id));
                        if standing.is_none() && ids.len() >= LINE_IDS_MAX {
                            // There may be more before those that end with this draft.
                            return Err(Stop::Commit);
                        }
                        last = last.max(standing.copied());
                    }
                    Err(Stop::Load(keys)) => to_load.extend(keys),
                    Err(stop) => return Err(stop),
                }
            }
            let added = self.added.get(&line).into_iter().flat_map(|ids| ids.range(..task).rev());
            last = last.max(added.copied().find(|id| !self.ended.contains(id)));
        }
        if to_load.is_empty() { Ok(last) } else { Err(Stop::Load(to_load)) }
    }

    /// Whether nobody stands in a line because of this draft.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
    }

    /// A task stands in these from now on.
    pub fn stands(&mut self, task: TaskId, lines: &[Line]) {
        for line in lines {
            self.added.entry(*line).or_default().insert(task);
        }
    }

    /// A task, at its place in the draft, waits for these from now on, and for nothing else.
    pub fn waits(&mut self, at: usize, wants: &[Want]) {
        self.forget(at);
        for want in wants {
            self.waiting.entry(want.mark).or_default().insert(at);
        }
    }

    /// The task at this place waits for nothing.
    pub fn forget(&mut self, at: usize) {
        self.waiting.retain(|_, waiting| {
            waiting.remove(&at);
            !waiting.is_empty()
        });
    }

    /// Whether nobody of this draft waits.
    pub fn nobody_waits(&self) -> bool {
        self.waiting.is_empty()
    }

    /// A task has ended, and has touched these: those of the draft, by their places, that waited for one.
    pub fn ends(&mut self, task: &TaskHead, touched: impl IntoIterator<Item = Mark>) -> BTreeSet<usize> {
        if !self.added.is_empty() || task.stands_apart() || task.waiting.is_some() {
            self.ended.insert(task.id);
        }
        if self.waiting.is_empty() {
            return BTreeSet::new();
        }
        touched.into_iter().chain([ended(task.id)]).filter_map(|mark| self.waiting.get(&mark)).flatten().copied().collect()
    }
}
