//! For tests only: a store in memory, the suite that every store must pass, and a bus of scripted
//! connectors. Nothing here runs in production.
#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests' code: a wrong assumption must end the test")]

mod bus;
mod memory;
mod model;
mod parts;
mod sandbox;
pub mod suite;

pub use bus::TestBus;
pub use memory::MemoryStore;
pub use model::{MODEL_TOML, model, model_files};
pub use parts::{CountingRandomness, FixedClock};
pub use sandbox::{Asked, Call, Script, ScriptedSandbox};
pub use suite as store_suite;

use crate::names::ConnectorName;
use crate::task::{DataType, ExternalObject, Idempotency, NewTask, ProcessType, TaskType};

/// A task with this body, past admission.
pub fn new_task(connector: &ConnectorName, body: &[u8]) -> NewTask {
    NewTask {
        connector: connector.clone(),
        external: ExternalObject { media_type: "application/json".into(), body: body.into() },
        process_type: ProcessType::Default,
        task_type: TaskType::UpdateObject,
        data_type: DataType::Snapshot,
        site: None,
        title: "a task".into(),
        idempotency: None,
        traceparent: None,
        submitted_ms: FixedClock::START_MS,
    }
}

/// The same with an idempotency key, and the digest of everything that was asked.
pub fn new_task_with_key(connector: &ConnectorName, body: &[u8], key: &str, digest: u128) -> NewTask {
    NewTask { idempotency: Some(Idempotency { key: key.into(), digest }), ..new_task(connector, body) }
}
