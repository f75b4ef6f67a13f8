//! The C library in an empty folder: by the steps of its README, and as a tarball for a new project.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{cache, sdk};
use crate::build;
use crate::languages::packed::{Empty, blocks};

/// What the tarball has of the SDK's folder; the licence is the repository's.
const CONTENTS: &[&str] = &["README.md", "flags", "gen", "include", "src", "test", "examples"];
const NAME: &str = "lockgate-c-0.1.0";
/// The README's connector, with the cases of new projects, which it passes.
const EXAMPLE: &str = r#"
cp "$LOCKGATE"/guest-sdk/c/examples/teams/* .
cp -R "$LOCKGATE"/runtime/author/templates/shared/cases "$LOCKGATE"/runtime/author/templates/shared/model.toml .
ln -s "$TOOLCHAIN" toolchain
"#;
/// As somebody does who has `lockgate`, the tarball and no clone of the repository. What git would not keep of the project goes: the
/// library is beside it then.
const PROJECT: &str = r#"
tar -xzf "$TARBALL"
test -f lockgate-c-0.1.0/LICENSE
lockgate new my-teams --lang c --sdk lockgate-c-0.1.0
cd my-teams
rm sdk-folder
mv ../lockgate-c-0.1.0 sdk
./build.sh test
./build.sh
lockgate test my-teams.wasm cases
"#;

/// Packs it to `target/packages/lockgate-c-VERSION.tar.gz`.
fn pack() -> Result<PathBuf> {
    let packages = build::target_dir().join("packages");
    let staged = packages.join("c").join(NAME);
    if staged.exists() {
        std::fs::remove_dir_all(&staged).with_context(|| format!("cannot empty {}", staged.display()))?;
    }
    std::fs::create_dir_all(&staged).with_context(|| format!("cannot make {}", staged.display()))?;
    build::run(Command::new("cp").arg("-R").args(CONTENTS.iter().map(|file| sdk().join(file))).arg(&staged))?;
    build::run(Command::new("cp").arg(build::root().join("LICENSE")).arg(&staged))?;
    let tarball = packages.join(format!("{NAME}.tar.gz"));
    build::run(Command::new("tar").arg("-czf").arg(&tarball).arg("-C").arg(packages.join("c")).arg(NAME))?;
    Ok(tarball)
}

pub(super) fn test(python: &Path) -> Result<()> {
    let tarball = pack()?;
    // The toolchain is installed already.
    let installs = |line: &&str| !line.starts_with("python3 -m venv");
    let steps = blocks(&sdk().join("README.md"), "sh")?.concat();
    let steps: String = steps.lines().filter(installs).map(|line| format!("{line}\n")).collect();
    let [global, local] = cache();
    let zig = PathBuf::from(format!("{} -m ziglang", python.display()));
    let toolchain = build::target_dir().join("toolchains/c");
    Empty::new("c")?
        .run(&format!("{EXAMPLE}{steps}{PROJECT}"), [("TARBALL", tarball), ("ZIG", zig), ("TOOLCHAIN", toolchain), global, local])
        .context("what the README of the C library says does not work in an empty folder")
}
