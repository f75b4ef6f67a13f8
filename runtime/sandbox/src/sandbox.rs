//! Compiles, keeps and loads components.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use lockgate_core::ports::{Compiled, InstallError, Sandbox, Translator};
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::{Component, HasSelf, Linker};

use crate::artefact::Artefacts;
use crate::bindings::Connector;
use crate::check::{self, Checked};
use crate::compile;
use crate::engine;
use crate::options::SandboxOptions;
use crate::slots::Slots;
use crate::state::State;
use crate::ticker::Ticker;
use crate::translator::{Shared, WasmTranslator};
use crate::wasi;

/// Why a sandbox cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory of artefacts cannot be used.
    #[error("the directory {path} of compiled connectors cannot be used")]
    Artefacts {
        /// Which directory.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The engine refuses the options, or the machine cannot hold the pool.
    #[error("the WebAssembly engine cannot be set up: {0}")]
    Engine(String),
    /// No thread for deadlines.
    #[error("the thread that watches deadlines cannot be started")]
    Ticker(#[source] io::Error),
}

/// The sandbox. Compiled components and their linked form are shared by all threads.
pub struct WasmSandbox {
    engine: Engine,
    linker: Linker<State>,
    artefacts: Artefacts,
    shared: Arc<Shared>,
    component_bytes_max: u64,
    compilations: AtomicU64,
    compiling: Mutex<()>,
}

impl WasmSandbox {
    /// Sets up the engine, its pool and the directory of artefacts.
    pub fn new(options: SandboxOptions) -> Result<Self, OpenError> {
        let engine = engine::engine(&options).map_err(|error| OpenError::Engine(format!("{error:#}")))?;
        let linker = linker(&engine).map_err(|error| OpenError::Engine(format!("{error:#}")))?;
        let artefacts = Artefacts::open(&options.artefact_dir, &engine)
            .map_err(|cause| OpenError::Artefacts { path: options.artefact_dir.clone(), cause })?;
        let ticker = Ticker::start(engine.clone(), options.tick).map_err(OpenError::Ticker)?;
        let shared = Arc::new(Shared { ticker, slots: Slots::new(options.instances_max), tick: options.tick });
        let component_bytes_max = options.component_bytes_max;
        Ok(Self { engine, linker, artefacts, shared, component_bytes_max, compilations: AtomicU64::new(0), compiling: Mutex::default() })
    }

    /// How often it has compiled. A restart compiles nothing.
    pub fn compilations(&self) -> u64 {
        self.compilations.load(Ordering::Relaxed)
    }

    fn compile_artefact(&self, component: &[u8]) -> Result<Vec<u8>, InstallError> {
        if component.len() as u64 > self.component_bytes_max {
            let message = format!("the component has {} bytes, at most {} are allowed", component.len(), self.component_bytes_max);
            return Err(InstallError { code: "compile-limit", message });
        }
        // One at a time: compiling takes memory.
        let _compiling = self.compiling.lock().unwrap_or_else(PoisonError::into_inner);
        self.compilations.fetch_add(1, Ordering::Relaxed);
        compile::compile(&self.engine, component)
    }

    /// `artefact` comes from this process's compiler, or from the directory with a valid MAC.
    fn link(&self, artefact: &[u8]) -> Result<Checked, InstallError> {
        #[expect(unsafe_code, reason = "the bytes are those that this installation's compiler made (MAC in `artefact`)")]
        // SAFETY: the only callers pass bytes from `compile_artefact` or `Artefacts::read`.
        let component = unsafe { Component::deserialize(&self.engine, artefact) };
        let component = component.map_err(|error| InstallError {
            code: "invalid-component",
            message: format!("the compiled component cannot be loaded: {error:#}"),
        })?;
        check::check(&self.engine, &self.linker, &component)
    }

    fn translator(&self, checked: Checked) -> Arc<dyn Translator> {
        Arc::new(WasmTranslator::new(checked.pre, Arc::clone(&self.shared)))
    }
}

impl Sandbox for WasmSandbox {
    fn compile(&self, component: &[u8]) -> Result<Compiled, InstallError> {
        let artefact = self.compile_artefact(component)?;
        let checked = self.link(&artefact)?;
        let digest = digest(component);
        self.artefacts.write(&digest, &artefact).map_err(|error| InstallError {
            code: "artefact-unwritable",
            message: format!("the compiled component cannot be kept: {error}"),
        })?;
        Ok(Compiled { digest: digest.into(), foreign_imports: checked.foreign_imports })
    }

    fn load(&self, digest: &str, component: &mut dyn FnMut() -> Option<Vec<u8>>) -> Result<Arc<dyn Translator>, InstallError> {
        check_digest(digest)?;
        if let Some(artefact) = self.artefacts.read(digest) {
            match self.link(&artefact) {
                Ok(checked) => return Ok(self.translator(checked)),
                Err(error) => tracing::warn!(digest, %error, "a kept artefact does not load: compiling again"),
            }
        }
        let bytes = component().ok_or_else(|| invalid(format!("the component {digest} is not stored: add the connector again")))?;
        if self::digest(&bytes) != digest {
            return Err(invalid(format!("the stored component is damaged: it is not {digest} any more; add the connector again")));
        }
        let artefact = self.compile_artefact(&bytes)?;
        let checked = self.link(&artefact)?;
        if let Err(error) = self.artefacts.write(digest, &artefact) {
            tracing::warn!(digest, %error, "the compiled component cannot be kept: the next start compiles again");
        }
        Ok(self.translator(checked))
    }
}

fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasi::link(&mut linker)?;
    Connector::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    Ok(linker)
}

fn digest(component: &[u8]) -> String {
    hex::encode(Sha256::digest(component))
}

/// It becomes part of a file's name.
fn check_digest(digest: &str) -> Result<(), InstallError> {
    let is_hex = digest.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'));
    if digest.len() == 64 && is_hex { Ok(()) } else { Err(invalid("this is not a SHA-256 in small hexadecimal digits".to_owned())) }
}

fn invalid(message: String) -> InstallError {
    InstallError { code: "invalid-component", message }
}
