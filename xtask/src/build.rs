//! Where things are, and how they are built.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// Connectors are built for it.
const GUEST_TARGET: &str = "wasm32-wasip2";
/// Packages that are connectors, with the environment variable that tells tests where each is.
const GUESTS: &[(&str, &str)] = &[
    ("wordpress-connector", "LOCKGATE_WORDPRESS_CONNECTOR"),
    ("adventureworks-connector", "LOCKGATE_ADVENTUREWORKS_CONNECTOR"),
    ("scim-connector", "LOCKGATE_SCIM_CONNECTOR"),
    ("lockgate-test-guest", "LOCKGATE_TEST_GUEST"),
    ("lockgate-broken-connector", "LOCKGATE_BROKEN_CONNECTOR"),
];
/// Packages whose programs the demo runs.
const PROGRAMS: &[&str] = &["lockgate-cli", "wordpress-feed", "adventureworks-feed"];

/// A program ended with a code that this one hands on.
#[derive(Debug)]
pub struct Ended {
    /// What it was and what it said.
    pub message: String,
    /// Its exit code.
    pub code: u8,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Ended {}

/// The repository.
pub fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// Where everything is built.
pub fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// A cargo command at the root.
pub fn cargo<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root()).env("CARGO_TARGET_DIR", target_dir());
    command
}

/// Runs it; anything but success is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let name = format!("{command:?}");
    let status = command.status().with_context(|| format!("cannot run {name}"))?;
    if !status.success() {
        bail!("{name} ended with {status}");
    }
    Ok(())
}

/// The same, with what it prints on stderr: stdout is for results.
pub fn run_aside(command: &mut Command) -> Result<()> {
    run(command.stdout(std::io::stderr()))
}

/// Builds every connector.
pub fn guests() -> Result<()> {
    add_target()?;
    let mut command = cargo(["build", "--profile", "guest", "--target", GUEST_TARGET, "--target-dir"]);
    command.arg(guest_target_dir());
    for (package, _) in GUESTS {
        command.args(["-p", package]);
    }
    run(&mut command)
}

/// Builds the benchmark's connector, and beside it, for an instance that is used again, the same with
/// the toolchain's allocator, which frees.
pub fn bench_guests() -> Result<()> {
    add_target()?;
    for (folder, features) in [(guest_target_dir(), None), (guest_target_dir().join("reused"), Some("--no-default-features"))] {
        let mut command = cargo(["build", "--profile", "guest", "--target", GUEST_TARGET, "-p", "lockgate-bench-guest", "--target-dir"]);
        run(command.arg(folder).args(features))?;
    }
    Ok(())
}

/// A program that was built for operators.
pub fn released(name: &str) -> PathBuf {
    target_dir().join("release").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Builds everything that tests need, programs included. With the same features as `cargo test
/// --workspace`: another choice of packages would compile wasmtime again.
pub fn everything() -> Result<()> {
    run(&mut cargo(["build", "--workspace", "--all-targets"]))
}

/// Builds `lockgate` and the feeds alone, which is sooner done.
pub fn programs() -> Result<()> {
    let mut command = cargo(["build"]);
    for package in PROGRAMS {
        command.args(["-p", package]);
    }
    run(&mut command)
}

/// A program that was built.
pub fn program(name: &str) -> PathBuf {
    target_dir().join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The search path, with the folder of our own programs before others: scripts find `lockgate` there.
pub fn path_with_programs() -> Result<std::ffi::OsString> {
    let own = program("lockgate").parent().map(Path::to_owned);
    let others = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(own.into_iter().chain(std::env::split_paths(&others))).context("the target folder cannot stand in a search path")
}

/// A connector that was built.
pub fn guest(package: &str) -> PathBuf {
    guest_dir().join(format!("{}.wasm", package.replace('-', "_")))
}

/// Where all of them are.
pub fn guest_dir() -> PathBuf {
    guest_target_dir().join(GUEST_TARGET).join("guest")
}

/// Where each connector is, for tests.
pub fn guest_variables() -> impl Iterator<Item = (&'static str, PathBuf)> {
    GUESTS.iter().map(|(package, variable)| (*variable, guest(package)))
}

/// Where components and toolchains of other languages are, for tests, which fail where one is missing.
pub fn language_variables() -> [(&'static str, PathBuf); 3] {
    [("LOCKGATE_LANGUAGES", "1".into()), ("LOCKGATE_GUESTS", guest_target_dir()), ("LOCKGATE_TOOLCHAINS", target_dir().join("toolchains"))]
}

/// Where connectors are built.
pub fn guest_target_dir() -> PathBuf {
    target_dir().join("guests")
}

/// Rust's library for the guests' target, if it is missing.
fn add_target() -> Result<()> {
    let asked = Command::new("rustc").args(["--print", "sysroot"]).current_dir(root()).output().context("cannot run rustc")?;
    let sysroot = String::from_utf8_lossy(&asked.stdout);
    if Path::new(sysroot.trim()).join("lib/rustlib").join(GUEST_TARGET).exists() {
        return Ok(());
    }
    eprintln!("adding Rust's library for {GUEST_TARGET}, once");
    run(Command::new("rustup").args(["target", "add", GUEST_TARGET]).current_dir(root()))
        .with_context(|| format!("connectors need Rust's library for {GUEST_TARGET}; install it as your Rust was installed"))
}
