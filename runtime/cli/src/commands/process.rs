//! `lockgate process`.

mod left;

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::client::Client;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::out::{self, Table, number, text};
use crate::request::Request;

/// How often progress is looked at: soon at first, so that short passes end at once.
const POLL_FIRST: Duration = Duration::from_millis(10);
const POLL_MAX: Duration = Duration::from_millis(200);
/// How long other connectors of a server are waited for while they bring nothing that is waited for.
const OTHERS_MAX: Duration = Duration::from_secs(5);
/// What a connector has that has not ended.
const NOT_ENDED: [&str; 4] = ["queued", "parked", "behind", "failed"];

/// Process queued tasks and wait until nothing more can be done
///
/// Goes on while tasks bring what others wait for, over all connectors, and says at the end what is left and
/// why. Ends with 1 when tasks failed, and with 0 when what is left only waits for what is not there.
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

/// Until none of them is busy, nor anybody who may bring what they wait for.
fn wait(client: &Client, names: &[String], before: &Value) -> Result<Value> {
    let all = not_ended(before, names);
    let bar = ProgressBar::new(all).with_style(style());
    let mut pause = POLL_FIRST;
    let mut others = Others::default();
    loop {
        let now = status(client)?;
        bar.set_position(all.saturating_sub(not_ended(&now, names)));
        let busy = |own: bool| {
            let mut busy = out::list(&now, "busy").iter().filter_map(Value::as_str);
            busy.any(|name| names.iter().any(|one| one == name) == own)
        };
        let waiting = of(&now, "parked", names) + of(&now, "behind", names);
        // Without a server nobody works but for this command.
        let others_may_help = busy(false) && waiting > 0 && (client.is_local() || others.may_help(waiting, pause));
        if !busy(true) && !others_may_help {
            bar.finish_and_clear();
            return Ok(now);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(POLL_MAX);
    }
}

/// How long nothing has come of what others do.
#[derive(Default)]
struct Others {
    waiting: u64,
    slept: Duration,
}

impl Others {
    /// Whether they are still to be waited for, now that so many tasks wait and after another pause.
    fn may_help(&mut self, waiting: u64, pause: Duration) -> bool {
        self.slept = if waiting == self.waiting { self.slept + pause } else { Duration::ZERO };
        self.waiting = waiting;
        self.slept < OTHERS_MAX
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:30} {pos}/{len} tasks, {per_sec}, {eta} left").unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn of(status: &Value, key: &str, names: &[String]) -> u64 {
    let counts = status.get(key);
    names.iter().map(|name| counts.map_or(0, |counts| number(counts, name))).sum()
}

fn not_ended(status: &Value, names: &[String]) -> u64 {
    NOT_ENDED.iter().map(|key| of(status, key, names)).sum()
}

fn finish(context: &Context, client: &Client, names: &[String], before: &Value, after: &Value) -> Result<()> {
    let rows: Vec<Value> = names
        .iter()
        .map(|name| {
            let one = std::slice::from_ref(name);
            let count = |key: &str| of(after, key, one);
            json!({
                "connector": name, "processed": not_ended(before, one).saturating_sub(not_ended(after, one)), "queued": count("queued"),
                "failing": count("failing"), "parked": count("parked"), "behind": count("behind"), "failed": count("failed"),
            })
        })
        .collect();
    let missing = if of(after, "parked", names) > 0 { left::missing(client)? } else { Value::Null };
    let left = left::sentences(after, &missing, names);
    let answer = json!({ "connectors": rows, "missing": missing, "left": left.iter().map(|one| &one.text).collect::<Vec<_>>() });
    context.show(&answer, |answer| {
        let mut table = Table::new(&["CONNECTOR", "PROCESSED", "STILL QUEUED", "PARKED", "BEHIND", "FAILED"]);
        for row in out::list(answer, "connectors") {
            table.row(["connector", "processed", "queued", "parked", "behind", "failed"].map(|key| text(row, key)));
        }
        table.print("no connector is enabled")?;
        left.iter().try_for_each(|sentence| out::line(&sentence.text))
    })?;
    for name in names.iter().filter(|name| of(after, "queued", std::slice::from_ref(name)) > 0) {
        let connector = client.json(Request::get(&["v1", "connectors", name]))?;
        if let Some(why) = connector.get("trouble").and_then(Value::as_str) {
            return Err(Failure::new(Exit::Failed, format!("connector {name} did not process its tasks: {why}"))
                .hint("nothing is lost: put it right, then `lockgate process` again")
                .into());
        }
    }
    match (of(after, "failed", names), of(after, "failing", names)) {
        (0, 0) => Ok(()),
        (0, failing) => Err(Failure::new(Exit::Failed, format!("tasks that failed and stay queued: {failing}"))
            .hint("`lockgate task list --failing` says why; later passes try them again")
            .into()),
        (failed, _) => Err(Failure::new(Exit::Failed, format!("failed tasks: {failed}"))
            .hint("`lockgate task list --state failed` says why; then `lockgate task retry`, `skip` or `delete`")
            .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_waited_for_while_they_bring_something() {
        let second = Duration::from_secs(1);
        let mut others = Others::default();
        assert!((0..5).all(|_| others.may_help(9, second)));
        assert!(!others.may_help(9, second));
        assert!(others.may_help(8, second));
    }
}
