//! The console in a real browser: Debian's Chromium and what the tests need from npm, installed where they are missing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::build::{self, run};
use crate::debian;

/// Where Debian puts it.
const CHROMIUM: &str = "/usr/bin/chromium";
/// What says which packages, and exactly which.
const PINS: [&str; 2] = ["package.json", "package-lock.json"];

/// Runs every test. The workbench and `lockgate` are built before.
pub fn test() -> Result<()> {
    let home = install()?;
    let workbench = build::target_dir().join("debug/examples/workbench");
    let mut node = Command::new("node");
    node.arg("run.mjs").current_dir(&home).env("LOCKGATE_WORKBENCH", workbench).env("LOCKGATE_PROGRAM", build::program("lockgate"));
    run(node.env("LOCKGATE_CHROMIUM", chromium()?))
}

/// Takes a picture of the overview of a server that runs.
pub fn picture(url: &str, file: &Path) -> Result<()> {
    let home = install()?;
    let mut node = Command::new("node");
    node.arg("picture.mjs").arg(url).arg(std::path::absolute(file)?).current_dir(&home);
    run(node.env("LOCKGATE_CHROMIUM", chromium()?))
}

fn chromium() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("LOCKGATE_CHROMIUM") {
        return Ok(named.into());
    }
    if !Path::new(CHROMIUM).exists() {
        debian::install(&["chromium"])?;
    }
    match Path::new(CHROMIUM).exists() {
        true => Ok(CHROMIUM.into()),
        false => bail!(
            "tests of the console need Chromium, and it could not be installed: run `apt-get install chromium` as root, or name the \
             program in LOCKGATE_CHROMIUM"
        ),
    }
}

/// The tests beside what they need: below the target folder.
fn install() -> Result<PathBuf> {
    let (own, home) = (build::root().join("tests/console"), build::target_dir().join("toolchains/console"));
    fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
    for entry in fs::read_dir(&own).with_context(|| format!("cannot read {}", own.display()))? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.is_file()) {
            fs::copy(&path, home.join(name)).with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    // Written last, so that an installation that was cut off is made again.
    let stamp = home.join("installed-lock.json");
    let pins = PINS.map(|name| fs::read_to_string(own.join(name)).unwrap_or_default()).concat();
    if fs::read_to_string(&stamp).ok().as_ref() != Some(&pins) {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--cache"]).arg(home.join("npm-cache"));
        build::run_aside(npm.current_dir(&home)).context("what the tests of the console need cannot be installed from npm")?;
        fs::write(&stamp, pins).with_context(|| format!("cannot write {}", stamp.display()))?;
    }
    Ok(home)
}
