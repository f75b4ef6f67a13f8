//! wasmtime: compile, instantiate, limit, host functions, verdict.
//!
//! What this crate must not know:
//! * the content model, the store, the queue: it turns one call into one checked answer;
//! * what a failure means for a task: it gives a code, `core` decides (promise 6);
//! * where settings and limits come from: they arrive with each instance;
//! * how its compiler is started: the caller names a program that does [`compile_child`];
//! * tokio: every method blocks. Call them from plain threads, never from inside an async task.
//!
//! What it must hold (promise 3): a guest reaches nothing but the imports linked in `host`, the granted
//! origins in `http` and the inert imports in `wasi`; whatever it does ends as a [`Failure`](lockgate_core::failure::Failure).

mod about;
mod artefact;
mod artefact_dir;
mod bindings;
mod check;
mod compile;
mod contract_0_1;
mod convert;
mod engine;
mod exports;
mod guest_random;
mod guest_time;
mod host;
mod http;
mod instance;
mod keep;
mod limiter;
mod linker;
mod options;
mod said;
mod sandbox;
mod secrets;
mod slots;
mod state;
mod task_log;
#[cfg(feature = "testing")]
mod testing;
mod ticker;
mod translator;
mod verdict;
mod wasi;

pub use compile::compile_child;
pub use engine::CORE_INSTANCES_MAX;
pub use options::SandboxOptions;
pub use sandbox::{OpenError, WasmSandbox};
#[cfg(feature = "testing")]
pub use testing::{NotBuilt, engine};
