//! Accepting connections, and ending in order.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use lockgate_bus::Bus;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::options::ServerOptions;
use crate::stall::Stalling;
use crate::state::App;

/// Largest head of a request.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// Most header fields of a request.
const HEADERS_MAX: usize = 100;
/// Pause after the system could not accept, for example for want of file handles.
const ACCEPT_PAUSE_MS: u64 = 100;
/// How long a client may read nothing of an answer.
const WRITE_STALL_MS_MAX: u64 = 30_000;

/// Serves until `shutdown` is ready; then takes no more connections, lets requests finish within the
/// grace, and returns. Whoever calls stops the bus afterwards, and has asked `check_options` before.
pub async fn serve(bus: Bus, options: &ServerOptions, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let app = App::new(bus, options);
    let service = TowerToHyperService::new(crate::routes::all(app.clone()));
    let mut http = http1::Builder::new();
    // `axum::serve` sets no time limit for a request's head.
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(options.header_read_timeout_ms))
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES_MAX);
    let permits = Arc::new(Semaphore::new(options.connections_max.min(Semaphore::MAX_PERMITS)));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        // The permit comes before the connection: more wait in the system's own queue (promise 5).
        let accepting = async {
            let permit = permits.clone().acquire_owned().await;
            (permit, accept(&listener).await)
        };
        let (permit, stream) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accepting => accepted,
        };
        let connection =
            http.serve_connection(TokioIo::new(Stalling::new(stream, Duration::from_millis(WRITE_STALL_MS_MAX))), service.clone());
        let connection = graceful.watch(connection);
        connections.spawn(async move {
            if let Err(cause) = connection.await {
                tracing::debug!(%cause, "a connection ended early");
            }
            drop(permit);
        });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    app.stopping.store(true, Ordering::Relaxed);
    let grace = Duration::from_millis(options.shutdown_grace_ms);
    if timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests were cut off after the grace");
    }
    connections.shutdown().await;
    Ok(())
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are short: waiting to fill a packet only delays them.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(cause) => {
                let of_the_peer = [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset, io::ErrorKind::ConnectionRefused];
                if !of_the_peer.contains(&cause.kind()) {
                    tracing::error!(%cause, "cannot accept a connection");
                    sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
                }
            }
        }
    }
}
