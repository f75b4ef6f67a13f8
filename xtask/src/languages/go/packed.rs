//! The Go SDK as a module that is fetched, in an empty folder: by the steps of its README, and for a new project.

use std::ffi::OsString;

use anyhow::{Context as _, Result};

use super::{Go, SDK};
use crate::build;
use crate::languages::packed::{Empty, blocks};

/// The README's connector, with the cases of new projects, which it passes.
const EXAMPLE: &str = r#"
cp "$LOCKGATE"/guest-sdk/go/examples/teams/* .
cp -R "$LOCKGATE"/runtime/author/templates/shared/cases "$LOCKGATE"/runtime/author/templates/shared/model.toml .
"#;
/// As somebody does who has `lockgate`, a proxy and no clone of the repository. The folder that `--sdk` names has no SDK in it, and
/// what git would not keep of the project goes.
const PROJECT: &str = r#"
test -f "$GOMODCACHE/lockgate.dev/lockgate@v0.1.0/LICENSE"
mkdir none
lockgate new my-teams --lang go --sdk none
cd my-teams
rm go.work
go get lockgate.dev/lockgate@v0.1.0
go vet ./...
go test ./...
sh build.sh
lockgate test build/my-teams.wasm cases
"#;

pub(super) fn test(go: &Go) -> Result<()> {
    let empty = Empty::new("go")?;
    // The toolchain is installed already.
    let installs = |line: &&str| !line.starts_with("python3 -m venv");
    let steps = blocks(&build::root().join(SDK).join("README.md"), "sh")?.concat();
    let steps: String = steps.lines().filter(installs).map(|line| format!("{line}\n")).collect();
    let mut path = OsString::from(go.folder.join("venv/bin"));
    path.push(":");
    path.push(build::path_with_programs()?);
    let mut variables = go.variables();
    // A module cache of its own, else an older packing would be found there.
    variables.push(("GOMODCACHE", empty.path().join("modules").into()));
    variables.push(("GOFLAGS", "-modcacherw".into()));
    variables.push(("PATH", path));
    empty
        .run(&format!("{EXAMPLE}{steps}{PROJECT}"), variables)
        .context("what the README of the Go SDK says does not work in an empty folder")
}
