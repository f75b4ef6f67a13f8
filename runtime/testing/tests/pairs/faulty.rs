//! The store in memory, broken on purpose where several handles meet: the suite must find it out.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread::yield_now;

use lockgate_core::change::Change;
use lockgate_core::effects::{Effects, EffectsParts, Fate};
use lockgate_core::key::{Key, Loaded};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Content, Generation, Lease, Queue, Registry, StoreError};
use lockgate_core::task::TaskId;
use lockgate_testing::{Forgets, MemoryStore};

#[derive(Debug, Clone, Copy)]
pub enum Broken {
    /// Commits go by whatever is configured when they come.
    IgnoresGenerationOfCommits,
    /// Submissions do.
    IgnoresGenerationOfSubmissions,
    /// Changes of connectors, models, switches and grants overwrite each other.
    IgnoresGenerationOfChanges,
    /// Whatever changes, everybody's copy of everything is old.
    OneGenerationForAll,
    /// The generation is never another than at first.
    FrozenGeneration,
    /// A model never comes in time.
    NeverInTime,
    /// Tasks are counted, and then the connector is removed.
    CountsBeforeRemoving,
    /// A model replaces another whatever is stored.
    IgnoresUnused,
    /// Idempotency keys are not kept.
    ForgetsKeys,
    /// A full queue takes one more.
    Overfills,
    /// A commit ends tasks as they are, not as they were.
    IgnoresVersionsInCommits,
    /// An operator's change does.
    IgnoresVersionsInStands,
    /// An operator's removal does.
    IgnoresVersionsInRemovals,
    /// What another owner has touched does not matter, of these questions.
    Ignores(fn(&Key) -> bool),
    /// Each answer of a load is as of a moment of its own.
    LoadsInTwoMoments,
    /// Every second look sees what the first saw.
    LooksOnce,
    /// What was loaded is older than anything.
    LoadsOfOld,
    /// Rows are written, and then tasks and reliance are checked.
    WritesRowsFirst,
    /// Of a commit that comes late, what may still be written is.
    WritesLatePackets,
    /// Ended tasks stay in the queue.
    KeepsTasks,
    /// An older lease is as good as the newest.
    IgnoresFencing,
    /// Both of the last: and everybody looks at the queue before anybody commits.
    EndsTwice,
    /// Whoever claims gets it.
    GivesToEveryone,
    /// No lease ends by itself.
    ForgetsTime,
    /// A holder that claims again begins anew.
    CountsEveryClaim,
    /// A node that starts again goes on with its old lease.
    TrustsNames,
    /// What is given back stays.
    IgnoresReleases,
    /// After a conflict the handle takes nothing.
    BreaksAfterARefusal,
    /// The queue comes in the wrong order.
    Reorders,
    /// Who waits is forgotten.
    Forgets(Forgets),
    /// New rows are locked one by one, in the order of the plan.
    LocksInTheOrderOfThePlan,
}

pub struct Faulty {
    pub inner: MemoryStore,
    pub broken: Broken,
    pub was_refused: AtomicBool,
    pub models: AtomicUsize,
    first: Mutex<Option<Generation>>,
    looked: Mutex<HashMap<Vec<Key>, Loaded>>,
    leases: Mutex<BTreeMap<ConnectorName, Lease>>,
    locked: Mutex<BTreeSet<String>>,
    unlocked: Condvar,
}

/// Gives others the time to come in between.
pub fn dawdle() {
    for _ in 0..100 {
        yield_now();
    }
}

impl Faulty {
    pub fn new(broken: Broken) -> Self {
        Self {
            inner: if let Broken::Forgets(forgets) = broken { MemoryStore::forgetting(forgets) } else { MemoryStore::new() },
            broken,
            was_refused: AtomicBool::new(false),
            models: AtomicUsize::new(0),
            first: Mutex::default(),
            looked: Mutex::default(),
            leases: Mutex::default(),
            locked: Mutex::default(),
            unlocked: Condvar::new(),
        }
    }

    pub fn generation(&self) -> Result<Generation, StoreError> {
        let now = self.inner.generation()?;
        Ok(match self.broken {
            Broken::FrozenGeneration => *self.first.lock().unwrap().get_or_insert(now),
            _ => now,
        })
    }

    /// By which copy a change of the configuration is judged.
    pub fn as_of_change(&self, as_of: Generation) -> Result<Generation, StoreError> {
        let now = self.inner.generation()?;
        match self.broken {
            Broken::IgnoresGenerationOfChanges => {
                dawdle();
                Ok(self.inner.generation()?)
            }
            Broken::OneGenerationForAll if as_of != now => Err(StoreError::Stale),
            _ => Ok(as_of),
        }
    }

