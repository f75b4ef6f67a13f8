//! What checks the clients in `examples/`: the compilers of PHP and C#. Python and Node are needed anyhow.

use std::process::Command;

use anyhow::{Result, bail};

use crate::debian;

/// Each program with the packages that bring it.
const COMPILERS: [(&str, &[&str]); 2] = [("php", &["php-cli"]), ("mcs", &["mono-mcs", "libmono-system-net-http4.0-cil"])];

/// Installs those that are missing.
pub fn install() -> Result<()> {
    for (program, packages) in COMPILERS {
        let is_there = || Command::new(program).arg("--version").output().is_ok_and(|answer| answer.status.success());
        if !is_there() && (debian::install(packages).is_err() || !is_there()) {
            bail!(
                "the examples need `{program}` to be checked, and it could not be installed: run `apt-get install {}` as root",
                packages.join(" ")
            );
        }
    }
    Ok(())
}
