//! A folder to work in, and the program in it.
#![allow(dead_code, reason = "each test file uses some of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "clippy exempts test functions, not their helpers")]

use std::fs::Permissions;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_lockgate");
const VARIABLES: [&str; 4] = ["LOCKGATE_CONFIG", "LOCKGATE_STORE", "LOCKGATE_URL", "LOCKGATE_TOKEN"];

/// Longer than any command takes: one that hangs is stopped, and fails.
const LONGEST: Duration = Duration::from_secs(300);

/// A model with a site, an object type and nothing else.
pub const MODEL: &str = include_str!("model.toml");

pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With a model applied, so that there is a store.
    pub fn with_store() -> Self {
        let folder = Self::new();
        folder.write("shop.toml", MODEL);
        folder.run(&["model", "apply", "shop.toml"]).success();
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), content).unwrap();
    }

    pub fn run(&self, arguments: &[&str]) -> Assert {
        self.run_with(arguments, &[])
    }

    /// With variables in the environment.
    pub fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Assert {
        let mut command = Command::new(PROGRAM);
        command.current_dir(self.path()).args(arguments).envs(variables.iter().copied()).timeout(LONGEST);
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command.assert()
    }

    /// As another user of the machine, who has the program and nothing else. Only root may do so.
    pub fn run_as(&self, user: u32, arguments: &[&str]) -> Assert {
        let mut command = Process::new(program_for_all());
        command.current_dir(self.path()).args(arguments).uid(user).gid(user);
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        Command::from_std(command).timeout(LONGEST).assert()
    }

    /// A store that an older version has left, with tasks, history and a connector `kept`.
    pub fn with_kept(format: &str) -> Self {
        let folder = Self::new();
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/system/kept").join(format).join("store.redb");
        folder.write("lockgate.redb", std::fs::read(kept).unwrap());
        folder
    }

    /// Installs the scripted connector as `shop`, with this manifest.
    pub fn add(&self, manifest: &str) -> Assert {
        self.write("manifest.toml", manifest);
        let component = guest();
        self.run(&["connector", "add", "shop", component.to_str().unwrap(), "--manifest", "manifest.toml"])
    }

    /// Submits a task that does what the script says.
    pub fn submit(&self, script: &Value) {
        self.write("script.json", script.to_string());
        self.run(&["submit", "shop", "script.json"]).success();
    }

    /// What a command prints, as JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat()).success().get_output().stdout.clone();
        serde_json::from_slice(&output).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", String::from_utf8_lossy(&output)))
    }

    /// A server in this folder, once it listens.
    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// With further flags.
    pub fn serve_with(&self, flags: &[&str]) -> Server {
        self.serve_by(self.process(&[&["serve", "--listen", "127.0.0.1:0"], flags].concat()))
    }

    /// A server whose log is this file in the folder.
    pub fn serve_to_log(&self, name: &str) -> Server {
        let mut command = self.process(&["serve", "--listen", "127.0.0.1:0"]);
        command.stderr(std::fs::File::create(self.path().join(name)).unwrap());
        self.serve_by(command)
    }

    /// The program in this folder, not started.
    pub fn process(&self, arguments: &[&str]) -> Process {
        let mut command = Process::new(PROGRAM);
        command.current_dir(self.path()).args(arguments).stdin(Stdio::null()).stderr(Stdio::null());
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command
    }

    /// A server started by this command, once it listens.
    pub fn serve_by(&self, mut command: Process) -> Server {
        command.stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Server { child, url }
    }
}

/// A copy of the program in a folder that every user can reach. Another process makes it: a program that
/// somebody has open for writing does not start, and what this process has open its children have for a moment.
fn program_for_all() -> &'static Path {
    static COPY: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = COPY.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let path = folder.path().join("lockgate");
        assert!(Process::new("cp").arg(PROGRAM).arg(&path).status().unwrap().success());
        std::fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        (folder, path)
    });
    path
}

/// Killed when dropped.
pub struct Server {
    pub child: Child,
    pub url: String,
}

impl Server {
    /// Asks it to end, and waits.
    pub fn terminate(&mut self) -> Option<i32> {
        self.signal("TERM");
        self.child.wait().unwrap().code()
    }

    pub fn signal(&self, name: &str) {
        assert!(Process::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What it said on stdout.
pub fn stdout(assert: &Assert) -> String {
    String::from_utf8_lossy(&assert.get_output().stdout).into_owned()
}

/// What it said on stderr.
pub fn stderr(assert: &Assert) -> String {
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

/// The least that the contract asks of a core module; its methods trap.
const TRAPS: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "lockgate:connector/translator@1.1.0#prepare-internal-object")
        (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) unreachable)
    (func (export "lockgate:connector/translator@1.1.0#get-internal-object-params") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "lockgate:connector/translator@1.1.0#get-internal-document-params") (param i32 i32 i32 i32) (result i32) unreachable))"#;

impl Folder {
    /// Installs a connector as `shop`, which needs no compiler of another language: every task that it
    /// is to translate fails, and internal objects are stored as they are.
    pub fn add_trapping(&self) {
        self.write("core.wasm", wat::parse_str(TRAPS).unwrap());
        self.write("lockgate.toml", "[defaults.grant]\nobjects = ['*']\npages = ['/']\nsites = ['*']\n");
        self.run(&["component", "new", "core.wasm", "-o", "trapping.wasm"]).success();
        self.run(&["connector", "add", "shop", "trapping.wasm"]).success();
    }

    /// Submits an internal object and processes it.
    pub fn store(&self, object: &Value) {
        self.store_text(&object.to_string());
    }

    /// The same, digit by digit as it is written.
    pub fn store_text(&self, object: &str) {
        self.write("object.json", object);
        self.run(&["submit", "shop", "object.json", "--media-type", "application/vnd.lockgate.object+json"]).success();
        self.run(&["process"]).success();
    }
}

/// The scripted connector of `tests/guests`, built if it is not there.
pub fn guest() -> PathBuf {
    static BUILDING: Mutex<()> = Mutex::new(());
    if let Some(path) = std::env::var_os("LOCKGATE_TEST_GUEST") {
        return path.into();
    }
    let _building = BUILDING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().unwrap().join("../..");
    let path = root.join("target/guests/wasm32-wasip2/guest/lockgate_test_guest.wasm");
    if !path.exists() {
        let arguments = ["build", "--profile", "guest", "--target", "wasm32-wasip2", "-p", "lockgate-test-guest", "--target-dir"];
        let built = Process::new(env!("CARGO")).args(arguments).arg("target/guests").current_dir(&root).status();
        assert!(built.unwrap().success(), "the scripted guest does not build");
    }
    path
}
