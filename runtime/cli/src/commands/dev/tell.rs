//! What an author is shown of tasks: those that end, and those that fail or wait.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};

use super::say;
use crate::client::Client;
use crate::commands::history;
use crate::out::{self, number, text};
use crate::request::Request;

/// What the author has seen.
#[derive(Default)]
pub struct Shown {
    /// The component that runs. A changed case is no reason to compile it again.
    pub component: Vec<u8>,
    /// Tasks of the cases that were handed in after the last load.
    pub cases: Vec<u64>,
    /// Whether what is to be there before is there.
    pub seeded: bool,
    /// Number of the history's last entry.
    entry: u64,
    /// What was said of tasks that fail or wait: each thing once.
    standing: BTreeMap<u64, String>,
}

impl Shown {
    /// Shows what has left the queue since, and what fails or waits in it.
    pub fn tell(&mut self, as_json: bool, client: &Client) -> Result<()> {
        let answer = client.json(Request::get(&["v1", "history"]).query("limit", "1000"))?;
        let new = out::list(&answer, "history").iter().filter(|entry| number(entry, "number") > self.entry);
        for entry in new.collect::<Vec<_>>().into_iter().rev() {
            let log = log(client, &text(entry, "task"))?;
            say(as_json, &json!({"task": entry, "log": log.get("log")}), |_| print(entry, &log))?;
            self.entry = number(entry, "number");
        }
        self.tell_of_standing(as_json, client)
    }

    /// A task that fails stays in the queue, and others may wait for it: neither is in the history.
    fn tell_of_standing(&mut self, as_json: bool, client: &Client) -> Result<()> {
        let answer = client.json(Request::get(&["v1", "tasks"]).query("limit", "1000"))?;
        let mut standing = BTreeMap::new();
        for task in out::list(&answer, "tasks") {
            let Some(why) = why(task) else { continue };
            let id = number(task, "id");
            if self.standing.get(&id) != Some(&why) {
                let log = log(client, &id.to_string())?;
                say(as_json, &json!({"standing": task, "log": log.get("log")}), |_| print_standing(task, &why, &log))?;
            }
            standing.insert(id, why);
        }
        self.standing = standing;
        Ok(())
    }
}

fn log(client: &Client, task: &str) -> Result<Value> {
    client.json(Request::get(&["v1", "tasks", task, "log"]))
}

/// Why a task stands in the queue. `None`: its turn comes.
fn why(task: &Value) -> Option<String> {
    let failure = out::failure(task);
    let state = text(task, "state");
    match (state.as_str(), failure.is_empty()) {
        ("queued", true) => None,
        ("queued", false) => Some(format!("fails, and is tried again: {failure}")),
        ("behind", _) => Some(format!("waits behind task {}, which is about the same object", text(task, "behind"))),
        ("failed", _) if text(task, "process_type") == "default" && task.get("aside") != Some(&Value::Bool(true)) => {
            Some(format!("failed, and later tasks wait for it: {failure}"))
        }
        ("parked", _) => Some(format!("waits for what is not there: {failure}")),
        (state, _) => Some(format!("{state}: {failure}")),
    }
}

fn print_standing(task: &Value, why: &str, log: &Value) -> std::io::Result<()> {
    out::line("")?;
    out::line(format!("task {} {} {} {why}", text(task, "id"), text(task, "task_type"), text(task, "title")))?;
    print_log(log)?;
    for want in out::list(task, "waits_for") {
        out::line(format!("  waits for {}", text(want, "what")))?;
    }
    match text(task, "advice") {
        advice if advice.is_empty() => Ok(()),
        advice => out::line(format!("  {advice}")),
    }
}

fn print_log(log: &Value) -> std::io::Result<()> {
    let lines = out::list(log, "log");
    lines.iter().try_for_each(|line| out::line(format!("  log {:<5} {}", text(line, "level"), text(line, "message"))))
}

fn print(entry: &Value, log: &Value) -> std::io::Result<()> {
    let why = match out::failure(entry) {
        failure if failure.is_empty() => text(entry, "reason"),
        failure => failure,
    };
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    let title = text(entry, "title");
    out::line("")?;
    out::line(format!("task {} {} {title} {}{why}", text(entry, "task"), text(entry, "task_type"), text(entry, "outcome")))?;
    print_log(log)?;
    for row in out::list(entry, "written") {
        out::line(format!("  {} {} {}", text(row, "action"), text(row, "type"), text(row, "name")))?;
    }
    history::print_details(std::slice::from_ref(entry))
}
