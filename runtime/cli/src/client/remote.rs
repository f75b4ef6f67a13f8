//! A server, over HTTP.

use std::io::{self, Write};
use std::time::Duration;

use anyhow::Result;
use axum::http::Request;

use crate::client::{Sinks, tls};
use crate::exit::{Exit, Failure};

/// A server that does not take a connection in this time is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A server at a URL.
pub struct Remote {
    agent: ureq::Agent,
    base: String,
}

impl Remote {
    pub fn new(url: &str) -> Result<Self, Failure> {
        let base = url.trim_end_matches('/').to_owned();
        if !base.starts_with("http://") && !base.starts_with("https://") {
            return Err(Failure::invalid(format!("{url:?} is not a URL of a server"))
                .hint("it looks like http://127.0.0.1:7070 or https://lockgate.example"));
        }
        let mut config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_connect(Some(CONNECT_TIMEOUT)).max_redirects(0).proxy(None);
        if base.starts_with("https://") {
            config = config.tls_config(tls::config());
        }
        Ok(Self { agent: config.build().new_agent(), base })
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn transfer(&self, request: Request<Vec<u8>>, sinks: &mut Sinks<'_>) -> Result<u16> {
        let (parts, body) = request.into_parts();
        let has_body = !body.is_empty() || parts.method == "POST" || parts.method == "PUT";
        let answer =
            if has_body { self.agent.run(Request::from_parts(parts, body)) } else { self.agent.run(Request::from_parts(parts, ())) };
        let answer = answer.map_err(|error| self.unreachable(&error.to_string()))?;
        let (parts, body) = answer.into_parts();
        let out = sinks.of(parts.status.is_success());
        copy(&mut body.into_reader(), out).map_err(|error| match error {
            Copy::Read(error) => anyhow::Error::from(self.unreachable(&error.to_string())),
            Copy::Write(error) => error.into(),
        })?;
        Ok(parts.status.as_u16())
    }

    fn unreachable(&self, why: &str) -> Failure {
        Failure::new(Exit::Unreachable, format!("cannot reach a server at {}: {why}", self.base))
            .hint("start one with `lockgate serve`, or leave out --url and LOCKGATE_URL to work on the store itself")
    }
}

enum Copy {
    Read(io::Error),
    Write(io::Error),
}

/// Tells a lost server from a reader that has gone.
fn copy(from: &mut dyn io::Read, to: &mut dyn Write) -> Result<(), Copy> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Copy::Read(error)),
        };
        to.write_all(buffer.get(..count).unwrap_or_default()).map_err(Copy::Write)?;
    }
}
