//! Python: a virtual environment with `componentize-py`, the SDK's own tests, and its connectors.

mod packed;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context as _, Result};

use super::{NOT_BUILT, NOT_INSTALLED};
use crate::build::{root, run, run_aside, target_dir};

/// What is installed, with the digest of each file.
const REQUIREMENTS: &str = "guest-sdk/python/requirements.txt";
/// Likewise: what checks and packs the SDK.
const TOOLS: &str = "guest-sdk/python/requirements-dev.txt";
const SDK_FOLDER: &str = "guest-sdk/python";
const SDK: &str = "guest-sdk/python/src";
/// The module of each connector, and the component that is made of it.
const CONNECTORS: &[(&str, &str)] = &[
    ("sample-connectors/feeds/connector/feeds.py", "feeds.wasm"),
    ("guest-sdk/python/broken/broken.py", "broken.wasm"),
    ("guest-sdk/python/examples/said.py", "said.wasm"),
];
/// Folders of tests that run without a component, each with what it tests.
const TESTS: &[(&str, &str)] = &[
    ("guest-sdk/python/tests", SDK),
    ("guest-sdk/python/examples", "guest-sdk/python/examples"),
    ("sample-connectors/feeds/tests", "sample-connectors/feeds/connector"),
    ("sample-connectors/vcard/tests", "sample-connectors/vcard/data"),
];

/// Installs the toolchain if it is not there, runs the tests, and makes the components that are older than their source.
pub fn build() -> Result<()> {
    let python = install()?;
    lint(&python)?;
    for (tests, tested) in TESTS {
        let mut command = interpreter(&python, [root().join(tested), root().join(SDK)])?;
        command.args(["-m", "unittest", "discover", "-s"]).arg(root().join(tests));
        run(&mut command)?;
    }
    packed::try_packages(&python)?;
    for (source, name) in CONNECTORS {
        component(&python, source, &component_dir().join(name))?;
    }
    Ok(())
}

/// The checks of people who write Python, over the SDK and over what a new project has.
fn lint(python: &Path) -> Result<()> {
    let templates = root().join("runtime/author/templates/python");
    let sdk = root().join(SDK_FOLDER);
    let tool = |name: &str| {
        let mut command = Command::new(python);
        command.args(["-m", name]).current_dir(&sdk).env("MYPYPATH", sdk.join("src"));
        command
    };
    let cache = target_dir().join("toolchains/python/checked");
    for check in [["check", "--quiet"], ["format", "--check"]] {
        let mut ruff = tool("ruff");
        ruff.args(check).args(["--config", "pyproject.toml", "--cache-dir"]).arg(&cache).arg(".").arg(&templates);
        run(&mut ruff).context("ruff finds faults in Python, or would format it otherwise")?;
    }
    run(tool("mypy").arg("--cache-dir").arg(&cache)).context("mypy --strict finds faults in the Python SDK")?;
    let connector = templates.join("connector.py");
    run(tool("mypy").arg("--cache-dir").arg(&cache).arg(connector)).context("mypy --strict finds faults in a new project")
}

/// Builds the benchmark's connector, if it is older than its source.
pub fn bench(_lockgate: &Path, out: &Path) -> Result<()> {
    let python = install().context(NOT_INSTALLED)?;
    component(&python, "tests/bench/languages/python/shop.py", out).context(NOT_BUILT)
}

/// The component of a module, if it is older than its source.
fn component(python: &Path, source: &str, output: &Path) -> Result<()> {
    let source = root().join(source);
    if is_fresh(output, &source)? {
        return Ok(());
    }
    let mut command = interpreter(python, [root().join(SDK)])?;
    run_aside(command.args(["-m", "lockgate_guest", "build"]).arg(source).arg("-o").arg(output))
}

/// Where the components are.
fn component_dir() -> PathBuf {
    target_dir().join("guests/python")
}

/// The environment's interpreter. A changed list of requirements makes the environment anew.
pub fn install() -> Result<PathBuf> {
    let folder = target_dir().join("toolchains/python");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let installed = folder.join("requirements.txt");
    let (wanted, tools) = (root().join(REQUIREMENTS), root().join(TOOLS));
    let all = [fs::read(&wanted)?, fs::read(&tools)?].concat();
    if fs::read(&installed).ok().as_ref() == Some(&all) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder)).context("connectors in Python need Python 3.11 or newer")?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes", "--only-binary=:all:", "-r"]);
    run_aside(pip.arg(&wanted).arg("-r").arg(&tools)).context("componentize-py, mypy, ruff and flit cannot be installed from PyPI")?;
    fs::write(&installed, all).with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(python)
}

/// Python with these folders to import from, which writes nothing beside the sources.
fn interpreter(python: &Path, folders: impl IntoIterator<Item = PathBuf>) -> Result<Command> {
    let mut command = Command::new(python);
    command.env("PYTHONPATH", std::env::join_paths(folders)?).env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(command)
}

/// Whether a component is newer than all that it is made of.
fn is_fresh(output: &Path, source: &Path) -> Result<bool> {
    let Ok(made) = fs::metadata(output).and_then(|file| file.modified()) else { return Ok(false) };
    let own = source.parent().unwrap_or(source);
    for folder in [own, &root().join(SDK)] {
        if newest(folder)? > made {
            return Ok(false);
        }
    }
    Ok(fs::metadata(root().join(REQUIREMENTS))?.modified()? <= made)
}

/// When anything in a folder was changed last.
fn newest(folder: &Path) -> Result<SystemTime> {
    let mut latest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let changed = if entry.file_type()?.is_dir() { newest(&entry.path())? } else { entry.metadata()?.modified()? };
        latest = latest.max(changed);
    }
    Ok(latest)
}
