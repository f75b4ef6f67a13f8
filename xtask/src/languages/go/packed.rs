//! The Go SDK as a module that is fetched: packed into a proxy's folder, and a new project built and tested with it.

use anyhow::{Context as _, Result};

use super::{Go, SDK};
use crate::build;
use crate::languages::packed::Empty;

/// As somebody does who has `lockgate`, a proxy and no clone of the repository. The folder that `--sdk` names has no SDK in it, and
/// what git would not keep of the project goes. A module cache of its own, else an older packing would be found there.
const STEPS: &str = r#"
export GOMODCACHE="$PWD/modules" GOFLAGS=-modcacherw GONOSUMDB=lockgate.dev/lockgate
lockgate new my-teams --lang go --sdk .
cd my-teams
rm go.work
go get lockgate.dev/lockgate@v0.1.0
test -f "$GOMODCACHE/lockgate.dev/lockgate@v0.1.0/LICENSE"
go vet ./...
go test ./...
sh build.sh
lockgate test build/my-teams.wasm cases
"#;

pub(super) fn test(go: &Go) -> Result<()> {
    let proxy = build::target_dir().join("packages/go");
    let mut pack = go.command(SDK);
    pack.args(["run", "./internal/pack", "-version", "v0.1.0", "-licence"]).arg(build::root().join("LICENSE")).arg(&proxy);
    build::run_aside(&mut pack)?;
    let mut variables = go.variables();
    variables.push(("GOPROXY", format!("file://{}", proxy.display()).into()));
    let steps = format!("export PATH=\"{}:$PATH\"\n{STEPS}", go.folder.join("venv/bin").display());
    Empty::new("go")?.run(&steps, variables).context("a project made with the fetched Go SDK does not build or pass its own cases")
}
