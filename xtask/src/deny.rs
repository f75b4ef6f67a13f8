//! What the dependencies must be: `cargo deny`, set up by `deny.toml`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::advisories::{self, Database};
use crate::build::{cargo, root, run, target_dir};

/// The version that runs, wherever it comes from.
const VERSION: &str = "0.20.2";

/// Licences, sources, bans and advisories.
pub fn dependencies() -> Result<()> {
    let deny = program()?;
    // Downloads what other platforms need: licences are read from the packages.
    run(check(&deny, Network::On).args(["licenses", "sources", "bans"]))?;
    let database = advisories::lay(&deny)?;
    eprintln!("{}", database.notice);
    find_the_made_up_advisory(&deny, &database)?;
    let checked = run(check(&deny, Network::Off).arg("advisories"));
    database.remove_made_up()?;
    checked
}

/// A check that cannot fail is none: before the real one, it must find an advisory that is made up.
fn find_the_made_up_advisory(deny: &Path, database: &Database) -> Result<()> {
    database.make_up(advisories::AFFECTED)?;
    let output = check(deny, Network::Off).arg("advisories").output().context("cannot run cargo-deny")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() || !said.contains(advisories::MADE_UP) {
        bail!("cargo-deny did not find the made-up advisory {}:\n{said}", advisories::MADE_UP);
    }
    // Still there for the real check, which refuses an empty database, but of versions that nobody has.
    database.make_up(advisories::NOT_AFFECTED)
}

/// Whether cargo-deny may fetch. It must not when a database was laid for it.
enum Network {
    On,
    Off,
}

fn check(deny: &Path, network: Network) -> Command {
    let mut command = Command::new(deny);
    command.arg("--locked").current_dir(root());
    if matches!(network, Network::Off) {
        command.arg("--offline");
    }
    command.args(["check", "--hide-inclusion-graph"]);
    command
}

/// `cargo-deny`: the one on the path if it is of this version, else one built once, in the target folder.
fn program() -> Result<PathBuf> {
    let own = target_dir().join("tools");
    let built = own.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    for candidate in [PathBuf::from("cargo-deny"), built.clone()] {
        let asked = Command::new(&candidate).arg("--version").output();
        if asked.is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).trim() == format!("cargo-deny {VERSION}")) {
            return Ok(candidate);
        }
    }
    eprintln!("building cargo-deny {VERSION}, once");
    let mut install = cargo(["install", "cargo-deny", "--version", VERSION, "--locked", "--no-default-features", "--root"]);
    install.arg(&own).env("CARGO_TARGET_DIR", own.join("build"));
    // Unoptimised, it is there three times sooner and still takes two seconds.
    install.envs([("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"), ("CARGO_PROFILE_RELEASE_LTO", "off")]);
    install.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    run(&mut install)?;
    Ok(built)
}
