//! Tasks that a pass has come to and that have not ended: by their lines (§11.5), and by what they would
//! bring (§11.6).

use std::collections::{BTreeMap, BTreeSet};

use lockgate_core::key::{LINE_IDS_MAX, LineKey};
use lockgate_core::mark::Mark;
use lockgate_core::names::ConnectorName;
use lockgate_core::park::Line;
use lockgate_core::task::{TaskHead, TaskId};

#[derive(Debug, Default)]
pub(super) struct Lines {
    lines: BTreeMap<ConnectorName, BTreeMap<TaskId, BTreeSet<Line>>>,
    brings: BTreeMap<TaskId, Vec<Mark>>,
    brought_by: BTreeMap<Mark, BTreeSet<TaskId>>,
}

impl Lines {
    /// How a task stands from now on.
    pub(super) fn put(&mut self, task: &TaskHead) {
        self.forget(&task.connector, task.id);
        let Some(waiting) = &task.waiting else { return };
        if !waiting.lines.is_empty() {
            let lines = waiting.lines.iter().copied().collect();
            self.lines.entry(task.connector.clone()).or_default().insert(task.id, lines);
        }
        if task.waits() {
            for mark in &waiting.brings {
                self.brought_by.entry(*mark).or_default().insert(task.id);
            }
            self.brings.insert(task.id, waiting.brings.clone());
        }
    }

    pub(super) fn forget(&mut self, connector: &ConnectorName, task: TaskId) {
        if let Some(tasks) = self.lines.get_mut(connector) {
            tasks.remove(&task);
        }
        for mark in self.brings.remove(&task).unwrap_or_default() {
            self.brought_by.entry(mark).or_default().remove(&task);
        }
    }

    /// How many tasks of a connector stand in a line.
    pub(super) fn count(&self, connector: &ConnectorName) -> u64 {
        self.lines.get(connector).map_or(0, |tasks| tasks.len() as u64)
    }

    /// Tasks in one of these lines, ascending.
    pub(super) fn tasks(&self, connector: &ConnectorName, lines: &[Line]) -> impl Iterator<Item = TaskId> {
        let tasks = self.lines.get(connector).into_iter().flatten();
        tasks.filter(|(_, stands)| lines.iter().any(|line| stands.contains(line))).map(|(id, _)| *id)
    }

    /// The last of those in a line before a task.
    pub(super) fn before(&self, question: &LineKey) -> Vec<TaskId> {
        let mut tasks: Vec<TaskId> = self.tasks(&question.connector, &[question.line]).filter(|id| *id < question.before).collect();
        tasks.drain(..tasks.len().saturating_sub(LINE_IDS_MAX));
        tasks
    }

    /// Tasks that wait and would bring one of these, ascending.
    pub(super) fn bringing(&self, marks: &[Mark]) -> BTreeSet<TaskId> {
        marks.iter().filter_map(|mark| self.brought_by.get(mark)).flatten().copied().collect()
    }
}
