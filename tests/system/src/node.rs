//! The real program as one of several nodes on one database.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{configure, program, text};

/// Longest that anything may take.
const WAIT: Duration = Duration::from_secs(120);

/// One node: a folder with its configuration, and its server while it runs.
pub struct Node {
    /// Its name.
    pub name: &'static str,
    /// Where it answers while it runs.
    pub url: String,
    folder: PathBuf,
    child: Option<Child>,
}

impl Node {
    /// A node that may do what a sample needs.
    pub fn new(at: &Path, name: &'static str, store: &str, sample: &str, more: &str) -> Self {
        let folder = at.join(name);
        std::fs::create_dir(&folder).expect("a folder for the node");
        configure(&folder, sample, &format!("[store]\nurl = \"{store}\"\n[node]\nname = \"{name}\"\n{more}"));
        Self { name, url: String::new(), folder, child: None }
    }

    /// The program with this node's configuration, and nothing from the caller's environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("lockgate"));
        command.current_dir(&self.folder).args(arguments);
        for variable in ["LOCKGATE_URL", "LOCKGATE_TOKEN", "LOCKGATE_CONFIG", "LOCKGATE_STORE", "PGPASSWORD", "PGPASSFILE"] {
            command.env_remove(variable);
        }
        command
    }

    /// Starts its server, and waits until it answers.
    pub fn start(&mut self) {
        self.try_start().unwrap_or_else(|output| panic!("{} does not start: {}", self.name, text(&output.stderr)));
    }

    /// The same; what it printed if it ended instead.
    pub fn try_start(&mut self) -> Result<(), Output> {
        let log = File::options().create(true).append(true).open(self.folder.join("log")).expect("a log");
        let mut child =
            self.command(&["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(log).spawn().expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its first line");
        match line.find("http://") {
            Some(at) => {
                line[at..].split_whitespace().next().unwrap_or_default().clone_into(&mut self.url);
                self.child = Some(child);
                Ok(())
            }
            None => Err(Output { status: child.wait().expect("it has ended"), stdout: line.into_bytes(), stderr: self.log().into_bytes() }),
        }
    }

    /// What its servers have logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn pid(&self) -> u32 {
        self.child.as_ref().map(Child::id).expect("it runs")
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([&format!("-{signal}"), &self.pid().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "{} was sent {signal}", self.name);
    }

    /// Waits for its end after a signal.
    pub fn ended(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.wait().expect("it ends");
        }
    }

    /// A command line against this node, which must succeed.
    pub fn run(&self, arguments: &[&str], input: &str) -> String {
        let mut command = self.command(&["--url", &self.url]);
        let mut child =
            command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}: lockgate {arguments:?}: {}", self.name, text(&output.stderr));
        text(&output.stdout)
    }

    /// The same, read as JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let all: Vec<&str> = std::iter::once("--json").chain(arguments.iter().copied()).collect();
        serde_json::from_str(&self.run(&all, "")).expect("an answer in JSON")
    }

    /// Which node works for a connector.
    pub fn owner_of(&self, connector: &str) -> Option<String> {
        let nodes = self.json(&["node", "list"]);
        let works = |node: &&Value| {
            let connectors = node["connectors"].as_array().into_iter().flatten();
            node["state"] == "works" && connectors.clone().any(|name| name == connector)
        };
        nodes["nodes"].as_array().into_iter().flatten().find(works).and_then(|node| node["name"].as_str()).map(str::to_owned)
    }

    /// Waits until nobody is busy, on any node.
    pub fn wait_idle(&self) -> Value {
        let begun = Instant::now();
        loop {
            let status = self.json(&["status"]);
            if status["busy"].as_array().is_some_and(Vec::is_empty) {
                return status;
            }
            assert!(begun.elapsed() < WAIT, "{} does not become idle: {status}", self.name);
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Waits until something is so; for how long it was not.
pub fn until(what: &str, is_so: impl Fn() -> bool) -> Duration {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < WAIT, "it did not come about that {what}");
    }
    begun.elapsed()
}
