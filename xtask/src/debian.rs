//! Packages of Debian, installed where something is missing.

use std::process::Command;

use anyhow::Result;

use crate::build::run;

/// Installs them. Needs root.
pub fn install(packages: &[&str]) -> Result<()> {
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(packages);
    eprintln!("--> missing: apt-get {}", install.join(" "));
    let apt = |arguments: &[&str]| run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"));
    // A fresh machine may know no packages yet.
    apt(&install).or_else(|_| apt(&["update"]).and_then(|()| apt(&install)))
}
