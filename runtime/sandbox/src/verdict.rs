//! Why a call into the guest failed, as a code that operators know.

use std::time::Duration;

use lockgate_core::failure::{Code, Failure};
use wasmtime::{Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use crate::state::State;

/// Functions named in a message.
const FRAMES_MAX: usize = 8;
/// Bytes of one function's name in a message.
const NAME_BYTES_MAX: usize = 120;
/// Bytes of the guest's own last words in a message.
const SAID_BYTES_MAX: usize = 2_000;

/// The deadline of the call has passed.
#[derive(Debug, thiserror::Error)]
#[error("the deadline has passed")]
pub struct DeadlineReached;

/// When it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum During {
    /// While the instance was made.
    Start,
    /// While one of the three methods ran, or its answer was read.
    Call,
}

/// The verdict on a failed call. The outcome never depends on a message's text (style 11).
pub fn verdict(error: &wasmtime::Error, during: During, deadline: Duration, state: &mut State) -> Failure {
    state.flush_output();
    let trap = error.downcast_ref::<Trap>().copied();
    if trap == Some(Trap::Interrupt) || error.downcast_ref::<DeadlineReached>().is_some() {
        let place = place(error);
        return Failure::new(Code::Deadline, format!("stopped at the deadline of {} ms{place}", deadline.as_millis()));
    }
    let exit = error.downcast_ref::<I32Exit>().map(|exit| exit.0);
    // Errors of lifting an answer have no wasm frames: the guest has returned by then. What fails
    // inside of an import (too many handles, too much data) ends the guest in the middle.
    let inside = error.downcast_ref::<WasmBacktrace>().is_some_and(|backtrace| !backtrace.frames().is_empty());
    let crashed = exit.is_some() || trap.map_or(inside, |trap| !is_lift(trap));
    if state.limiter.refused() && (crashed || during == During::Start) {
        let had = state.limiter.peak_bytes();
        let said = said(state);
        return Failure::new(Code::MemoryLimit, format!("ended after more memory was refused; it had {had} bytes{said}"));
    }
    if is_output_limit(error) {
        return Failure::new(Code::OutputLimit, format!("handed over more than `output_bytes_max` grants: {}", causes(error)));
    }
    if !crashed && during == During::Call {
        return Failure::new(Code::BadOutput, format!("the answer cannot be read: {}", causes(error)));
    }
    let said = said(state);
    let (code, what) = match (exit, trap) {
        (Some(status), _) => (Code::Exit, format!("the connector exited with status {status}")),
        (None, Some(Trap::StackOverflow)) => (Code::StackOverflow, Trap::StackOverflow.to_string()),
        // What runtimes do once they have said why: Rust, C and Go alike.
        (None, Some(trap @ Trap::UnreachableCodeReached)) if !said.is_empty() => (Code::Panic, trap.to_string()),
        (None, Some(trap)) => (Code::Trap, trap.to_string()),
        (None, None) => (Code::Trap, causes(error)),
    };
    let during = if during == During::Start { "at start: " } else { "" };
    refused(Failure::new(code, format!("{during}{what}{said}{}", place(error))), state)
}

/// What the connector itself answered as an error, after something may have been refused it.
pub fn answered_error(failure: Failure, state: &mut State) -> Failure {
    let (failure, egress) = egress_refused(failure, state);
    // That an id is unknown is an answer, not an end.
    if egress || failure.code == Code::NotFound { failure } else { state_refused(failure, state) }
}

/// A task that fails after the host refused something fails because of that: the code says so.
fn refused(failure: Failure, state: &State) -> Failure {
    match egress_refused(failure, state) {
        (failure, true) => failure,
        (failure, false) => state_refused(failure, state),
    }
}

/// After a call was denied; says whether one was. A connector that could not ask does not know that
/// something is unknown.
fn egress_refused(failure: Failure, state: &State) -> (Failure, bool) {
    let Some(denied) = state.calls().denied() else { return (failure, false) };
    let code = if denied.is_limit() { Code::EgressLimit } else { Code::EgressDenied };
    let message = format!("{denied}; the connector then ended with {}: {}", failure.code, failure.message);
    (Failure { path: failure.path, ..Failure::new(code, message) }, true)
}

fn state_refused(failure: Failure, state: &State) -> Failure {
    if state.keep.refused() {
        let message =
            format!("more state than `state_bytes_max` was refused; the connector then ended with {}: {}", failure.code, failure.message);
        return Failure { path: failure.path.clone(), ..Failure::new(Code::StateLimit, message) };
    }
    failure
}

/// Whether the engine stopped a copy at the limit. Its error's type is private: the text is that of
/// the pinned version, and a test holds it.
fn is_output_limit(error: &wasmtime::Error) -> bool {
    error.chain().any(|cause| cause.to_string().starts_with("too much data is being copied between the host and the guest"))
}

/// Traps that say that the answer is malformed, not that the code failed.
fn is_lift(trap: Trap) -> bool {
    matches!(trap, Trap::InvalidChar | Trap::StringOutOfBounds | Trap::ListOutOfBounds | Trap::InvalidDiscriminant | Trap::UnalignedPointer)
}

/// The guest's panic message, from the SDK's hook or from stderr.
fn said(state: &mut State) -> String {
    let last_error = state.log_mut().last_error().map(str::to_owned);
    let last = last_error.or_else(|| state.last_stderr());
    last.map_or_else(String::new, |text| format!("; it said: {}", cut(text.trim(), SAID_BYTES_MAX)))
}

/// Where in the guest: names of functions, innermost first.
fn place(error: &wasmtime::Error) -> String {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return String::new() };
    let names: Vec<String> = backtrace
        .frames()
        .iter()
        .take(FRAMES_MAX)
        .map(|frame| match frame.func_name() {
            Some(name) => cut(&format!("{:#}", rustc_demangle::demangle(name)), NAME_BYTES_MAX).to_owned(),
            None => format!("function {}", frame.func_index()),
        })
        .collect();
    if names.is_empty() { String::new() } else { format!("; in {}", names.join(" < ")) }
}

/// The chain of causes, without wasmtime's rendering of the backtrace.
fn causes(error: &wasmtime::Error) -> String {
    error
        .chain()
        .map(ToString::to_string)
        .filter(|cause| !cause.starts_with("error while executing at wasm backtrace"))
        .collect::<Vec<_>>()
        .join(": ")
}

fn cut(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max)).unwrap_or_default()
}
