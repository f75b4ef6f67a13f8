//! Why a call is refused.

use std::net::IpAddr;

use super::{BadOrigin, Class, Origin};

/// Why a call was refused or stopped. The sentences are for the operator and name no secret's value
/// and no part of a URL beyond its origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The request names no origin that could be granted.
    #[error("the request has no usable target: {0}")]
    Target(#[from] BadOrigin),
    /// `CONNECT` would open a tunnel past every check, `TRACE` would send back what the host put in.
    #[error("the method {0} is granted to no connector")]
    Method(String),
    /// The origin is not on the list.
    #[error("{0} is not granted: the connector's manifest must ask for it and the operator's `hosts` must name it")]
    Origin(Origin),
    /// It resolves to special addresses only.
    #[error("{origin} is at {address}, a {class} address: the operator's `networks` must name it for this host")]
    Address {
        /// Where the call was to go.
        origin: Origin,
        /// One of its addresses.
        address: IpAddr,
        /// What is special about it.
        class: Class,
    },
    /// It resolves to nothing.
    #[error("{0} has no address")]
    NoAddress(Origin),
    /// The connection ended somewhere else than it was made to.
    #[error("the connection to {origin} ended at {peer}, which is not the address that was checked")]
    Peer {
        /// Where the call was to go.
        origin: Origin,
        /// Who answered.
        peer: IpAddr,
    },
    /// A secret was to be sent to where it was not granted.
    #[error("the secret `{secret}` is not granted for {origin}")]
    Secret {
        /// Its name.
        secret: String,
        /// Where it was to go.
        origin: Origin,
    },
    /// A secret stands where the host cannot put a value in.
    #[error("the secret `{secret}` stands in {place}, where the host puts no secrets in")]
    SecretPlace {
        /// Its name.
        secret: String,
        /// Which part of the request.
        place: &'static str,
    },
    /// Nothing is sent in a dry run.
    #[error("nothing is sent in a dry run: {0} was not called")]
    DryRun(Origin),
    /// Nothing is sent in a test, and its recording has no such request.
    #[error("no recorded exchange answers {0}")]
    NotRecorded(String),
    /// Limit `calls_max`.
    #[error("the task has made the {0} calls that `http_calls_max` grants")]
    Calls(u32),
    /// Limit `bytes_max`.
    #[error("the bodies of the task's calls have more than the {0} bytes that `http_bytes_max` grants")]
    Bytes(u64),
    /// Limit `header_bytes_max`.
    #[error("the headers of a {of} have more than the {max} bytes that `http_header_bytes_max` grants")]
    HeaderBytes {
        /// `request` or `response`.
        of: &'static str,
        /// The limit.
        max: usize,
    },
}

impl Denied {
    /// Whether a limit stopped the call, rather than a grant that is missing.
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::Calls(_) | Self::Bytes(_) | Self::HeaderBytes { .. })
    }
}
