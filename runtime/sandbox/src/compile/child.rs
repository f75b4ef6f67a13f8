//! The child: limits itself, reads one component, checks and compiles it, answers, ends.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use lockgate_core::failure::sanitised;
use lockgate_core::ports::InstallError;
use wasmtime::component::Component;

use super::answer::{self, Header, Report};
use super::order::Order;
use super::parts;
use crate::{check, engine, linker};

/// What the process that `SandboxOptions::compiler` starts must do, with the arguments that were added
/// to that. Blocks until the component is compiled. Sets limits on the whole process: to be called by
/// `main`, before anything else, and to be followed by nothing.
///
/// What a hostile component may do to a compiler ends this process, not the one that started it: the
/// limits are set before the component's first byte is read.
pub fn compile_child(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let Some(order) = Order::parse(arguments) else {
        say("this compiles one component for the Lockgate that starts it, and is of no other use");
        return ExitCode::from(2);
    };
    if let Err(error) = order.limit_this_process() {
        say(&format!("limits cannot be set on this process: {error}"));
        return ExitCode::FAILURE;
    }
    match carry_out(&order) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("the component or the answer did not pass: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// On stderr, which its parent may have closed.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

fn carry_out(order: &Order) -> io::Result<()> {
    let mut component = Vec::new();
    let read = io::stdin().lock().take(order.component_bytes).read_to_end(&mut component)?;
    if read as u64 != order.component_bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    // The panic's own message goes to stderr, which the parent reads.
    let compiled = catch_unwind(AssertUnwindSafe(|| compile(&component, order.memory_bytes_max)));
    let gave_up = |_panic| {
        let message = "the compiler itself failed on the component, within all limits: give it to the authors of Lockgate; smaller \
                       functions, or another version of the toolchain, may avoid it";
        Err(refused("compile-failed", message.to_owned()))
    };
    let (header, artefact) = match compiled.unwrap_or_else(gave_up) {
        Ok((report, artefact)) => (Header::Compiled(report), artefact),
        Err(error) => (Header::from(error), Vec::new()),
    };
    answer::write(io::stdout().lock(), &header, &artefact)
}

fn compile(component: &[u8], memory_bytes_max: u64) -> Result<(Report, Vec<u8>), InstallError> {
    let parts = parts::read(component)?;
    // Cheap, and spares most strangers the compiler.
    check::check_names(&parts.imports, &parts.exports)?;
    let unusable = |error: wasmtime::Error| refused("compile-failed", format!("the compiler cannot be set up: {error:#}"));
    let engine = engine::compiler(memory_bytes_max).map_err(unusable)?;
    let linker = linker::linker(&engine).map_err(unusable)?;
    let artefact = engine
        .precompile_component(component)
        .map_err(|error| refused("invalid-component", format!("the component cannot be compiled: {error:#}")))?;
    #[expect(unsafe_code, reason = "the bytes are those that the compiler has just made")]
    // SAFETY: `artefact` is `precompile_component`'s answer, of this process and this engine.
    let compiled = unsafe { Component::deserialize(&engine, &artefact) };
    // Here the engine counts what an instance needs. It does so in the child, because a component of
    // 1 kB can contain a million instances.
    let compiled = compiled.map_err(|error| {
        let too_large = || refused("compile-limit", format!("the component is too large to be instantiated: {error:#}"));
        engine::cannot_run(&engine).unwrap_or_else(too_large)
    })?;
    let checked = check::check(&engine, &linker, &compiled)?;
    let report = Report {
        compatibility: engine::compatibility(&engine),
        foreign_imports: checked.foreign_imports,
        manifest: parts.manifest.map(str::to_owned),
        artefact_bytes: artefact.len() as u64,
    };
    Ok((report, artefact))
}

fn refused(code: &'static str, message: String) -> InstallError {
    InstallError { code, message: sanitised(&message) }
}
