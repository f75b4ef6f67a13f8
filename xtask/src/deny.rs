//! What the dependencies must be: `cargo deny`, set up by `deny.toml`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::advisories::{self, Database};
use crate::build::{root, run};
use crate::tools::Tool;

const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2", says: "cargo-deny 0.20.2", features: "" };

/// Licences, sources, bans and advisories.
pub fn dependencies() -> Result<()> {
    let deny = DENY.program()?;
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
