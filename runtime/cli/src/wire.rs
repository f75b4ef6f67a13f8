//! The only file that names concrete engines: which store, which sandbox, which server. Another
//! engine is another line here.

use std::future::Future;
use std::io;
use std::path::Path;
use std::sync::Arc;

use lockgate_bus::{Bus, Parts};
use lockgate_core::ports::{NodeName, Registry as _};
use lockgate_sandbox::WasmSandbox;
use lockgate_store_redb::{OpenError, Options, RedbStore};
use tokio::net::TcpListener;

pub use lockgate_sandbox::{CORE_INSTANCES_MAX, SandboxOptions, compile_child};
pub use lockgate_server::ServerOptions;
pub use lockgate_store_redb::{Depth, Progress, Report};

use crate::client::running_server;
use crate::clock::{SystemClock, SystemRandomness};
use crate::config::{Settings, read_secrets};
use crate::exit::{Exit, Failure};

/// Under which name this program holds leases. A file is open in one process at a time.
const NODE: &str = "local";
/// Memory for the store's pages when nothing is said.
pub const CACHE_BYTES: usize = 256 << 20;

/// Tasks of an author run one after the other.
const THROW_AWAY_INSTANCES: u32 = 4;
/// Times as long as a server's, an author's component may be compiled: an interpreter may come near to the
/// server's limit on a slow machine.
const THROW_AWAY_PATIENCE: u64 = 2;

/// Opens the store, makes it if missing, and builds the bus on it. Nothing is processed yet.
pub fn open(settings: &Settings) -> Result<Bus, Failure> {
    let path = &settings.store;
    let mut bus = settings.bus.clone();
    read_secrets(&settings.secrets, settings.secret_values, &mut bus, &|name| std::env::var(name).ok())?;
    let store = open_store(path, settings.cache_bytes)?;
    let sandbox = sandbox(&store, &settings.sandbox, path)?;
    let parts = Parts {
        store: Arc::new(store),
        sandbox: Arc::new(sandbox),
        clock: Arc::new(SystemClock::new()),
        randomness: Arc::new(SystemRandomness::default()),
        settings: bus,
        node: NodeName::new(NODE),
    };
    Bus::open(parts).map_err(|error| Failure::new(Exit::Unreachable, format!("{}: {error}", path.display())))
}

fn open_store(path: &Path, cache_bytes: usize) -> Result<RedbStore, Failure> {
    RedbStore::open(path, options(cache_bytes)).map_err(|error| not_opened(path, error))
}

fn options(cache_bytes: usize) -> Options {
    Options { cache_bytes, ..Options::default() }
}

/// Opens a store and closes it again: it is brought up to date if it is of an older format.
pub fn open_once(path: &Path) -> Result<(), Failure> {
    open_store(path, CACHE_BYTES).map(drop)
}

/// Reads a store's file, and never writes it.
pub fn check_store(path: &Path, depth: Depth, progress: &mut dyn FnMut(Progress)) -> Result<Report, Failure> {
    lockgate_store_redb::check(path, depth, progress).map_err(|error| not_opened(path, error))
}

/// Makes a store's file as small as its content allows: its bytes before and after.
pub fn compact_store(path: &Path) -> Result<(u64, u64), Failure> {
    lockgate_store_redb::compact(path, options(CACHE_BYTES)).map_err(|error| not_opened(path, error))
}

/// With the key that the store keeps, and without what no installed connector needs any more.
fn sandbox(store: &RedbStore, options: &SandboxOptions, path: &Path) -> Result<WasmSandbox, Failure> {
    let unreadable = |error| Failure::new(Exit::Unreachable, format!("{}: {error}", path.display()));
    let artefact_key = store.secret_key().map_err(unreadable)?;
    let connectors = store.configuration().map_err(unreadable)?.connectors;
    let sandbox = WasmSandbox::new(SandboxOptions { artefact_key, ..options.clone() }).map_err(|error| {
        Failure::new(Exit::Unreachable, format!("the sandbox cannot start: {:#}", anyhow::Error::from(error)))
            .hint(format!("see that {} can be made and written, by this user alone", options.artefact_dir.display()))
    })?;
    if let Err(error) = sandbox.keep_only(|digest| connectors.iter().any(|connector| connector.version(digest).is_some())) {
        tracing::warn!(%error, "old compiled connectors cannot be removed");
    }
    Ok(sandbox)
}

/// A sandbox without a store, for commands of connector authors. What it compiles is gone when it is dropped.
pub struct ThrowAway {
    pub sandbox: WasmSandbox,
    /// What a server gives a compilation where nothing is set; here there is more.
    pub server_compile_seconds_max: u64,
    _folder: tempfile::TempDir,
}

impl ThrowAway {
    pub fn new() -> Result<Self, Failure> {
        let failed = |why: String| Failure::new(Exit::Unreachable, format!("the sandbox cannot start: {why}"));
        let folder = tempfile::tempdir().map_err(|error| failed(error.to_string()))?;
        let mut artefact_key = [0; 32];
        getrandom::fill(&mut artefact_key).map_err(|error| failed(error.to_string()))?;
        let defaults = SandboxOptions::new(folder.path());
        let server_compile_seconds_max = defaults.compile_cpu_seconds_max;
        let options = SandboxOptions {
            artefact_key,
            instances_max: THROW_AWAY_INSTANCES,
            compile_cpu_seconds_max: defaults.compile_cpu_seconds_max.saturating_mul(THROW_AWAY_PATIENCE),
            compile_wall_ms_max: defaults.compile_wall_ms_max.saturating_mul(THROW_AWAY_PATIENCE),
            ..defaults
        };
        let sandbox = WasmSandbox::new(options).map_err(|error| failed(format!("{:#}", anyhow::Error::from(error))))?;
        Ok(Self { sandbox, server_compile_seconds_max, _folder: folder })
    }
}

fn not_opened(path: &Path, error: OpenError) -> Failure {
    let hint = match &error {
        OpenError::InUse => match running_server(path) {
            Some(server) => {
                format!("process {} serves it on {}: stop that one first, or name another file with --store", server.pid, server.url)
            }
            None => {
                "another process has the file open and left no `.server` file beside it: name its server with --url, or wait until the \
                     process ends"
                    .to_owned()
            }
        },
        OpenError::Unreachable { .. } => "see that the folder exists and may be written, or name another file with --store".to_owned(),
        OpenError::NotLockgate => "name another file with --store".to_owned(),
        _ => "restore a backup with `lockgate restore`, or name another file with --store".to_owned(),
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
