//! Programs from crates.io that steps need: built once, in the target folder.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::build::{cargo, run, target_dir};

/// A program, of one version.
pub struct Tool {
    /// Package and program.
    pub name: &'static str,
    /// The version that runs, wherever it comes from.
    pub version: &'static str,
    /// What `--version` prints for it.
    pub says: &'static str,
    /// Of the package.
    pub features: &'static str,
}

impl Tool {
    /// The one on the path if it is of this version, else one built once.
    pub fn program(&self) -> Result<PathBuf> {
        let Self { name, version, says, features } = self;
        let own = target_dir().join("tools");
        let built = own.join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        for candidate in [PathBuf::from(name), built.clone()] {
            let asked = Command::new(&candidate).arg("--version").output();
            if asked.is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).trim() == *says) {
                return Ok(candidate);
            }
        }
        eprintln!("building {name} {version}, once");
        let mut install = cargo(["install", name, "--version", version, "--locked", "--no-default-features"]);
        install.args(["--features", features, "--root"]).arg(&own).env("CARGO_TARGET_DIR", own.join("build"));
        // Unoptimised, it is there three times sooner and still takes two seconds.
        install.envs([("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"), ("CARGO_PROFILE_RELEASE_LTO", "off")]);
        install.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        run(&mut install)?;
        Ok(built)
    }
}
