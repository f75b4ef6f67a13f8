//! From a component's bytes to machine code, in a child process with limits: 60 kB of loops took the
//! compiler 460 MB, and 1.4 kB of nested components would take it 20 GB.

mod answer;
mod child;
mod order;
mod parts;
mod process;

use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lockgate_core::failure::sanitised;
use lockgate_core::ports::InstallError;
use rustix::process::{Resource, Signal, getrlimit};

use self::answer::Header;
use self::order::Order;
use self::process::{Bounds, Failed};
use crate::engine::NO_EXECUTABLE_MEMORY;
use crate::options::SandboxOptions;

pub use self::child::compile_child;

/// First eight bytes of a core module.
const MODULE: &[u8] = b"\0asm\x01\0\0\0";
/// First eight bytes of a component.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
/// What a child may answer; another code is not one of ours.
const CODES: &[&str] = &[
    "invalid-component",
    "invalid-manifest",
    "missing-export",
    "import-denied",
    "incompatible-contract",
    "compile-limit",
    "compile-failed",
    NO_EXECUTABLE_MEMORY,
];

/// Starts compilations.
pub struct Compiler {
    command: Vec<OsString>,
    memory_bytes_max: u64,
    component_bytes_max: u64,
    artefact_bytes_max: u64,
    compile_memory_bytes_max: u64,
    compile_cpu_seconds_max: u64,
    wall_max: Duration,
    /// `engine::compatibility` of the engine that is to run the artefacts.
    compatibility: String,
    compilations: AtomicU64,
    compiling: Mutex<()>,
}

/// A component that is a connector, compiled.
#[derive(Debug)]
pub struct Made {
    /// In wasmtime's form.
    pub artefact: Vec<u8>,
    /// Imports that are not of the contract, sorted.
    pub foreign_imports: Vec<String>,
    /// The manifest's text.
    pub manifest: Option<Arc<str>>,
}

impl Compiler {
    /// For an engine of this compatibility.
    pub fn new(options: &SandboxOptions, compatibility: String) -> Self {
        Self {
            command: options.compiler.clone(),
            memory_bytes_max: options.memory_bytes_max,
            component_bytes_max: options.component_bytes_max,
            artefact_bytes_max: options.artefact_bytes_max,
            compile_memory_bytes_max: options.compile_memory_bytes_max,
            compile_cpu_seconds_max: options.compile_cpu_seconds_max,
            wall_max: Duration::from_millis(options.compile_wall_ms_max),
            compatibility,
            compilations: AtomicU64::new(0),
            compiling: Mutex::default(),
        }
    }

    /// How many children were started.
    pub fn compilations(&self) -> u64 {
        self.compilations.load(Ordering::Relaxed)
    }

    /// Checks and compiles a component. Never in this process: what a component does to its compiler
    /// must not be done to the tasks of others (promise 3).
    pub fn compile(&self, component: &[u8]) -> Result<Made, InstallError> {
        let component_bytes = component.len() as u64;
        if component_bytes > self.component_bytes_max {
            let message = format!(
                "the component has {component_bytes} bytes, at most {} are allowed: strip it, or raise `component_bytes_max`",
                self.component_bytes_max
            );
            return Err(refused("compile-limit", &message));
        }
        look(component)?;
        let order = Order {
            compile_memory_bytes_max: self.compile_memory_bytes_max,
            compile_cpu_seconds_max: self.compile_cpu_seconds_max,
            memory_bytes_max: self.memory_bytes_max,
            component_bytes,
        };
        let bounds = Bounds { wall_max: self.wall_max, artefact_bytes_max: self.artefact_bytes_max };
        // One at a time (promise 5): the limits of memory and processor time are those of one child.
        let _compiling = self.compiling.lock().unwrap_or_else(PoisonError::into_inner);
        self.compilations.fetch_add(1, Ordering::Relaxed);
        match process::run(&self.command, &order.arguments(), component, bounds) {
            Ok((Header::Compiled(report), artefact)) => {
                if report.compatibility != self.compatibility {
                    return Err(refused("compile-failed", "the program that compiles is of another version than this one: restart it"));
                }
                Ok(Made { artefact, foreign_imports: report.foreign_imports, manifest: report.manifest.map(Arc::from) })
            }
            Ok((Header::Refused { code, message }, _)) => Err(match CODES.iter().find(|known| **known == code) {
                Some(code) => refused(code, &message),
                None => refused("compile-failed", &format!("{code}: {message}")),
            }),
            Err(failed) => Err(self.without_answer(&failed)),
        }
    }

