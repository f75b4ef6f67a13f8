//! One random operation after the other, on both stores.

use super::compare::compare;
use super::waiting::{some_mark, some_standing};
use super::world::World;
use crate::Dice;
use crate::short::{Commit, Short};
use crate::suite::bench::{QUEUE_MAX, connector, entry, failed, line, record, removed, stays, version, writes};
use crate::{new_task, new_task_with_key};
use lockgate_core::change::Change;
use lockgate_core::effects::{Fate, TaskEnd};
use lockgate_core::history::{Entry, Outcome};
use lockgate_core::key::Key;
use lockgate_core::model::ContentModel;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{ConnectorRecord, Due, Lease, Store, StoreError, TaskFilter, VERSIONS_KEPT_MAX, Version};
use lockgate_core::task::{NewTask, Task, TaskHead, TaskId};

/// Few digests, so that connectors share components.
pub(super) const DIGESTS: [&str; 7] = ["d1", "d2", "d3", "d4", "d5", "d6", "d7"];

const STATE_KEYS: [&str; 4] = ["", "page", "since", "token"];

pub(super) struct Actor<'s> {
    dice: Dice,
    model: ContentModel,
    stores: [&'s dyn Store; 2],
    world: World,
    /// Every question that a change has touched so far.
    questions: Vec<Key>,
    tasks: Vec<TaskId>,
    /// Each connector with its lease in each store.
    connectors: Vec<(ConnectorName, [Lease; 2])>,
    /// An older moment of each store, and whose touches since then are known.
    past: [u64; 2],
}

impl<'s> Actor<'s> {
    pub(super) fn new(seed: u64, model: ContentModel, a: &'s dyn Store, b: &'s dyn Store) -> Self {
        let stores = [a, b];
        let connectors =
            ["a", "b", "c"].map(|name| (connector(name), stores.map(|store| store.claim_now(&connector(name)).expect("claim"))));
        let past = stores.map(|store| store.load(&[]).expect("load").as_of);
        Self {
            dice: Dice::new(seed),
            model,
            stores,
            world: World::default(),
            questions: Vec::new(),
            tasks: Vec::new(),
            connectors: connectors.into(),
            past,
        }
    }

    pub(super) fn step(&mut self, at: &str) {
        match self.dice.index(20) {
            18..=19 => self.make_due(at),
            0..=2 => self.submit(at),
            3..=8 => self.commit(at),
            9 => self.stand(at),
            10 => self.remove(at),
            11 => {
                let which = self.dice.index(self.connectors.len());
                let name = self.connectors[which].0.clone();
                self.connectors[which].1 = self.stores.map(|store| store.claim_now(&name).expect("claim"));
            }
            12 => self.past = self.stores.map(|store| store.load(&[]).expect("load").as_of),
            13 if self.dice.one_in(4) => {
                let keep = self.dice.index(10) as u64;
                self.both(at, |store| store.trim_history(keep).expect("trim"));
            }
            14 if self.dice.one_in(8) => {
                let name = self.connectors[self.dice.index(self.connectors.len())].0.clone();
                self.both(at, |store| store.delete_connector(&name).expect("delete"));
                self.world.ends.retain(|_, end| end.connector != name);
                self.work_off();
            }
            15 => self.put_connector(at),
            16 if self.dice.one_in(4) => {
                let name = self.connectors[self.dice.index(self.connectors.len())].0.clone();
                drop(self.both(at, |store| store.clear_state(&name).map_err(|error| error.to_string())));
            }
            _ => {
                let sample: Vec<Key> = (0..20).filter_map(|_| self.dice.pick(&self.questions).cloned()).collect();
                compare(at, self.stores, &sample, &self.tasks, self.dice.index(50));
            }
        }
    }

    pub(super) fn compare_all(&self, at: &str) {
        for limit in [3, 10_000] {
            compare(at, self.stores, &self.questions, &self.tasks, limit);
        }
    }

    /// Does the same on both; they must answer alike.
    fn both<T: PartialEq + std::fmt::Debug>(&self, at: &str, act: impl Fn(&dyn Store) -> T) -> T {
        let [a, b] = self.stores.map(act);
        assert_eq!(a, b, "{at}");
        a
    }

