//! Compiles, keeps and loads components.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use lockgate_core::direct::{self, Direct};
use lockgate_core::ports::{Compiled, InstallError, Sandbox, Translator};
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

use crate::about;
use crate::artefact::{Artefacts, Part};
use crate::check::{self, Checked};
use crate::compile::{Compiler, Made};
use crate::engine;
use crate::http::Clients;
use crate::linker;
use crate::options::SandboxOptions;
use crate::slots::Slots;
use crate::state::State;
use crate::ticker::Ticker;
use crate::translator::{Shared, WasmTranslator};

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
    /// `artefact_key` is all zeros.
    #[error("no key for compiled connectors was given")]
    NoKey,
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
    compiler: Compiler,
}

impl WasmSandbox {
    /// Sets up the engine, its pool and the directory of artefacts. Starts no compiler yet.
    pub fn new(options: SandboxOptions) -> Result<Self, OpenError> {
        if options.artefact_key == [0; 32] {
            return Err(OpenError::NoKey);
        }
        let engine = engine::engine(&options).map_err(|error| OpenError::Engine(format!("{error:#}")))?;
        let linker = linker::linker(&engine).map_err(|error| OpenError::Engine(format!("{error:#}")))?;
        let compatibility = engine::compatibility(&engine);
        let compiler = Compiler::new(&options, compatibility.clone());
        let SandboxOptions { artefact_dir, artefact_key, artefact_bytes_max, .. } = options;
        let artefacts = Artefacts::open(&artefact_dir, artefact_key, compatibility, artefact_bytes_max)
            .map_err(|cause| OpenError::Artefacts { path: artefact_dir, cause })?;
        let ticker = Ticker::start(engine.clone(), options.tick).map_err(OpenError::Ticker)?;
        let shared = Arc::new(Shared { ticker, slots: Slots::new(options.instances_max), tick: options.tick, clients: Clients::default() });
        Ok(Self { engine, linker, artefacts, shared, compiler })
    }

    /// How often it has compiled. A restart compiles nothing.
    pub fn compilations(&self) -> u64 {
        self.compiler.compilations()
    }

    /// Removes the artefacts of components that are not needed any more, by their digests. Returns how
    /// many. To be called where no connector is being added.
    pub fn keep_only(&self, is_needed: impl Fn(&str) -> bool) -> io::Result<u64> {
        self.artefacts.keep_only(is_needed)
    }

    /// `artefact` comes from this installation's compiler, or from the directory with a valid MAC.
    fn link(&self, artefact: &[u8]) -> Result<Checked, InstallError> {
        #[expect(unsafe_code, reason = "the bytes are those that this installation's compiler made (MAC in `artefact`)")]
        // SAFETY: the only callers pass bytes from `Compiler::compile` or `Artefacts::read`.
        let component = unsafe { Component::deserialize(&self.engine, artefact) };
        let component = component.map_err(|error| {
            engine::cannot_run(&self.engine).unwrap_or_else(|| invalid(format!("the compiled component cannot be loaded: {error:#}")))
        })?;
        check::check(&self.engine, &self.linker, &component)
    }

    /// What was found out about a component that was compiled before, if what came of it can still be loaded: nothing else
    /// would come of it now.
    fn kept(&self, digest: &str) -> Option<Compiled> {
        let read = |part| self.artefacts.read(digest, part).ok().flatten();
        let compiled = about::read(digest, &read(Part::About)?)?;
        self.link(&read(Part::Code)?).ok().map(|_| compiled)
    }

    fn translator(&self, checked: Checked) -> Arc<dyn Translator> {
        Arc::new(WasmTranslator::new(checked.exports, Arc::clone(&self.shared)))
    }
}

impl Sandbox for WasmSandbox {
    fn compile(&self, component: &[u8]) -> Result<Compiled, InstallError> {
        if component == direct::COMPONENT {
            return Ok(Compiled { digest: digest(component).into(), foreign_imports: Vec::new(), manifest: Some(direct::MANIFEST.into()) });
        }
        let digest = digest(component);
        if let Some(kept) = self.kept(&digest) {
            return Ok(kept);
        }
        let Made { artefact, foreign_imports, manifest } = self.compiler.compile(component)?;
        self.link(&artefact)?;
        let compiled = Compiled { digest: digest.into(), foreign_imports, manifest };
        // Last what says that the other is there.
        let written = self.artefacts.write(&compiled.digest, Part::Code, &artefact);
        written.and_then(|()| self.artefacts.write(&compiled.digest, Part::About, &about::write(&compiled))).map_err(|error| {
            InstallError { code: "artefact-unwritable", message: format!("the compiled component cannot be kept: {error}") }
        })?;
        Ok(compiled)
    }

    fn load(&self, digest: &str, component: &mut dyn FnMut() -> Option<Vec<u8>>) -> Result<Arc<dyn Translator>, InstallError> {
        check_digest(digest)?;
        if digest == self::digest(direct::COMPONENT) {
            return Ok(Arc::new(Direct));
        }
        match self.artefacts.read(digest, Part::Code) {
            Ok(Some(artefact)) => match self.link(&artefact) {
                Ok(checked) => return Ok(self.translator(checked)),
                // Another artefact would not help.
                Err(error) if error.code == engine::NO_EXECUTABLE_MEMORY => return Err(error),
                Err(error) => tracing::warn!(digest, %error, "a kept artefact does not load: compiling again"),
            },
            Ok(None) => {}
            Err(error) => tracing::warn!(digest, %error, "a kept artefact cannot be used: compiling again"),
        }
        let bytes = component().ok_or_else(|| invalid(format!("the component {digest} is not stored: add the connector again")))?;
        if self::digest(&bytes) != digest {
            return Err(invalid(format!("the stored component is damaged: it is not {digest} any more; add the connector again")));
        }
        let Made { artefact, .. } = self.compiler.compile(&bytes)?;
        let checked = self.link(&artefact)?;
        if let Err(error) = self.artefacts.write(digest, Part::Code, &artefact) {
            tracing::warn!(digest, %error, "the compiled component cannot be kept: the next start compiles again");
        }
        Ok(self.translator(checked))
    }
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
