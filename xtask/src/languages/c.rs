//! C: with clang, as `ziglang` from PyPI carries it.

mod checks;
mod packed;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{NOT_BUILT, NOT_INSTALLED};
use crate::build;

/// Folders of connectors, with the name of the component that each becomes.
const CONNECTORS: &[(&str, &str)] = &[
    ("sample-connectors/vcard/connector", "vcard"),
    ("guest-sdk/c/broken", "broken"),
    ("guest-sdk/c/libc", "libc"),
    ("guest-sdk/c/examples/teams", "teams"),
    ("guest-sdk/c/examples/articles", "articles"),
    ("guest-sdk/c/examples/said", "said"),
];

/// Installs the compiler, runs the library's own tests and builds every connector, to
/// `target/guests/c/NAME.wasm`.
pub fn build() -> Result<()> {
    let python = toolchain()?;
    let out = build::target_dir().join("guests/c");
    std::fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    checks::all(&python, &out)?;
    for (folder, name) in CONNECTORS {
        component(&build::program("lockgate"), &python, folder, &out.join(format!("{name}.wasm")))?;
    }
    let lockgate = build::program("lockgate");
    build::run_aside(Command::new(lockgate).arg("test").arg(out.join("libc.wasm")).arg(sdk().join("libc/cases")))
        .context("libc does not answer a C connector as its cases say")?;
    packed::test(&python)
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
    // Says nothing and fetches nothing where it is installed already.
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    for pinned in ["requirements.txt", "requirements-lint.txt"] {
        pip.arg("-r").arg(sdk().join(pinned));
    }
    build::run_aside(&mut pip).context("clang, as `ziglang`, and its linters cannot be installed from PyPI")?;
    Ok(python)
}

fn sdk() -> PathBuf {
    build::root().join("guest-sdk/c")
}

/// `zig cc`, with its caches below the target folder.
fn zig_cc(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "ziglang", "cc"]).envs(cache());
    command
}

/// Where zig keeps what it compiles, its libc among it.
fn cache() -> [(&'static str, PathBuf); 2] {
    ["ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"].map(|name| (name, build::target_dir().join("toolchains/c/zig-cache")))
}

/// As the SDK's README says.
fn compile(python: &Path, folder: &Path, core: &Path) -> Result<Command> {
    let sdk = sdk();
    let mut command = zig_cc(python);
    command.arg(format!("@{}", sdk.join("flags").display())).arg("-I").arg(sdk.join("include"));
    command.args(sources(&sdk.join("src"))?).args(sources(folder)?.into_iter().filter(|path| !path.ends_with("connector_test.c")));
    // Manifests are named from the folder that the compiler runs in.
    command.arg(format!("-ffile-prefix-map={}/=", folder.display())).arg("-o").arg(core).current_dir(folder);
    Ok(command)
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
