//! Secrets arrive at the server, and only there.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use http_body_util::{BodyExt, Full};
use lockgate_core::egress::{Denied, Egress};
use wasmtime_wasi_http::Error;

use super::server::{Answer, Server, Task, granted, secret};

const VALUE: &str = "p\"ä ss&<w>ord";

/// Sends back what it gets, in the smallest pieces.
async fn echo() -> Server {
    Server::new(|mut peer| async move {
        while let Some(request) = peer.request().await {
            let auth = request.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap_or("none");
            peer.write(format!("HTTP/1.1 200 OK\r\nX-Seen: {auth}\r\nTransfer-Encoding: chunked\r\n\r\n")).await;
            for byte in request.into_bytes() {
                peer.write([b'1', b'\r', b'\n', byte, b'\r', b'\n']).await;
            }
            peer.write("0\r\n\r\n").await;
        }
    })
    .await
}

fn task(server: &Server, value: &str) -> (Task, String) {
    let secrets = BTreeMap::from([("key".to_owned(), secret(value, &[server.origin()]))]);
    let origins = [server.origin(), "http://127.0.0.1:1".parse().unwrap()];
    let task = Task::new(Egress { secrets, ..granted(&origins) });
    let placeholder = task.secrets.placeholder("key").unwrap();
    assert_eq!(placeholder.len(), "lockgate-secret-".len() + 32);
    (task, placeholder)
}

async fn post(task: &Task, request: http::request::Builder, body: String) -> Result<Answer, Error> {
    task.send_body(request, Full::from(body).map_err(Into::into).boxed_unsync()).await
}

/// The server has the value, and the guest gets its placeholder back.
fn only_the_server_has(server: &Server, answer: &Answer, sent: &str, held: &str) {
    let seen = server.seen().concat();
    assert!(seen.contains(sent), "{seen}");
    assert!(!seen.contains(held), "{seen}");
    let text = answer.text();
    assert!(text.contains(held), "{text}");
    assert!(!text.contains(sent) && !text.contains(VALUE), "{text}");
}

#[tokio::test]
async fn in_a_header() {
    let server = echo().await;
    let (task, placeholder) = task(&server, "tok-123");
    let request = Request::get(server.url("/")).header("authorization", format!("Bearer {placeholder}"));
    let answer = task.send(request, "").await.unwrap();
    only_the_server_has(&server, &answer, "authorization: Bearer tok-123", &format!("Bearer {placeholder}"));
    assert_eq!(answer.headers["x-seen"], format!("Bearer {placeholder}"));
}

#[tokio::test]
async fn in_basic_credentials() {
    let server = echo().await;
    let (task, placeholder) = task(&server, VALUE);
    let held = STANDARD.encode(format!("me:{placeholder}"));
    let answer = task.send(Request::get(server.url("/")).header("authorization", format!("Basic {held}")), "").await.unwrap();
    only_the_server_has(&server, &answer, &STANDARD.encode(format!("me:{VALUE}")), &held);
    assert_eq!(answer.headers["x-seen"], format!("Basic {held}"));
}

#[tokio::test]
async fn in_the_query() {
    let server = echo().await;
    let (task, placeholder) = task(&server, VALUE);
    let answer = task.get(&server.url(&format!("/a?key={placeholder}&b=c"))).await.unwrap();
    only_the_server_has(&server, &answer, "/a?key=p%22%C3%A4%20ss%26%3Cw%3Eord&b=c", &format!("key={placeholder}"));
}

#[tokio::test]
async fn in_a_body_in_the_form_that_its_type_asks_for() {
    for (media_type, sent) in [
        ("application/json; charset=utf-8", r#"p\"ä ss&<w>ord"#),
        ("application/vnd.api+json", r#"p\"ä ss&<w>ord"#),
        ("application/x-www-form-urlencoded", "p%22%C3%A4%20ss%26%3Cw%3Eord"),
        ("text/xml", "p&quot;ä ss&amp;&lt;w&gt;ord"),
        ("text/plain", VALUE),
    ] {
        let server = echo().await;
        let (task, placeholder) = task(&server, VALUE);
        let body = format!("a{placeholder}b{placeholder}c");
        // A length that is not true any more.
        let request = Request::post(server.url("/")).header("content-type", media_type).header("content-length", body.len());
        let answer = post(&task, request, body).await.unwrap();
        only_the_server_has(&server, &answer, &format!("\r\n\r\na{sent}b{sent}c"), &format!("a{placeholder}b{placeholder}c"));
    }
}

#[tokio::test]
async fn not_towards_another_origin() {
    let server = echo().await;
    let (task, placeholder) = task(&server, VALUE);
    let other = "http://127.0.0.1:1";
    for request in [
        Request::get(format!("{other}/")).header("x", &placeholder),
        Request::get(format!("{other}/")).header("authorization", format!("Basic {}", STANDARD.encode(&placeholder))),
        Request::get(format!("{other}/?{placeholder}")),
    ] {
        assert!(matches!(task.send(request, "").await, Err(Error::HttpRequestDenied)));
        assert!(matches!(task.http.denied(), Some(Denied::Secret { .. })));
    }
    let refused = post(&task, Request::post(format!("{other}/")), placeholder).await;
    assert!(matches!(refused, Err(Error::HttpRequestDenied)));
    assert!(matches!(task.http.denied(), Some(Denied::Secret { .. })));
}

#[tokio::test]
async fn not_in_the_path_nor_in_a_name() {
    let server = echo().await;
    let (task, placeholder) = task(&server, VALUE);
    for request in [Request::get(server.url(&format!("/{placeholder}"))), Request::get(server.url("/")).header(&placeholder, "x")] {
        assert!(matches!(task.send(request, "").await, Err(Error::HttpRequestDenied)));
        assert!(matches!(task.http.denied(), Some(Denied::SecretPlace { .. })));
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_value_cannot_begin_a_header_of_its_own() {
    let server = echo().await;
    let (task, placeholder) = task(&server, "a\r\nx-evil: 1");
    assert!(task.send(Request::get(server.url("/")).header("x", placeholder), "").await.is_err());
    assert!(matches!(task.http.denied(), Some(Denied::SecretPlace { secret, .. }) if secret == "key"));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_server_that_gives_a_secret_away_gives_it_to_nobody() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nX-Key: tok-123\r\nContent-Length: 7\r\n\r\ntok-123").await;
    let (task, placeholder) = task(&server, "tok-123");
    let answer = task.get(&server.url("/")).await.unwrap();
    assert_eq!((answer.text(), answer.headers["x-key"].to_str().unwrap()), (placeholder.clone(), placeholder.as_str()));
    assert!(!answer.headers.contains_key("content-length"));
}

#[tokio::test]
async fn the_log_has_no_values() {
    let server = echo().await;
    let (task, _placeholder) = task(&server, "tok-123");
    task.get(&server.url("/tok-123?x=tok-123")).await.unwrap();
    let log = task.log();
    assert!(log[0].contains("/(secret key): 200"), "{log:?}");
}

#[tokio::test]
async fn a_placeholder_is_the_same_in_a_task_and_another_in_the_next() {
    let server = echo().await;
    let (one, first) = task(&server, VALUE);
    assert_eq!(one.secrets.placeholder("key").unwrap(), first);
    assert_eq!(one.secrets.placeholder("other"), None);
    assert_ne!(task(&server, VALUE).1, first);
}
