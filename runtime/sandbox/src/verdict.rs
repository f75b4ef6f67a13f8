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
    if !crashed && during == During::Call {
        return Failure::new(Code::BadOutput, format!("the answer cannot be read: {}", causes(error)));
    }
    let what = match (exit, trap) {
        (Some(status), _) => format!("the connector exited with status {status}"),
        (None, Some(trap)) => trap.to_string(),
        (None, None) => causes(error),
    };
    let during = if during == During::Start { "at start: " } else { "" };
    Failure::new(Code::Trap, format!("{during}{what}{}{}", said(state), place(error)))
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
    if text.len() <= bytes_max {
        return text;
    }
    let end = (0..=bytes_max).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    text.get(..end).unwrap_or("")
}
