//! What CI runs, step by step, each with its time.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::build::{self, cargo, run};
use crate::{book, clients, console, demo, deny, field, languages, postgres};

/// A step: its name and what it does.
type Step = (&'static str, fn() -> Result<()>);

const FORMAT: Step = ("format", format);
const CLIPPY: Step = ("clippy", clippy);

/// Format and clippy.
pub fn lint() -> Result<()> {
    all(&[FORMAT, CLIPPY], true)
}

/// Everything that CI runs. Cheap steps first.
pub fn test(keep_going: bool) -> Result<()> {
    let steps: [Step; 14] = [
        FORMAT,
        ("connectors", build::guests),
        ("programs", programs),
        ("languages", || languages::build(&[])),
        ("field", field::compare),
        ("dependencies", deny::dependencies),
        CLIPPY,
        ("postgresql", postgres::install),
        ("clients", clients::install),
        ("tests", tests),
        ("console", console::test),
        ("documents", documents),
        ("book", book::build),
        ("demo", demo::smoke),
    ];
    all(&steps, keep_going)
}

fn all(steps: &[Step], keep_going: bool) -> Result<()> {
    let mut done: Vec<(&str, Duration, bool)> = Vec::new();
    for (name, step) in steps {
        eprintln!("==> {name}");
        let start = Instant::now();
        let result = step();
        if let Err(error) = &result {
            eprintln!("==> {name} failed: {error:#}");
        }
        done.push((name, start.elapsed(), result.is_ok()));
        if result.is_err() && !keep_going {
            break;
        }
    }
    for (name, took, ok) in &done {
        println!("{} {name:<12} {:>7.1} s", if *ok { "ok    " } else { "FAILED" }, took.as_secs_f64());
    }
    for (name, _) in steps.iter().skip(done.len()) {
        println!("not run {name}");
    }
    let failed: Vec<&str> = done.iter().filter(|(_, _, ok)| !ok).map(|(name, ..)| *name).collect();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// Toolchains of other languages are installed beside it, for compiling has long stretches on one core.
fn programs() -> Result<()> {
    std::thread::scope(|scope| {
        scope.spawn(languages::install);
        build::everything()
    })
}

fn format() -> Result<()> {
    run(&mut cargo(["fmt", "--all", "--check"]))
}

fn clippy() -> Result<()> {
    run(&mut cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

/// All of them, though one fails: whoever reads the log wants to know of every fault.
fn tests() -> Result<()> {
    run(cargo(["test", "--workspace", "--no-fail-fast"]).envs(build::guest_variables()).envs(build::language_variables()))
}

fn documents() -> Result<()> {
    run(cargo(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}
