//! The store in memory, which may be broken on purpose: the simulation must find it out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lockgate_core::effects::{Effects, EffectsParts, Fate};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{
    Claim, Claimed, Content, Force, Generation, Lease, Queue, Registry, Removal, Removed, Stand, Stood, StoreError, Submitted,
};
use lockgate_core::task::{NewTask, Task, TaskId, TaskVersion};
use lockgate_testing::MemoryStore;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// A commit writes its effects and leaves its tasks in the queue.
    KeepsTasks,
    /// The state that a failed task wrote is kept.
    KeepsStateOfFailed,
    /// A commit by an older lease is carried out.
    IgnoresFencing,
    /// A process that takes over gets the lease that the one before had.
    KeepsOldLease,
    /// What other connectors have changed meanwhile does not matter.
    IgnoresConflicts,
    /// What was planned by an older configuration is carried out.
    IgnoresGeneration,
    /// What was admitted by an older configuration is queued.
    QueuesByOldGeneration,
    /// A configuration is replaced by one that was made from an older one.
    OverwritesGeneration,
    /// What was decided about an older version of a task is carried out.
    IgnoresTaskVersions,
    /// Tasks are counted before the transaction that removes their connector.
    RemovesWithTasks,
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
    pub const ALL: [Self; 14] = [
        Self::KeepsTasks,
        Self::KeepsStateOfFailed,
        Self::IgnoresFencing,
        Self::KeepsOldLease,
        Self::IgnoresConflicts,
        Self::IgnoresGeneration,
        Self::QueuesByOldGeneration,
        Self::OverwritesGeneration,
        Self::IgnoresTaskVersions,
        Self::RemovesWithTasks,
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
    /// What the store in memory holds for the newest lease, and the first epoch that was given.
    leases: Mutex<HashMap<ConnectorName, (Lease, u64)>>,
}

impl Faulty {
    pub fn new(broken: Option<Broken>) -> Self {
        Self { broken, ..Self::default() }
    }

    pub fn is(&self, broken: Broken) -> bool {
        self.broken == Some(broken)
    }

    fn leases(&self) -> MutexGuard<'_, HashMap<ConnectorName, (Lease, u64)>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, StoreError> {
        let claimed = self.inner.claim(claim)?;
        let Claimed::Yes(lease) = claimed else { return Ok(claimed) };
        let mut leases = self.leases();
        let first = leases.get(claim.connector).map_or(lease.epoch, |(_, first)| *first);
        leases.insert(claim.connector.clone(), (lease.clone(), first));
        let epoch = if self.is(Broken::KeepsOldLease) { first } else { lease.epoch };
        Ok(Claimed::Yes(Lease { epoch, ..lease }))
    }

    pub fn commit(&self, lease: &Lease, effects: &Effects) -> Result<(), StoreError> {
        let mut commit = EffectsParts::from(effects.clone());
        let mut lease = lease.clone();
        match self.broken {
            Some(Broken::KeepsTasks) => commit.tasks.retain(|task| matches!(task.fate, Fate::Stays(_))),
            Some(Broken::KeepsStateOfFailed) => {
                let failed = commit.tasks.iter().find(|task| matches!(&task.fate, Fate::Stays(standing) if standing.failure.is_some()));
                if let Some(task) = failed {
                    commit.state.insert("log".into(), Some(Arc::from(task.id.to_string().as_bytes())));
                }
            }
            Some(Broken::IgnoresFencing | Broken::KeepsOldLease) => {
                if let Some((newest, _)) = self.leases().get(&lease.connector) {
                    lease = newest.clone();
                }
            }
            Some(Broken::IgnoresConflicts) => commit.relied.clear(),
            Some(Broken::IgnoresGeneration) => commit.generation = self.inner.generation()?,
            Some(Broken::IgnoresTaskVersions) => {
                for task in &mut commit.tasks {
                    task.version = self.version(task.id, task.version)?;
                }
            }
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
        self.inner.commit(&lease, &commit.into())
    }

    /// The version that is queued, if versions do not matter.
    fn version(&self, id: TaskId, version: TaskVersion) -> Result<TaskVersion, StoreError> {
        if !self.is(Broken::IgnoresTaskVersions) {
            return Ok(version);
        }
        Ok(self.inner.heads(&[id])?.pop().map_or(version, |head| head.version))
    }

    /// The generation that the store has, if generations do not matter to one that is so broken.
    pub fn as_of(&self, as_of: Generation, broken: Broken) -> Result<Generation, StoreError> {
        if self.is(broken) { self.inner.generation() } else { Ok(as_of) }
    }

    pub fn submit(&self, as_of: Generation, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Result<Vec<Submitted>, StoreError> {
        self.inner.submit(self.as_of(as_of, Broken::QueuesByOldGeneration)?, tasks, queue_tasks_max)
    }

    pub fn stand(&self, stands: &[Stand]) -> Result<Vec<Stood>, StoreError> {
        let mut stands = stands.to_vec();
        for stand in &mut stands {
            stand.version = self.version(stand.id, stand.version)?;
        }
        self.inner.stand(&stands)
    }

    pub fn remove(&self, mut removals: Vec<Removal>) -> Result<Vec<Stood>, StoreError> {
        for removal in &mut removals {
            removal.version = self.version(removal.entry.task, removal.version)?;
        }
        self.inner.remove(removals)
    }

    /// `between` comes between the count and the transaction of a store that does it in two steps.
    pub fn remove_connector(&self, name: &ConnectorName, force: Force, between: impl FnOnce()) -> Result<Removed, StoreError> {
        if !self.is(Broken::RemovesWithTasks) || force == Force::Yes {
            return self.inner.remove_connector(name, force);
        }
        let tasks = self.inner.fetch(name, None, usize::MAX, usize::MAX)?.len() as u64;
        if tasks > 0 {
            return Ok(Removed::HasTasks(tasks));
        }
        between();
        self.inner.remove_connector(name, Force::Yes)
    }

    pub fn fetch(&self, name: &ConnectorName, after: Option<TaskId>, tasks: usize, bytes: usize) -> Result<Vec<Task>, StoreError> {
        let mut fetched = self.inner.fetch(name, after, tasks, bytes)?;
        match self.broken {
            Some(Broken::Reorders) => fetched.reverse(),
            Some(Broken::ForgetsFailed) => fetched.iter_mut().for_each(|task| task.head.state = lockgate_core::task::TaskState::Queued),
            _ => {}
        }
        Ok(fetched)
    }
}
