//! One client for each connector: its connections, its permits, its TLS sessions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use lockgate_core::egress::HttpLimits;
use rustls::ClientConfig;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::net::{Dial, Resolver, System};
use super::pool::Pool;
use super::tls::{self, Roots};

/// The network, as all clients see it.
pub struct Net {
    /// Finds addresses.
    pub resolver: Box<dyn Resolver>,
    /// Makes connections.
    pub dial: Box<dyn Dial>,
    /// Who is trusted.
    pub roots: Roots,
}

impl Default for Net {
    fn default() -> Self {
        Self { resolver: Box::new(System), dial: Box::new(System), roots: Roots::default() }
    }
}

/// The clients of all connectors.
#[derive(Default)]
pub struct Clients {
    net: Arc<Net>,
    by_owner: Mutex<HashMap<Arc<str>, Arc<Client>>>,
}

impl Clients {
    /// On this network.
    #[cfg(test)]
    pub fn on(net: Net) -> Self {
        Self { net: Arc::new(net), by_owner: Mutex::default() }
    }

    /// The connector's own one.
    pub fn of(&self, owner: &Arc<str>) -> Arc<Client> {
        let mut clients = self.by_owner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(owner) {
            return Arc::clone(client);
        }
        let client = Arc::new(Client::new(Arc::clone(&self.net)));
        clients.insert(Arc::clone(owner), Arc::clone(&client));
        client
    }
}

/// The client of one connector.
pub struct Client {
    /// The network.
    pub net: Arc<Net>,
    /// Connections that can be used again.
    pub pool: Arc<Pool>,
    permits: OnceLock<Arc<Semaphore>>,
    tls: OnceLock<Result<Arc<ClientConfig>, rustls::Error>>,
}

impl Client {
    fn new(net: Arc<Net>) -> Self {
        Self { net, pool: Arc::default(), permits: OnceLock::new(), tls: OnceLock::new() }
    }

    /// A permit for one call at a time of `concurrent_max`. Waits for it (promise 5: taken before the
    /// work).
    pub async fn permit(&self, limits: &HttpLimits) -> Option<OwnedSemaphorePermit> {
        let permits = usize::try_from(limits.concurrent_max).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let permits = self.permits.get_or_init(|| Arc::new(Semaphore::new(permits)));
        Arc::clone(permits).acquire_owned().await.ok()
    }

    /// Its TLS configuration, with sessions of its own.
    pub fn tls(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        self.tls.get_or_init(|| tls::config(&self.net.roots)).clone()
    }
}
