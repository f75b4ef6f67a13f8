//! Short ways for tests to use a store: as one who has just looked, and is alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lockgate_core::change::Change;
use lockgate_core::effects::{Effects, EffectsParts, StateWrites, TaskEnd};
use lockgate_core::history::Entry;
use lockgate_core::key::Key;
use lockgate_core::mark::Mark;
use lockgate_core::model::{ContentModel, Unused};
use lockgate_core::names::ConnectorName;
use lockgate_core::operation::Step;
use lockgate_core::ports::{
    Claim, Claimed, ConnectorRecord, Force, Generation, Lease, ModelPut, NodeName, Removal, Removed, Stand, Standing, Stood, Store,
    StoreError, Submitted, Switches, Version,
};
use lockgate_core::task::{NewTask, TaskId, TaskVersion};

/// What a test wants carried out; everything else is as the store has it.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// Ascending task ids.
    pub tasks: Vec<TaskEnd>,
    /// In order.
    pub changes: Vec<Change>,
    /// Whom tasks that begin to wait would touch.
    pub stirs: Vec<Mark>,
    /// What was mended.
    pub mends: Vec<Entry>,
    /// By key.
    pub state: StateWrites,
    /// The store's counter when the first of `relied` was loaded.
    pub as_of: u64,
    /// Questions that were relied on.
    pub relied: Vec<Key>,
    /// The operation that moves on with it.
    pub step: Option<Step>,
}

/// The version of a task in a test's [`Commit`] that means: as the store has it.
pub const AS_STORED: TaskVersion = TaskVersion(u64::MAX);

/// The connector of a task in such a commit that means: whose it is.
pub(crate) const OWN: &str = "as-stored";

/// Digest of connectors that are installed because a test uses their names.
const USED: &str = "used";

/// Short ways to use a store.
pub trait Short {
    /// The store.
    fn whole(&self) -> &dyn Store;

