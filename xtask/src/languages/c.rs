//! C: with clang, as `ziglang` from PyPI carries it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::{NOT_BUILT, NOT_INSTALLED};
use crate::build;

/// Folders of connectors, with the name of the component that each becomes.
const CONNECTORS: &[(&str, &str)] =
    &[("sample-connectors/vcard/connector", "vcard"), ("guest-sdk/c/broken", "broken"), ("guest-sdk/c/example", "example")];

/// Installs the compiler, runs the library's own tests and builds every connector, to
/// `target/guests/c/NAME.wasm`.
pub fn build() -> Result<()> {
    let python = toolchain()?;
    let out = build::target_dir().join("guests/c");
    std::fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    test_library(&python, &out)?;
    check_readme()?;
    check_bindings(&out)?;
    for (folder, name) in CONNECTORS {
        component(&build::program("lockgate"), &python, folder, &out.join(format!("{name}.wasm")))?;
    }
    Ok(())
}

/// Builds the benchmark's connector.
pub fn bench(lockgate: &Path, out: &Path) -> Result<()> {
    let python = toolchain().context(NOT_INSTALLED)?;
    component(lockgate, &python, "tests/bench/languages/c", out).context(NOT_BUILT)
}

/// The connector in a folder of the repository.
fn component(lockgate: &Path, python: &Path, folder: &str, out: &Path) -> Result<()> {
    let core = out.with_extension("core.wasm");
    build::run_aside(&mut compile(python, &build::root().join(folder), &core)?)?;
    build::run_aside(Command::new(lockgate).args(["component", "new"]).arg(core).arg("-o").arg(out))
}

/// A folder of its own below the target folder; the user's home stays as it is.
pub fn toolchain() -> Result<PathBuf> {
    let venv = build::target_dir().join("toolchains/c");
    let python = venv.join("bin/python");
    if !python.exists() {
        build::run(Command::new("python3").args(["-m", "venv"]).arg(&venv))
            .context("C connectors need Python 3 with venv, to install the compiler")?;
    }
    let pinned = sdk().join("requirements.txt");
    // Says nothing and fetches nothing where it is installed already.
    build::run_aside(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(pinned))
        .context("clang, as `ziglang`, cannot be installed from PyPI")?;
    Ok(python)
}

fn sdk() -> PathBuf {
    build::root().join("guest-sdk/c")
}

/// `zig cc`, with its caches below the target folder.
fn zig_cc(python: &Path) -> Command {
    let cache = build::target_dir().join("toolchains/c/zig-cache");
    let mut command = Command::new(python);
    command.args(["-m", "ziglang", "cc"]).env("ZIG_GLOBAL_CACHE_DIR", &cache).env("ZIG_LOCAL_CACHE_DIR", &cache);
    command
}

/// As the SDK's README says.
fn compile(python: &Path, folder: &Path, core: &Path) -> Result<Command> {
    let sdk = sdk();
    let mut command = zig_cc(python);
    command.arg(format!("@{}", sdk.join("flags").display())).arg("-I").arg(sdk.join("include"));
    command.args(sources(&sdk.join("src"))?).args(sources(folder)?);
    // Manifests are named from the folder that the compiler runs in.
    command.arg(format!("-ffile-prefix-map={}/=", folder.display())).arg("-o").arg(core).current_dir(folder);
    Ok(command)
}

fn test_library(python: &Path, out: &Path) -> Result<()> {
    let sdk = sdk();
    let program = out.join("library-tests");
    build::run(
        zig_cc(python).args(["-std=c11", "-Os", "-I"]).arg(sdk.join("include")).arg(sdk.join("tests/library.c")).arg("-o").arg(&program),
    )?;
    build::run(&mut Command::new(program)).context("the tests of the C library fail")
}

/// What its README shows is what is built here.
fn check_readme() -> Result<()> {
    let read = |file: &str| std::fs::read_to_string(sdk().join(file)).with_context(|| format!("cannot read {file} of the C SDK"));
    let readme = read("README.md")?;
    for file in ["example/connector.c", "example/manifest.toml"] {
        ensure!(readme.contains(&read(file)?), "the README of the C SDK does not show {file} as it is");
    }
    Ok(())
}

/// The generated files that are kept are those of today's contract.
fn check_bindings(out: &Path) -> Result<()> {
    let made = out.join("gen");
    build::run(Command::new(build::program("lockgate")).args(["bindings", "--lang", "c", "--force", "-o"]).arg(&made))?;
    for file in ["connector.c", "connector.h"] {
        let kept = sdk().join("gen").join(file);
        let same = std::fs::read(&kept).ok() == std::fs::read(made.join(file)).ok();
        ensure!(
            same,
            "{} is not of today's contract: write it with `lockgate bindings --lang c --force -o guest-sdk/c/gen`",
            kept.display()
        );
    }
    Ok(())
}

/// Its `.c` files, in the order of their names.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "c") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
