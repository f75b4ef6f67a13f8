//! Which sandbox a command gets, and where what it compiles is kept.

mod cache;

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use lockgate_core::ports::{Compiled, InstallError, Registry, Sandbox, Translator};
use lockgate_sandbox::{SandboxOptions, WasmSandbox};
use rustix::process::geteuid;
use tempfile::TempDir;

use crate::config::StorePlace;
use crate::exit::{Exit, Failure};

/// Tasks of an author run one after the other.
const THROW_AWAY_INSTANCES: u32 = 4;
/// Times as long as a server's, an author's component may be compiled: an interpreter may come near to the
/// server's limit on a slow machine.
const THROW_AWAY_PATIENCE: u64 = 2;

/// Whether a command that reads a store compiles components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compiling {
    /// It does not: it gets no sandbox.
    Never,
    /// It does, in a folder that goes when the command ends.
    ThrownAway,
}

/// The sandbox of who works on a store: with the key that the store keeps, and without what no
/// installed connector needs any more. What it compiles is kept beside the store, by the user to whom
/// the store belongs. Root, and whoever else may write to the store, keeps it in a folder that goes:
/// files that the service cannot use would keep it from starting.
pub fn beside(store: &dyn Registry, options: &SandboxOptions, place: &StorePlace) -> Result<Arc<dyn Sandbox>, Failure> {
    let unreadable = |error| Failure::new(Exit::Unreachable, format!("{place}: {error}"));
    let artefact_key = store.secret_key().map_err(unreadable)?;
    let connectors = store.configuration().map_err(unreadable)?.connectors;
    let options = SandboxOptions { artefact_key, ..options.clone() };
    if belongs_to_another(place.file(), &options.artefact_dir)? {
        tracing::warn!("the store belongs to another user: what is compiled is not kept when this process ends");
        return Ok(Arc::new(ThrowAway::with(options)?));
    }
    let dir = options.artefact_dir.clone();
    let sandbox = WasmSandbox::new(options).map_err(|error| {
        Failure::new(Exit::Unreachable, format!("the sandbox cannot start: {:#}", anyhow::Error::from(error)))
            .hint(format!("see that {} can be made and written, by this user alone", dir.display()))
    })?;
    if let Err(error) = sandbox.keep_only(|digest| connectors.iter().any(|connector| connector.version(digest).is_some())) {
        tracing::warn!(%error, "old compiled connectors cannot be removed");
    }
    Ok(Arc::new(sandbox))
}

/// Whether the folder is another user's; while there is none, whether the store's file is.
fn belongs_to_another(store: Option<&Path>, artefact_dir: &Path) -> Result<bool, Failure> {
    let cannot = |error: std::io::Error| Failure::new(Exit::Unreachable, format!("the sandbox cannot start: {error}"));
    let folder = std::fs::metadata(artefact_dir);
    let owner = match folder {
        Err(error) if error.kind() == ErrorKind::NotFound => match store {
            Some(store) => std::fs::metadata(store),
            // Whoever makes the folder has it.
            None => return Ok(false),
        },
        found => found,
    };
    Ok(owner.map_err(cannot)?.uid() != geteuid().as_raw())
}

/// For commands that only read.
pub struct NoSandbox;

impl Sandbox for NoSandbox {
    fn compile(&self, _: &[u8]) -> Result<Compiled, InstallError> {
        Err(Self::refusal())
    }

    fn load(&self, _: &str, _: &mut dyn FnMut() -> Option<Vec<u8>>) -> Result<Arc<dyn Translator>, InstallError> {
        Err(Self::refusal())
    }
}

impl NoSandbox {
    fn refusal() -> InstallError {
        InstallError { code: "compile-failed", message: "this command reads the store and runs nothing".to_owned() }
    }
}

/// A sandbox of a command: what it compiles is gone when it is dropped, or lies in the user's cache.
pub struct ThrowAway {
    pub sandbox: WasmSandbox,
    /// What a server gives a compilation where nothing is set; here there may be more.
    pub server_compile_seconds_max: u64,
    _folder: Option<TempDir>,
}

impl ThrowAway {
    /// For commands of connector authors, which have no store. What they compile is kept in the user's cache, where there
    /// is one: an author tests the same component many times.
    pub fn new() -> Result<Self, Failure> {
        let defaults = SandboxOptions::new("");
        let options = SandboxOptions {
            instances_max: THROW_AWAY_INSTANCES,
            compile_cpu_seconds_max: defaults.compile_cpu_seconds_max.saturating_mul(THROW_AWAY_PATIENCE),
            compile_wall_ms_max: defaults.compile_wall_ms_max.saturating_mul(THROW_AWAY_PATIENCE),
            ..defaults
        };
        let server_compile_seconds_max = SandboxOptions::new("").compile_cpu_seconds_max;
        let kept = cache::place().and_then(|place| {
            WasmSandbox::new(SandboxOptions { artefact_key: place.key, artefact_dir: place.folder, ..options.clone() }).ok()
        });
        match kept {
            Some(sandbox) => Ok(Self { sandbox, server_compile_seconds_max, _folder: None }),
            None => Self::with(options),
        }
    }

    /// With these options, but in a folder and with a key of its own.
    pub fn with(options: SandboxOptions) -> Result<Self, Failure> {
        let folder = tempfile::tempdir().map_err(|error| failed(error.to_string()))?;
        let mut artefact_key = [0; 32];
        getrandom::fill(&mut artefact_key).map_err(|error| failed(error.to_string()))?;
        let options = SandboxOptions { artefact_dir: folder.path().to_owned(), artefact_key, ..options };
        let sandbox = WasmSandbox::new(options).map_err(|error| failed(format!("{:#}", anyhow::Error::from(error))))?;
        let server_compile_seconds_max = SandboxOptions::new("").compile_cpu_seconds_max;
        Ok(Self { sandbox, server_compile_seconds_max, _folder: Some(folder) })
    }
}

fn failed(why: String) -> Failure {
    Failure::new(Exit::Unreachable, format!("the sandbox cannot start: {why}"))
}

impl Sandbox for ThrowAway {
    fn compile(&self, component: &[u8]) -> Result<Compiled, InstallError> {
        self.sandbox.compile(component)
    }

    fn load(&self, digest: &str, component: &mut dyn FnMut() -> Option<Vec<u8>>) -> Result<Arc<dyn Translator>, InstallError> {
        self.sandbox.load(digest, component)
    }
}
