//! The only file that names concrete engines: which store, which sandbox, which server. Another
//! engine is another line here.

use std::future::Future;
use std::io;
use std::path::Path;
use std::sync::Arc;

use lockgate_core::bus::{Bus, Parts};
use lockgate_sandbox::WasmSandbox;
use lockgate_store_redb::{OpenError, Options, RedbStore};
use tokio::net::TcpListener;

pub use lockgate_sandbox::SandboxOptions;
pub use lockgate_server::ServerOptions;

use crate::clock::{SystemClock, SystemRandomness};
use crate::config::Settings;
use crate::exit::{Exit, Failure};

/// Memory for the store's pages when nothing is said.
pub const CACHE_BYTES: usize = 256 << 20;

/// Opens the store, makes it if missing, and builds the bus on it. Nothing is processed yet.
pub fn open(settings: &Settings) -> Result<Bus, Failure> {
    let path = &settings.store;
    let store = RedbStore::open(path, Options { cache_bytes: settings.cache_bytes, ..Options::default() })
        .map_err(|error| not_opened(path, error))?;
    let sandbox = WasmSandbox::new(settings.sandbox.clone()).map_err(|error| {
        Failure::new(Exit::Unreachable, format!("the sandbox cannot start: {:#}", anyhow::Error::from(error)))
            .hint(format!("see that {} can be made and written", settings.sandbox.artefact_dir.display()))
    })?;
    let parts = Parts {
        store: Arc::new(store),
        sandbox: Arc::new(sandbox),
        clock: Arc::new(SystemClock::new()),
        randomness: Arc::new(SystemRandomness),
        settings: settings.bus.clone(),
    };
    Bus::open(parts).map_err(|error| Failure::new(Exit::Unreachable, format!("{}: {error}", path.display())))
}

fn not_opened(path: &Path, error: OpenError) -> Failure {
    let hint = match &error {
        OpenError::InUse => {
            "another process has the file open and left no `.server` file beside it: name its server with --url, or wait until the process ends"
        }
        OpenError::Unreachable { .. } => "see that the folder exists and may be written, or name another file with --store",
        OpenError::NotLockgate => "name another file with --store",
        _ => "restore the file from a copy, or name another with --store",
    };
    let why = format!("{:#}", anyhow::Error::from(error));
    Failure::new(Exit::Unreachable, format!("cannot open the store {}: {why}", path.display())).hint(hint)
}

/// The HTTP surface of a bus, to be called in this process.
pub fn router(bus: Bus, options: &ServerOptions) -> axum::Router {
    lockgate_server::router(bus, options)
}

/// Whether the server's options go together.
pub fn check_options(options: &ServerOptions) -> Result<(), Failure> {
    lockgate_server::check_options(options).map_err(|error| Failure::invalid(format!("[server] {error}")))
}

/// Answers until `shutdown`, then until what is in hand is answered.
pub async fn serve(bus: Bus, options: &ServerOptions, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    lockgate_server::serve(bus, options, listener, shutdown).await
}
