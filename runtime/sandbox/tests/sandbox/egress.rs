//! Outbound calls of a real guest, through its own language's client.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use lockgate_core::egress::{Egress, HttpLimits, Origin, SecretGrant, SecretText};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::history::{Level, Source};
use lockgate_core::names::{ExternalId, TypeName};
use lockgate_core::ports::{Granted, Instance, Limits};
use lockgate_core::prepared::Prepared;
use lockgate_core::value::{Given, Plain};
use serde_json::{Value as Json, json};

use crate::support::{Fixture, calling_connector, grant, prepare, scripted, translator};

/// A server that gives this answer to every request, and keeps what it was asked.
struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn answering(answer: impl Into<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, seen, answer) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<String>>>::default(), answer.into());
        let kept = Arc::clone(&seen);
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let (kept, answer) = (Arc::clone(&kept), answer.clone());
                thread::spawn(move || serve(stream, &kept, &answer));
            }
        });
        Self { address, seen }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn origin(&self) -> Origin {
        self.url("").parse().unwrap()
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// May be called, and nothing else.
    fn granted(&self) -> Egress {
        let networks = [(self.origin(), vec!["127.0.0.0/8".parse().unwrap()])].into();
        Egress { origins: vec![self.origin()], networks, ..Egress::default() }
    }
}