    fn submit(&mut self, at: &str) {
        let tasks: Vec<NewTask> = (0..=self.dice.index(4))
            .map(|_| {
                let name = self.connectors[self.dice.index(self.connectors.len())].0.clone();
                let body = self.dice.roll().to_string().repeat(self.dice.index(20));
                if self.dice.one_in(3) {
                    let key = format!("key-{}", self.dice.index(10));
                    new_task_with_key(&name, body.as_bytes(), &key, self.dice.index(2) as u128)
                } else {
                    new_task(&name, body.as_bytes())
                }
            })
            .collect();
        let max = if self.dice.one_in(4) { 5 } else { QUEUE_MAX };
        let submitted = self.both(at, |store| store.submit_now(tasks.clone(), max).expect("submit"));
        self.tasks.extend(submitted.into_iter().filter_map(|one| match one {
            lockgate_core::ports::Submitted::Queued(id) => Some(id),
            _ => None,
        }));
    }

    fn commit(&mut self, at: &str) {
        let first = self.stores.map(|store| store.reserve_ids(10).expect("reserve_ids")).into_iter().max().unwrap_or(1);
        let before = self.world.clone();
        let changes: Vec<Change> =
            (first..first + self.dice.index(8) as u64).flat_map(|id| self.world.change(&mut self.dice, id)).collect();
        let (name, leases) = self.connectors[self.dice.index(self.connectors.len())].clone();
        let heads = self.both(at, |store| store.tasks(&TaskFilter::default(), None, usize::MAX).expect("tasks"));
        let picked = World::pick_tasks(&mut self.dice, &heads, &name);
        let tasks: Vec<TaskEnd> = picked.into_iter().map(|head| self.fate(at, head)).collect();
        let stirs = (0..self.dice.index(3)).map(|_| some_mark(&mut self.dice, &self.questions, &self.tasks)).collect();
        let mends = self.mends(&heads);
        let mut commit = Commit { tasks, changes, stirs, mends, ..Commit::default() };
        for _ in 0..self.dice.index(4) {
            let (key, value) = (STATE_KEYS[self.dice.index(STATE_KEYS.len())], self.dice.roll().to_le_bytes());
            commit.state.extend(writes([(key, (!self.dice.one_in(3)).then_some(&value[..]))]));
        }
        if self.dice.one_in(2) {
            commit.relied = (0..self.dice.index(5)).filter_map(|_| self.dice.pick(&self.questions).cloned()).collect();
        }
        let touched: Vec<Key> = commit.changes.iter().flat_map(|change| change.touched(&self.model)).collect();
        let [a, b] = [0, 1].map(|which| {
            let commit = Commit { as_of: self.past[which], ..commit.clone() };
            self.stores[which].commit_now(&leases[which], &commit, &self.model)
        });
        let done = match (&a, &b) {
            (Ok(()), Ok(())) => true,
            // A store may see a conflict too many: planned again at once, it must go through.
            (Ok(()), Err(StoreError::Conflict)) => self.again(1, &leases[1], &commit, at),
            (Err(StoreError::Conflict), Ok(())) => self.again(0, &leases[0], &commit, at),
            (Err(StoreError::Conflict), Err(StoreError::Conflict)) | (Err(StoreError::Fenced(_)), Err(StoreError::Fenced(_))) => false,
            _ => panic!("{at}: {a:?}, but {b:?}"),
        };
        if done {
            self.questions.extend(touched);
        } else {
            self.world = before;
        }
        self.work_off();
    }

    /// What becomes of a task.
    fn fate(&mut self, at: &str, head: &TaskHead) -> TaskEnd {
        let log = (0..self.dice.index(3)).map(|n| line(&format!("{at} line {n}"))).collect();
        if self.dice.one_in(2) {
            let standing = some_standing(&mut self.dice, head.id, &self.questions, &self.tasks);
            return TaskEnd { log, ..stays(head.id, standing) };
        }
        let task = self.both(at, |store| store.task(head.id).expect("task")).expect("it is queued");
        let outcome = match self.dice.index(4) {
            0 => Outcome::Failed(failed().failure.expect("a failure")),
            1 => Outcome::Unchanged,
            _ => Outcome::Stored,
        };
        TaskEnd { fate: Fate::Removed(Box::new(Entry { outcome, ..entry(&task) })), ..removed(&task, log) }
    }

