//! A secret is learned neither by a server that guesses nor by one that it was granted for (G69).
//!
//! The story: what looked like the beginning of a value was held back, in every answer. A server that sent a guess and fell
//! silent saw by what the guest did next, and when, whether the guess was right: 24 characters in 12 s.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::Request;
use http_body_util::{BodyExt, Empty};
use lockgate_core::egress::{Egress, HttpLimits};
use tokio::sync::Notify;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::server::{Server, Task, granted, secret};
use crate::secrets::Masker;

const VALUE: &str = "tok-5f\"2/c9&b1+7e%20<40";

/// Right and wrong guesses of each length, as they are and in other forms.
fn guesses() -> Vec<String> {
    let mut guesses = vec![String::new(), VALUE.to_owned(), "x".repeat(VALUE.len()), "tok-5f%222%2fc".to_owned(), "tok-5f&quot".to_owned()];
    // What a header can hold.
    for length in 1..VALUE.len() {
        let right = VALUE[..length].to_owned();
        let wrong = format!("{}~", &VALUE[..length - 1]);
        guesses.extend([right, wrong]);
    }
    guesses
}

/// What a server has seen of the guest, and when, in hundreds of ms since the guess was sent: after `read` the guest has
/// read all that it could.
type Seen = Arc<Mutex<Vec<(String, u128)>>>;

/// Sends a guess in a body that has no end, and falls silent; then notes what the guest does.
async fn guessing(guess: String, seen: Seen) -> Server {
    Server::new(move |mut peer| {
        let (guess, seen) = (guess.clone(), Arc::clone(&seen));
        async move {
            peer.request().await;
            peer.write(format!("HTTP/1.1 200 OK\r\nX-Guess: {guess}\r\nContent-Length: 100000\r\n\r\n{guess}")).await;
            let sent = Instant::now();
            peer.wait().await;
            seen.lock().unwrap().push(("closed".to_owned(), sent.elapsed().as_millis() / 1_000));
        }
    })
    .await
}

fn none() -> WasiBody {
    Empty::new().map_err(Into::into).boxed_unsync()
}

/// What the guest reads of the body until it has `bytes` of it.
async fn read(body: &mut WasiBody, bytes: usize) -> Vec<u8> {
    let mut read = Vec::new();
    while read.len() < bytes {
        let frame = tokio::time::timeout(Duration::from_secs(5), body.frame()).await.expect("more is passed on");
        read.extend_from_slice(&frame.unwrap().unwrap().into_data().unwrap());
    }
    read
}

/// With the default limits, as they are in service.
#[tokio::test]
async fn a_server_that_guesses_a_secret_of_another_sees_the_same_for_every_guess() {
    let mut all = Vec::new();
    for guess in guesses() {
        let seen = Seen::default();
        let attacker = guessing(guess.clone(), Arc::clone(&seen)).await;
        let other = "https://shop.example".parse().unwrap();
        let secrets = BTreeMap::from([("key".to_owned(), secret(VALUE, &[other]))]);
        let task = Task::new(Egress { secrets, limits: HttpLimits::default(), ..granted(&[attacker.origin()]) });
        task.secrets.placeholder("key").unwrap();
        let response = task.open(Request::get(attacker.url("/")), none(), RequestOptions::default()).await.unwrap();
        let (head, mut body) = response.into_parts();
        assert_eq!(head.headers["x-guess"], guess);
        assert_eq!(head.headers["content-length"], "100000");
        // All of it, at once: the guest has read it, and hangs up.
        assert_eq!(String::from_utf8(read(&mut body, guess.len()).await).unwrap(), guess);
        drop(body);
        while seen.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        all.push(seen.lock().unwrap().clone());
    }
    all.dedup();
    assert_eq!(all, [[("closed".to_owned(), 0)]]);
}

/// A whole value shows, as the placeholder in its stead; nothing else does.
#[tokio::test]
async fn a_server_of_the_secret_itself_sees_the_same_for_every_guess() {
    for guess in guesses().into_iter().filter(|guess| guess != VALUE) {
        let go = Arc::<Notify>::default();
        let filler = 5_000;
        let text = "-".repeat(filler) + &guess;
        let server = Server::new({
            let (go, text) = (Arc::clone(&go), text.clone());
            move |mut peer| {
                let (go, text) = (Arc::clone(&go), text.clone());
                async move {
                    peer.request().await;
                    peer.write(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len() + 1)).await;
                    go.notified().await;
                    peer.write("!").await;
                }
            }
        })
        .await;
        let secrets = BTreeMap::from([("key".to_owned(), secret(VALUE, &[server.origin()]))]);
        let task = Task::new(Egress { secrets, limits: HttpLimits::default(), ..granted(&[server.origin()]) });
        let held = task.secrets.masker(&server.origin()).map(Masker::stream).unwrap().held_bytes();
        assert!(held < filler);
        let mut body = task.open(Request::get(server.url("/")), none(), RequestOptions::default()).await.unwrap().into_body();
        let mut came = read(&mut body, text.len() - held).await;
        assert_eq!(came.len(), text.len() - held, "{guess}");
        assert!(wasmtime_wasi::runtime::poll_noop(std::pin::pin!(body.frame())).is_none(), "{guess}");
        go.notify_one();
        came.extend(read(&mut body, held + 1).await);
        assert_eq!(String::from_utf8(came).unwrap(), text + "!");
    }
}

/// The library's error for a coding that it cannot unpack quotes the server.
#[tokio::test]
async fn an_error_that_quotes_a_server_quotes_no_secret() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Encoding: tok%2d123\r\nContent-Length: 1\r\n\r\nx").await;
    let secrets = BTreeMap::from([("key".to_owned(), secret("tok-123", &[server.origin()]))]);
    let task = Task::new(Egress { secrets, ..granted(&[server.origin()]) });
    let placeholder = task.secrets.placeholder("key").unwrap();
    let error = task.get(&server.url("/")).await.unwrap_err();
    assert!(matches!(error, Error::HttpResponseContentCoding(Some(coding)) if coding == placeholder));
}

#[tokio::test]
async fn the_name_of_a_header_is_masked_like_its_value() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nX-tok-123: a\r\nX-tok-123: tok-123\r\nContent-Length: 0\r\n\r\n").await;
    let secrets = BTreeMap::from([("key".to_owned(), secret("tok-123", &[server.origin()]))]);
    let task = Task::new(Egress { secrets, ..granted(&[server.origin()]) });
    let placeholder = task.secrets.placeholder("key").unwrap();
    let answer = task.get(&server.url("/")).await.unwrap();
    let values: Vec<_> = answer.headers.get_all(format!("x-{placeholder}")).into_iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(values, ["a", &placeholder]);
}
