//! From a component's bytes to machine code. Knows nothing but the engine, so that it can move into
//! a child process with limits: small components can cost gigabytes here.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lockgate_core::failure::sanitised;
use lockgate_core::ports::InstallError;
use wasmtime::Engine;

/// First eight bytes of a core module.
const MODULE: &[u8] = b"\0asm\x01\0\0\0";
/// First eight bytes of a component.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// The artefact, in wasmtime's form.
pub fn compile(engine: &Engine, component: &[u8]) -> Result<Vec<u8>, InstallError> {
    look(component)?;
    let compiled = catch_unwind(AssertUnwindSafe(|| engine.precompile_component(component)));
    match compiled {
        Ok(Ok(artefact)) => Ok(artefact),
        Ok(Err(error)) => Err(invalid(format!("the component cannot be compiled: {}", sanitised(&format!("{error:#}"))))),
        Err(_panic) => Err(InstallError { code: "compile-limit", message: "the compiler gave up on the component".into() }),
    }
}

fn look(bytes: &[u8]) -> Result<(), InstallError> {
    if bytes.starts_with(COMPONENT) {
        return Ok(());
    }
    if bytes.starts_with(MODULE) {
        return Err(invalid(
            "this is a core module, not a component: build it with `cargo build --target wasm32-wasip2`, or turn it \
             into a component with `wasm-tools component new`",
        ));
    }
    Err(invalid(format!("this is not a WebAssembly component ({} bytes that do not begin like one)", bytes.len())))
}

fn invalid(message: impl Into<String>) -> InstallError {
    InstallError { code: "invalid-component", message: message.into() }
}
