//! Who touched which answer last.

use std::collections::{BTreeMap, HashMap};

use lockgate_core::key::Key;
use lockgate_core::names::ConnectorName;

#[derive(Debug, Default)]
pub(super) struct Touches {
    /// The newest commit of each connector that touched a key.
    newest: HashMap<Key, BTreeMap<ConnectorName, u64>>,
    /// Every key counts as touched up to this commit, by nobody in particular.
    floor: u64,
}

impl Touches {
    /// Whether another connector than `by` touched one of these after `as_of`.
    pub(super) fn conflict(&self, relied: &[Key], as_of: u64, by: &ConnectorName) -> bool {
        relied.iter().any(|key| {
            let others = self.newest.get(key).into_iter().flatten().filter(|(connector, _)| *connector != by);
            self.floor > as_of || others.into_iter().any(|(_, commit)| *commit > as_of)
        })
    }

    pub(super) fn touch(&mut self, keys: &[Key], commit: u64, by: &ConnectorName) {
        for key in keys {
            self.newest.entry(key.clone()).or_default().insert(by.clone(), commit);
        }
    }

    pub(super) fn touch_all(&mut self, commit: u64) {
        self.floor = commit;
    }
}
