//! cargo xtask demo | test | lint.
//!
//! What this crate must not know: anything inside the other crates. It builds them, runs their
//! programs and speaks the HTTP API.

mod build;
mod demo;
mod steps;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What developers and CI run
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Carry a real data set in, and show what came of it
    ///
    /// Examples:
    ///   cargo xtask demo
    ///   cargo xtask demo my-blog.xml --json
    ///   cargo xtask demo --set adventureworks
    #[command(verbatim_doc_comment)]
    Demo(demo::Demo),
    /// Everything that CI runs
    Test {
        /// Go on after a step that fails
        #[arg(long)]
        keep_going: bool,
    },
    /// Format and clippy
    Lint,
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Demo(demo) => demo.run(),
        Task::Test { keep_going } => steps::test(keep_going),
        Task::Lint => steps::lint(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(error.downcast_ref::<build::Ended>().map_or(1, |ended| ended.code))
        }
    }
}
