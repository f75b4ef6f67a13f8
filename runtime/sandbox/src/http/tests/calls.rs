//! What is sent, what is not, and what the log says of it.

use std::collections::BTreeMap;

use http::Request;
use http_body_util::{BodyExt, Full};
use lockgate_core::egress::{Denied, Egress, HttpLimits};
use wasmtime_wasi_http::Error;

use super::server::{Server, Task, granted};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Kind: test\r\n\r\nok";

#[tokio::test]
async fn a_granted_call_is_sent_with_the_host_of_its_authority() {
    let server = Server::answering(OK).await;
    let task = Task::new(granted(&[server.origin()]));
    let answer = task.send(Request::get(server.url("/a/b?c=d")).header("x-own", "1"), "").await.unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
    assert_eq!(answer.headers["x-kind"], "test");
    let seen = server.seen();
    let head: Vec<&str> = seen[0].split("\r\n").collect();
    assert_eq!(head[0], "GET /a/b?c=d HTTP/1.1");
    for line in [&format!("host: {}", server.address), "x-own: 1", "accept-encoding: gzip"] {
        assert!(head.contains(&line), "{head:?}");
    }
    let log = task.log();
    assert!(log[0].starts_with(&format!("GET http://{}/a/b: 200, 2 bytes, ", server.address)), "{log:?}");
    assert!(!log[0].contains("c=d"));
    assert_eq!((task.http.calls(), task.http.bytes()), (1, 2));
}

#[tokio::test]
async fn a_call_that_is_not_granted_makes_no_connection() {
    let server = Server::answering(OK).await;
    let task = Task::new(Egress { origins: vec!["http://good.example".parse().unwrap()], ..granted(&[]) });
    for url in [
        server.url("/"),
        "http://good.example.evil/".into(),
        "https://good.example/".into(),
        "http://good.example:81/".into(),
        "http://evilgood.example/".into(),
    ] {
        assert!(matches!(task.get(&url).await, Err(Error::HttpRequestDenied)), "{url}");
        assert!(matches!(task.http.denied(), Some(Denied::Origin(_))), "{url}");
    }
    for url in ["http://good@127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://good.example./"] {
        assert!(matches!(task.get(url).await, Err(Error::HttpRequestDenied)), "{url}");
        assert!(matches!(task.http.denied(), Some(Denied::Target(_))), "{url}");
    }
    assert_eq!(server.connections(), 0);
    assert!(task.log().iter().all(|line| line.contains("denied: ")));
}

#[tokio::test]
async fn a_special_address_is_refused_unless_its_network_is_named() {
    let server = Server::answering(OK).await;
    let task = Task::new(Egress { networks: BTreeMap::new(), ..granted(&[server.origin()]) });
    assert!(matches!(task.get(&server.url("/")).await, Err(Error::HttpRequestDenied)));
    assert!(matches!(task.http.denied(), Some(Denied::Address { .. })));
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Server::answering(OK).await;
    let location = other.url("/secret");
    let server = Server::new(move |mut peer| {
        let answer = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        async move {
            peer.request().await;
            peer.write(answer).await;
            peer.wait().await;
        }
    })
    .await;
    let answer = Task::new(granted(&[server.origin(), other.origin()])).get(&server.url("/")).await.unwrap();
    assert_eq!(answer.status, 302);
    assert_eq!(answer.headers["location"], other.url("/secret"));
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn a_dry_run_sends_nothing_and_says_what_it_would_have_sent() {
    let server = Server::answering(OK).await;
    let task = Task::new(Egress { dry_run: true, ..granted(&[server.origin()]) });
    assert!(matches!(task.get(&server.url("/a?b")).await, Err(Error::HttpRequestDenied)));
    assert!(matches!(task.http.denied(), Some(Denied::DryRun(_))));
    assert!(matches!(task.get("https://other.example/").await, Err(Error::HttpRequestDenied)));
    let log = task.log();
    assert_eq!(log[0], format!("would have called GET {} (granted)", server.url("/a")));
    assert!(log[1].starts_with("would have called GET https://other.example/ (denied: https://other.example is not granted"), "{log:?}");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn tunnels_and_traces_are_refused() {
    let server = Server::answering(OK).await;
    let task = Task::new(granted(&[server.origin()]));
    for method in ["CONNECT", "TRACE"] {
        let refused = task.send(Request::builder().method(method).uri(server.url("/")), "").await;
        assert!(matches!(refused, Err(Error::HttpRequestDenied)), "{method}");
        assert_eq!(task.http.denied(), Some(Denied::Method(method.into())));
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn more_calls_than_granted_are_denied() {
    let server = Server::answering(OK).await;
    let limits = HttpLimits { calls_max: 2, ..HttpLimits::default() };
    let task = Task::new(Egress { limits, ..granted(&[server.origin()]) });
    for _ in 0..2 {
        task.get(&server.url("/")).await.unwrap();
    }
    assert!(matches!(task.get(&server.url("/")).await, Err(Error::HttpRequestDenied)));
    assert_eq!(task.http.denied(), Some(Denied::Calls(2)));
    assert_eq!((server.seen().len(), task.http.calls()), (2, 3));
}

#[tokio::test]
async fn larger_requests_than_granted_are_stopped() {
    let server = Server::answering(OK).await;
    let limits = HttpLimits { bytes_max: 100, header_bytes_max: 100, ..HttpLimits::default() };
    let task = Task::new(Egress { limits, ..granted(&[server.origin()]) });
    let refused = task.send(Request::get(server.url("/")).header("x", "y".repeat(101)), "").await;
    assert!(matches!(refused, Err(Error::HttpRequestHeaderSectionSize(Some(100)))), "{refused:?}");
    assert!(task.http.denied().unwrap().is_limit());
    let body = Full::from("z".repeat(101)).map_err(Into::into).boxed_unsync();
    let refused = task.send_body(Request::post(server.url("/")), body).await;
    assert!(matches!(refused, Err(Error::HttpResponseBodySize(Some(100)))), "{refused:?}");
    assert_eq!(task.http.denied(), Some(Denied::Bytes(100)));
    assert!(!server.seen().iter().any(|request| request.contains("zzz")));
}

#[tokio::test]
async fn what_belongs_to_a_connection_does_not_reach_the_guest() {
    let answer = "HTTP/1.1 200 OK\r\nConnection: keep-alive, x-hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\nContent-Length: 2\r\n\r\nok";
    let server = Server::answering(answer).await;
    let answer = Task::new(granted(&[server.origin()])).get(&server.url("/")).await.unwrap();
    assert_eq!(answer.headers.keys().map(|name| name.as_str()).collect::<Vec<_>>(), ["content-length"]);
}

#[tokio::test]
async fn an_empty_body_of_a_get_is_none() {
    let server = Server::answering(OK).await;
    let task = Task::new(granted(&[server.origin()]));
    let empty = NoFrames.boxed_unsync();
    task.send_body(Request::get(server.url("/")), empty).await.unwrap();
    assert!(!server.seen()[0].contains("chunked"), "{:?}", server.seen());
}

/// A body that does not say beforehand that it is empty.
struct NoFrames;

impl http_body::Body for NoFrames {
    type Data = bytes::Bytes;
    type Error = Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Error>>> {
        std::task::Poll::Ready(None)
    }
}
