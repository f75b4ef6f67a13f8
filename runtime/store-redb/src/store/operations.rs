//! Operations over many tasks.

use lockgate_core::names::ConnectorName;
use lockgate_core::operation::{NewOperation, Operation, OperationId, OperationState, Packet, Step};
use lockgate_core::ports::{Operations, Removal, Stand, StoreError};

use super::RedbStore;
use crate::{operations, queue};

impl Operations for RedbStore {
    fn begin_operation(&self, operation: NewOperation, kept_max: u64) -> Result<OperationId, StoreError> {
        let ready = operations::ready(operation, &self.names);
        self.write(ready.weight(), move |work| operations::begin(work, ready, kept_max))
    }

    fn operation(&self, id: OperationId) -> Result<Option<Operation>, StoreError> {
        self.read(|view| operations::one(view, id))
    }

    fn operations(&self, before: Option<OperationId>, limit: usize) -> Result<Vec<Operation>, StoreError> {
        self.read(|view| operations::newest(view, before, limit))
    }

    fn running_operations(&self) -> Result<Vec<Operation>, StoreError> {
        self.read(operations::running)
    }

    fn packet(&self, id: OperationId, connector: Option<&ConnectorName>) -> Result<Option<Packet>, StoreError> {
        self.read(|view| operations::packet(view, id, connector))
    }

    fn operation_connectors(&self, id: OperationId) -> Result<Vec<ConnectorName>, StoreError> {
        self.read(|view| operations::connectors(view, id))
    }

    fn carry_out(&self, stands: &[Stand], removals: Vec<Removal>, step: &Step) -> Result<(), StoreError> {
        let ready = queue::removals(&removals, &self.names);
        let connector = self.names.interner().id(step.connector.as_str());
        let (stands, step) = (stands.to_vec(), step.clone());
        self.writer.write(stands.len() + ready.len() + 1, move |work| operations::carry_out(work, &stands, &ready, &step, connector))
    }

    fn end_operation(&self, id: OperationId, state: OperationState, why: Option<&str>, at_ms: i64) -> Result<bool, StoreError> {
        let why = why.map(ToOwned::to_owned);
        self.write(1, move |work| operations::end(work, id, state, why.as_deref(), at_ms))
    }
}
