//! For tests only: a store in memory, the suites that every store must pass, and a bus of scripted
//! connectors. Nothing here runs in production.
#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests' code: a wrong assumption must end the test")]

mod bus;
mod dice;
mod memory;
mod model;
pub mod order;
mod parts;
mod sandbox;
mod short;
pub mod suite;
mod watched;

pub use bus::TestBus;
pub use dice::Dice;
pub use memory::{Forgets, MemoryStore};
pub use model::{MODEL_TOML, model, model_files};
pub use parts::{CountingRandomness, FixedClock};
pub use sandbox::{Asked, Begun, Call, Script, ScriptedSandbox};
pub use short::{AS_STORED, Commit, Short};
pub use suite as store_suite;
pub use watched::WatchedStore;

use lockgate_core::names::ConnectorName;
use lockgate_core::task::{
    DataType, ExternalObject, Idempotency, NewTask, ProcessType, Task, TaskHead, TaskId, TaskState, TaskType, TaskVersion,
};

/// A task with this body, past admission.
pub fn new_task(connector: &ConnectorName, body: &[u8]) -> NewTask {
    NewTask::like(a_task(connector, body), None)
}

fn a_task(connector: &ConnectorName, body: &[u8]) -> Task {
    let external = ExternalObject { media_type: "application/json".into(), body: body.into() };
    let head = TaskHead {
        id: TaskId(0),
        version: TaskVersion::default(),
        connector: connector.clone(),
        external_bytes: body.len() as u64,
        media_type: external.media_type.clone(),
        process_type: ProcessType::Default,
        task_type: TaskType::UpdateObject,
        data_type: DataType::Snapshot,
        site: None,
        title: "a task".into(),
        subject: None,
        file_name: None,
        traceparent: None,
        submitted_ms: FixedClock::START_MS,
        state: TaskState::Queued,
        attempts: 0,
        not_before_ms: None,
        failure: None,
        aside: false,
        failed_by: None,
        deletes_allowed: false,
        waiting: None,
    };
    Task { head, external }
}

/// The same with an idempotency key, and the digest of everything that was asked.
pub fn new_task_with_key(connector: &ConnectorName, body: &[u8], key: &str, digest: u128) -> NewTask {
    NewTask::like(a_task(connector, body), Some(Idempotency { key: key.into(), digest }))
}
