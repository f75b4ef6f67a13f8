//! A server on a real socket, and what is written to it and read from it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use lockgate_server::{ServerOptions, serve};
use lockgate_testing::TestBus;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long a test waits for what must come: much longer than it takes.
pub const WAIT_MAX: Duration = Duration::from_secs(20);

pub struct Served {
    pub test: TestBus,
    pub at: SocketAddr,
    pub end: oneshot::Sender<()>,
    pub serving: JoinHandle<std::io::Result<()>>,
}

pub async fn served(options: ServerOptions) -> Served {
    let test = TestBus::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let (end, ended) = oneshot::channel::<()>();
    let bus = test.bus.clone();
    let serving = tokio::spawn(async move { serve(bus, &options, listener, async { ended.await.unwrap_or(()) }).await });
    Served { test, at, end, serving }
}

/// Done on a thread that may block.
pub async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

pub fn connect(at: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(WAIT_MAX)).unwrap();
    stream.set_write_timeout(Some(WAIT_MAX)).unwrap();
    stream
}

/// Writes this, and reads until the server closes.
pub async fn exchange(at: SocketAddr, request: impl Into<Vec<u8>>) -> String {
    let request = request.into();
    aside(move || {
        let mut stream = connect(at);
        stream.write_all(&request).unwrap();
        rest_of(&mut stream)
    })
    .await
}

/// Writes this, says that nothing more comes, and reads until the server closes.
pub async fn exchange_half_closed(at: SocketAddr, request: impl Into<Vec<u8>>) -> String {
    let request = request.into();
    aside(move || {
        let mut stream = connect(at);
        stream.write_all(&request).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        rest_of(&mut stream)
    })
    .await
}

/// What comes until the server closes.
pub fn rest_of(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the server closes in time");
    String::from_utf8_lossy(&answer).into_owned()
}
