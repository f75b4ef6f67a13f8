//! Processes that share the database.

use std::collections::BTreeSet;
use std::time::Duration;

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Beat, Beaten, Call, Heard, Life, NodeName, Nodes, StoreError, Wish};

use super::PgStore;
use crate::{listen, nodes};

impl Nodes for PgStore {
    fn beat(&self, beat: &Beat<'_>) -> Result<Beaten, StoreError> {
        nodes::beat(self, beat)
    }

    fn look(&self) -> Result<Heard, StoreError> {
        nodes::look(self)
    }

    fn leave(&self, node: &NodeName, life: Life) -> Result<(), StoreError> {
        nodes::leave(self, node, life)
    }

    fn drain(&self, node: &NodeName, drains: bool) -> Result<bool, StoreError> {
        nodes::drain(self, node, drains)
    }

    fn want(&self, kind: Wish, connectors: &BTreeSet<ConnectorName>) -> Result<(), StoreError> {
        nodes::want(self, kind, connectors)
    }

    fn call(&self, calls: &BTreeSet<Call>) -> Result<(), StoreError> {
        listen::call(self, calls)
    }

    fn listen(&self, wait: Duration) -> Result<Vec<Call>, StoreError> {
        listen::listen(self, wait)
    }
}
