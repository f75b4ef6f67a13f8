//! What the operator may set of the sandbox as a whole.

use std::path::PathBuf;
use std::time::Duration;

/// Options of a [`WasmSandbox`](crate::WasmSandbox). Limits of one instance come with each task.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// Private directory of compiled artefacts and the key that protects them; made if missing.
    pub artefact_dir: PathBuf,
    /// Instances alive at the same time; further ones wait for a free slot.
    pub instances_max: u32,
    /// Largest linear memory that any connector may be granted.
    pub memory_bytes_max: u64,
    /// Largest component that is looked at.
    pub component_bytes_max: u64,
    /// How exact deadlines are.
    pub tick: Duration,
}

impl SandboxOptions {
    /// The defaults, with artefacts in this directory.
    pub fn new(artefact_dir: impl Into<PathBuf>) -> Self {
        Self {
            artefact_dir: artefact_dir.into(),
            // Far more than cores: an instance is alive only while its task is translated.
            instances_max: 64,
            memory_bytes_max: 256 << 20,
            // Python components have 20 to 40 MiB.
            component_bytes_max: 64 << 20,
            tick: Duration::from_millis(1),
        }
    }
}
