//! The operations' port.

use lockgate_core::names::ConnectorName;
use lockgate_core::operation::{NewOperation, Operation, OperationId, OperationState, Packet, Step};
use lockgate_core::ports::{Operations, Removal, Stand, StoreError};

use super::PgStore;
use crate::{operations, orders};

impl Operations for PgStore {
    fn begin_operation(&self, operation: NewOperation, kept_max: u64) -> Result<OperationId, StoreError> {
        operations::begin(self, operation, kept_max, None)
    }

    fn operation(&self, id: OperationId) -> Result<Option<Operation>, StoreError> {
        Ok(operations::one(self, id)?.map(|kept| kept.operation))
    }

    fn operations(&self, before: Option<OperationId>, limit: usize) -> Result<Vec<Operation>, StoreError> {
        operations::newest(self, before, limit)
    }

    fn running_operations(&self) -> Result<Vec<Operation>, StoreError> {
        operations::running(self)
    }

    fn packet(&self, id: OperationId, connector: Option<&ConnectorName>) -> Result<Option<Packet>, StoreError> {
        operations::packet(self, id, connector)
    }

    fn operation_connectors(&self, id: OperationId) -> Result<Vec<ConnectorName>, StoreError> {
        operations::connectors(self, id)
    }

    fn carry_out(&self, stands: &[Stand], removals: Vec<Removal>, step: &Step) -> Result<(), StoreError> {
        orders::carry_out(self, stands, &removals, step)
    }

    fn end_operation(&self, id: OperationId, state: OperationState, why: Option<&str>, at_ms: i64) -> Result<bool, StoreError> {
        operations::end(self, id, state, why, at_ms, None)
    }
}
