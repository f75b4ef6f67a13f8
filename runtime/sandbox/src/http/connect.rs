//! From an origin to a connection: resolve once, vet, connect to the vetted address, look again.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hyper::client::conn::http1;
use lockgate_core::egress::{Denied, Egress, Host, Origin, Scheme, vet};
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use wasmtime_wasi::runtime;
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::io::TokioIo;

use super::client::Client;
use super::errors::{self, Refused};
use super::net::{Dialled, Stream};
use super::pool::Connection;

/// hyper takes no smaller buffer.
const BUFFER_BYTES_MIN: usize = 8 << 10;
/// Headers of a response; their bytes are what is really limited.
const HEADERS_MAX: usize = 1_000;
/// How long one address of several may take to answer.
const DIAL_MAX: Duration = Duration::from_secs(3);

/// A connection of the pool, or a new one.
pub async fn connection(client: &Client, egress: &Egress, origin: &Origin) -> Result<(Connection, Reused), Refused> {
    while let Some(kept) = client.pool.take(origin) {
        // It was vetted when it was made; what is granted may have changed.
        if vet(egress, origin, &[kept.peer]).is_ok() {
            return Ok((kept, Reused::Yes));
        }
    }
    Ok((connect(client, egress, origin).await?, Reused::No))
}

/// Whether a connection has served a call before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reused {
    /// The server may just be closing it.
    Yes,
    /// It is new.
    No,
}

/// A new connection.
pub async fn connect(client: &Client, egress: &Egress, origin: &Origin) -> Result<Connection, Refused> {
    let resolved = match origin.host() {
        Host::Ip(address) => vec![*address],
        Host::Name(name) => client.net.resolver.resolve(name).await.map_err(|_| errors::no_address())?,
    };
    let vetted = vet(egress, origin, &resolved)?;
    let Dialled { stream, peer } = dial(client, &vetted, origin.port()).await?;
    // Promise 3: whatever happened in between, nothing is sent to an address that was not vetted.
    let peer = peer.ip();
    if !vetted.iter().any(|address| address.to_canonical() == peer.to_canonical()) {
        return Err(Denied::Peer { origin: origin.clone(), peer }.into());
    }
    let stream = match origin.scheme() {
        Scheme::Http => stream,
        Scheme::Https => secured(client, origin, stream).await?,
    };
    let buffer = egress.limits.header_bytes_max.max(BUFFER_BYTES_MIN);
    let handshake = http1::Builder::new().max_buf_size(buffer).max_headers(HEADERS_MAX).handshake(TokioIo::new(stream)).await;
    let (sender, driver) = handshake.map_err(|error| errors::of_hyper(&error))?;
    let driver = runtime::spawn(async {
        // Its errors come out of the call that they end.
        let _ = driver.await;
    });
    Ok(Connection { sender, peer, _driver: driver })
}

/// The first address that answers.
async fn dial(client: &Client, vetted: &[IpAddr], port: u16) -> Result<Dialled, Refused> {
    let mut refused = Error::ConnectionRefused;
    for address in vetted {
        match tokio::time::timeout(DIAL_MAX, client.net.dial.dial(SocketAddr::new(*address, port))).await {
            Ok(Ok(dialled)) => return Ok(dialled),
            Ok(Err(error)) => refused = errors::of_connect(&error),
            Err(_elapsed) => refused = Error::ConnectionTimeout,
        }
    }
    Err(refused.into())
}

async fn secured(client: &Client, origin: &Origin, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, Refused> {
    let config = client.tls().map_err(|_| Error::ConfigurationError)?;
    let name = match origin.host() {
        Host::Ip(address) => ServerName::IpAddress((*address).into()),
        Host::Name(name) => ServerName::try_from(name.to_string()).map_err(|_| Error::TlsCertificateError)?,
    };
    let secured = TlsConnector::from(config).connect(name, stream).await.map_err(|error| errors::of_tls(&error))?;
    Ok(Box::new(secured))
}
