//! Calls by the newest configuration, for tests that are about something else.

use std::collections::{BTreeMap, BTreeSet};

pub use lockgate_core::effects::EffectsParts as Commit;
use lockgate_core::model::{ContentModel, Unused};
use lockgate_core::ports::{Claim, Claimed, ConnectorRecord, Lease, ModelPut, NodeName, Store, StoreError, Submitted};
use lockgate_core::task::NewTask;

use super::{connector, record};

/// What every store can do, made easy.
pub trait Ease: Store {
    /// Installs a connector that is not there.
    fn install(&self, name: &str) {
        let known = self.configuration().unwrap();
        if known.connectors.iter().all(|record| record.name != connector(name)) {
            self.put_connector(known.generation, &record(name, &format!("of {name}")), Some(b"component")).unwrap();
        }
    }

    /// Submits by the newest configuration.
    fn add(&self, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Result<Vec<Submitted>, StoreError> {
        self.submit(self.generation()?, tasks, queue_tasks_max)
    }

    /// A new epoch for the one node that there is.
    fn lease(&self, name: &str) -> Result<Lease, StoreError> {
        let (connector, node, held) = (connector(name), NodeName::new("node"), BTreeSet::new());
        match self.claim(&Claim { connector: &connector, node: &node, held: &held, lease_ms: 1_000, now_ms: 0 })? {
            Claimed::Yes(lease) => Ok(lease),
            other => panic!("{other:?}"),
        }
    }

    /// Commits by the newest configuration.
    fn carry_out(&self, lease: &Lease, commit: &Commit, model: &ContentModel) -> Result<(), StoreError> {
        let generation = self.generation()?;
        self.commit(lease, &Commit { model: model.clone().into(), generation, ..commit.clone() }.into())
    }

    fn put(&self, record: &ConnectorRecord, component: Option<&[u8]>) -> Result<(), StoreError> {
        self.put_connector(self.generation()?, record, component)
    }

    fn replace_model(&self, files: &BTreeMap<String, String>, model: &ContentModel) -> Result<(), StoreError> {
        self.put_model(self.generation()?, files, model, &Unused::default()).map(|put| assert_eq!(put, ModelPut::Done))
    }

    fn installed(&self) -> Vec<ConnectorRecord> {
        self.configuration().unwrap().connectors
    }

    fn files(&self) -> BTreeMap<String, String> {
        self.configuration().unwrap().model
    }
}

impl<S: Store + ?Sized> Ease for S {}
