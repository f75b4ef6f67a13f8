//! `lockgate process`.

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::client::{Client, Paging};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::out::{self, Table, number, text};
use crate::request::Request;

/// How often progress is looked at: soon at first, so that short passes end at once.
const POLL_FIRST: Duration = Duration::from_millis(10);
const POLL_MAX: Duration = Duration::from_millis(200);
/// Tasks that are looked at for failures when a pass has left some in the queue.
const TASKS_LOOKED_AT_MAX: u64 = 10_000;

/// Process queued tasks and wait until nothing more can be done
///
/// Ends with 1 when tasks failed and stay queued, or when a failed one stands in the way.
///
/// Example: lockgate process shop
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Process {
    /// This connector only [default: all that are enabled]
    name: Option<String>,
    /// Do not wait; needs a running server
    #[arg(long)]
    no_wait: bool,
    /// Send nothing that connectors call: each call is written into its task's log and refused
    #[arg(long, conflicts_with = "no_wait")]
    dry_run_egress: bool,
}

impl Process {
    pub fn run(self, context: &Context) -> Result<()> {
        let client = if self.dry_run_egress { context.client_of_dry_run()? } else { context.client_to_process()? };
        if self.no_wait && client.is_local() {
            return Err(Failure::new(Exit::Unreachable, "there is no server that could go on when this command ends")
                .hint("leave out --no-wait, or start `lockgate serve`")
                .into());
        }
        let before = status(&client)?;
        let request = match &self.name {
            Some(name) => Request::post(&["v1", "connectors", name, "process"]),
            None => Request::post(&["v1", "process"]),
        };
        let started = client.json(request)?;
        let names: Vec<String> = out::list(&started, "started").iter().map(|one| text(one, "connector")).collect();
        if self.no_wait {
            return context.show(&started, |_| out::line(format!("started: {}", names.join(", "))));
        }
        let after = wait(&client, &names, &before)?;
        finish(context, &client, &names, &before, &after)
    }
}

fn status(client: &Client) -> Result<Value> {
    client.json(Request::get(&["v1", "status"]))
}

/// Until none of them is busy.
fn wait(client: &Client, names: &[String], before: &Value) -> Result<Value> {
    let waiting = of(before, "queued", names);
    let bar = ProgressBar::new(waiting).with_style(style());
    let mut pause = POLL_FIRST;
    loop {
        let now = status(client)?;
        bar.set_position(waiting.saturating_sub(of(&now, "queued", names)));
        let busy = out::list(&now, "busy").iter().any(|name| name.as_str().is_some_and(|name| names.iter().any(|n| n == name)));
        if !busy {
            bar.finish_and_clear();
            return Ok(now);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(POLL_MAX);
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:30} {pos}/{len} tasks, {per_sec}, {eta} left").unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn of(status: &Value, key: &str, names: &[String]) -> u64 {
    let counts = status.get(key);
    names.iter().map(|name| counts.map_or(0, |counts| number(counts, name))).sum()
}

fn finish(context: &Context, client: &Client, names: &[String], before: &Value, after: &Value) -> Result<()> {
    let rows: Vec<Value> = names
        .iter()
        .map(|name| {
            let one = std::slice::from_ref(name);
            let (queued, failed) = (of(after, "queued", one), of(after, "failed", one));
            let left = (of(before, "queued", one) + of(before, "failed", one)).saturating_sub(queued + failed);
            json!({"connector": name, "processed": left, "queued": queued, "failed": failed})
        })
        .collect();
    let answer = json!({ "connectors": rows });
    context.show(&answer, |answer| {
        let mut table = Table::new(&["CONNECTOR", "PROCESSED", "STILL QUEUED", "FAILED"]);
        for row in out::list(answer, "connectors") {
            table.row(["connector", "processed", "queued", "failed"].map(|key| text(row, key)));
        }
        table.print("no connector is enabled")
    })?;
    for name in names.iter().filter(|name| of(after, "queued", std::slice::from_ref(name)) > 0) {
        let connector = client.json(Request::get(&["v1", "connectors", name]))?;
        if let Some(why) = connector.get("trouble").and_then(Value::as_str) {
            return Err(Failure::new(Exit::Failed, format!("connector {name} did not process its tasks: {why}"))
                .hint("nothing is lost: put it right, then `lockgate process` again")
                .into());
        }
    }
    match of(after, "failed", names) {
        0 if has_failures(client, names, after)? => Err(Failure::new(Exit::Failed, "some tasks failed and stay queued")
            .hint("`lockgate task list` says why; each later pass tries them again")
            .into()),
        0 => Ok(()),
        failed => Err(Failure::new(Exit::Failed, format!("failed tasks stand in the way: {failed}"))
            .hint("`lockgate task list --state failed` says why; then `lockgate task retry`, `skip` or `delete`")
            .into()),
    }
}

/// Whether a task that stays queued has failed, as `skip-on-error` tasks do.
fn has_failures(client: &Client, names: &[String], status: &Value) -> Result<bool> {
    for name in names.iter().filter(|name| of(status, "queued", std::slice::from_ref(name)) > 0) {
        let request = Request::get(&["v1", "tasks"]).query("connector", name);
        let tasks = Paging { rows: "tasks", cursor: "after", limit: TASKS_LOOKED_AT_MAX }.fetch(client, &request, None)?;
        if out::list(&tasks.value, "tasks").iter().any(|task| task.get("failure").is_some_and(Value::is_object)) {
            return Ok(true);
        }
    }
    Ok(false)
}
