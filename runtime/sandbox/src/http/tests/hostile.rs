//! Servers that mean harm (G76, G77).

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use http::Request;
use http_body_util::BodyExt;
use lockgate_core::egress::{Denied, Egress, HttpLimits};
use wasmtime_wasi_http::{Error, RequestOptions};

use super::server::{Answer, Server, Task, granted};

/// Small limits, so that what exceeds them does so soon.
const LIMITS: HttpLimits = HttpLimits { calls_max: 50, bytes_max: 100_000, call_ms_max: 300, header_bytes_max: 16_384, concurrent_max: 4 };

fn task(server: &Server) -> Task {
    Task::new(Egress { limits: LIMITS, ..granted(&[server.origin()]) })
}

/// Answers with a head, then again and again with the same bytes, as long as someone listens.
async fn endless(head: &'static str, again: &'static [u8], pause: Duration) -> Server {
    Server::new(move |mut peer| async move {
        peer.request().await;
        peer.write(head).await;
        while peer.write(again).await {
            if pause.is_zero() {
                tokio::task::yield_now().await;
            } else {
                tokio::time::sleep(pause).await;
            }
        }
    })
    .await
}

async fn gives(head: &'static str, body: Vec<u8>) -> Server {
    Server::new(move |mut peer| {
        let body = body.clone();
        async move {
            peer.request().await;
            peer.write(head).await;
            peer.write(body).await;
        }
    })
    .await
}

