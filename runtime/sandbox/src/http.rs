//! Outbound HTTP as plain `wasi:http` 0.2, so that each language's own client works, through a client
//! of the host's own (promise 3): only granted origins, addresses vetted after one resolution and
//! connected to as vetted, HTTP/1.1, no redirects, no cookies, no proxies, caps on calls, bytes and time (promise 5).
//!
//! All of it runs on the runtime that WASI's blocking calls use: each call is a task there, and so
//! are the connections that are kept.

mod body_in;
mod body_out;
mod call;
mod client;
mod connect;
mod errors;
mod gzip;
mod head;
mod hooks;
mod ledger;
mod net;
mod pool;
mod recorded;
mod tls;

use std::sync::{Arc, Mutex};
use std::time::Instant;

use lockgate_core::egress::Denied;
use lockgate_core::ports::Granted;
use tokio::runtime::Handle;
use wasmtime::component::Linker;
use wasmtime_wasi_http::WasiHttpCtx;

use crate::secrets::Secrets;
use crate::state::State;
use crate::task_log::TaskLog;

pub use client::{Client, Clients};
pub use errors::of_stream;
pub use hooks::Hooks;
use ledger::Ledger;

/// The interfaces that are linked.
const INTERFACES: &[&str] = &["wasi:http/types", "wasi:http/outgoing-handler"];
/// What one `fields` of the guest may take in the host's memory at least, with its structures.
const FIELDS_BYTES_MIN: usize = 128 << 10;

/// Whether an import of this name is linked.
pub fn offers(import: &str) -> bool {
    import.split_once('@').is_some_and(|(interface, version)| INTERFACES.contains(&interface) && version.starts_with("0.2."))
}

/// Links it.
pub fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi_http::p2::add_only_http_to_linker_sync(linker)
}

/// The limits of `wasi:http` itself.
pub fn context(granted: &Granted) -> WasiHttpCtx {
    let mut context = WasiHttpCtx::new();
    // Above the limit of a call's headers, so that this one is noticed and named first.
    context.set_field_size_limit(granted.egress.limits.header_bytes_max.saturating_mul(4).max(FIELDS_BYTES_MIN));
    context
}

/// The outbound calls of one task.
pub struct TaskHttp {
    client: Arc<Client>,
    granted: Arc<Granted>,
    secrets: Arc<Secrets>,
    ledger: Ledger,
}

impl TaskHttp {
    /// For one task; each call's line goes into its log.
    pub fn new(client: Arc<Client>, granted: Arc<Granted>, secrets: Arc<Secrets>, log: Arc<Mutex<TaskLog>>) -> Arc<Self> {
        let ledger = Ledger::new(granted.egress.limits.clone(), log);
        Arc::new(Self { client, granted, secrets, ledger })
    }

    /// Forgets what was denied: a new call into the guest begins.
    pub fn begin(&self) {
        self.ledger.take_denied();
    }

    /// What was denied first since `begin`.
    pub fn denied(&self) -> Option<Denied> {
        self.ledger.take_denied()
    }

    /// Writes the lines of calls whose responses were never read to their end.
    pub fn flush(&self) {
        self.ledger.end_all();
    }

    /// Calls, denied ones too.
    pub fn calls(&self) -> u32 {
        self.ledger.calls()
    }

    /// Bytes of all bodies, both ways.
    pub fn bytes(&self) -> u64 {
        self.ledger.bytes()
    }
}

/// One call as it runs.
struct Running {
    task: Arc<TaskHttp>,
    /// Its number in the ledger.
    number: u32,
    /// When it must have ended, with its response's body.
    until: Instant,
    /// Where tasks are started, also from outside of any.
    runtime: Handle,
}

#[cfg(test)]
mod tests;
