//! A server that is granted what the connector asks for, and no more.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use lockgate_system_tests::arrival::lines;
use lockgate_system_tests::program::{Server, program, text};
use serde_json::Value;

/// Longest that what failed may take to go on by itself: back-offs double from a second on.
const WAIT: Duration = Duration::from_secs(60);

/// A server with the connector installed.
pub struct Bus {
    /// Its server.
    pub server: Server,
    folder: tempfile::TempDir,
    token: String,
}

impl Bus {
    /// For the application at an address, with a token.
    pub fn new(address: &str, token: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("token");
        std::fs::write(&secret, token).unwrap();
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
        let sample = include_str!("../../../../sample-connectors/scim/lockgate.toml");
        let config = sample.replace("127.0.0.1:8080", address);
        assert!(config.contains(address), "the sample's configuration names its application");
        std::fs::write(folder.path().join("lockgate.toml"), format!("log.level = \"debug\"\n{config}")).unwrap();
        let server = Server::start_with_log(folder.path(), &folder.path().join("server.log"));
        server.install("scim");
        Self { server, folder, token: token.to_owned() }
    }

    /// Hands documents to the feed, all at once, and waits until the bus is done with them.
    pub fn feed(&self, documents: &[&Value], options: &[&str]) {
        let mut feed = Command::new(program("scim-feed"));
        for (at, document) in documents.iter().enumerate() {
            let file = self.folder.path().join(format!("document-{at}.json"));
            std::fs::write(&file, document.to_string()).unwrap();
            feed.arg(file);
        }
        let output = feed.args(options).args(["--url", &self.server.url]).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        self.server.wait_idle();
    }

    /// The tasks that the feed makes of documents.
    pub fn made(&self, documents: &[&Value]) -> Vec<Value> {
        let mut feed = Command::new(program("scim-feed"));
        for (at, document) in documents.iter().enumerate() {
            let file = self.folder.path().join(format!("made-{at}.json"));
            std::fs::write(&file, document.to_string()).unwrap();
            feed.arg(file);
        }
        let output = feed.args(["--out", "-"]).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        lines(&text(&output.stdout))
    }

    /// Submits tasks in this order, and waits until nothing is queued.
    pub fn submit(&self, tasks: &[&Value]) {
        let batch = self.folder.path().join("tasks.ndjson");
        let lines: Vec<String> = tasks.iter().map(|task| task.to_string()).collect();
        std::fs::write(&batch, lines.join("\n")).unwrap();
        self.server.run(&["submit", "--batch", batch.to_str().unwrap()]);
        self.comes_to_rest();
        self.server.wait_idle();
    }

    /// The stored user or group with the application's id.
    pub fn stored(&self, object_type: &str, id: &str) -> Option<Value> {
        let rows = self.server.json(&["object", "list", object_type, "--limit", "1000"]);
        let rows = rows["objects"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["fields"]["scim_id"] == id)
    }

    /// Every binding: its type, the group's id, and the member's.
    pub fn members(&self) -> BTreeSet<(String, String, String)> {
        let export = self.server.run(&["export"]);
        let rows: Vec<Value> = export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let ids: std::collections::BTreeMap<&str, &str> =
            rows.iter().filter_map(|row| Some((row["name"].as_str()?, row["fields"]["scim_id"].as_str()?))).collect();
        let end = |row: &Value, field: &str| {
            let name = row["fields"][field]["ref"].as_str().unwrap_or_else(|| panic!("no {field} in {row}"));
            ids[name].to_owned()
        };
        let bindings = rows.iter().filter_map(|row| Some((row, row["binding"].as_str()?)));
        bindings
            .map(|(row, binding)| {
                let member = if binding == "scim.user-member" { "user" } else { "member" };
                (binding.to_owned(), end(row, "group"), end(row, member))
            })
            .collect()
    }

    /// Why queued tasks failed.
    pub fn failures(&self) -> Vec<Value> {
        let tasks = self.server.json(&["task", "list", "--limit", "1000"]);
        tasks["tasks"].as_array().unwrap().iter().map(|task| task["failure"].clone()).collect()
    }

    /// Waits until nothing is queued, without doing anything about it.
    pub fn comes_to_rest(&self) {
        let begun = Instant::now();
        while !self.failures().is_empty() {
            assert!(begun.elapsed() < WAIT, "it does not go on by itself: {:?}", self.failures());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Stops the server and looks for the token in all that it tells and leaves behind, logs included.
    pub fn end(self) {
        self.is_secret("the export", &self.server.run(&["export"]));
        let queued = self.server.json(&["task", "list", "--limit", "1000"]);
        let (queued, gone) = (queued["tasks"].as_array().unwrap(), self.server.history());
        let tasks: BTreeSet<u64> =
            queued.iter().map(|task| &task["id"]).chain(gone.iter().map(|entry| &entry["task"])).map(|id| id.as_u64().unwrap()).collect();
        assert!(!tasks.is_empty(), "something was carried in");
        for task in tasks {
            let task = task.to_string();
            self.is_secret(&task, &self.server.run(&["--json", "task", "show", &task]));
        }
        let Self { server, folder, token } = self;
        server.stop();
        let mut looked_at = 0;
        for file in files(folder.path()) {
            if file.file_name().is_some_and(|name| name != "token") {
                let bytes = std::fs::read(&file).unwrap();
                let found = bytes.windows(token.len()).any(|window| window == token.as_bytes());
                assert!(!found, "the token is in {}", file.display());
                looked_at += 1;
            }
        }
        assert!(looked_at >= 4, "a store, a configuration, a component and a log at least");
    }

    /// Neither the value nor its placeholder, which is worth nothing but belongs nowhere either.
    fn is_secret(&self, what: &str, told: &str) {
        assert!(!told.contains(&self.token) && !told.contains("lockgate-secret-"), "{what}: {told}");
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
