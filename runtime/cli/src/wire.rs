//! The only file that names concrete engines: which store, which sandbox, which server. Another
//! engine is another line here.

mod database;
mod sandbox;

use std::fs::File;
use std::future::Future;
use std::io;
use std::path::Path;
use std::sync::Arc;

use lockgate::{SystemClock, SystemRandomness};
pub use lockgate_bus::Bus;
use lockgate_bus::Parts;
use lockgate_core::ports::{InstallError, NodeName, Sandbox, Store};
use lockgate_core::settings::BusSettings;
use lockgate_store_postgres::Tables;
use lockgate_store_redb::{OpenError, Options, RedbStore};
use tokio::net::TcpListener;

pub use database::findings as database_findings;
pub use lockgate_sandbox::{CORE_INSTANCES_MAX, SandboxOptions, compile_child};
pub use lockgate_server::{
    Do, NamedToken, Reload, Reloaded, Right, ServerOptions, Signed, TOKEN_CHARS_MIN, Verify, Webhook, WebhookEncoding, WebhookPlace,
    digest_of_token,
};
pub use lockgate_store_redb::{Depth, Making, Progress, Report, Rights, Upgrade, Upgraded, exposed, exposed_file};
pub use sandbox::{Compiling, ThrowAway};

use crate::client::running_server;
use crate::config::{Settings, StorePlace, read_secrets};
use crate::exit::{Exit, Failure};

/// Under which name this program holds leases. A file is open in one process at a time.
const NODE: &str = "local";
/// Memory for the store's pages when nothing is said.
pub const CACHE_BYTES: usize = 256 << 20;

/// Opens the store, makes it if missing, and builds the bus on it. Nothing is processed yet.
pub fn open(settings: &Settings, upgrade: Upgrade) -> Result<Bus, Failure> {
    let (bus, place) = (with_secrets(settings)?, &settings.store);
    let (store, node) = match place {
        StorePlace::File(path) => (embedded(path, options(settings.cache_bytes, upgrade))?, NodeName::new(NODE)),
        StorePlace::Database(database) => (database::open(database, Tables::Make)?, database::node(settings)),
    };
    let sandbox = sandbox::beside(&*store, &settings.sandbox, place)?;
    on(store, sandbox, bus, node, place)
}

fn embedded(path: &Path, options: Options) -> Result<Arc<dyn Store>, Failure> {
    let store = RedbStore::open(path, options).map_err(|error| not_opened(path, error))?;
    Ok(Arc::new(store))
}

/// Whether there is nothing yet where the store should be.
pub fn is_missing(settings: &Settings) -> Result<bool, Failure> {
    match &settings.store {
        StorePlace::File(path) => Ok(!path.exists()),
        StorePlace::Database(database) => database::is_empty(database),
    }
}

/// Opens a store that is there for reading: nothing is written to it or beside it.
pub fn open_to_read(settings: &Settings, compiling: Compiling) -> Result<Bus, Failure> {
    let place = &settings.store;
    let (store, node): (Arc<dyn Store>, _) = match place {
        StorePlace::File(path) => {
            let options = options(settings.cache_bytes, Upgrade::Refuse);
            (Arc::new(RedbStore::read_only(path, options).map_err(|error| not_opened(path, error))?), NodeName::new(NODE))
        }
        StorePlace::Database(database) => (database::open(database, Tables::AsTheyAre)?, database::node(settings)),
    };
    let sandbox: Arc<dyn Sandbox> = match compiling {
        Compiling::Never => Arc::new(sandbox::NoSandbox),
        Compiling::ThrownAway => Arc::new(ThrowAway::with(settings.sandbox.clone())?),
    };
    on(store, sandbox, with_secrets(settings)?, node, place)
}

fn with_secrets(settings: &Settings) -> Result<BusSettings, Failure> {
    let mut bus = settings.bus.clone();
    read_secrets(&settings.secrets, settings.secret_values, &mut bus, &|name| std::env::var(name).ok())?;
    Ok(bus)
}

fn on(store: Arc<dyn Store>, sandbox: Arc<dyn Sandbox>, settings: BusSettings, node: NodeName, place: &StorePlace) -> Result<Bus, Failure> {
    let parts =
        Parts { store, sandbox, clock: Arc::new(SystemClock::new()), randomness: Arc::new(SystemRandomness::default()), settings, node };
    Bus::open(parts).map_err(|error| Failure::new(Exit::Unreachable, format!("{place}: {error}")))
}

fn options(cache_bytes: usize, upgrade: Upgrade) -> Options {
    Options { cache_bytes, upgrade, ..Options::default() }
}

/// Brings a store's file up to date; `None`: it is.
pub fn upgrade_store(path: &Path, upgrade: Upgrade) -> Result<Option<Upgraded>, Failure> {
    lockgate_store_redb::upgrade(path, options(CACHE_BYTES, upgrade)).map_err(|error| not_opened(path, error))
}

/// Compiles a component, and keeps nothing of it: whether that works.
pub fn try_to_compile(options: &SandboxOptions, component: &[u8]) -> Result<(), InstallError> {
    let cannot = |failure: Failure| InstallError { code: "artefact-unwritable", message: failure.message };
    let sandbox = ThrowAway::with(options.clone()).map_err(cannot)?;
    sandbox.compile(component).map(drop)
}

/// Copies a store that no server has open into an empty file.
pub fn copy_store(path: &Path, to: File) -> Result<(), Failure> {
    lockgate_store_redb::copy_store(path, to).map_err(|error| not_opened(path, error))
}

/// Reads a store's file, and never writes it.
pub fn check_store(path: &Path, depth: Depth, progress: &mut dyn FnMut(Progress)) -> Result<Report, Failure> {
    lockgate_store_redb::check(path, depth, progress).map_err(|error| not_opened(path, error))
}

/// Makes a store's file as small as its content allows: its bytes before and after.
pub fn compact_store(path: &Path) -> Result<(u64, u64), Failure> {
    lockgate_store_redb::compact(path, options(CACHE_BYTES, Upgrade::Refuse)).map_err(|error| not_opened(path, error))
}

fn not_opened(path: &Path, error: OpenError) -> Failure {
    let code = error.code();
    let served = match &error {
        OpenError::InUse => running_server(path),
        _ => None,
    };
    let hint = match served {
        Some(server) => {
            format!("process {} serves it on {}: stop that one first, or name another file with --store", server.pid, server.url)
        }
        None => crate::advice::of_code(code).unwrap_or_default().to_owned(),
    };
    let why = format!("{:#}", anyhow::Error::from(error));
    let message = format!("cannot open the store {}: {why} [{code}]", path.display());
    let problem = serde_json::json!({"code": code, "detail": why});
    Failure { problem: Some(Box::new(problem)), ..Failure::new(Exit::Unreachable, message) }.hint(hint)
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