    /// What tasks that are gone have left loose is mended.
    fn mends(&mut self, heads: &[TaskHead]) -> Vec<Entry> {
        let task = |id| crate::new_task(&connector("a"), b"x").queued(id);
        let ids: Vec<TaskId> = (0..self.dice.index(3)).filter_map(|_| self.dice.pick(&self.tasks).copied()).collect();
        let gone = ids.into_iter().filter(|id| heads.iter().all(|head| head.id != *id));
        gone.map(|id| Entry { outcome: Outcome::Mended, ..entry(&task(id)) }).collect()
    }

    /// One store may wake at once whom the other notes to be worked off: only when that is done they are alike.
    fn work_off(&mut self) {
        for (name, leases) in &mut self.connectors {
            for (store, lease) in self.stores.iter().zip(leases) {
                if !store.stirred().expect("stirred").contains(name) {
                    continue;
                }
                loop {
                    match store.work_off(lease, 2) {
                        Ok(true) => {}
                        Ok(false) => break,
                        Err(StoreError::Fenced(_)) => *lease = store.claim_now(name).expect("claim"),
                        Err(error) => panic!("{error:?}"),
                    }
                }
            }
        }
    }

    fn make_due(&mut self, at: &str) {
        let ids: Vec<TaskId> = (0..3).filter_map(|_| self.dice.pick(&self.tasks).copied()).collect();
        let how = if self.dice.one_in(2) { Due::Alone } else { Due::Group };
        self.both(at, |store| store.make_due(&ids, how).expect("make_due"));
    }

    fn again(&self, which: usize, lease: &Lease, commit: &Commit, at: &str) -> bool {
        let as_of = self.stores[which].load(&[]).expect("load").as_of;
        let outcome = self.stores[which].commit_now(lease, &Commit { as_of, ..commit.clone() }, &self.model);
        assert!(outcome.is_ok(), "{at}: {outcome:?}");
        true
    }

    /// Installs a version, goes back to another, or forgets some.
    fn put_connector(&mut self, at: &str) {
        let name = self.connectors[self.dice.index(self.connectors.len())].0.clone();
        let installed = self.both(at, |store| store.connectors().expect("connectors"));
        let before = installed.into_iter().find(|record| record.name == name);
        let digest = DIGESTS[self.dice.index(DIGESTS.len())];
        let Some(mut after) = before else {
            return self.put(at, &record(name.as_str(), digest), Some(digest));
        };
        if self.dice.one_in(3) {
            after.versions.retain(|version| version.digest == after.digest || self.dice.one_in(2));
            if let Some(version) = self.dice.pick(&after.versions) {
                after.digest = version.digest.clone();
            }
            return self.put(at, &after, None);
        }
        let newest = Version {
            manifest: self.dice.one_in(2).then(|| at.into()),
            approved: self.dice.one_in(2),
            ..version(digest, self.dice.index(9) as i64)
        };
        let kept = after.versions.iter().filter(|version| version.digest != newest.digest && version.digest == after.digest);
        let others = after.versions.iter().filter(|version| version.digest != newest.digest && version.digest != after.digest);
        let older: Vec<Version> = kept.chain(others).take(VERSIONS_KEPT_MAX - 1).cloned().collect();
        after.versions = [vec![newest], older].concat();
        self.put(at, &after, Some(digest));
    }

    fn put(&self, at: &str, record: &ConnectorRecord, component: Option<&str>) {
        self.both(at, |store| store.put_connector_now(record, component.map(str::as_bytes)).expect("put_connector"));
    }

    fn stand(&mut self, at: &str) {
        let Some(id) = self.dice.pick(&self.tasks).copied() else { return };
        let standing = some_standing(&mut self.dice, id, &self.questions, &self.tasks);
        self.both(at, |store| store.stand_now(id, &standing).expect("stand"));
    }

    fn remove(&mut self, at: &str) {
        let ids: Vec<TaskId> = (0..3).filter_map(|_| self.dice.pick(&self.tasks).copied()).collect();
        let tasks: Vec<Task> = ids.iter().filter_map(|id| self.both(at, |store| store.task(*id).expect("task"))).collect();
        let entries: Vec<_> = tasks.iter().map(|task| Entry { outcome: Outcome::Deleted(None), ..entry(task) }).collect();
        self.both(at, |store| store.remove_now(entries.clone()).expect("remove"));
        self.work_off();
    }
}
