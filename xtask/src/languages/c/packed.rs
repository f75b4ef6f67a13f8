//! The C library as a tarball: packed, unpacked in an empty folder, and a new project built and tested with it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::sdk;
use crate::build;

/// What the tarball has of the SDK's folder; the licence is the repository's.
const CONTENTS: &[&str] = &["README.md", "flags", "gen", "include", "src", "test", "examples"];
const NAME: &str = "lockgate-c-0.1.0";

/// Packs it to `target/packages/lockgate-c-VERSION.tar.gz`.
fn pack() -> Result<std::path::PathBuf> {
    let packages = build::target_dir().join("packages");
    let staged = packages.join("c").join(NAME);
    if staged.exists() {
        std::fs::remove_dir_all(&staged).with_context(|| format!("cannot empty {}", staged.display()))?;
    }
    std::fs::create_dir_all(&staged).with_context(|| format!("cannot make {}", staged.display()))?;
    build::run(Command::new("cp").arg("-R").args(CONTENTS.iter().map(|file| sdk().join(file))).arg(&staged))?;
    build::run(Command::new("cp").arg(build::root().join("LICENSE")).arg(&staged))?;
    let tarball = packages.join(NAME).with_extension("0.tar.gz");
    build::run(Command::new("tar").arg("-czf").arg(&tarball).arg("-C").arg(packages.join("c")).arg(NAME))?;
    Ok(tarball)
}

/// As somebody does who has `lockgate`, the tarball and no clone of the repository.
pub(super) fn test(python: &Path) -> Result<()> {
    let tarball = pack()?;
    let folder = build::empty_folder("packed-c")?;
    build::run(Command::new("tar").arg("-xzf").arg(tarball).arg("-C").arg(&folder))?;
    let lockgate = build::program("lockgate");
    build::run_aside(Command::new(&lockgate).args(["new", "my-teams", "--lang", "c", "--sdk", NAME]).current_dir(&folder))?;
    let project = folder.join("my-teams");
    // With what git would keep of the project: the library is named in the environment then, or beside it.
    std::fs::remove_file(project.join("sdk-folder")).context("the project does not say where its library is")?;
    std::fs::rename(folder.join(NAME), project.join("sdk")).context("cannot move the library")?;
    let zig = format!("{} -m ziglang", python.display());
    let cache = super::cache();
    for arguments in [&["test"][..], &[]] {
        let mut script = Command::new("./build.sh");
        script.args(arguments).current_dir(&project).env("ZIG", &zig).envs(cache.iter().map(|(name, value)| (*name, value)));
        build::run_aside(script.env("PATH", build::path_with_programs()?))?;
    }
    build::run_aside(Command::new(lockgate).args(["test", "my-teams.wasm", "cases"]).current_dir(&project))
        .context("a project made with the packed C library does not pass its own cases")
}