/// An empty answer means to say nothing and wait.
fn serve(mut stream: TcpStream, seen: &Mutex<Vec<String>>, answer: &str) {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let chunked = head.contains("transfer-encoding: chunked") && !body.ends_with("0\r\n\r\n");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if chunked || body.len() < length.unwrap_or(0) {
            continue;
        }
        seen.lock().unwrap().push(std::mem::take(&mut text));
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nX-Kind: test\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn granted(egress: Egress) -> Box<dyn Instance> {
    grant(&*scripted(), Granted { egress, ..Granted::default() }).unwrap()
}

/// What came of the acts.
fn reported(instance: &mut dyn Instance, acts: &Json) -> Result<Json, Failure> {
    let script = json!({ "do": acts, "prepare": { "report": "r" } }).to_string();
    let Prepared::Object(object) = prepare(instance, &script)? else { panic!("not an object") };
    let acts = object.row.fields.iter().find(|(name, _)| name.as_str() == "acts").unwrap();
    let Given::Plain(Plain::Json(acts)) = &acts.1 else { panic!("{acts:?}") };
    Ok(serde_json::from_str(acts).unwrap())
}

fn http(url: impl Into<String>) -> Json {
    json!([{ "http": { "url": url.into(), "on_error": "answer" } }])
}

#[test]
fn a_guest_calls_with_its_own_client() {
    let server = Server::answering(ok("hello"));
    let mut instance = granted(server.granted());
    let acts = json!([{ "http": { "method": "POST", "url": server.url("/a?b=c"), "headers": { "x-own": "1" }, "body": "données" } }]);
    let answer = &reported(&mut *instance, &acts).unwrap()[0];
    assert_eq!((&answer["status"], &answer["body"], &answer["headers"]["x-kind"]), (&json!(200), &json!("hello"), &json!("test")));
    let seen = server.seen().concat();
    assert!(seen.starts_with("POST /a?b=c HTTP/1.1\r\n"), "{seen}");
    for part in [&format!("\r\nhost: {}\r\n", server.address), "\r\nx-own: 1\r\n", "données"] {
        assert!(seen.contains(part), "{seen}");
    }
    let usage = instance.usage();
    assert_eq!((usage.http_calls, usage.http_bytes), (1, 13));
    let line = usage.log.iter().find(|line| line.source == Source::Host).unwrap();
    assert_eq!(line.level, Level::Debug);
    assert!(line.message.starts_with(&format!("POST {}: 200, 13 bytes, ", server.url("/a"))), "{line:?}");
}

#[test]
fn a_guest_without_grants_reaches_nothing_and_its_failure_says_why() {
    let server = Server::answering(ok("hello"));
    let failure = reported(&mut *granted(Egress::default()), &http(server.url("/"))).unwrap_err();
    assert_eq!(failure.code, Code::EgressDenied);
    for part in [&format!("{} is not granted", server.origin()), "the connector then ended with internal: ", "denied the call"] {
        assert!(failure.message.contains(part), "{failure}");
    }
    assert!(server.seen().is_empty());
}

#[test]
fn a_crash_after_a_denied_call_is_put_down_to_it() {
    let script = json!({ "do": [{ "http": { "url": "https://a.example/" } }], "prepare": { "panic": "no answer" } }).to_string();
    let failure = prepare(&mut *granted(Egress::default()), &script).unwrap_err();
    assert_eq!(failure.code, Code::EgressDenied);
    assert!(failure.message.contains("ended with panic") && failure.message.contains("no answer"), "{failure}");
}

#[test]
fn a_guest_may_do_without_what_was_denied() {
    let mut instance = granted(Egress::default());
    let acts = json!([{ "http": { "url": "https://a.example/" } }]);
    assert_eq!(reported(&mut *instance, &acts).unwrap()[0]["error"], "denied");
    // What fails in another call later has causes of its own.
    let missing = instance.get_internal_object_params(&ExternalId::new("x").unwrap().unwrap(), &TypeName::new("a.b").unwrap()).unwrap_err();
    assert_eq!(missing.code, Code::NotFound);
    let log = instance.usage().log;
    assert!(
        log.iter().any(|line| line.source == Source::Host && line.level == Level::Warn && line.message.contains("denied: ")),
        "{log:?}"
    );
}

#[test]
fn a_private_address_is_refused_even_if_its_origin_is_granted() {
    let server = Server::answering(ok("hello"));
    let egress = Egress { networks: BTreeMap::new(), ..server.granted() };
    let failure = reported(&mut *granted(egress), &http(server.url("/"))).unwrap_err();
    assert_eq!(failure.code, Code::EgressDenied);
    assert!(failure.message.contains("a loopback address"), "{failure}");
    assert!(server.seen().is_empty());
}

#[test]
fn more_than_the_limits_grant_fails_as_that() {
    let server = Server::answering(ok(&"x".repeat(1_000)));
    let few = Egress { limits: HttpLimits { calls_max: 2, ..HttpLimits::default() }, ..server.granted() };
    let acts = json!([{ "http": { "url": server.url("/"), "times": 3, "on_error": "answer" } }]);
    let failure = reported(&mut *granted(few), &acts).unwrap_err();
    assert_eq!(failure.code, Code::EgressLimit);
    assert!(failure.message.contains("`http_calls_max`"), "{failure}");
    assert_eq!(server.seen().len(), 2);
    let small = Egress { limits: HttpLimits { bytes_max: 999, ..HttpLimits::default() }, ..server.granted() };
    let failure = reported(&mut *granted(small.clone()), &http(server.url("/"))).unwrap_err();
    assert_eq!(failure.code, Code::EgressLimit);
    assert!(failure.message.contains("`http_bytes_max`"), "{failure}");
    let answers = reported(&mut *granted(small), &json!([{ "http": { "url": server.url("/") } }])).unwrap();
    assert_eq!(answers[0]["error"], "too-large");
}

#[test]
fn a_guest_cannot_set_the_hosts_headers() {
    let server = Server::answering(ok("hello"));
    for name in ["Host", "connection", "transfer-encoding", "te", "upgrade", "proxy-authorization"] {
        let acts = json!([{ "http": { "url": server.url("/"), "headers": { name: "x" } } }]);
        let answer = reported(&mut *granted(server.granted()), &acts).unwrap();
        assert_eq!(answer[0]["error"], "invalid", "{answer}");
    }
    for (name, value) in [("x", "a\r\nhost: evil"), ("x\r\ny", "a"), ("x", "a\0")] {
        let acts = json!([{ "http": { "url": server.url("/"), "headers": { name: value } } }]);
        let answer = reported(&mut *granted(server.granted()), &acts).unwrap();
        assert_eq!(answer[0]["error"], "invalid", "{answer}");
    }
    assert!(server.seen().is_empty());
}

#[test]
fn a_secret_reaches_the_server_and_never_the_guest() {
    let server = Server::answering(ok("your key is s3cret-value"));
    let secret = SecretGrant { value: SecretText::new("s3cret-value"), origins: vec![server.origin()] };
    let secrets = BTreeMap::from([("token".to_owned(), secret)]);
    let mut instance = granted(Egress { secrets, ..server.granted() });
    let acts = json!([
        { "secret": "token" },
        { "secret": "other" },
        { "http": { "method": "POST", "url": server.url("/?k={secret:token}"), "headers": { "authorization": "Bearer {secret:token}" },
            "basic": null, "body": "b={secret:token}" } },
        { "http": { "url": server.url("/basic"), "basic": { "user": "me", "password": "{secret:token}" } } },
        { "print": { "stderr": "I was told s3cret-value" } },
    ]);
    let answers = reported(&mut *instance, &acts).unwrap();
    let placeholder = answers[0].as_str().unwrap();
    assert!(placeholder.starts_with("lockgate-secret-"));
    assert_eq!(answers[1], Json::Null);
    assert_eq!(answers[2]["body"], format!("your key is {placeholder}"));
    assert!(!answers.to_string().contains("s3cret"), "{answers}");
    let seen = server.seen();
    for part in ["/?k=s3cret-value ", "authorization: Bearer s3cret-value\r\n", "b=s3cret-value"] {
        assert!(seen[0].contains(part), "{seen:?}");
    }
    // `me:s3cret-value`
    assert!(seen[1].contains("authorization: Basic bWU6czNjcmV0LXZhbHVl\r\n"), "{seen:?}");
    let log = instance.usage().log;
    assert!(!format!("{log:?}").contains("s3cret"), "{log:?}");
    assert!(log.iter().any(|line| &*line.message == "I was told (secret token)"), "{log:?}");
}

#[test]
fn a_failure_has_no_secret_in_it() {
    let server = Server::answering(ok(""));
    let secret = SecretGrant { value: SecretText::new("s3cret-value"), origins: Vec::new() };
    let egress = Egress { secrets: BTreeMap::from([("token".to_owned(), secret)]), ..server.granted() };
    let failure = prepare(&mut *granted(egress.clone()), r#"{"prepare": {"panic": "s3cret-value leaked"}}"#).unwrap_err();
    assert!(failure.message.contains("(secret token) leaked"), "{failure}");
    let error = r#"{"prepare": {"error": {"kind": "invalid", "message": "s3cret-value", "path": "s3cret-value"}}}"#;
    let failure = prepare(&mut *granted(egress.clone()), error).unwrap_err();
    assert!(!failure.to_string().contains("s3cret"), "{failure}");
    // Granted for no origin: not even the server that may be called gets it.
    let acts = json!([{ "http": { "url": server.url("/?{secret:token}"), "on_error": "answer" } }]);
    let failure = reported(&mut *granted(egress), &acts).unwrap_err();
    assert_eq!(failure.code, Code::EgressDenied);
    assert!(failure.message.contains("the secret `token` is not granted for"), "{failure}");
    assert!(server.seen().is_empty());
}

#[test]
fn a_dry_run_sends_nothing() {
    let server = Server::answering(ok("hello"));
    let mut instance = granted(Egress { dry_run: true, ..server.granted() });
    let acts = json!([{ "http": { "url": server.url("/a?b") } }, { "http": { "url": "https://other.example/" } }]);
    let answers = reported(&mut *instance, &acts).unwrap();
    assert_eq!((&answers[0]["error"], &answers[1]["error"]), (&json!("denied"), &json!("denied")));
    let log: Vec<String> = instance.usage().log.iter().map(|line| line.message.to_string()).collect();
    assert!(log.contains(&format!("would have called GET {} (granted)", server.url("/a"))), "{log:?}");
    assert!(log.iter().any(|line| line.starts_with("would have called GET https://other.example/ (denied: ")), "{log:?}");
    assert!(server.seen().is_empty());
}

#[test]
fn a_server_that_does_not_answer_does_not_hold_a_task_beyond_its_deadline() {
    // Silent at once, and silent in the middle of its body.
    for answer in ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx"] {
        let server = Server::answering(answer);
        let limits = Limits { deadline_ms: 300, ..Limits::default() };
        let egress = server.granted();
        let mut instance = grant(&*scripted(), Granted { egress, limits, ..Granted::default() }).unwrap();
        let started = std::time::Instant::now();
        // Either the task's deadline or the call's own, which is the same moment.
        let failure = reported(&mut *instance, &http(server.url("/"))).unwrap_err();
        assert!(matches!(failure.code, Code::Deadline | Code::Unavailable), "{failure}");
        assert!(started.elapsed().as_secs() < 20);
        let short = Egress { limits: HttpLimits { call_ms_max: 100, ..HttpLimits::default() }, ..server.granted() };
        let answers = reported(&mut *granted(short), &json!([{ "http": { "url": server.url("/") } }])).unwrap();
        assert_eq!(answers[0]["error"], "timeout", "{answers}");
    }
}

/// Found while linking `wasi:http`: a guest that filled the body of a request and never sent it held
/// its thread for ever, since blocking writes knew no deadline.
#[test]
fn who_writes_into_a_request_that_is_never_sent_ends_at_the_deadline() {
    const T: &str = "wasi:http/types@0.2.0";
    let imports = format!(
        r#"(import "{T}" "[constructor]fields" (func $fields (result i32)))
        (import "{T}" "[constructor]outgoing-request" (func $request (param i32) (result i32)))
        (import "{T}" "[method]outgoing-request.body" (func $body (param i32 i32)))
        (import "{T}" "[method]outgoing-body.write" (func $write (param i32 i32)))
        (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush" (func $blocking (param i32 i32 i32 i32)))"#
    );
    let prepare_body = "
        (call $body (call $request (call $fields)) (i32.const 600))
        (call $write (i32.load offset=4 (i32.const 600)) (i32.const 608))
        (loop
            (call $blocking (i32.load offset=4 (i32.const 608)) (i32.const 1024) (i32.const 4096) (i32.const 616))
            (br 0))
        unreachable";
    let fixture = Fixture::new();
    let translator = translator(&fixture.sandbox, &calling_connector(&imports, prepare_body)).unwrap();
    let limits = Limits { deadline_ms: 200, ..Limits::default() };
    let failure = prepare(&mut *grant(&*translator, Granted { limits, ..Granted::default() }).unwrap(), "{}").unwrap_err();
    assert_eq!(failure.code, Code::Deadline, "{failure}");
}
