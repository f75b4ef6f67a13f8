//! What the server has in the end.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::api::Api;
use crate::check::{Ended, Knots, Observed, Queued, Reports};
use crate::knots;
use crate::workload::REPORT;

/// Longest that a queue may take to become empty.
const DRAIN_MAX: Duration = Duration::from_secs(120);

/// Processes everything that can be processed: until a pass of everything changes nothing.
pub fn drain(api: &Api, url: &str) -> Result<()> {
    let begun = Instant::now();
    let mut before = None;
    loop {
        api.process(url)?;
        let status = loop {
            let status = api.get(&format!("{url}/v1/status"))?;
            if list(&status, "busy")?.is_empty() {
                break status;
            }
            if begun.elapsed() > DRAIN_MAX {
                bail!("the queue was not processed within {} s: {status}", DRAIN_MAX.as_secs());
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let left = Some((status.get("queued").cloned(), status.get("history").cloned()));
        if left == before {
            return Ok(());
        }
        before = left;
    }
}

/// Asks for all of it.
pub fn observe(api: &Api, url: &str) -> Result<Observed> {
    let (reports, knots, content) = content(&api.text(&format!("{url}/v1/export?canonical=true"))?)?;
    Ok(Observed { history: history(api, url)?, queue: queue(api, url)?, reports, knots, content })
}

/// Synthetic objects with what each saw before it, those that refer to others, and every other line of an export.
pub fn content(export: &str) -> Result<(Reports, Knots, BTreeSet<String>)> {
    let (mut reports, mut knots, mut content) = (Reports::new(), Knots::new(), BTreeSet::new());
    for line in export.lines() {
        let row: Value = serde_json::from_str(line)?;
        if row.get("object").and_then(Value::as_str) == Some(knots::TYPE) {
            let target = |field: &str| {
                let target = row.pointer(&format!("/fields/{field}/ref")).and_then(Value::as_str)?;
                target.rsplit(':').next().map(str::to_owned)
            };
            knots.insert(text(&row, "code_name")?, (target("next"), target("likes")));
            continue;
        }
        if row.get("object").and_then(Value::as_str) != Some(REPORT) {
            content.insert(line.to_owned());
            continue;
        }
        let acts: Vec<Value> = match row.pointer("/fields/acts/json").and_then(Value::as_str) {
            Some(text) => serde_json::from_str(text)?,
            None => bail!("an object without its acts: {line}"),
        };
        let saw = acts.first().and_then(Value::as_str).map(str::to_owned);
        reports.insert(text(&row, "code_name")?, saw);
    }
    Ok((reports, knots, content))
}

fn history(api: &Api, url: &str) -> Result<Vec<Ended>> {
    let mut history = Vec::new();
    let mut before = String::new();
    loop {
        let page = api.get(&format!("{url}/v1/history?limit=1000&before={before}"))?;
        for entry in list(&page, "history")? {
            let written = list(entry, "written")?;
            history.push(Ended {
                number: number(entry, "number")?,
                task: number(entry, "task")?,
                connector: text(entry, "connector")?,
                title: text(entry, "title")?,
                outcome: text(entry, "outcome")?,
                actions: written.iter().map(|row| text(row, "action")).collect::<Result<_>>()?,
            });
        }
        match page.get("next").and_then(Value::as_u64) {
            Some(next) => before = next.to_string(),
            None => break,
        }
    }
    history.sort_by_key(|entry| entry.number);
    Ok(history)
}

fn queue(api: &Api, url: &str) -> Result<Vec<Queued>> {
    let mut queue = Vec::new();
    let mut after = String::new();
    loop {
        let page = api.get(&format!("{url}/v1/tasks?limit=1000&after={after}"))?;
        for task in list(&page, "tasks")? {
            let failed = task.get("failure").is_some_and(|failure| !failure.is_null());
            queue.push(Queued { task: number(task, "id")?, title: text(task, "title")?, failed });
        }
        match page.get("next").and_then(Value::as_u64) {
            Some(next) => after = next.to_string(),
            None => return Ok(queue),
        }
    }
}

fn list<'v>(value: &'v Value, name: &str) -> Result<&'v Vec<Value>> {
    value.get(name).and_then(Value::as_array).with_context(|| format!("no list {name} in {value}"))
}

fn number(value: &Value, name: &str) -> Result<u64> {
    value.get(name).and_then(Value::as_u64).with_context(|| format!("no number {name} in {value}"))
}

fn text(value: &Value, name: &str) -> Result<String> {
    Ok(value.get(name).and_then(Value::as_str).with_context(|| format!("no text {name} in {value}"))?.to_owned())
}
