//! What the operator may set of the sandbox as a whole.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Options of a [`WasmSandbox`](crate::WasmSandbox). Limits of one instance come with each task.
#[derive(Clone)]
pub struct SandboxOptions {
    /// Private directory of compiled artefacts; made if missing.
    pub artefact_dir: PathBuf,
    /// Key of the MAC over artefacts. The store keeps it, not the directory that it protects: who can
    /// write there still cannot make an artefact that is run. All zeros, as in [`Self::new`], is
    /// refused.
    pub artefact_key: [u8; 32],
    /// Largest artefact: what a compiler may answer, what is read back and mapped.
    pub artefact_bytes_max: u64,
    /// Program and first arguments of the child process that compiles. The sandbox adds arguments, and
    /// the program must do [`compile_child`](crate::compile_child) with them, and nothing else.
    pub compiler: Vec<OsString>,
    /// Address space of one compilation (`RLIMIT_AS`).
    pub compile_memory_bytes_max: u64,
    /// Processor time of one compilation (`RLIMIT_CPU`).
    pub compile_cpu_seconds_max: u64,
    /// Time from start to end of one compilation, for a child that waits or starves.
    pub compile_wall_ms_max: u64,
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
    /// The defaults, with artefacts in this directory. `artefact_key` must still be set.
    pub fn new(artefact_dir: impl Into<PathBuf>) -> Self {
        Self {
            artefact_dir: artefact_dir.into(),
            artefact_key: [0; 32],
            // Machine code has about three times the size of its component.
            artefact_bytes_max: 256 << 20,
            compiler: vec![own_program().into(), "compile-child".into()],
            // The largest real components (Python) need less than a half; bombs any amount.
            compile_memory_bytes_max: 2 << 30,
            // The largest real components, Python's, need 8 s, and 25 of a slow and busy processor.
            compile_cpu_seconds_max: 60,
            // Far more than the processor time: the child is nice, and the machine may be busy.
            compile_wall_ms_max: 300_000,
            // Far more than cores: an instance is alive only while its task is translated.
            instances_max: 64,
            memory_bytes_max: 256 << 20,
            // Python components have 20 to 40 MiB.
            component_bytes_max: 64 << 20,
            tick: Duration::from_millis(1),
        }
    }
}

/// Without the key.
impl fmt::Debug for SandboxOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxOptions")
            .field("artefact_dir", &self.artefact_dir)
            .field("artefact_bytes_max", &self.artefact_bytes_max)
            .field("compiler", &self.compiler)
            .field("compile_memory_bytes_max", &self.compile_memory_bytes_max)
            .field("compile_cpu_seconds_max", &self.compile_cpu_seconds_max)
            .field("compile_wall_ms_max", &self.compile_wall_ms_max)
            .field("instances_max", &self.instances_max)
            .field("memory_bytes_max", &self.memory_bytes_max)
            .field("component_bytes_max", &self.component_bytes_max)
            .field("tick", &self.tick)
            .finish_non_exhaustive()
    }
}

/// This program. By Linux's name for it, which means this very build even after its file was replaced
/// by another version's.
fn own_program() -> PathBuf {
    let own = Path::new("/proc/self/exe");
    if own.exists() { own.to_owned() } else { std::env::current_exe().unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_not_shown() {
        let options = SandboxOptions { artefact_key: [173; 32], ..SandboxOptions::new("artefacts") };
        let shown = format!("{options:?}");
        assert!(shown.contains("artefacts") && !shown.contains("173"), "{shown}");
    }
}
