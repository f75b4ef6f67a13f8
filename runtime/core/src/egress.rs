//! What a connector may reach over the network, and why a call is refused. Pure: addresses arrive
//! resolved, nothing here opens a socket (promise 3, promise 6).

mod class;
mod denied;
mod network;
mod origin;
mod recorded;
mod secret;
mod vet;

pub use class::{Class, address_class};
pub use denied::Denied;
pub use network::{BadNetwork, Network};
pub use origin::{BadOrigin, Host, Origin, Scheme};
pub use recorded::{Exchange, Recording};
pub use secret::{SecretGrant, SecretText};
pub use vet::vet;

use std::collections::BTreeMap;
use std::sync::Arc;

/// What one connector may reach: what its manifest asks for and its operator grants. The default
/// is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Egress {
    /// Whose calls these are, the connector's name: connections are kept and calls counted for each
    /// owner, never shared between two (even of the same component).
    pub owner: Arc<str>,
    /// Exact scheme, host and port; nothing else is called.
    pub origins: Vec<Origin>,
    /// Private or special ranges that an origin may be in nevertheless, because the operator names them for it.
    pub networks: BTreeMap<Origin, Vec<Network>>,
    /// By name; a secret is sent only to the origins that stand beside it.
    pub secrets: BTreeMap<String, SecretGrant>,
    /// How much (promise 5).
    pub limits: HttpLimits,
    /// Nothing is sent; each call is written into the task's log and refused.
    pub dry_run: bool,
    /// Nothing is sent; these exchanges answer. Only for tests of connectors.
    pub recorded: Option<Arc<Recording>>,
}

impl Egress {
    /// Whether calls to this origin are granted.
    pub fn grants(&self, origin: &Origin) -> bool {
        self.origins.contains(origin)
    }
}

/// How much a connector may call (promise 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpLimits {
    /// Calls of one task.
    pub calls_max: u32,
    /// Bytes of all bodies of one task: requests as the connector writes them, responses decoded.
    pub bytes_max: u64,
    /// Time for one call in ms, from its start to the last byte of the response's body. The task's
    /// own deadline may end it earlier.
    pub call_ms_max: u64,
    /// Bytes of all header names and values of one request, and of one response.
    pub header_bytes_max: usize,
    /// Calls of one connector at the same time, all its tasks together; further ones wait.
    pub concurrent_max: u32,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            // A product with its variants, prices and pictures; a listing page by page needs more.
            calls_max: 50,
            // Twice what a task may hand to the host by default.
            bytes_max: 16 << 20,
            // Slower services are better asked outside of a translation.
            call_ms_max: 10_000,
            // What most servers accept themselves.
            header_bytes_max: 16 << 10,
            // As many as browsers of good manners open to one host.
            concurrent_max: 4,
        }
    }
}
