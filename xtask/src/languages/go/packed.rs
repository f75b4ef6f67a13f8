//! The Go SDK as a module that is fetched: packed into a proxy's folder, and a new project built and tested with it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{Go, SDK};
use crate::build;

/// Its path; `go.mod` of the SDK has it too.
const MODULE: &str = "lockgate.dev/lockgate";
const VERSION: &str = "v0.1.0";

/// As somebody does who has `lockgate`, a proxy and no clone of the repository.
pub(super) fn test(go: &Go) -> Result<()> {
    let proxy = build::target_dir().join("packages/go");
    let mut pack = go.command(SDK);
    pack.args(["run", "./internal/pack", "-version", VERSION, "-licence"]).arg(build::root().join("LICENSE")).arg(&proxy);
    build::run_aside(&mut pack)?;

    let folder = build::empty_folder("packed-go")?;
    let lockgate = build::program("lockgate");
    // A folder that exists and has no SDK: what names it is left behind below.
    build::run_aside(Command::new(&lockgate).args(["new", "my-teams", "--lang", "go", "--sdk", "."]).current_dir(&folder))?;
    let project = folder.join("my-teams");
    std::fs::remove_file(project.join("go.work")).context("the project does not say where the SDK is")?;
    let cache = folder.join("modules");
    let fetching = |command: &mut Command| {
        // A module cache of its own, else an older packing would be found there.
        command.env("GOPROXY", format!("file://{}", proxy.display())).env("GONOSUMDB", MODULE).env("GOMODCACHE", &cache);
        command.env("GOFLAGS", "-modcacherw").current_dir(&project);
    };
    let run = |program: Command| {
        let mut program = program;
        fetching(&mut program);
        build::run_aside(&mut program)
    };
    for arguments in [&["get", &format!("{MODULE}@{VERSION}")][..], &["test", "./..."], &["vet", "./..."]] {
        let mut command = go.command(SDK);
        command.args(arguments);
        run(command)?;
    }
    run(go.script(Path::new("build.sh"))?)?;
    let mut test = Command::new(lockgate);
    test.args(["test", "build/my-teams.wasm", "cases"]).current_dir(&project);
    build::run_aside(&mut test).context("a project made with the fetched Go SDK does not pass its own cases")
}
