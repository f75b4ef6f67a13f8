//! The store in memory, which may be broken on purpose: the simulation must find it out.

use std::sync::Arc;

use lockgate_core::model::ContentModel;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Commit, Fate, Lease, Store, StoreError};
use lockgate_core::task::{Task, TaskId};
use lockgate_testing::MemoryStore;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// A commit writes its effects and leaves its tasks in the queue.
    KeepsTasks,
    /// The state that a failed task wrote is kept.
    KeepsStateOfFailed,
    /// A commit by an older lease is carried out.
    IgnoresFencing,
    /// What other connectors have changed meanwhile does not matter.
    IgnoresConflicts,
    /// The last change of a commit of several is lost.
    LosesAChange,
    /// Tasks come in the wrong order.
    Reorders,
    /// A failed task comes as one that waits.
    ForgetsFailed,
    /// A back-off is not kept.
    ForgetsBackOff,
}

impl Broken {
    pub const ALL: [Self; 8] = [
        Self::KeepsTasks,
        Self::KeepsStateOfFailed,
        Self::IgnoresFencing,
        Self::IgnoresConflicts,
        Self::LosesAChange,
        Self::Reorders,
        Self::ForgetsFailed,
        Self::ForgetsBackOff,
    ];
}

#[derive(Default)]
pub struct Faulty {
    pub inner: MemoryStore,
    pub broken: Option<Broken>,
}

impl Faulty {
    pub fn commit(&self, lease: &Lease, commit: &Commit, model: &ContentModel) -> Result<(), StoreError> {
        let mut commit = commit.clone();
        let mut lease = lease.clone();
        match self.broken {
            Some(Broken::KeepsTasks) => commit.tasks.retain(|task| matches!(task.fate, Fate::Stays(_))),
            Some(Broken::KeepsStateOfFailed) => {
                let failed = commit.tasks.iter().find(|task| matches!(&task.fate, Fate::Stays(standing) if standing.failure.is_some()));
                if let Some(task) = failed {
                    commit.state.insert("log".into(), Some(Arc::from(task.id.to_string().as_bytes())));
                }
            }
            Some(Broken::IgnoresFencing) => lease = self.inner.claim(&lease.connector)?,
            Some(Broken::IgnoresConflicts) => commit.relied.clear(),
            Some(Broken::LosesAChange) if commit.changes.len() > 1 => drop(commit.changes.pop()),
            Some(Broken::ForgetsBackOff) => {
                for task in &mut commit.tasks {
                    if let Fate::Stays(standing) = &mut task.fate {
                        standing.not_before_ms = None;
                    }
                }
            }
            _ => {}
        }
        self.inner.commit(&lease, &commit, model)
    }

    pub fn fetch(&self, name: &ConnectorName, after: Option<TaskId>, tasks: usize, bytes: usize) -> Result<Vec<Task>, StoreError> {
        let mut fetched = self.inner.fetch(name, after, tasks, bytes)?;
        match self.broken {
            Some(Broken::Reorders) => fetched.reverse(),
            Some(Broken::ForgetsFailed) => fetched.iter_mut().for_each(|task| task.state = lockgate_core::task::TaskState::Queued),
            _ => {}
        }
        Ok(fetched)
    }
}
