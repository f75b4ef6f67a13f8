//! A failure in the file.

use lockgate_core::failure::{Code, Failure};
use serde::{Deserialize, Serialize};

use crate::Fault;

#[derive(Serialize, Deserialize)]
pub struct DiskFailure<'a> {
    /// As a word: codes are never renamed.
    code: &'a str,
    message: &'a str,
    #[serde(borrow)]
    path: Option<&'a str>,
    retry_after_ms: Option<u32>,
}

impl<'a> From<&'a Failure> for DiskFailure<'a> {
    fn from(failure: &'a Failure) -> Self {
        Self {
            code: failure.code.as_str(),
            message: &failure.message,
            path: failure.path.as_deref(),
            retry_after_ms: failure.retry_after_ms,
        }
    }
}

impl DiskFailure<'_> {
    pub fn failure(&self) -> Result<Failure, Fault> {
        Ok(Failure {
            code: self.code.parse::<Code>().map_err(|error| Fault::row("failure", error))?,
            message: self.message.into(),
            path: self.path.map(Into::into),
            retry_after_ms: self.retry_after_ms,
        })
    }
}
