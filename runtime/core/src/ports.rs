//! What the bus needs from outside: a store, in small parts by use, a sandbox, the time and randomness.

mod audit;
mod clock;
mod content;
mod journal;
mod lease;
mod nodes;
mod operations;
mod queue;
mod registry;
mod sandbox;
mod store;

pub use audit::{Audit, AuditFilter, Order, Ordered, unsigned};
pub use clock::{Clock, Randomness, new_guid};
pub use content::Content;
pub use journal::{HistoryFilter, Journal, WarningFilter};
pub use lease::{Claim, Claimed, Lease, NodeName};
pub use nodes::{Beat, Beaten, Call, Heard, Life, Marks, Node, Nodes, Seen, Shared, Wish};
pub use operations::Operations;
pub use queue::{
    Due, DueTask, LastOutcome, MISSING_FIRST_MAX, Missing, Queue, Removal, Stand, Standing, Stood, Submitted, TaskFilter, Waiter,
};
pub use registry::{
    Configuration, ConnectorRecord, Force, Generation, GrantsDigest, ModelPut, Registry, Removed, Switches, VERSIONS_KEPT_MAX, Version,
};
pub use sandbox::{
    Compiled, Granted, InstallError, Instance, Limits, NotStarted, Run, Sandbox, StateMap, TaskInfo, TaskView, Translator, Usage,
};
pub use store::{Backup, Counts, Space, Store, StoreError, Upkeep};
