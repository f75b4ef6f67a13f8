//! The real program: a server of its own, the command line, and the feeds.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::built::workspace;

/// Longest that a server may take to start, to stop, or to empty its queue.
const WAIT: Duration = Duration::from_secs(120);

/// A program of this workspace, built when it is not there yet.
pub fn program(name: &str) -> PathBuf {
    static BUILDING: Mutex<()> = Mutex::new(());
    let _building = BUILDING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let here = std::env::current_exe().expect("this test's own path");
    let folder = here.parent().and_then(Path::parent).expect("the folder of built programs");
    let path = folder.join(name);
    if !path.exists() {
        let built = Command::new(env!("CARGO")).current_dir(workspace()).args(["build", "--workspace", "--bin", name]).status();
        assert!(built.is_ok_and(|status| status.success()), "{name} could not be built");
    }
    path
}

/// A file or folder of the data sets; `None`, with a notice, where they are not.
pub fn shared_data(path: &str) -> Option<PathBuf> {
    let full = workspace().join("../shared/data").join(path);
    if full.exists() {
        return Some(full);
    }
    eprintln!("skipped: {} is not here", full.display());
    None
}

/// Writes the configuration of a server in a folder: what a sample is granted, and `more`.
pub fn configure(folder: &Path, sample: &str, more: &str) {
    let grants = workspace().join("sample-connectors").join(sample).join("lockgate.toml");
    let grants = std::fs::read_to_string(grants).expect("the sample has a configuration");
    std::fs::write(folder.join("lockgate.toml"), format!("{grants}\n{more}")).expect("the configuration is written");
}

/// A server over a store in a folder.
pub struct Server {
    /// Where it listens.
    pub url: String,
    folder: PathBuf,
    child: Child,
}

impl Server {
    /// Starts one over `folder/lockgate.redb`, and waits until it listens.
    pub fn start(folder: &Path) -> Self {
        Self::start_as(&mut lockgate(folder), folder)
    }

    /// The same, with its log in a file.
    pub fn start_with_log(folder: &Path, log: &Path) -> Self {
        let log = std::fs::File::create(log).expect("the log can be written");
        Self::start_as(lockgate(folder).stderr(log), folder)
    }

    fn start_as(command: &mut Command, folder: &Path) -> Self {
        let mut child = command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its first line");
        let at = line.find("http://").unwrap_or_else(|| panic!("the server did not say where it listens: {line:?}"));
        let url = line[at..].split_whitespace().next().unwrap_or_default().to_owned();
        Self { url, folder: folder.to_owned(), child }
    }

    /// A command line against this server, which must succeed.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(output.status.success(), "lockgate {arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// The same, read as JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["--json"];
        all.extend(arguments);
        let out = self.run(&all);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("lockgate {arguments:?} printed {out:?}: {error}"))
    }

    /// A command line against this server, however it ends.
    pub fn output(&self, arguments: &[&str]) -> Output {
        lockgate(&self.folder).args(["--url", &self.url]).args(arguments).output().expect("lockgate runs")
    }

    /// Installs a sample connector with its model.
    pub fn install(&self, sample: &str) {
        let folder = workspace().join("sample-connectors").join(sample);
        self.run(&["model", "apply", path(&folder.join("model.toml"))]);
        let component = self.folder.join(format!("{sample}.wasm"));
        std::fs::write(&component, crate::built::guest(&format!("{sample}_connector"))).expect("the component is written");
        self.run(&["connector", "add", sample, path(&component)]);
    }

    /// Runs a sample's feed, however it ends.
    pub fn feed(&self, sample: &str, input: &Path) -> Output {
        Command::new(program(&format!("{sample}-feed")))
            .arg(input)
            .args(["--url", &self.url, "--connector", sample, "--json"])
            .output()
            .expect("the feed runs")
    }

    /// Waits until no pass is running.
    pub fn wait_idle(&self) -> Value {
        let begun = Instant::now();
        loop {
            let status = self.json(&["status"]);
            if status["busy"].as_array().is_some_and(Vec::is_empty) {
                return status;
            }
            assert!(begun.elapsed() < WAIT, "the queue did not become idle: {status}");
        }
    }

    /// Every history entry, oldest first.
    pub fn history(&self) -> Vec<Value> {
        let mut all = Vec::new();
        let mut before = None;
        loop {
            let mut arguments = vec!["history".to_owned(), "--limit".to_owned(), "500".to_owned()];
            if let Some(before) = &before {
                arguments.extend(["--before".to_owned(), format!("{before}")]);
            }
            let page = self.json(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
            all.extend(page["history"].as_array().expect("a list").iter().cloned());
            match page["next"].as_u64() {
                Some(next) => before = Some(next),
                None => break,
            }
        }
        all.reverse();
        all
    }

    /// Ends it as a power failure would, between any two of its steps.
    pub fn kill(mut self) {
        self.child.kill().expect("the server is killed");
        self.child.wait().expect("the server ends");
    }

    /// Asks it to stop, and waits for its end.
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().is_ok_and(|status| status.success()));
        let status = self.child.wait().expect("the server ends");
        assert!(status.success(), "the server ended with {status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed must not leave a server behind; after `stop` there is none.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command line over a store of its own.
pub fn lockgate(folder: &Path) -> Command {
    let mut command = Command::new(program("lockgate"));
    command.current_dir(folder).arg("--store").arg(folder.join("lockgate.redb"));
    command.env_remove("LOCKGATE_URL").env_remove("LOCKGATE_TOKEN").env_remove("LOCKGATE_CONFIG");
    command
}

/// What a program printed.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A path as an argument.
pub fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}
