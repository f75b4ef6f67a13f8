//! Requests to the API, as values: both transports carry the same.

use anyhow::Result;
use axum::http::{Method, Request as HttpRequest, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// What RFC 3986 calls unreserved stays as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request without scheme and host.
#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    target: String,
    has_query: bool,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Request {
    /// Of a path whose parts are given unescaped.
    pub fn new(method: Method, path: &[&str]) -> Self {
        let mut target = String::new();
        for part in path {
            target.push('/');
            target.extend(escaped(part));
        }
        Self { method, target, has_query: false, headers: Vec::new(), body: Vec::new() }
    }

    pub fn get(path: &[&str]) -> Self {
        Self::new(Method::GET, path)
    }

    pub fn post(path: &[&str]) -> Self {
        Self::new(Method::POST, path)
    }

    pub fn put(path: &[&str]) -> Self {
        Self::new(Method::PUT, path)
    }

    pub fn delete(path: &[&str]) -> Self {
        Self::new(Method::DELETE, path)
    }

    #[must_use]
    pub fn query(mut self, key: &str, value: impl AsRef<str>) -> Self {
        self.target.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        self.target.push_str(&format!("{}={}", escaped(key), escaped(value.as_ref())));
        self
    }

    #[must_use]
    pub fn maybe(self, key: &str, value: Option<impl AsRef<str>>) -> Self {
        match value {
            Some(value) => self.query(key, value),
            None => self,
        }
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    #[must_use]
    pub fn body(mut self, media_type: &str, body: Vec<u8>) -> Self {
        self.headers.push(("content-type", media_type.to_owned()));
        self.body = body;
        self
    }

    /// For a server at `base`, which may be empty.
    pub fn build(self, base: &str, token: Option<&str>) -> Result<HttpRequest<Vec<u8>>> {
        let mut builder = HttpRequest::builder().method(self.method).uri(format!("{base}{}", self.target));
        for (name, value) in self.headers {
            builder = builder.header(name, value);
        }
        if let Some(token) = token {
            builder = builder.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        Ok(builder.body(self.body)?)
    }
}

fn escaped(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, ESCAPED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_target_are_escaped() {
        let request = Request::get(&["v1", "a/b ü"]).query("path", "/x?&").query("n", "1").build("http://h", None).unwrap();
        assert_eq!(request.uri().to_string(), "http://h/v1/a%2Fb%20%C3%BC?path=%2Fx%3F%26&n=1");
    }
}
