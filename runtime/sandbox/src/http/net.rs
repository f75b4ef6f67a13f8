//! The network, as far as it must be another one in tests.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use wasmtime_wasi::async_trait;

/// Finds the addresses of a name.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// All of them, in the order in which they should be tried. Called once for a connection.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// Makes connections.
#[async_trait]
pub trait Dial: Send + Sync {
    /// Connects to this very address.
    async fn dial(&self, address: SocketAddr) -> io::Result<Dialled>;
}

/// A connection.
pub struct Dialled {
    /// Both ways.
    pub stream: Box<dyn Stream>,
    /// Who is at the other end.
    pub peer: SocketAddr,
}

/// Bytes, both ways.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The machine's own network.
pub struct System;

#[async_trait]
impl Resolver for System {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

#[async_trait]
impl Dial for System {
    async fn dial(&self, address: SocketAddr) -> io::Result<Dialled> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let peer = stream.peer_addr()?;
        Ok(Dialled { stream: Box::new(stream), peer })
    }
}
