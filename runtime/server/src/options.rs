//! What the operator decides about the server: every limit has a name (promise 5).

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use lockgate_bus::Bus;
use lockgate_core::names::ConnectorName;

use crate::doors::Doors;
use crate::rights::NamedToken;
use crate::webhook::Webhook;

/// Shortest token. Sixteen random characters are 64 bits even in hexadecimal.
pub const TOKEN_CHARS_MIN: usize = 16;

/// How the server listens and what it allows. The `Debug` form leaves the tokens out.
#[derive(Clone)]
pub struct ServerOptions {
    /// Where it listens. Other than loopback only with a token.
    pub listen: SocketAddr,
    /// Each of these may do everything. Neither these nor `named_tokens`: whoever reaches the loopback address may.
    pub tokens: Vec<String>,
    /// Tokens with names, of which no value is known.
    pub named_tokens: Vec<NamedToken>,
    /// Connectors that take what other services post by themselves.
    pub webhooks: BTreeMap<ConnectorName, Webhook>,
    /// Where tokens and webhooks are replaced while the server runs.
    pub doors: Doors,
    /// Reads the configuration again; `None`: there is none that could be read.
    pub reload: Option<Reload>,
    /// Most requests at work at once; more are told to come again.
    pub requests_max: usize,
    /// Most open connections of clients that have shown a token, or need none; a further one is answered
    /// and then closed.
    pub connections_max: usize,
    /// Most connections besides, of clients that have not yet shown a token. For a new one the oldest is
    /// closed.
    pub connections_without_token_max: usize,
    /// Time for a request's head, also for the next one on an idle connection.
    pub header_read_timeout_ms: u64,
    /// The same on connections of clients that have not yet shown a token: their head follows at once.
    pub header_read_timeout_without_token_ms: u64,
    /// Time for a request's body, besides what a slow but steady sender needs.
    pub body_read_timeout_ms: u64,
    /// Largest component that is taken. An interpreter with its libraries has 10 to 40 MiB.
    pub component_bytes_max: usize,
    /// How long requests may go on once the server is told to end.
    pub shutdown_grace_ms: u64,
}

/// Reads the configuration again, checks all of it, and lets the bus and the doors work by it; or says what is wrong with
/// it, and nothing has changed.
pub type Reload = Arc<dyn Fn(&Bus) -> Result<Reloaded, String> + Send + Sync>;

/// What came of reading the configuration again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reloaded {
    /// What works in another way from now on, such as `connectors.shop`.
    pub changed: Vec<String>,
    /// What has changed and is looked at when the server starts only.
    pub needs_restart: Vec<String>,
}

/// Threads that may block besides those of requests: one for tasks that came in together, one for whether
/// the server is ready, and one for its end.
const THREADS_BESIDES_REQUESTS: usize = 8;

impl ServerOptions {
    /// How many threads that may block the runtime must have that `serve` runs on: with fewer, requests that
    /// wait keep `/readyz` and the end of the server waiting.
    pub fn blocking_threads_max(&self) -> usize {
        self.requests_max.saturating_add(THREADS_BESIDES_REQUESTS)
    }
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 7070)),
            tokens: Vec::new(),
            named_tokens: Vec::new(),
            webhooks: BTreeMap::new(),
            doors: Doors::default(),
            reload: None,
            requests_max: 512,
            connections_max: 1_024,
            connections_without_token_max: 128,
            header_read_timeout_ms: 10_000,
            header_read_timeout_without_token_ms: 3_000,
            body_read_timeout_ms: 30_000,
            component_bytes_max: 64 << 20,
            shutdown_grace_ms: 10_000,
        }
    }
}

impl std::fmt::Debug for ServerOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerOptions")
            .field("listen", &self.listen)
            .field("tokens", &self.tokens.len())
            .field("named_tokens", &self.named_tokens.len())
            .field("webhooks", &self.webhooks.len())
            .field("requests_max", &self.requests_max)
            .field("connections_max", &self.connections_max)
            .finish_non_exhaustive()
    }
}

/// Why options are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// Everybody on the network could do everything.
    #[error("listening on {0} needs a token: configure one, or listen on 127.0.0.1")]
    OpenToTheNetwork(SocketAddr),
    /// A token that could be guessed.
    #[error("token number {number} is too short: a token has at least {TOKEN_CHARS_MIN} characters")]
    TokenTooShort {
        /// Which one, from 1.
        number: usize,
    },
    /// A token that no header can carry.
    #[error("token number {number} may hold visible ASCII characters only")]
    TokenCharacters {
        /// Which one, from 1.
        number: usize,
    },
    /// A limit of nothing.
    #[error("{0} is 0, so that nothing could ever be done")]
    Zero(&'static str),
}

/// Whether a server may run so. To be asked before anything listens.
pub fn check_options(options: &ServerOptions) -> Result<(), OptionsError> {
    for (number, token) in (1..).zip(&options.tokens) {
        if token.len() < TOKEN_CHARS_MIN {
            return Err(OptionsError::TokenTooShort { number });
        }
        if !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(OptionsError::TokenCharacters { number });
        }
    }
    // Promise 3: nobody gets in by default whom the operator did not let in.
    if options.tokens.is_empty() && options.named_tokens.is_empty() && !options.listen.ip().to_canonical().is_loopback() {
        return Err(OptionsError::OpenToTheNetwork(options.listen));
    }
    for (name, value) in [
        ("requests_max", options.requests_max as u64),
        ("connections_max", options.connections_max as u64),
        ("connections_without_token_max", options.connections_without_token_max as u64),
        ("header_read_timeout_ms", options.header_read_timeout_ms),
        ("header_read_timeout_without_token_ms", options.header_read_timeout_without_token_ms),
        ("body_read_timeout_ms", options.body_read_timeout_ms),
    ] {
        if value == 0 {
            return Err(OptionsError::Zero(name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(listen: &str, tokens: &[&str]) -> ServerOptions {
        ServerOptions {
            listen: listen.parse().unwrap(),
            tokens: tokens.iter().map(ToString::to_string).collect(),
            ..ServerOptions::default()
        }
    }

    #[test]
    fn the_network_needs_a_token() {
        for listen in ["0.0.0.0:80", "192.168.1.5:80", "[::]:80", "[::ffff:10.0.0.1]:80"] {
            assert!(matches!(check_options(&options(listen, &[])), Err(OptionsError::OpenToTheNetwork(_))), "{listen}");
            assert_eq!(check_options(&options(listen, &["0123456789abcdef"])), Ok(()));
        }
    }

    #[test]
    fn loopback_needs_none() {
        for listen in ["127.0.0.1:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
            assert_eq!(check_options(&options(listen, &[])), Ok(()));
        }
    }

    #[test]
    fn tokens_that_are_easy_to_guess_or_cannot_be_sent_are_refused() {
        let check = |tokens: &[&str]| check_options(&options("127.0.0.1:80", tokens));
        assert_eq!(check(&["0123456789abcdef", ""]), Err(OptionsError::TokenTooShort { number: 2 }));
        assert_eq!(check(&["short"]), Err(OptionsError::TokenTooShort { number: 1 }));
        assert_eq!(check(&["0123456789 abcdef"]), Err(OptionsError::TokenCharacters { number: 1 }));
    }

    #[test]
    fn tokens_are_not_in_the_debug_form() {
        let shown = format!("{:?}", options("127.0.0.1:80", &["0123456789abcdef"]));
        assert!(!shown.contains("0123456789abcdef"), "{shown}");
    }
}