    pub fn remember(&self, lease: &Lease) {
        self.leases.lock().unwrap().insert(lease.connector.clone(), lease.clone());
    }

    pub fn load(&self, keys: &[Key]) -> Result<Loaded, StoreError> {
        match self.broken {
            Broken::LoadsInTwoMoments => {
                let mut loaded = Loaded::default();
                for key in keys {
                    let one = self.inner.load(std::slice::from_ref(key))?;
                    loaded.as_of = one.as_of;
                    loaded.answers.extend(one.answers);
                    yield_now();
                }
                Ok(loaded)
            }
            Broken::LooksOnce => {
                let now = self.inner.load(keys)?;
                let mut looked = self.looked.lock().unwrap();
                Ok(match looked.remove(keys) {
                    Some(before) => Loaded { as_of: now.as_of, ..before },
                    None => {
                        looked.insert(keys.to_vec(), now.clone());
                        now
                    }
                })
            }
            Broken::LoadsOfOld => Ok(Loaded { as_of: 0, ..self.inner.load(keys)? }),
            _ => self.inner.load(keys),
        }
    }

    pub fn commit(&self, lease: &Lease, effects: &Effects) -> Result<(), StoreError> {
        let mut parts = EffectsParts::from(effects.clone());
        let mut lease = lease.clone();
        match self.broken {
            Broken::IgnoresGenerationOfCommits => parts.generation = self.inner.generation()?,
            Broken::OneGenerationForAll if parts.generation != self.inner.generation()? => return Err(StoreError::Stale),
            Broken::IgnoresVersionsInCommits => self.as_they_are(&mut parts)?,
            Broken::Ignores(ignored) => {
                dawdle();
                parts.relied.retain(|key| !ignored(key));
            }
            Broken::LooksOnce => dawdle(),
            Broken::WritesRowsFirst => {
                let changes = std::mem::take(&mut parts.changes);
                let rows = EffectsParts { changes, generation: parts.generation, model: parts.model.clone(), ..EffectsParts::default() };
                self.inner.commit(&lease, &rows.into())?;
            }
            Broken::WritesLatePackets => self.what_may_be_written(&mut parts)?,
            Broken::KeepsTasks => parts.tasks.retain(|task| matches!(task.fate, Fate::Stays(_))),
            Broken::IgnoresFencing => lease = self.newest(lease),
            Broken::EndsTwice => {
                dawdle();
                lease = self.newest(lease);
                self.what_may_be_written(&mut parts)?;
            }
            Broken::LocksInTheOrderOfThePlan => return self.locking(&parts.changes, || self.inner.commit(&lease, effects)),
            _ => {}
        }
        let outcome = self.inner.commit(&lease, &parts.into());
        if matches!(outcome, Err(StoreError::Conflict)) {
            self.was_refused.store(true, Ordering::SeqCst);
        }
        outcome
    }

    fn newest(&self, lease: Lease) -> Lease {
        self.leases.lock().unwrap().get(&lease.connector).cloned().unwrap_or(lease)
    }

    fn as_they_are(&self, parts: &mut EffectsParts) -> Result<(), StoreError> {
        let ids: Vec<TaskId> = parts.tasks.iter().map(|task| task.id).collect();
        let heads = self.inner.heads(&ids)?;
        for task in &mut parts.tasks {
            task.version = heads.iter().find(|head| head.id == task.id).map_or(task.version, |head| head.version);
        }
        Ok(())
    }

    fn what_may_be_written(&self, parts: &mut EffectsParts) -> Result<(), StoreError> {
        let ids: Vec<TaskId> = parts.tasks.iter().map(|task| task.id).collect();
        let heads = self.inner.heads(&ids)?;
        parts.tasks.retain(|task| heads.iter().any(|head| head.id == task.id && head.version == task.version));
        Ok(())
    }

    fn locking<R>(&self, changes: &[Change], act: impl FnOnce() -> R) -> R {
        let new = changes.iter().filter_map(|change| match change {
            Change::Object(None, Some(row)) => Some(row.code_name.key().to_owned()),
            _ => None,
        });
        let mut mine = Vec::new();
        for name in new {
            let mut locked = self.locked.lock().unwrap();
            while !locked.insert(name.clone()) {
                locked = self.unlocked.wait(locked).unwrap();
            }
            drop(locked);
            mine.push(name);
            dawdle();
        }
        let done = act();
        self.locked.lock().unwrap().retain(|name| !mine.contains(name));
        self.unlocked.notify_all();
        done
    }
}
