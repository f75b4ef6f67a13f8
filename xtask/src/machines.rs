//! Whether the program's types are right on the machines of others: `cargo check` for targets that this one can check for.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::build::{cargo, root, run, target_dir};
use crate::languages;

/// Targets, each with zig's name of it: zig is the C compiler of what has C in it.
const TARGETS: [(&str, &str); 1] = [("aarch64-unknown-linux-gnu", "aarch64-linux-gnu")];

/// Checks each.
pub fn check() -> Result<()> {
    let zig = languages::c_compiler()?;
    for (target, zig_target) in TARGETS {
        run(Command::new("rustup").args(["target", "add", target]).current_dir(root()))
            .with_context(|| format!("Rust's library for {target} cannot be installed"))?;
        let compiler = wrapper(&zig, target, zig_target)?;
        let variable = format!("CC_{}", target.replace('-', "_"));
        // What checks need of their own lies apart: the other steps' builds stay as they are.
        let mut check = cargo(["check", "-p", "lockgate-cli", "--target", target, "--target-dir"]);
        run(check.arg(target_dir().join("machines")).env(variable, &compiler))?;
    }
    Ok(())
}

/// A program that is zig as a C compiler for one target. Of what cargo's helpers say, zig knows its own name of the target only.
fn wrapper(zig: &Path, target: &str, zig_target: &str) -> Result<PathBuf> {
    let folder = target_dir().join("machines");
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("cc-{target}"));
    let zig = zig.to_str().context("the path of zig is no text")?;
    if zig.contains('\'') {
        bail!("the path of zig has a quote in it: {zig}");
    }
    let script = format!(
        "#!/bin/sh\nfor a in \"$@\"; do shift; case \"$a\" in --target=*) ;; *) set -- \"$@\" \"$a\" ;; esac; done\nexec '{zig}' -m ziglang cc -target {zig_target} \"$@\"\n"
    );
    fs::write(&path, script)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(path)
}
