//! One random operation after the other, on both stores.

use super::compare::compare;
use super::world::World;
use crate::Dice;
use crate::short::{Commit, Short};
use crate::suite::bench::{QUEUE_MAX, connector, entry, failed, line, record, removed, stays, version, writes};
use crate::{new_task, new_task_with_key};
use lockgate_core::change::Change;
use lockgate_core::history::Outcome;
use lockgate_core::key::Key;
use lockgate_core::model::ContentModel;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{ConnectorRecord, Lease, Store, StoreError, VERSIONS_KEPT_MAX, Version};
use lockgate_core::task::{NewTask, Task, TaskId};

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
        match self.dice.index(18) {
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
        let before = (self.world.objects.clone(), self.world.pages.clone(), self.world.bindings.clone());
        let changes: Vec<Change> =
            (first..first + self.dice.index(8) as u64).filter_map(|id| self.world.change(&mut self.dice, id)).collect();
        let (name, leases) = self.connectors[self.dice.index(self.connectors.len())].clone();
        let queued = self.both(at, |store| store.fetch(&name, None, 4, usize::MAX).expect("fetch"));
        let tasks = queued.iter().take(self.dice.index(4)).map(|task| {
            let log = (0..self.dice.index(3)).map(|n| line(&format!("{at} line {n}"))).collect();
            if self.dice.one_in(4) { lockgate_core::effects::TaskEnd { log, ..stays(task.id, failed()) } } else { removed(task, log) }
        });
        let mut commit = Commit { tasks: tasks.collect(), changes, ..Commit::default() };
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
            (self.world.objects, self.world.pages, self.world.bindings) = before;
        }
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
        self.both(at, |store| store.stand_now(id, &failed()).expect("stand"));
    }

    fn remove(&mut self, at: &str) {
        let ids: Vec<TaskId> = (0..3).filter_map(|_| self.dice.pick(&self.tasks).copied()).collect();
        let tasks: Vec<Task> = ids.iter().filter_map(|id| self.both(at, |store| store.task(*id).expect("task"))).collect();
        let entries: Vec<_> =
            tasks.iter().map(|task| lockgate_core::history::Entry { outcome: Outcome::Deleted(None), ..entry(task) }).collect();
        self.both(at, |store| store.remove_now(entries.clone()).expect("remove"));
    }
}
