//! What operators do with tasks: retry, skip, delete, change the process type.

use anyhow::Result;
use clap::Args;
use lockgate_core::task::ProcessType;
use serde_json::{Value, json};

use crate::args;
use crate::client::Client;
use crate::commands::task::Filter;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::out::{self, number, text};
use crate::request::Request;

/// Tasks by id, by filter, or all.
#[derive(Debug, Args)]
pub struct Which {
    /// Tasks
    #[arg(value_name = "ID", value_parser = args::number)]
    ids: Vec<u64>,
    #[command(flatten)]
    filter: Filter,
    /// Every queued task
    #[arg(long)]
    all: bool,
}

impl Which {
    pub fn act(self, context: &Context, action: &str) -> Result<()> {
        let ways = [!self.ids.is_empty(), !self.filter.is_empty(), self.all].into_iter().filter(|way| *way).count();
        if ways != 1 {
            return Err(Failure::invalid("say which tasks are meant: ids, or filters such as --connector and --state, or --all").into());
        }
        if self.ids.is_empty() {
            return act_on_all(context, self, action);
        }
        let client = client(context, action)?;
        let mut results = Vec::new();
        for id in &self.ids {
            results.push(act_on_one(&client, *id, action)?);
        }
        finish(context, results)
    }
}

/// A retry runs the task at once.
fn client(context: &Context, action: &str) -> Result<Client> {
    if action == "retry" { context.client_to_process() } else { context.client() }
}

fn act_on_one(client: &Client, id: u64, action: &str) -> Result<Value> {
    let id = id.to_string();
    client.json(match action {
        "delete" => Request::delete(&["v1", "tasks", &id]),
        action => Request::post(&["v1", "tasks", &id, action]),
    })
}

fn act_on_all(context: &Context, which: Which, action: &str) -> Result<()> {
    let request = Request::post(&["v1", "tasks", "actions"]).query("action", action).maybe("all", which.all.then_some("true"));
    let answer = client(context, action)?.json(which.filter.on(request))?;
    let (done, failed) = (number(&answer, "done"), number(&answer, "failed"));
    context.show(&answer, |_| {
        out::line(format!("{action}: {done} tasks{}", if failed > 0 { format!(", {failed} failed") } else { String::new() }))
    })?;
    failed_if(failed)
}

/// Sets one task's process type.
pub fn set_process_type(context: &Context, id: u64, value: ProcessType) -> Result<()> {
    let request = Request::post(&["v1", "tasks", &id.to_string(), "process-type"]).query("value", value.as_str());
    let result = context.client()?.json(request)?;
    finish(context, vec![result])
}

fn finish(context: &Context, results: Vec<Value>) -> Result<()> {
    let failed = results.iter().filter(|result| text(result, "outcome") == "failed").count();
    let answer = json!({ "results": results });
    context.show(&answer, |answer| {
        for result in out::list(answer, "results") {
            let why = match out::failure(result) {
                why if why.is_empty() => why,
                why => format!(": {why}"),
            };
            out::line(format!("task {} {}{why}", text(result, "task"), text(result, "outcome")))?;
        }
        Ok(())
    })?;
    failed_if(failed as u64)
}

fn failed_if(failed: u64) -> Result<()> {
    match failed {
        0 => Ok(()),
        _ => Err(Failure::new(Exit::Failed, format!("failed tasks: {failed}"))
            .hint("`lockgate task show ID --log` says why, `lockgate explain CODE` what to do")
            .into()),
    }
}
