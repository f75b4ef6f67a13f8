//! The HTTP API, as far as the torture needs it.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use ureq::Agent;

use crate::record::Outcome;
use crate::workload::Item;

/// Largest answer that is read.
const ANSWER_BYTES_MAX: u64 = 4_000_000_000;

/// One connection.
pub struct Api(Agent);

impl Api {
    /// Gives up after so long.
    pub fn new(patience: Duration) -> Self {
        Self(Agent::config_builder().http_status_as_error(false).proxy(None).timeout_global(Some(patience)).build().into())
    }

    /// `POST /v1/connectors/{name}/tasks`.
    pub fn submit_one(&self, url: &str, line: &Value) -> Vec<Outcome> {
        let text = |name: &str| line.get(name).and_then(Value::as_str);
        let path = format!("{url}/v1/connectors/{}/tasks", text("connector").unwrap_or_default());
        let mut request = self.0.post(path).header("Content-Type", text("media_type").unwrap_or_default());
        request = request.header("Idempotency-Key", text("idempotency_key").unwrap_or_default());
        for name in ["task_type", "data_type", "process_type", "site", "title"] {
            if let Some(value) = text(name) {
                request = request.query(name, value);
            }
        }
        let said = request.send(text("body").unwrap_or_default()).map_err(anyhow::Error::from).and_then(read);
        vec![match said {
            Ok((status, said)) if status < 300 => accepted(&said),
            Ok((_, said)) => problem(&said),
            Err(error) => Outcome::Unknown(format!("{error:#}")),
        }]
    }

    /// `POST /v1/tasks`.
    pub fn submit_batch(&self, url: &str, items: &[Item]) -> Vec<Outcome> {
        let body: String = items.iter().map(|item| format!("{}\n", item.line)).collect();
        let request = self.0.post(format!("{url}/v1/tasks")).header("Content-Type", "application/x-ndjson");
        let all = |outcome: Outcome| vec![outcome; items.len()];
        match request.send(body).map_err(anyhow::Error::from).and_then(read) {
            Ok((status, said)) if status < 300 => match said.get("results").and_then(Value::as_array) {
                Some(results) if results.len() == items.len() => results.iter().map(accepted).collect(),
                _ => all(Outcome::Unknown(format!("an answer without its results: {said}"))),
            },
            Ok((_, said)) => all(problem(&said)),
            Err(error) => all(Outcome::Unknown(format!("{error:#}"))),
        }
    }

    /// Asks for something that must be answered.
    pub fn get(&self, url: &str) -> Result<Value> {
        let (status, said) = read(self.0.get(url).call()?)?;
        if status >= 300 {
            bail!("{url} answered {status}: {said}");
        }
        Ok(said)
    }

    /// Asks for text that must be answered.
    pub fn text(&self, url: &str) -> Result<String> {
        let mut response = self.0.get(url).call()?;
        if !response.status().is_success() {
            bail!("{url} answered {}", response.status());
        }
        Ok(response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string()?)
    }

    /// Requests a pass of everything.
    pub fn process(&self, url: &str) -> Result<()> {
        let (status, said) = read(self.0.post(format!("{url}/v1/process")).send_empty()?)?;
        if status >= 300 {
            bail!("a pass was refused with {status}: {said}");
        }
        Ok(())
    }

    /// Whether the server says that it can work.
    pub fn is_ready(&self, url: &str) -> bool {
        self.0.get(format!("{url}/readyz")).call().is_ok_and(|response| response.status().is_success())
    }
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<(u16, Value)> {
    let status = response.status().as_u16();
    let text = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string()?;
    Ok((status, serde_json::from_str(&text).with_context(|| format!("{status}: {text}"))?))
}

/// One result of a submission.
fn accepted(said: &Value) -> Outcome {
    match (said.get("task").and_then(Value::as_u64), said.get("error")) {
        (Some(task), _) => Outcome::Accepted { task, repeated: said.get("repeated").and_then(Value::as_bool).unwrap_or(false) },
        (None, Some(error)) => problem(error),
        (None, None) => Outcome::Unknown(said.to_string()),
    }
}

/// What a code says about the task: all but two say that nothing is stored.
fn problem(said: &Value) -> Outcome {
    match said.get("code").and_then(Value::as_str) {
        Some(code @ ("outcome-unknown" | "internal-error")) => Outcome::Unknown(code.to_owned()),
        Some(code) => Outcome::Refused(code.to_owned()),
        None => Outcome::Unknown(said.to_string()),
    }
}
