//! What the samples make of real input, compared with the right values and with independent parsers. Where the input is
//! not there, nothing is compared, and a notice says so.

use std::process::Command;

use anyhow::{Context, Result};

use crate::build::{guest_target_dir, program, root, run, target_dir};

const REQUIREMENTS: &str = "tests/field/requirements.txt";
const COMPARES: &str = "tests/field/run.py";

/// Installs the parsers, from PyPI and by their digests, and compares.
pub fn compare() -> Result<()> {
    let folder = target_dir().join("toolchains/field");
    let python = folder.join("bin/python");
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder)).context("the independent parsers need Python 3 with venv")?;
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:", "-r"]);
    run(pip.arg(root().join(REQUIREMENTS))).context("the independent parsers cannot be installed from PyPI")?;
    let mut compare = Command::new(&python);
    compare.arg(root().join(COMPARES)).arg("--lockgate").arg(program("lockgate")).arg("--guests").arg(guest_target_dir());
    run(compare.arg("--go").arg(target_dir().join("toolchains/go/venv/bin/go")))
}