    fn without_answer(&self, failed: &Failed) -> InstallError {
        match failed {
            Failed::NotStarted(error) => {
                let program = self.command.first().map(|program| program.to_string_lossy()).unwrap_or_default();
                let advice = match error.kind() {
                    io::ErrorKind::NotFound => "see that its file is still there; after an update restart the server",
                    io::ErrorKind::PermissionDenied => {
                        "this user may not execute it: see its mode, and whether its file system is mounted `noexec`"
                    }
                    _ => "the machine or a limit of this service (processes, memory) refuses a further process: try again when it has room",
                };
                let message = format!("the program that compiles, {program:?}, cannot be started: {error}; {advice}");
                refused("compiler-not-started", &message)
            }
            Failed::Late => over(
                &format!("took longer than {} ms", self.wall_max.as_millis()),
                "`compile_wall_ms_max`",
                "or try when the machine is idle",
            ),
            Failed::TooLarge(bytes) => {
                let what = format!("makes {bytes} bytes of machine code, and at most {} are allowed", self.artefact_bytes_max);
                over(&what, "`artefact_bytes_max`", "or build it with optimisation for size")
            }
            Failed::Malformed { stderr } => refused("compile-failed", &format!("the program that compiles is none{}", said(stderr))),
            Failed::Ended { status, stderr } => self.ended(*status, stderr),
        }
    }

    /// By how it ended, not by what it said.
    fn ended(&self, status: ExitStatus, stderr: &str) -> InstallError {
        tracing::debug!(%status, stderr, "the compiler ended without an answer");
        let signal = status.signal();
        let is = |signals: &[Signal]| signals.iter().any(|one| Some(one.as_raw()) == signal);
        if is(&[Signal::XCPU]) {
            let (seconds, limit) = lowest(Resource::Cpu, self.compile_cpu_seconds_max, "`compile_cpu_seconds_max`");
            return over(&format!("took more than {seconds} s of processor time"), limit, "splitting large functions helps most");
        }
        // No memory and no stack end alike: Rust aborts, and some C code faults.
        if is(&[Signal::ABORT, Signal::SEGV, Signal::BUS]) {
            let (bytes, limit) = lowest(Resource::As, self.compile_memory_bytes_max, "`compile_memory_bytes_max`");
            let what = format!("needed more than {bytes} bytes of memory, or nests too deep for the compiler's stack");
            return over(&what, limit, "splitting large functions helps most");
        }
        if is(&[Signal::SYS]) {
            let message = "a filter of system calls ended the program that compiles: allow it what a process does that starts, limits and \
                           re-nices itself (under systemd: `SystemCallFilter=@system-service`)";
            return refused("compiler-killed", message);
        }
        if is(&[Signal::KILL]) {
            let message = "the program that compiles was killed from outside: the machine, or the service's control group, may have run \
                           out of memory; try again when it has more";
            return refused("compiler-killed", message);
        }
        if is(&[Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT]) {
            return refused("compiler-killed", &format!("somebody ended the program that compiles ({status}): try again"));
        }
        refused("compile-failed", &format!("the program that compiles ended without an answer ({status}){}", said(stderr)))
    }
}

/// The lower of our limit and the one that this process has from outside, which its child keeps; and its name.
fn lowest(resource: Resource, ours: u64, name: &'static str) -> (u64, &'static str) {
    let outside = match resource {
        Resource::Cpu => "the service's own `LimitCPU`, or `ulimit -t`",
        _ => "the service's own `LimitAS`, or `ulimit -v`",
    };
    match getrlimit(resource).maximum {
        Some(theirs) if theirs < ours => (theirs, outside),
        _ => (ours, name),
    }
}

fn said(stderr: &str) -> String {
    if stderr.is_empty() { String::new() } else { format!("; it said: {stderr}") }
}

fn over(what: &str, limit: &str, advice: &str) -> InstallError {
    refused("compile-limit", &format!("compiling the component {what} ({limit}): make it smaller or simpler, or raise the limit; {advice}"))
}

/// What needs no child.
fn look(bytes: &[u8]) -> Result<(), InstallError> {
    if bytes.starts_with(COMPONENT) {
        return Ok(());
    }
    if bytes.starts_with(MODULE) {
        return Err(refused(
            "invalid-component",
            "this is a core module, not a component: build it with `cargo build --target wasm32-wasip2`, or turn it \
             into a component with `lockgate component new`",
        ));
    }
    let message = format!("this is not a WebAssembly component ({} bytes that do not begin like one)", bytes.len());
    Err(refused("invalid-component", &message))
}

fn refused(code: &'static str, message: &str) -> InstallError {
    InstallError { code, message: sanitised(message) }
}
