//! Opening a store: what is set before.

use std::path::PathBuf;
use std::sync::Arc;

use lockgate_bus::{Bus, Parts};
use lockgate_core::grants::Grant;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Clock, NodeName, Randomness, Registry as _};
use lockgate_core::settings::{BusSettings, ConnectorSettings};
use lockgate_sandbox::{SandboxOptions, WasmSandbox};
use lockgate_store_redb::{Options, RedbStore};

use crate::Lockgate;
use crate::clock::{SystemClock, SystemRandomness};
use crate::compiler::Compiler;
use crate::error::Error;

/// Under which name a process holds leases. A file is open in one process at a time.
const NODE: &str = "local";

/// A store that is about to be opened.
#[must_use = "nothing is opened until `open`"]
pub struct Opening {
    path: PathBuf,
    settings: BusSettings,
    grants: Vec<(String, Grant)>,
    compiler: Compiler,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
}

impl Opening {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            settings: BusSettings::default(),
            grants: Vec::new(),
            compiler: Compiler::default(),
            clock: Arc::new(SystemClock::new()),
            randomness: Arc::new(SystemRandomness::default()),
        }
    }

    /// What the connector of this name may write, call and keep. Nothing, where nothing is said.
    pub fn grant(mut self, connector: &str, grant: Grant) -> Self {
        self.grants.push((connector.to_owned(), grant));
        self
    }

    /// Every limit and setting at once; what [`Self::grant`] says goes over it.
    pub fn settings(self, settings: BusSettings) -> Self {
        Self { settings, ..self }
    }

    /// Which program compiles components.
    pub fn compiler(self, compiler: Compiler) -> Self {
        Self { compiler, ..self }
    }

    /// Another clock than the system's.
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Another source of randomness than the system's.
    pub fn randomness(self, randomness: Arc<dyn Randomness>) -> Self {
        Self { randomness, ..self }
    }

    /// Opens the store and starts its threads: what is queued is processed. One process at a time has it open. What is
    /// compiled is kept beside it, in a folder of its name with `.artefacts`.
    pub fn open(self) -> Result<Lockgate, Error> {
        let mut settings = self.settings;
        for (connector, grant) in self.grants {
            let name = ConnectorName::new(connector)?;
            let of = settings.of(&name).clone();
            settings.connectors.insert(name, ConnectorSettings { grant, ..of });
        }
        let store = RedbStore::open(&self.path, Options::default()).map_err(|cause| Error::Open { path: self.path.clone(), cause })?;
        let mut artefacts = self.path.into_os_string();
        artefacts.push(".artefacts");
        let sandbox = WasmSandbox::new(SandboxOptions {
            artefact_key: store.secret_key()?,
            compiler: self.compiler.command(),
            ..SandboxOptions::new(artefacts)
        })?;
        let parts = Parts {
            store: Arc::new(store),
            sandbox: Arc::new(sandbox),
            clock: self.clock,
            randomness: self.randomness,
            settings,
            node: NodeName::new(NODE),
        };
        Lockgate::started(Bus::open(parts)?)
    }
}
