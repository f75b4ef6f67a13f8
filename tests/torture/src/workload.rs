//! What is submitted: a sample's own tasks, and synthetic ones that show a lost, a repeated and a
//! misplaced task.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::record::{Expect, Sent};
use crate::rng::Rng;

/// Connectors that are the scripted guest.
pub const SYNTHETIC: [&str; 2] = ["torture-one", "torture-two"];
/// The type of their objects.
pub const REPORT: &str = "test.report";
/// Its model.
pub const MODEL: &str = "[[object_type]]\nname = \"test.report\"\nfields = [{ name = \"acts\", kind = \"json\" }]\n";
/// What they are granted.
pub const GRANT: &str = "objects = [\"test.report\"]\nstate = true\n";
/// Key of the connector's state under which each task leaves its name.
const LAST: &str = "last";
/// Most tasks of one client that fail and stay: each is tried again in every pass.
const KEPT_MAX: u64 = 10;
/// Largest padding of a body.
const PADDING_BYTES_MAX: u64 = 300_000;

/// A task, ready to be sent.
#[derive(Debug, Clone)]
pub struct Item {
    /// What the record says of it.
    pub sent: Sent,
    /// Its line of `POST /v1/tasks`.
    pub line: Value,
}

/// Makes the synthetic tasks of one client.
pub struct Synthetic {
    client: usize,
    made: u64,
    kept: u64,
}

impl Synthetic {
    /// Nothing made yet.
    pub fn new(client: usize) -> Self {
        Self { client, made: 0, kept: 0 }
    }

    /// The next task of this client for a connector.
    ///
    /// A stored one reads the name that the task before left in the connector's state, leaves its
    /// own, and writes an object that has both: the objects are a chain, in the order in which they
    /// were applied. A failing one leaves its name too, which must not be seen.
    pub fn next(&mut self, connector: &str, rng: &mut Rng) -> Item {
        self.made += 1;
        let key = format!("c{}-{}", self.client, self.made);
        let (expect, process_type) = match rng.between(1, 100) {
            1..=5 => (Expect::GivenUp, "delete-on-error"),
            6..=8 if self.kept < KEPT_MAX => {
                self.kept += 1;
                (Expect::Kept, "skip-on-error")
            }
            _ => (Expect::Stored, "default"),
        };
        let answer = match expect {
            Expect::Stored => json!({ "report": key }),
            _ => json!({ "error": { "kind": "invalid", "message": "as the script says" } }),
        };
        let script = json!({ "do": [{ "state": { "get": LAST } }, { "state": { "set": [LAST, key] } }], "prepare": answer });
        let padding = if rng.percent(2) { rng.between(1, PADDING_BYTES_MAX) } else { 0 };
        let body = format!("{script}{}", " ".repeat(usize::try_from(padding).unwrap_or(0)));
        let line = json!({
            "connector": connector, "process_type": process_type, "task_type": "create-object", "data_type": "simple-snapshot",
            "title": key, "media_type": "application/json", "body": body, "idempotency_key": key,
        });
        Item { sent: Sent { key, connector: connector.to_owned(), expect }, line }
    }
}

/// A sample with its data.
#[derive(Debug, Clone)]
pub struct Sample {
    /// `wordpress` or `adventureworks`: connector, folder and site.
    pub name: String,
    /// What its feed reads.
    pub data: PathBuf,
}

impl Sample {
    /// Its tasks in their order, as its feed makes them.
    pub fn tasks(&self, programs: &Path, folder: &Path) -> Result<Vec<Value>> {
        let out = folder.join(format!("{}.ndjson", self.name));
        let program = programs.join(format!("{}-feed", self.name));
        let status = Command::new(&program)
            .arg(&self.data)
            .arg("--out")
            .arg(&out)
            .args(["--repeatable", "--json"])
            .stdout(std::process::Stdio::null())
            .status()
            .with_context(|| format!("cannot run {}", program.display()))?;
        ensure!(status.success(), "{} made no tasks of {}", program.display(), self.data.display());
        let text = std::fs::read_to_string(&out)?;
        text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }
}

/// A sample's tasks, to be sent once more: each round has keys of its own.
pub fn round(tasks: &[Value], number: u64) -> Vec<Item> {
    tasks
        .iter()
        .map(|task| {
            let text = |name: &str| task.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let key = format!("{}-round-{number}", text("idempotency_key"));
            let mut line = task.clone();
            if let Some(line) = line.as_object_mut() {
                line.insert("idempotency_key".into(), key.clone().into());
            }
            Item { sent: Sent { key, connector: text("connector"), expect: Expect::Sample }, line }
        })
        .collect()
}
