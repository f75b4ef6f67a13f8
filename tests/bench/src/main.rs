//! What Lockgate costs, measured.
//!
//! What this crate must not know: how the runtime does its work. It builds a bus from the same parts
//! as the server, starts the server itself, and looks at clocks and counts.

mod bench;
mod clock;
mod cost;
mod drain;
mod feed;
mod growth;
mod http;
mod languages;
mod native;
mod peers;
mod pipeline;
mod progress;
mod results;
mod rig;
mod sandbox;
mod server;
mod stats;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The verb by which the sandbox starts this program to compile a component.
const COMPILE_CHILD: &str = "compile-child";

/// What Lockgate costs, measured
#[derive(Debug, Parser)]
#[command(name = "lockgate-bench")]
struct Cli {
    #[command(subcommand)]
    part: Part,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// The whole benchmark, or parts of it; `cargo xtask bench` builds what it needs and starts it
    ///
    /// Examples:
    ///   lockgate-bench run --results tests/bench/results
    ///   lockgate-bench run --results tests/bench/results --only sandbox,http
    ///   lockgate-bench run --results tests/bench/results --quick
    #[command(verbatim_doc_comment)]
    Run(bench::Run),
    /// Queue tasks, then let the bus drain them
    ///
    /// Examples:
    ///   lockgate-bench drain --tasks 200000 --connectors 2
    ///   lockgate-bench drain --native --json
    #[command(verbatim_doc_comment)]
    Drain(drain::Drain),
    /// The same translation in each language; `cargo xtask bench --languages` builds what it needs and starts it
    ///
    /// Examples:
    ///   lockgate-bench languages --results tests/bench/results --document guest-sdk/README.md
    ///   lockgate-bench languages --results results --document table.md --absent 'go=no compiler' --json
    #[command(verbatim_doc_comment)]
    Languages(languages::Languages),
}

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|verb| verb == COMPILE_CHILD) {
        return lockgate_sandbox::compile_child(std::env::args_os().skip(2));
    }
    let done = match Cli::parse().part {
        Part::Run(run) => run.run(),
        Part::Drain(drain) => drain.run(),
        Part::Languages(languages) => languages.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
