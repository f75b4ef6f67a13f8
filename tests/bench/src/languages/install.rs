//! Compiled once, kept, and loaded again: what an installation takes.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use lockgate_core::ports::{Compiled, InstallError, Sandbox, Translator};
use lockgate_sandbox::{SandboxOptions, WasmSandbox};

use crate::languages::side::{InSandbox, Sides};
use crate::progress::bar;
use crate::rig;
use crate::sandbox::p50_us;

/// How often each is compiled; the first time is that of its installation.
const COMPILATIONS: u64 = 3;
/// How often each is loaded, and how often in a row.
const LOADS: (u64, usize) = (7, 5);
const ARTEFACT_KEY: [u8; 32] = [7; 32];

/// Compiles with the limits that operators have, and with raised ones where those do not do.
pub struct Installer {
    default: Arc<WasmSandbox>,
    raised: Arc<WasmSandbox>,
    _folder: tempfile::TempDir,
}

/// A component that is compiled, and the sandbox that runs it: adding it to a bus compiles nothing.
pub struct Installed {
    sandbox: Arc<WasmSandbox>,
    component: Vec<u8>,
    compiled: Compiled,
    /// What the default limits refused, if they did.
    pub refused: Option<String>,
    /// Seconds that it took.
    pub took_s: f64,
}

impl Installer {
    pub fn new(folder: Option<&Path>) -> Result<Self> {
        let folder = rig::folder(folder)?;
        let defaults = SandboxOptions { artefact_key: ARTEFACT_KEY, ..SandboxOptions::new(folder.path().join("artefacts")) };
        let raised = SandboxOptions {
            compile_memory_bytes_max: 4 * defaults.compile_memory_bytes_max,
            compile_cpu_seconds_max: 15 * defaults.compile_cpu_seconds_max,
            compile_wall_ms_max: 5 * defaults.compile_wall_ms_max,
            ..defaults.clone()
        };
        Ok(Self { default: Arc::new(WasmSandbox::new(defaults)?), raised: Arc::new(WasmSandbox::new(raised)?), _folder: folder })
    }

    /// Compiles and keeps it.
    pub fn install(&self, component: Vec<u8>) -> Result<Installed> {
        let begun = Instant::now();
        let (sandbox, compiled, refused, begun) = match self.default.compile(&component) {
            Err(InstallError { code: "compile-limit", message }) => {
                let begun = Instant::now();
                (&self.raised, self.raised.compile(&component)?, Some(message), begun)
            }
            compiled => (&self.default, compiled?, None, begun),
        };
        let took_s = begun.elapsed().as_secs_f64();
        Ok(Installed { sandbox: Arc::clone(sandbox), component, compiled, refused, took_s })
    }
}

impl Installed {
    pub fn component(&self) -> &[u8] {
        &self.component
    }

    /// From the kept artefact.
    pub fn translator(&self) -> Result<Arc<dyn Translator>> {
        Ok(self.sandbox.load(&self.compiled.digest, &mut || None)?)
    }

    /// Seconds that compiling it once more takes.
    fn compile_s(&self) -> Result<f64> {
        let begun = Instant::now();
        self.sandbox.compile(&self.component)?;
        Ok(begun.elapsed().as_secs_f64())
    }
}

impl std::fmt::Debug for Installed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Installed").field("compiled", &self.compiled).finish_non_exhaustive()
    }
}

impl Sandbox for Installed {
    fn compile(&self, _component: &[u8]) -> Result<Compiled, InstallError> {
        Ok(self.compiled.clone())
    }

    fn load(&self, digest: &str, component: &mut dyn FnMut() -> Option<Vec<u8>>) -> Result<Arc<dyn Translator>, InstallError> {
        self.sandbox.load(digest, component)
    }
}

/// Sizes, compilations, and loads from the kept artefact.
pub fn measure(sides: &mut Sides) -> Result<()> {
    let count = sides.in_sandbox().count() as u64;
    let compiling = bar((COMPILATIONS - 1) * count, "compiling");
    for (side, InSandbox { installed, .. }) in sides.in_sandbox() {
        side.found.push("component_bytes", installed.component.len() as f64);
        side.found.push("compile_s", installed.took_s);
    }
    for _ in 1..COMPILATIONS {
        for (side, InSandbox { installed, .. }) in sides.in_sandbox() {
            side.found.push("compile_s", installed.compile_s().with_context(|| side.name.clone())?);
            compiling.inc(1);
        }
    }
    compiling.finish_and_clear();
    let (rounds, times) = LOADS;
    let loading = bar(rounds * count, "loading");
    for _ in 0..rounds {
        for (side, InSandbox { installed, .. }) in sides.in_sandbox() {
            let load_us = p50_us(times, || installed.translator().map(drop)).with_context(|| side.name.clone())?;
            side.found.push("load_ms", load_us / 1e3);
            loading.inc(1);
        }
    }
    loading.finish_and_clear();
    Ok(())
}
