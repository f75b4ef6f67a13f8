//! PostgreSQL, which tests of the store start themselves: Debian's package, installed where it is missing.

use std::path::Path;

use anyhow::{Result, bail};

use crate::debian;

/// Where Debian puts each version's programs.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Installs it unless it is there.
pub fn install() -> Result<()> {
    if is_there() {
        return Ok(());
    }
    match debian::install(&["postgresql"]) {
        Ok(()) if is_there() => Ok(()),
        _ => bail!(
            "tests of the store need PostgreSQL 15 or newer, and it could not be installed: run `apt-get install postgresql` \
             as root, or name the folder of initdb and postgres in LOCKGATE_POSTGRES_BIN"
        ),
    }
}

/// As the tests look for it.
fn is_there() -> bool {
    let has = |folder: &Path| folder.join("initdb").exists();
    if let Some(folder) = std::env::var_os("LOCKGATE_POSTGRES_BIN") {
        return has(Path::new(&folder));
    }
    let mut versions = std::fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let path = std::env::var_os("PATH").unwrap_or_default();
    versions.any(|version| has(&version.path().join("bin"))) || std::env::split_paths(&path).any(|folder| has(&folder))
}
