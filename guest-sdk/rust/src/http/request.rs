//! A request in the making.

use std::fmt::Display;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Error, Response};

/// Longest body of an answer that is read, unless [`Request::response_bytes_max`] says otherwise:
/// 8 MiB, which leaves room for its translation in the memory of an instance.
pub const RESPONSE_BYTES_MAX: usize = 8 << 20;

/// A request in the making. Its fields are what a test looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "nothing is sent before `send`"]
pub struct Request {
    /// In capitals.
    pub method: String,
    /// `http://` or `https://`, host and path. A fragment is not sent.
    pub url: String,
    /// In the order in which they were added.
    pub headers: Vec<(String, String)>,
    /// Absent: no body.
    pub body: Option<Vec<u8>>,
    /// Absent: as long as the host waits.
    pub timeout: Option<Duration>,
    /// Longest body of an answer that is read.
    pub response_bytes_max: usize,
}

impl Request {
    /// A request of any method.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            method: method.into().to_ascii_uppercase(),
            url: url.into(),
            headers: Vec::new(),
            body: None,
            timeout: None,
            response_bytes_max: RESPONSE_BYTES_MAX,
        }
    }

    /// Adds a header; a [`Secret`](crate::Secret) is a value too.
    pub fn header(mut self, name: impl Into<String>, value: impl Display) -> Self {
        self.headers.push((name.into(), value.to_string()));
        self
    }

    /// Adds `authorization: Bearer …`.
    pub fn bearer(self, token: impl Display) -> Self {
        self.header("authorization", format_args!("Bearer {token}"))
    }

    /// Adds `authorization: Basic …`. The host finds a secret in it all the same.
    pub fn basic(self, user: impl Display, password: impl Display) -> Self {
        let credentials = STANDARD.encode(format!("{user}:{password}"));
        self.header("authorization", format_args!("Basic {credentials}"))
    }

    /// Sets the body, and adds a header that says what it is, for example `application/json`.
    pub fn body(mut self, content_type: impl Display, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", content_type)
    }

    /// How long to wait for the connection, then for the answer's first byte, then for each next
    /// part of it.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Longest body of the answer, in bytes; a longer one is [`Error::TooLarge`].
    pub fn response_bytes_max(mut self, bytes_max: usize) -> Self {
        self.response_bytes_max = bytes_max;
        self
    }

    /// Sends it and reads the answer to its end. Any status is an answer: see [`Response::success`].
    /// Natively, what [`answer_with`](super::answer_with) set on this thread.
    pub fn send(self) -> Result<Response, Error> {
        #[cfg(target_family = "wasm")]
        {
            super::wasi::send(self)
        }
        #[cfg(not(target_family = "wasm"))]
        {
            super::stand_in::send(&self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::post;

    #[test]
    fn a_request_is_built_from_left_to_right() {
        let request = post("http://a").basic("user", "pass").body("application/json", "{}");
        assert_eq!(request.method, "POST");
        let expected = [("authorization", "Basic dXNlcjpwYXNz"), ("content-type", "application/json")];
        assert_eq!(request.headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(request.body.as_deref(), Some(&b"{}"[..]));
    }
}
