//! Over a real socket: what only `serve` does.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use lockgate_core::task::TaskType;
use lockgate_server::ServerOptions;
use lockgate_testing::TestBus;

use crate::asked::waits;
use crate::served::{exchange, exchange_half_closed, served};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_comes_too_slowly_closes_the_connection() {
    let served = served(ServerOptions { header_read_timeout_ms: 50, ..ServerOptions::default() }).await;
    let answer = exchange(served.at, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".to_owned()).await;
    assert!(!answer.contains("200 OK"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_is_closed() {
    let served = served(ServerOptions { header_read_timeout_ms: 50, ..ServerOptions::default() }).await;
    let answer = exchange(served.at, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned()).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_host_and_the_token_are_looked_at() {
    let open = served(ServerOptions::default()).await;
    let answer = exchange(open.at, "GET /v1/status HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n".to_owned()).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    let closed = served(ServerOptions { tokens: vec!["0123456789abcdef".into()], ..ServerOptions::default() }).await;
    let ask = |authorization: &str| {
        exchange(closed.at, format!("GET /v1/status HTTP/1.1\r\nHost: any.example\r\nConnection: close\r\n{authorization}\r\n"))
    };
    assert!(ask("").await.starts_with("HTTP/1.1 401"));
    assert!(ask("Authorization: Bearer 0123456789abcdef\r\n").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_too_large_is_answered_though_the_client_writes_first() {
    let served = served(ServerOptions::default()).await;
    let body = "x".repeat((1 << 20) + 100_000);
    for length in [format!("Content-Length: {}", body.len()), "Transfer-Encoding: chunked".to_owned()] {
        let framed = if length.starts_with('T') { format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()) } else { body.clone() };
        let head = format!("POST /v1/connectors/a/tasks HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{length}\r\n\r\n");
        let answer = exchange(served.at, head + &framed).await;
        assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("too-large"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_at_work_is_finished_before_the_end() {
    let served = served(ServerOptions::default()).await;
    let (begun, go_on) = waits(&served.test);
    served.test.submit(TestBus::submission("a", TaskType::CreateObject, "x"));
    let at = served.at;
    let asking = tokio::spawn(exchange(at, "POST /v1/tasks/1/retry HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned()));
    tokio::task::spawn_blocking(move || begun.wait()).await.unwrap();
    served.end.send(()).unwrap();
    let refused = tokio::task::spawn_blocking(move || {
        // Closed as soon as the server has noticed; until then connections are still taken.
        while TcpStream::connect(at).is_ok() {
            std::thread::yield_now();
        }
    });
    refused.await.unwrap();
    tokio::task::spawn_blocking(move || go_on.wait()).await.unwrap();
    let answer = asking.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"failed\""), "{answer}");
    served.serving.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let served = served(ServerOptions { shutdown_grace_ms: 60_000, ..ServerOptions::default() }).await;
    let at = served.at;
    let stream = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(at).unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        stream
    });
    let _idle = stream.await.unwrap();
    served.end.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(20), served.serving).await.expect("well before the grace is over").unwrap().unwrap();
}

/// A client that has said all that it has to say waits for its answer nevertheless.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_half_closed_client_gets_its_answer() {
    let served = served(ServerOptions::default()).await;
    let head = |target: &str, more: &str| format!("POST {target} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n");
    let submitted = exchange_half_closed(served.at, head("/v1/connectors/a/tasks", "Content-Length: 1\r\n") + "x").await;
    assert!(submitted.starts_with("HTTP/1.1 201"), "{submitted}");
    let retried = exchange_half_closed(served.at, head("/v1/tasks/1/retry", "")).await;
    assert!(retried.starts_with("HTTP/1.1 200") && retried.contains("\"failed\""), "{retried}");
    let refused = exchange_half_closed(served.at, head("/nothing", "Content-Length: 1\r\n") + "x").await;
    assert!(refused.starts_with("HTTP/1.1 404"), "{refused}");
}

/// A head of 90,000 bytes passed a limit of 64 KiB: the limit was looked at only while a head was not whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_over_its_limit_is_refused() {
    let served = served(ServerOptions::default()).await;
    let with = |headers: String| format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
    for bytes in [65_600, 70_000, 90_000, 120_000, 300_000] {
        let one = exchange(served.at, with(format!("X-Long: {}\r\n", "x".repeat(bytes)))).await;
        assert!(one.starts_with("HTTP/1.1 431"), "one of {bytes}: {one}");
        let many: String = (0..90).map(|number| format!("X-{number}: {}\r\n", "x".repeat(bytes / 90))).collect();
        let many = exchange(served.at, with(many)).await;
        assert!(many.starts_with("HTTP/1.1 431"), "90 of {bytes}: {many}");
    }
    let most = exchange(served.at, with(format!("X-Long: {}\r\n", "x".repeat(64_000)))).await;
    assert!(most.starts_with("HTTP/1.1 200"), "{most}");
}
