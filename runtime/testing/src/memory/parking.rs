//! How tasks stand and end, and whom that wakes.

use std::collections::BTreeSet;

use lockgate_core::change::Change;
use lockgate_core::effects::{Effects, Fate};
use lockgate_core::history::{Entry, Outcome};
use lockgate_core::mark::{Mark, ended};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Due, Standing, Waiter};
use lockgate_core::task::{TaskHead, TaskId, TaskState, stands_apart};

use super::State;
use super::waiting::{Forgets, Touch};

impl State {
    /// Gives a task another standing. It has been looked at, and is not due.
    pub(super) fn stand(&mut self, connector: &ConnectorName, id: TaskId, standing: &Standing) {
        assert_standing(id, standing);
        self.queues.stand(connector, id, standing);
        let head = self.queues.get(id).map(|task| task.head.clone()).expect("it stands");
        self.lines.put(&head);
        match &head.waiting {
            Some(waiting) if head.waits() => {
                self.waiters.put(Waiter::Task(id), connector, waiting.since_ms, &waiting.wants, &waiting.group_wants);
            }
            _ => self.waiters.forget(Waiter::Task(id)),
        }
    }

    /// The same on an operator's order: who was due is due still.
    pub(super) fn restand(&mut self, connector: &ConnectorName, id: TaskId, standing: &Standing) {
        let due = self.waiters.is_due(connector, Waiter::Task(id));
        self.stand_due(connector, id, standing, due);
        self.wake_behind_nobody(connector, id, standing);
    }

    /// Whom a task is behind may have ended since that was decided: nothing would wake it any more.
    fn wake_behind_nobody(&mut self, connector: &ConnectorName, id: TaskId, standing: &Standing) {
        let behind = standing.waiting.as_ref().and_then(|waiting| waiting.behind);
        let nobody = behind.is_some_and(|behind| self.queues.version(connector, behind).is_none());
        let forgotten = self.waiters.forgets == Some(Forgets::WhoBeginsToWait);
        if nobody && stands_apart(standing.state, standing.aside) && !forgotten {
            self.waiters.make_due(connector, Waiter::Task(id), Due::Alone);
        }
    }

    /// Groups were tried with a task, and nothing else: to be tried alone it is due still.
    pub(super) fn regroup(&mut self, connector: &ConnectorName, id: TaskId, standing: &Standing) {
        let due = self.waiters.is_due(connector, Waiter::Task(id)).filter(|due| *due == Due::Alone);
        self.stand_due(connector, id, standing, due);
    }

    fn stand_due(&mut self, connector: &ConnectorName, id: TaskId, standing: &Standing, due: Option<Due>) {
        self.stand(connector, id, standing);
        if let Some(due) = due.filter(|_| stands_apart(standing.state, standing.aside)) {
            self.waiters.make_due(connector, Waiter::Task(id), due);
        }
    }

    /// Takes a task out of the queue; whom its end wakes is another's affair.
    pub(super) fn end(&mut self, connector: &ConnectorName, entry: Entry) {
        assert_eq!(*connector, entry.connector, "the entry is another's: {entry:?}");
        self.queues.take(connector, entry.task);
        self.lines.forget(connector, entry.task);
        self.waiters.forget(Waiter::Task(entry.task));
        if matches!(entry.outcome, Outcome::Failed(_) | Outcome::Deleted(_)) {
            self.queues.forget_key(entry.task);
        }
        self.past.add(entry);
    }

    /// A task has ended without a commit.
    pub(super) fn wake_for_end(&mut self, task: TaskId) {
        self.waiters.touch(ended(task), Touch::Wakes, &BTreeSet::new());
    }

    /// Whoever waits for what a commit touched is due. The commit's own tasks wait already; one that goes behind
    /// a task which an operator has removed meanwhile is not told of its end any more.
    pub(super) fn wake(&mut self, effects: &Effects) {
        for task in effects.tasks() {
            if let Fate::Stays(standing) = &task.fate {
                self.wake_behind_nobody(&task.connector, task.id, standing);
            }
        }
        for mark in effects.wakes() {
            self.waiters.touch(mark, Touch::Wakes, &BTreeSet::new());
        }
        let parked = effects.tasks().iter().filter(|task| matches!(&task.fate, Fate::Stays(it) if stands_apart(it.state, it.aside)));
        let parked: BTreeSet<TaskId> = parked.map(|task| task.id).collect();
        for mark in effects.stirs() {
            self.waiters.touch(*mark, Touch::Stirs, &parked);
        }
    }

    /// What loose ends wait for from now on. They have been looked at.
    pub(super) fn loosen(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Loose(_, Some(end)) => self.waiters.put(Waiter::Loose(end.id), &end.connector, end.since_ms, &end.wants, &[]),
                Change::Loose(Some(end), None) => self.waiters.forget(Waiter::Loose(end.id)),
                _ => {}
            }
        }
    }

    /// Heads of these tasks, in their order.
    pub(super) fn heads(&self, ids: impl IntoIterator<Item = TaskId>, limit: usize) -> Vec<TaskHead> {
        ids.into_iter().filter_map(|id| self.queues.get(id)).take(limit).map(|task| task.head.clone()).collect()
    }
}

/// Whether a task may stand so: no correct plan leaves one waiting for what nothing wakes it by.
fn assert_standing(id: TaskId, standing: &Standing) {
    let waiting = standing.waiting.as_deref();
    let behind = waiting.and_then(|waiting| waiting.behind);
    let wants = |mark: Mark| waiting.is_some_and(|waiting| waiting.wants.iter().any(|want| want.mark == mark));
    assert!(
        behind.is_none_or(|behind| behind < id && wants(ended(behind))),
        "task {id} does not want the end of whom it is behind: {standing:?}"
    );
    assert!(standing.state != TaskState::Behind || behind.is_some(), "task {id} is behind nobody: {standing:?}");
    assert!(standing.state != TaskState::Parked || waiting.is_some(), "nothing is known of task {id}, which is parked: {standing:?}");
}
