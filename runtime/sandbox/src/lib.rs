//! wasmtime: compile, instantiate, limit, host functions, verdict.
//!
//! What this crate must not know:
//! * the content model, the store, the queue: it turns one call into one checked answer;
//! * what a failure means for a task: it gives a code, `core` decides (promise 6);
//! * where settings and limits come from: they arrive with each instance;
//! * tokio: every method blocks. Call them from plain threads, never from inside an async task.
//!
//! What it must hold (promise 3): a guest reaches nothing but the imports linked in `host` and the
//! inert ones in `wasi`; whatever it does ends as a [`Failure`](lockgate_core::failure::Failure).

mod artefact;
mod bindings;
mod check;
mod compile;
mod convert;
mod engine;
mod host;
mod instance;
mod limiter;
mod options;
mod sandbox;
mod slots;
mod state;
mod task_log;
mod ticker;
mod translator;
mod verdict;
mod wasi;

pub use options::SandboxOptions;
pub use sandbox::{OpenError, WasmSandbox};
