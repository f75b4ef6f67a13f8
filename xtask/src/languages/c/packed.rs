//! The C library as a tarball: packed, unpacked in an empty folder, and a new project built and tested with it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{cache, sdk};
use crate::build;
use crate::languages::packed::Empty;

/// What the tarball has of the SDK's folder; the licence is the repository's.
const CONTENTS: &[&str] = &["README.md", "flags", "gen", "include", "src", "test", "examples"];
const NAME: &str = "lockgate-c-0.1.0";
/// As somebody does who has `lockgate`, the tarball and no clone of the repository. What git would not keep of the project goes: the
/// library is beside it then.
const STEPS: &str = r#"
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
    let [global, local] = cache();
    let zig = PathBuf::from(format!("{} -m ziglang", python.display()));
    Empty::new("c")?
        .run(STEPS, [("TARBALL", tarball), ("ZIG", zig), global, local])
        .context("a project made with the packed C library does not build or pass its own cases")
}
