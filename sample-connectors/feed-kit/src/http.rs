//! One request and its answer.

use std::thread::sleep;
use std::time::Duration;

use serde::Deserialize;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use crate::{Args, SendError};

/// How often in a row the server may answer "not now".
const RETRIES_MAX: u32 = 20;
/// Longest wait between two attempts, whatever the server asks for.
const RETRY_AFTER_S_MAX: u64 = 30;
/// Longest time for one request: a full batch on a slow disk takes seconds.
const REQUEST_S_MAX: u64 = 120;
/// Longest answer that is read: 500 refusals with their details.
const ANSWER_BYTES_MAX: u64 = 4_000_000;

/// What the server answers to a batch.
#[derive(Deserialize)]
pub(crate) struct Answer {
    /// One for each task, in order.
    pub results: Vec<TaskAnswer>,
}

/// What became of one task.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum TaskAnswer {
    /// Refused, and nothing stored.
    Refused {
        /// Why.
        error: Why,
    },
    /// Durably queued.
    Accepted {
        /// Its id, in whatever form the server writes ids.
        #[expect(dead_code, reason = "its presence is what says that the task is queued")]
        task: serde_json::Value,
    },
}

/// Why a task was refused.
#[derive(Deserialize)]
pub(crate) struct Why {
    /// Stable.
    pub code: String,
    /// For people.
    #[serde(default)]
    pub detail: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Problem {
    title: String,
    detail: String,
    code: String,
}

/// A connection to one server.
pub(crate) struct Client {
    agent: Agent,
    endpoint: String,
    authorization: Option<String>,
}

impl Client {
    pub(crate) fn new(args: &Args) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(REQUEST_S_MAX)))
            .build();
        Self {
            agent: config.into(),
            endpoint: format!("{}/v1/tasks", args.url.trim_end_matches('/')),
            authorization: args.token.as_ref().map(|token| format!("Bearer {token}")),
        }
    }

    /// Submits a batch; waits and tries again while the server asks for that.
    pub(crate) fn submit(&self, body: &[u8]) -> Result<Answer, SendError> {
        let mut attempt = 0;
        loop {
            let mut response = self.post(body)?;
            let status = response.status();
            attempt += 1;
            if is_not_now(status) && attempt <= RETRIES_MAX {
                sleep(retry_after(&response));
                continue;
            }
            let text = self.read(&mut response)?;
            if status.is_success() {
                let unreadable = |cause| SendError::Answer { url: self.endpoint.clone(), cause };
                return serde_json::from_str(&text).map_err(unreadable);
            }
            return Err(refused(status, &text));
        }
    }

    fn post(&self, body: &[u8]) -> Result<Response<Body>, SendError> {
        let mut request = self.agent.post(&self.endpoint).header("Content-Type", "application/x-ndjson");
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        request.send(body).map_err(|cause| self.unreachable(cause))
    }

    fn read(&self, response: &mut Response<Body>) -> Result<String, SendError> {
        let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        body.read_to_string().map_err(|cause| self.unreachable(cause))
    }

    fn unreachable(&self, cause: ureq::Error) -> SendError {
        SendError::Unreachable { url: self.endpoint.clone(), cause }
    }
}

fn is_not_now(status: StatusCode) -> bool {
    matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
}

/// How long to wait: what the server asks for in whole seconds, else one second.
fn retry_after(response: &Response<Body>) -> Duration {
    let header = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let asked_s = header.and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(1);
    Duration::from_secs(asked_s.min(RETRY_AFTER_S_MAX))
}

fn refused(status: StatusCode, text: &str) -> SendError {
    let problem: Problem = serde_json::from_str(text).unwrap_or_default();
    let said = [problem.code, problem.title, problem.detail];
    let said: Vec<String> = said.into_iter().filter(|part| !part.is_empty()).collect();
    let said = if said.is_empty() { "no reason given".to_owned() } else { said.join(": ") };
    let status = status.as_u16();
    match status {
        401 | 403 => SendError::Token { status, said },
        400..=499 => SendError::Refused { status, said },
        _ => SendError::Server { status, said },
    }
}
