//! The client's own record: what it asked for, before it asks, and what it was answered. Each line
//! is on the disk before the client goes on.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// What must become of a task once it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// Translated by the scripted guest: one object, linked to the one before.
    Stored,
    /// Fails as `delete-on-error`: an entry in the history and no effect.
    GivenUp,
    /// Fails as `skip-on-error`: still queued, and no effect.
    Kept,
    /// An object that refers to others, which come before or after it: stored, with all of them, once they are there.
    Knot,
    /// Of a sample's data: ends or stays queued with its failure, as in an undisturbed run.
    Sample,
}

/// A task as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Idempotency key; of a synthetic task also its title.
    pub key: String,
    /// Which connector.
    pub connector: String,
    /// What must become of it.
    pub expect: Expect,
}

/// What the server said about a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Acknowledged.
    Accepted {
        /// Its id.
        task: u64,
        /// Whether the key had been seen before.
        repeated: bool,
    },
    /// Refused: nothing is stored.
    Refused(String),
    /// Nobody knows: no answer, or one that says so.
    Unknown(String),
}

/// A line of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// About to be sent.
    Send {
        /// Counts the client's requests.
        request: u64,
        /// The tasks in it.
        tasks: Vec<Sent>,
    },
    /// Answered, or given up.
    Answer {
        /// Which request.
        request: u64,
        /// One for each task.
        outcomes: Vec<Outcome>,
    },
}

/// An open record.
#[derive(Debug)]
pub struct Record(File);

impl Record {
    /// A new one.
    pub fn create(path: &Path) -> Result<Self> {
        Ok(Self(File::create_new(path).with_context(|| format!("cannot write {}", path.display()))?))
    }

    /// Appends a line and waits until it is on the disk.
    pub fn append(&mut self, event: &Event) -> Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.0.write_all(&line)?;
        Ok(self.0.sync_data()?)
    }
}

/// Reads a record back. A last line without its end was never acted upon.
pub fn read(path: &Path) -> Result<Vec<Event>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let whole = text.rfind('\n').map_or("", |end| text.get(..end).unwrap_or(""));
    whole.lines().map(|line| serde_json::from_str(line).with_context(|| format!("{}: {line}", path.display()))).collect()
}
