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
pub use sandbox::{Asked, Begun, Call, Script, ScriptedSandbox};
pub use suite as store_suite;

use lockgate_core::names::ConnectorName;
use lockgate_core::task::{DataType, ExternalObject, Idempotency, NewTask, ProcessType, Task, TaskId, TaskState, TaskType};

/// A task with this body, past admission.
pub fn new_task(connector: &ConnectorName, body: &[u8]) -> NewTask {
    NewTask::like(a_task(connector, body), None)
}

fn a_task(connector: &ConnectorName, body: &[u8]) -> Task {
    Task {
        id: TaskId(0),
        connector: connector.clone(),
        external: ExternalObject { media_type: "application/json".into(), body: body.into() },
        process_type: ProcessType::Default,
        task_type: TaskType::UpdateObject,
        data_type: DataType::Snapshot,
        site: None,
        title: "a task".into(),
        traceparent: None,
        submitted_ms: FixedClock::START_MS,
        state: TaskState::Queued,
        attempts: 0,
        not_before_ms: None,
        failure: None,
    }
}

/// The same with an idempotency key, and the digest of everything that was asked.
pub fn new_task_with_key(connector: &ConnectorName, body: &[u8], key: &str, digest: u128) -> NewTask {
    NewTask::like(a_task(connector, body), Some(Idempotency { key: key.into(), digest }))
}
