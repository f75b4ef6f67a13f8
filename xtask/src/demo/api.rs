//! The HTTP API.

use anyhow::{Context as _, Result};
use serde_json::Value;

/// Rows asked for at a time.
const PAGE_ROWS: usize = 500;

/// A server's API.
pub struct Api {
    agent: ureq::Agent,
    base: String,
}

impl Api {
    pub fn new(url: &str) -> Self {
        Self { agent: ureq::Agent::config_builder().proxy(None).build().new_agent(), base: format!("{url}/v1") }
    }

    /// What a path answers.
    pub fn get(&self, path: &str) -> Result<Value> {
        let url = format!("{}{path}", self.base);
        let mut answer = self.agent.get(&url).call().with_context(|| url.clone())?;
        answer.body_mut().with_config().limit(u64::MAX).read_json().with_context(|| url)
    }

    /// Starts a pass of every connector.
    pub fn process(&self) -> Result<()> {
        let url = format!("{}/process", self.base);
        self.agent.post(&url).send_empty().with_context(|| url)?;
        Ok(())
    }

    /// Every row of a list, page by page.
    pub fn each(&self, list: &str, cursor: &str, mut row: impl FnMut(&Value)) -> Result<()> {
        let mut next = String::new();
        loop {
            let page = self.get(&format!("/{list}?limit={PAGE_ROWS}{next}"))?;
            page.get(list).and_then(Value::as_array).into_iter().flatten().for_each(&mut row);
            match page.get("next") {
                None | Some(Value::Null) => return Ok(()),
                Some(value) => next = format!("&{cursor}={value}"),
            }
        }
    }
}

/// All counts of an object together.
pub fn total(status: &Value, key: &str) -> u64 {
    status.get(key).and_then(Value::as_object).into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum()
}

/// A member as text.
pub fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A member as a number.
pub fn number(value: &Value, key: &str) -> u64 {
    value.get(key).and_then(Value::as_u64).unwrap_or(0)
}