/// The outcome, which must come in time whatever the server does.
async fn ends(task: &Task, server: &Server) -> Result<Answer, Error> {
    let started = Instant::now();
    let outcome = task.get(&server.url("/")).await;
    assert!(started.elapsed() < Duration::from_secs(20));
    outcome
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_head_that_never_ends_ends_with_the_time() {
    for again in [&b"X"[..], b"X-A: b\r\n"] {
        let server = endless("HTTP/1.1 200 OK\r\n", again, Duration::from_millis(20)).await;
        let task = task(&server);
        assert!(matches!(ends(&task, &server).await, Err(Error::HttpResponseTimeout)));
        assert!(task.log()[0].contains("failed after"));
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_ends_with_the_time() {
    let server = Server::new(|mut peer| async move { peer.wait().await }).await;
    assert!(matches!(ends(&task(&server), &server).await, Err(Error::HttpResponseTimeout)));
}

#[tokio::test]
async fn a_slow_body_ends_with_the_time() {
    let server = endless("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x", Duration::from_millis(20)).await;
    let answer = ends(&task(&server), &server).await.unwrap();
    assert!(matches!(answer.body, Err(Error::HttpResponseTimeout)), "{answer:?}");
}

#[tokio::test]
async fn a_guest_may_be_less_patient_than_its_operator() {
    let silent = Server::new(|mut peer| async move {
        peer.request().await;
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx").await;
        peer.wait().await;
    })
    .await;
    let mute = Server::new(|mut peer| async move { peer.wait().await }).await;
    let limits = HttpLimits { call_ms_max: 60_000, ..LIMITS };
    let task = Task::new(Egress { limits, ..granted(&[silent.origin(), mute.origin()]) });
    let short = Some(Duration::from_millis(50));
    let none = || http_body_util::Empty::new().map_err(Into::into).boxed_unsync();
    let options = RequestOptions { first_byte_timeout: short, ..RequestOptions::default() };
    let late = task.send_with(Request::get(mute.url("/")), none(), options).await;
    assert!(matches!(late, Err(Error::ConnectionReadTimeout)), "{late:?}");
    let options = RequestOptions { between_bytes_timeout: short, ..RequestOptions::default() };
    let late = task.send_with(Request::get(silent.url("/")), none(), options).await.unwrap();
    assert!(matches!(late.body, Err(Error::HttpResponseTimeout)), "{late:?}");
}

/// A guest's reading is not a task of the runtime.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_read_from_a_plain_thread() {
    let go = Arc::<tokio::sync::Notify>::default();
    let server = Server::new({
        let go = Arc::clone(&go);
        move |mut peer| {
            let go = Arc::clone(&go);
            async move {
                peer.request().await;
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").await;
                go.notified().await;
                peer.write("ok").await;
                peer.wait().await;
            }
        }
    })
    .await;
    let task = Task::new(granted(&[server.origin()]));
    let none = http_body_util::Empty::new().map_err(Into::into).boxed_unsync();
    let options = RequestOptions { between_bytes_timeout: Some(Duration::from_secs(60)), ..RequestOptions::default() };
    let mut body = task.open(Request::get(server.url("/")), none, options).await.unwrap().into_body();
    let read = std::thread::spawn(move || {
        assert!(wasmtime_wasi::runtime::poll_noop(std::pin::pin!(body.frame())).is_none());
        go.notify_one();
        loop {
            match wasmtime_wasi::runtime::poll_noop(std::pin::pin!(body.frame())) {
                Some(Some(frame)) => assert_eq!(frame.unwrap().into_data().unwrap(), "ok"),
                Some(None) => return,
                None => std::thread::yield_now(),
            }
        }
    });
    tokio::task::spawn_blocking(|| read.join().unwrap()).await.unwrap();
    assert_eq!(task.http.bytes(), 2);
}

#[tokio::test]
async fn an_endless_body_ends_with_the_bytes() {
    for (head, again) in [
        ("HTTP/1.1 200 OK\r\n\r\n", &[b'x'; 4096][..]),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"8\r\nxxxxxxxx\r\n"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n", &[b'x'; 4096]),
    ] {
        let server = endless(head, again, Duration::ZERO).await;
        let task = Task::new(Egress { limits: HttpLimits { call_ms_max: 20_000, ..LIMITS }, ..granted(&[server.origin()]) });
        let answer = ends(&task, &server).await.unwrap();
        assert!(matches!(answer.body, Err(Error::HttpResponseBodySize(Some(100_000)))), "{answer:?}");
        assert_eq!(task.http.denied(), Some(Denied::Bytes(100_000)));
    }
}

#[tokio::test]
async fn packed_bodies_are_unpacked() {
    let server = gives("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 25\r\n\r\n", gzip(b"hello")).await;
    let answer = ends(&task(&server), &server).await.unwrap();
    assert_eq!(answer.text(), "hello");
    assert!(answer.headers.is_empty(), "{answer:?}");
}

/// 100 MB in 100 kB.
#[tokio::test]
async fn a_bomb_is_counted_unpacked() {
    let bomb = gzip(&vec![0; 100_000_000]);
    assert!(bomb.len() < LIMITS.bytes_max as usize);
    let server = gives("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", bomb).await;
    let task = Task::new(Egress { limits: HttpLimits { call_ms_max: 20_000, ..LIMITS }, ..granted(&[server.origin()]) });
    let answer = ends(&task, &server).await.unwrap();
    assert!(matches!(answer.body, Err(Error::HttpResponseBodySize(_))), "{answer:?}");
    // It was stopped at once, not at its end.
    assert!(task.http.bytes() < 1_000_000, "{}", task.http.bytes());
}

#[tokio::test]
async fn a_packing_that_nobody_asked_for_is_refused() {
    for coding in ["br", "gzip, gzip"] {
        let server = Server::new(move |mut peer| async move {
            peer.request().await;
            peer.write(format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: 1\r\n\r\nx")).await;
        })
        .await;
        assert!(matches!(ends(&task(&server), &server).await, Err(Error::HttpResponseContentCoding(Some(_)))), "{coding}");
    }
}

#[tokio::test]
async fn a_body_that_is_cut_short_is_an_error() {
    let cut = gzip(b"hello hello hello");
    for (head, body) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", b"short".to_vec()),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"a\r\nshort".to_vec()),
        ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", cut[..cut.len() - 9].to_vec()),
    ] {
        let server = gives(head, body).await;
        let answer = ends(&task(&server), &server).await.unwrap();
        assert!(matches!(answer.body, Err(Error::HttpResponseIncomplete)), "{answer:?}");
    }
}

#[tokio::test]
async fn a_body_longer_than_it_says_is_cut_and_the_connection_not_used_again() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil").await;
    let task = task(&server);
    for _ in 0..3 {
        assert_eq!(ends(&task, &server).await.unwrap().text(), "ok");
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn garbage_is_an_error() {
    for head in
        ["\0\0\0\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", "SSH-2.0-x\r\n"]
    {
        let server = gives(head, Vec::new()).await;
        assert!(ends(&task(&server), &server).await.is_err(), "{head}");
    }
    let server = gives("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"zz\r\n".to_vec()).await;
    assert!(ends(&task(&server), &server).await.unwrap().body.is_err());
}

#[tokio::test]
async fn an_early_end_is_an_error() {
    for head in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nA: b\r\n"] {
        let server = gives(head, Vec::new()).await;
        assert!(ends(&task(&server), &server).await.is_err(), "{head}");
    }
}

#[tokio::test]
async fn more_headers_than_granted_are_refused() {
    let server = Server::new(|mut peer| async move {
        peer.request().await;
        let many = "X-A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n".repeat(90);
        peer.write(format!("HTTP/1.1 200 OK\r\n{many}Content-Length: 0\r\n\r\n")).await;
        peer.wait().await;
    })
    .await;
    let limits = HttpLimits { header_bytes_max: 4_000, ..LIMITS };
    let task = Task::new(Egress { limits, ..granted(&[server.origin()]) });
    assert!(matches!(ends(&task, &server).await, Err(Error::HttpResponseHeaderSectionSize(Some(4_000)))));
    assert_eq!(task.http.denied(), Some(Denied::HeaderBytes { of: "response", max: 4_000 }));
    let flood = endless("HTTP/1.1 200 OK\r\n", b"X-A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n", Duration::ZERO).await;
    let task = self::task(&flood);
    assert!(matches!(ends(&task, &flood).await, Err(Error::HttpResponseHeaderSectionSize(_))));
    assert!(task.http.denied().unwrap().is_limit());
}

#[tokio::test]
async fn a_flood_of_interim_responses_ends_with_the_time() {
    let server = endless("", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", Duration::ZERO).await;
    assert!(ends(&task(&server), &server).await.is_err());
}
