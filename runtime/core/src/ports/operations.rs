//! Operations over many tasks, as the bus sees them (§9).

use crate::names::ConnectorName;
use crate::operation::{NewOperation, Operation, OperationId, OperationState, Packet, Step};
use crate::ports::{Removal, Stand, StoreError};

/// Operations: what is left of each is durable, so that it goes on by itself, and each task is dealt with once
/// whenever the power fails. Every method blocks and is atomic. Each may answer `Unavailable`, `Unreadable` and
/// `Full`; those that write also `Unknown`.
pub trait Operations: Send + Sync {
    /// Begins one; one that means no task has ended at once. Of those that ended, the oldest beyond `kept_max` are
    /// forgotten.
    fn begin_operation(&self, operation: NewOperation, kept_max: u64) -> Result<OperationId, StoreError>;

    /// One of them.
    fn operation(&self, id: OperationId) -> Result<Option<Operation>, StoreError>;

    /// Those with an id below `before`, the newest first.
    fn operations(&self, before: Option<OperationId>, limit: usize) -> Result<Vec<Operation>, StoreError>;

    /// Those that run, ascending.
    fn running_operations(&self) -> Result<Vec<Operation>, StoreError>;

    /// What is left of one that runs: the first packet, of a connector or of any.
    fn packet(&self, id: OperationId, connector: Option<&ConnectorName>) -> Result<Option<Packet>, StoreError>;

    /// Of the connectors with tasks left in one that runs, each once.
    fn operation_connectors(&self, id: OperationId) -> Result<Vec<ConnectorName>, StoreError>;

    /// Carries out part of one, whole or not at all, in one transaction. `Conflict`, and nothing is done: a task is
    /// not as it was seen, or not left in the packet. One that was cancelled meanwhile takes the part that was in hand.
    /// With the last task of one that runs, it has ended. The same holds for a step that a commit carries
    /// (`Effects::step`).
    fn carry_out(&self, stands: &[Stand], removals: Vec<Removal>, step: &Step) -> Result<(), StoreError>;

    /// Ends one that runs: what is left of it is left as it is. False when it does not run.
    fn end_operation(&self, id: OperationId, state: OperationState, why: Option<&str>, at_ms: i64) -> Result<bool, StoreError>;
}
