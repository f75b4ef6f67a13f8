//! The lockgate program: `serve` runs the bus; every other verb is a client of its HTTP API.
//!
//! What this crate must not know: how anything is stored, sandboxed or decided. `wire.rs` alone
//! names the engines; the verbs know `runtime/server/API.md` and nothing else.

mod advice;
mod args;
mod client;
mod commands;
mod config;
mod context;
mod exit;
mod file;
mod input;
mod logs;
mod moment;
mod out;
mod reload;
mod request;
mod signals;
mod verdict;
mod wire;

use std::process::ExitCode;

use clap::Parser as _;

/// Rows are made by one thread and dropped by another, by the thousand: the system's allocator takes
/// a fifth of a task's time for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The verb by which this program starts itself to compile a component. Not for people: it is in no
/// help, and is looked for before anything else happens, so that its limits hold from the start.
const COMPILE_CHILD: &str = "compile-child";

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|verb| verb == COMPILE_CHILD) {
        return wire::compile_child(std::env::args_os().skip(2));
    }
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error),
    };
    let json = cli.global.json;
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::report(&error, json),
    }
}
