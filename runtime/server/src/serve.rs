//! Accepting connections, and ending in order.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use lockgate_bus::Bus;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use tower::Service;

use crate::caller::Peer;
use crate::linger::Lingering;
use crate::options::ServerOptions;
use crate::places::{Place, Places};
use crate::refused;
use crate::state::App;
use crate::surround::HEAD_BYTES_MAX;

/// Most header fields of a request.
const HEADERS_MAX: usize = 100;
/// Pause after the system could not accept, for example for want of file handles.
const ACCEPT_PAUSE_MS: u64 = 100;
/// How long a client may read nothing of an answer: it would hold its connection, and the answer in memory,
/// for ever (promise 5).
const WRITE_STALL_MS_MAX: u64 = 30_000;

/// Serves until `shutdown` is ready; then takes no more connections, lets requests finish within the
/// grace, and returns. Whoever calls stops the bus afterwards, and has asked `check_options` before.
pub async fn serve(bus: Bus, options: &ServerOptions, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let app = App::new(bus, options);
    let router = crate::console::beside(&app);
    let http = http(options);
    let places = Places::new(options);
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let telling = tokio::spawn(refused::keep_telling(app.clone(), refused::TOLD_EVERY, refused::warn));
    let mut shutdown = pin!(shutdown);
    loop {
        // One that is accepted waits for a place; more wait in the system's own queue (promise 5).
        let accepting = async {
            let (stream, peer) = accept(&listener, &places).await;
            (places.take().await, stream, peer)
        };
        let (place, stream, peer) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accepting => accepted,
        };
        let connection = connection(&http, &router, stream, peer, &place);
        connections.spawn(attend(graceful.watch(connection), place, app.clone()));
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    app.stopping.store(true, Ordering::Relaxed);
    let grace = Duration::from_millis(options.shutdown_grace_ms);
    if timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests were cut off after the grace");
    }
    connections.shutdown().await;
    telling.abort();
    app.refused.tell(refused::warn);
    Ok(())
}

fn http(options: &ServerOptions) -> http1::Builder {
    let mut http = http1::Builder::new();
    // `axum::serve` sets no time limit for a request's head.
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(options.header_read_timeout_ms))
        .max_headers(HEADERS_MAX)
        .max_header_size(HEAD_BYTES_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        // Who has said all may close its half, and wait for its answer.
        .half_close(true);
    http
}

/// A connection's way to the routes, which find its place with each request.
fn connection(
    http: &http1::Builder,
    router: &Router,
    stream: TcpStream,
    peer: Peer,
    place: &Arc<Place>,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + Send + use<> {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(Duration::from_millis(WRITE_STALL_MS_MAX)));
    let stream = Lingering::new(Box::pin(stream), place.clone());
    let (router, place) = (router.clone(), place.clone());
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(place.clone());
        request.extensions_mut().insert(peer);
        router.clone().call(request)
    });
    http.serve_connection(TokioIo::new(stream), service)
}

async fn attend(connection: impl Future<Output = Result<(), hyper::Error>>, place: Arc<Place>, app: App) {
    tokio::select! {
        ended = connection => if let Err(cause) = ended {
            // hyper has answered these itself, or closed without a word.
            if cause.is_parse_too_large() {
                app.refused.count("head-too-large");
            } else if cause.is_parse() {
                app.refused.count("bad-head");
            } else if cause.is_timeout() {
                app.refused.count("head-timeout");
            }
            tracing::debug!(%cause, "a connection ended early");
        },
        () = place.given_up() => {
            // What was answered, and is idle, is not refused anything.
            if !place.has_answered() {
                app.refused.count("no-token-in-time");
            }
            tracing::debug!("a connection that has shown no token was closed");
        }
    }
}

async fn accept(listener: &TcpListener, places: &Places) -> (TcpStream, Peer) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Answers are short: waiting to fill a packet only delays them.
                let _ = stream.set_nodelay(true);
                return (stream, Peer(peer));
            }
            Err(cause) => {
                let of_the_peer = [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset, io::ErrorKind::ConnectionRefused];
                if !of_the_peer.contains(&cause.kind()) {
                    tracing::error!(%cause, "cannot accept a connection");
                    places.close_oldest();
                    sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
                }
            }
        }
    }
}
