//! cargo xtask demo | test | languages | torture | bench | book | lint | dependencies | advisories.
//!
//! What this crate must not know: anything inside the other crates. It builds them, runs their
//! programs and speaks the HTTP API.

mod advisories;
mod bench;
mod book;
mod build;
mod clients;
mod console;
mod debian;
mod demo;
mod deny;
mod field;
mod languages;
mod machines;
mod postgres;
mod steps;
mod tools;
mod torture;

use std::path::PathBuf;
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
    ///   cargo xtask demo --stay
    ///   cargo xtask demo --set adventureworks
    ///   cargo xtask demo --postgres
    #[command(verbatim_doc_comment)]
    Demo(demo::Demo),
    /// Everything that CI runs
    Test {
        /// Go on after a step that fails
        #[arg(long)]
        keep_going: bool,
    },
    /// Install the toolchains of TypeScript, Python, C and Go, and build and test what is written in them
    ///
    /// Needs `cargo xtask test`, or a `cargo build`, before it. Everything is installed below the target
    /// folder, from npm and PyPI.
    Languages {
        /// Build the TypeScript sample on StarlingMonkey too, which takes half a minute
        #[arg(long)]
        starlingmonkey: bool,
        /// Of these languages only: typescript, python, c, go
        #[arg(long, value_name = "LANG", value_delimiter = ',')]
        only: Vec<String>,
    },
    /// Kill, stop and starve a real server under load, and check that nothing acknowledged is lost
    ///
    /// Examples:
    ///   cargo xtask torture
    ///   cargo xtask torture --minutes 60 --set adventureworks
    ///   cargo xtask torture --seed 1764000000000 --keep
    ///   cargo xtask torture --nodes 3 --minutes 10
    #[command(verbatim_doc_comment)]
    Torture(torture::Torture),
    /// Measure the sandbox, the pipeline, submission, growth, other programs and each language
    ///
    /// Examples:
    ///   cargo xtask bench
    ///   cargo xtask bench --only sandbox,pipeline
    ///   cargo xtask bench --peers --folder /mnt/fast
    ///   cargo xtask bench --quick
    ///   cargo xtask bench --languages
    #[command(verbatim_doc_comment)]
    Bench(bench::Bench),
    /// Build the documentation into target/book, and check its links
    Book,
    /// Check the program's types for other machines than this one: Linux on aarch64
    ///
    /// Installs Rust's library for it, and zig as C compiler, from PyPI.
    Machines,
    /// Test the console in a real browser
    ///
    /// Needs `cargo xtask test`, or a `cargo build --workspace --all-targets`, before it.
    Console,
    /// Format and clippy
    Lint,
    /// Licences, sources and security advisories of what we depend on; CI runs it too
    Dependencies,
    /// Copy what a checkout of RustSec's advisory database says about our dependencies
    ///
    /// For machines that cannot reach the database: the copy, in `advisories/`, is what `cargo xtask
    /// test` looks into there.
    Advisories {
        /// The checkout
        folder: PathBuf,
    },
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Demo(demo) => demo.run(),
        Task::Test { keep_going } => steps::test(keep_going),
        Task::Languages { starlingmonkey, only } => languages::build(&only).and_then(|()| match starlingmonkey {
            true => languages::typescript::build_starlingmonkey(),
            false => Ok(()),
        }),
        Task::Torture(torture) => torture.run(),
        Task::Bench(bench) => bench.run(),
        Task::Book => book::build(),
        Task::Machines => machines::check(),
        Task::Console => console::test(),
        Task::Lint => steps::lint(),
        Task::Dependencies => deny::dependencies(),
        Task::Advisories { folder } => advisories::refresh(&folder),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(error.downcast_ref::<build::Ended>().map_or(1, |ended| ended.code))
        }
    }
}
