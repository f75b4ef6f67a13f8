//! Places for connections: who has shown no token keeps nobody out who has one.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use lockgate_server::ServerOptions;

use crate::served::{WAIT_MAX, aside, connect, exchange, rest_of, served};

const TOKEN: &str = "0123456789abcdef";

fn options() -> ServerOptions {
    ServerOptions {
        tokens: vec![TOKEN.to_owned()],
        connections_max: 4,
        // Much longer than the test waits: nothing here ends because of it.
        header_read_timeout_ms: 60_000,
        ..ServerOptions::default()
    }
}

fn with_token(more: &str) -> String {
    format!("GET /v1/status HTTP/1.1\r\nHost: any.example\r\nAuthorization: Bearer {TOKEN}\r\n{more}\r\n")
}

/// Reads an answer's head and body, and leaves the connection open.
fn answer_on(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    let mut read = Vec::new();
    let mut chunk = [0; 4_096];
    loop {
        let count = stream.read(&mut chunk).expect("an answer comes in time");
        read.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&read).into_owned();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            body.len() >= length.parse().unwrap()
        });
        if whole || count == 0 {
            return text;
        }
    }
}

/// Four connections that said nothing kept everybody else waiting for ten seconds, and could come again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_connections_without_a_token_keep_nobody_out_who_has_one() {
    let served = served(options()).await;
    let at = served.at;
    let idle = aside(move || {
        let mut idle: Vec<TcpStream> = (0..300).map(|_| connect(at)).collect();
        for (number, stream) in idle.iter_mut().enumerate() {
            match number % 3 {
                0 => {}
                1 => stream.write_all(b"GET /v1/status HTTP/1.1\r\nX-Slow: ").unwrap_or(()),
                _ => stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap_or(()),
            }
        }
        idle
    })
    .await;
    let answer = tokio::time::timeout(WAIT_MAX, exchange(at, with_token("Connection: close\r\n"))).await.expect("an answer in time");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    drop(idle);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_all_places_taken_by_clients_with_a_token_a_further_one_is_answered_and_let_go() {
    let served = served(options()).await;
    let at = served.at;
    let kept = aside(move || {
        let mut kept: Vec<TcpStream> = (0..4).map(|_| connect(at)).collect();
        for stream in &mut kept {
            assert!(answer_on(stream, &with_token("")).starts_with("HTTP/1.1 200"));
        }
        kept
    })
    .await;
    let further = exchange(at, with_token("")).await;
    assert!(further.starts_with("HTTP/1.1 200"), "{further}");
    assert!(further.contains("connection: close"), "{further}");
    let mut kept = kept;
    let again = aside(move || kept.iter_mut().map(|stream| answer_on(stream, &with_token(""))).collect::<Vec<_>>()).await;
    assert!(again.iter().all(|answer| answer.starts_with("HTTP/1.1 200")), "those who have a place keep it: {again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_shown_a_token_keeps_its_connection_when_others_come() {
    let served = served(ServerOptions { connections_without_token_max: 3, ..options() }).await;
    let at = served.at;
    aside(move || {
        let mut first = connect(at);
        assert!(answer_on(&mut first, &with_token("")).starts_with("HTTP/1.1 200"));
        let others: Vec<TcpStream> = (0..20).map(|_| connect(at)).collect();
        // The oldest of the others are closed for the newer ones.
        let mut oldest = &others[0];
        assert_eq!(oldest.read(&mut [0; 1]).unwrap_or(0), 0, "closed, without a word");
        assert!(answer_on(&mut first, &with_token("")).starts_with("HTTP/1.1 200"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_shows_no_token_is_let_go_soon() {
    let quick = ServerOptions { header_read_timeout_without_token_ms: 50, ..options() };
    let served = served(quick).await;
    let at = served.at;
    let closed = |first: &'static [u8]| {
        aside(move || {
            let mut stream = connect(at);
            stream.write_all(first).unwrap();
            rest_of(&mut stream)
        })
    };
    assert_eq!(closed(b"").await, "");
    assert_eq!(closed(b"GET /v1/status HTTP/1.1\r\nX-Slow: ").await, "");
    let refused = closed(b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    let healthy = closed(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(healthy.starts_with("HTTP/1.1 200"), "{healthy}");
}

fn refused_with(at: SocketAddr, head: &str, body_bytes: usize) -> impl Future<Output = String> + use<> {
    let mut request = head.as_bytes().to_vec();
    request.resize(request.len() + body_bytes, b'x');
    exchange(at, request)
}

/// The client writes all, and reads then: a refusal before the body was read reached it as a broken pipe.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_reaches_a_client_that_is_still_writing() {
    let served = served(options()).await;
    let bytes = 8 << 20;
    let head = |method: &str, target: &str, more: &str| {
        format!("{method} {target} HTTP/1.1\r\nHost: any.example\r\nContent-Length: {bytes}\r\n{more}\r\n")
    };
    let token = format!("Authorization: Bearer {TOKEN}\r\n");
    let cases = [
        ("401", head("PUT", "/v1/connectors/a", "")),
        ("404", head("POST", "/v1/nothing", &token)),
        ("404", head("POST", "/v1/connectors/a%20b/tasks", &token)),
        ("405", head("POST", "/v1/status", &token)),
        ("413", head("POST", "/v1/connectors/a/tasks", &token)),
        ("415", head("PUT", "/v1/connectors/a", &format!("{token}Content-Encoding: br\r\n"))),
        ("400", head("PUT", "/v1/connectors/a?x=1", &token)),
        ("400", head("PUT", "/v1/connectors/a", &format!("{token}Host: other.example\r\n"))),
        ("400", head("PUT", "/v1/connectors/a", &format!("{token}X\u{1}: a\r\n"))),
    ];
    for (status, head) in cases {
        let answer = refused_with(served.at, &head, bytes).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{head}: {answer}");
    }
}