    /// Sees to it that connectors are installed.
    fn install<'n>(&self, names: impl IntoIterator<Item = &'n ConnectorName>) {
        let store = self.whole();
        let configuration = store.configuration().expect("configuration");
        let names: BTreeSet<&ConnectorName> = names.into_iter().collect();
        for name in names.into_iter().filter(|name| configuration.connectors.iter().all(|record| record.name != **name)) {
            let version = Version { digest: USED.into(), manifest: None, installed_ms: 0, approved: true };
            let record = ConnectorRecord {
                name: name.clone(),
                digest: USED.into(),
                enabled: true,
                paused: false,
                installed_ms: 0,
                versions: vec![version],
            };
            store.put_connector(store.generation().expect("generation"), &record, Some(USED.as_bytes())).expect("put_connector");
        }
    }

    /// Queues tasks of connectors, which are installed for it.
    fn submit_now(&self, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Result<Vec<Submitted>, StoreError> {
        self.install(tasks.iter().map(NewTask::connector));
        self.whole().submit(self.whole().generation()?, tasks, queue_tasks_max)
    }

    /// Takes the right to process from whoever has it.
    fn claim_now(&self, connector: &ConnectorName) -> Result<Lease, StoreError> {
        self.install([connector]);
        // Over as soon as it begins, so that another claim takes it.
        let claim = Claim { connector, node: &NodeName::new("test"), held: &BTreeSet::new(), lease_ms: 0, now_ms: 0 };
        match self.whole().claim(&claim)? {
            Claimed::Yes(lease) => Ok(lease),
            Claimed::HeldBy(node, until_ms) => panic!("{node} holds {connector} until {until_ms}"),
        }
    }

    /// Effects as of now.
    fn effects(&self, commit: &Commit, model: &ContentModel) -> Effects {
        let store = self.whole();
        let mut tasks = commit.tasks.clone();
        for task in tasks.iter_mut().filter(|task| task.version == AS_STORED) {
            let head = store.heads(&[task.id]).expect("heads").pop();
            task.version = head.as_ref().map_or(TaskVersion(0), |head| head.version);
            if let (Some(head), OWN) = (head, task.connector.as_str()) {
                task.connector = head.connector;
            }
        }
        let Commit { changes, stirs, mends, state, as_of, relied, step, .. } = commit.clone();
        let generation = store.generation().expect("generation");
        EffectsParts {
            model: Arc::new(model.clone()),
            generation,
            tasks,
            changes,
            stirs,
            mends,
            state,
            as_of,
            relied,
            step,
            regroups: false,
        }
        .into()
    }

    /// Carries out what a test wants.
    fn commit_now(&self, lease: &Lease, commit: &Commit, model: &ContentModel) -> Result<(), StoreError> {
        let mut effects = EffectsParts::from(self.effects(commit, model));
        for task in effects.tasks.iter_mut().filter(|task| task.connector.as_str() == OWN) {
            task.connector = lease.connector.clone();
        }
        self.whole().commit(lease, &effects.into())
    }

    /// Gives a task another standing; false when it is not queued.
    fn stand_now(&self, id: TaskId, standing: &Standing) -> Result<bool, StoreError> {
        let Some(head) = self.whole().heads(&[id])?.pop() else { return Ok(false) };
        let stood = self.whole().stand(&[Stand { id, version: head.version, standing: standing.clone() }])?;
        Ok(stood == [Stood::Done])
    }

    /// Removes queued tasks; how many were there.
    fn remove_now(&self, entries: Vec<Entry>) -> Result<u64, StoreError> {
        let mut removed = 0;
        for entry in entries {
            let version = self.whole().heads(&[entry.task])?.pop().map_or(TaskVersion(0), |head| head.version);
            removed += u64::from(self.whole().remove(vec![Removal { version, entry }])? == [Stood::Done]);
        }
        Ok(removed)
    }

    /// Installs or changes a connector.
    fn put_connector_now(&self, record: &ConnectorRecord, component: Option<&[u8]>) -> Result<(), StoreError> {
        self.whole().put_connector(self.whole().generation()?, record, component)
    }

    /// Removes a connector with all its tasks; how many those were.
    fn delete_connector(&self, name: &ConnectorName) -> Result<u64, StoreError> {
        Ok(match self.whole().remove_connector(name, Force::Yes)? {
            Removed::Gone(tasks) => tasks,
            Removed::HasTasks(tasks) => panic!("{tasks} tasks kept {name}"),
            Removed::NotThere => 0,
        })
    }

    /// Replaces the model, whatever is stored.
    fn put_model_now(&self, files: &BTreeMap<String, String>, model: &ContentModel) -> Result<(), StoreError> {
        let put = self.whole().put_model(self.whole().generation()?, files, model, &Unused::default())?;
        assert_eq!(put, ModelPut::Done);
        Ok(())
    }

    /// Sets the switches.
    fn put_switches_now(&self, switches: Switches) -> Result<(), StoreError> {
        self.whole().put_switches(self.whole().generation()?, switches)
    }

    /// Connectors that a test has installed itself.
    fn connectors(&self) -> Result<Vec<ConnectorRecord>, StoreError> {
        let all = self.whole().configuration()?.connectors;
        Ok(all.into_iter().filter(|record| &*record.digest != USED).collect())
    }

    /// The model's files.
    fn model_files(&self) -> Result<BTreeMap<String, String>, StoreError> {
        Ok(self.whole().configuration()?.model)
    }

    /// The switches.
    fn switches(&self) -> Result<Switches, StoreError> {
        Ok(self.whole().configuration()?.switches)
    }

    /// The newest generation.
    fn now(&self) -> Generation {
        self.whole().generation().expect("generation")
    }
}

impl Short for dyn Store + '_ {
    fn whole(&self) -> &dyn Store {
        self
    }
}

impl<S: Store> Short for S {
    fn whole(&self) -> &dyn Store {
        self
    }
}
