//! What all cases share: one sandbox, one HTTP runtime, one connector that behaves.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use lockgate_sandbox::{SandboxOptions, WasmSandbox};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::connector::{GOOD, connector};

/// Processor time of a compilation that is to be stopped. Connectors that are to be compiled have the
/// default, for the largest takes a second on a busy machine.
const BOMB_CPU_SECONDS_MAX: u64 = 1;
/// Memory of a compilation, its program's own address space included.
const COMPILE_MEMORY_BYTES_MAX: u64 = 1 << 30;

/// Shared by all cases of a run.
pub struct World {
    pub sandbox: Arc<WasmSandbox>,
    /// One that soon loses patience with a compilation.
    pub impatient: Arc<WasmSandbox>,
    /// A connector that behaves.
    pub good: Vec<u8>,
    pub http: Runtime,
    folder: TempDir,
}

impl World {
    pub fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let sandbox = Arc::new(WasmSandbox::new(options(folder.path()))?);
        let bombs = SandboxOptions { compile_cpu_seconds_max: BOMB_CPU_SECONDS_MAX, ..options(&folder.path().join("bombs")) };
        let impatient = Arc::new(WasmSandbox::new(bombs)?);
        let http = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        Ok(Self { sandbox, impatient, good: connector(GOOD)?, http, folder })
    }

    /// Where the sandbox keeps its artefacts.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Options of the sandbox, with artefacts in this folder. The compiler is this very program: its
/// `main` must hand `compile-child` on.
pub fn options(folder: &Path) -> SandboxOptions {
    SandboxOptions {
        artefact_key: [7; 32],
        compile_memory_bytes_max: COMPILE_MEMORY_BYTES_MAX,
        instances_max: 16,
        ..SandboxOptions::new(folder.join("artefacts"))
    }
}
