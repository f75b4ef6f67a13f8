//! Sending, against a server that answers what the test says.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests, which may fail loudly")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use clap::Parser;
use lockgate_feed::{Args, Summary, Task, send};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    feed: Args,
}

fn args(extra: &[&str]) -> Args {
    Cli::parse_from(["feed"].iter().chain(extra)).feed
}

/// Answers one connection after the other; gives back what it was sent.
fn server(answers: Vec<String>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serve = move || answers.iter().map(|answer| exchange(&listener.accept().unwrap().0, answer)).collect();
    (url, thread::spawn(serve))
}

fn exchange(stream: &TcpStream, answer: &str) -> String {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        request.push_str(&line);
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    request.push_str(&String::from_utf8(body).unwrap());
    let mut stream = stream;
    stream.write_all(answer.as_bytes()).unwrap();
    request
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

fn two_tasks() -> Vec<Task> {
    vec![Task::object("shop", "shop.product", "one", "text/plain", "1"), Task::object("shop", "shop.product", "two", "text/plain", "2")]
}

#[test]
fn not_now_is_waited_for_and_a_refused_task_is_counted() {
    let body = r#"{"accepted":1,"refused":1,"results":[{"task":7},{"error":{"code":"unknown-connector","detail":"no connector shop"}}]}"#;
    let (url, served) = server(vec![answer("503 Service Unavailable", "Retry-After: 0\r\n", ""), answer("200 OK", "", body)]);
    let mut summary = Summary::default();
    send(two_tasks(), &args(&["--url", &url, "--token", "t0"]), &mut summary).unwrap();
    assert_eq!(summary.submitted_count(), 1);
    assert!(summary.text("submitted").contains("two: unknown-connector: no connector shop"));
    let requests = served.join().unwrap();
    assert_eq!(requests[0], requests[1]);
    let request = requests[1].to_lowercase();
    assert!(request.starts_with("post /v1/tasks http/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: bearer t0\r\n"), "{request}");
    assert!(request.contains("content-type: application/x-ndjson\r\n"), "{request}");
    assert_eq!(request.matches("\"process_type\":\"skip-on-error\"").count(), 2);
}

#[test]
fn a_wrong_token_stops_with_what_the_server_says() {
    let problem = r#"{"title":"Unauthorized","code":"unauthorized","detail":"no such token"}"#;
    let (url, served) = server(vec![answer("401 Unauthorized", "", problem)]);
    let error = send(two_tasks(), &args(&["--url", &url]), &mut Summary::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Lockgate answered 401: unauthorized: Unauthorized: no such token; give a token that may submit with --token or LOCKGATE_TOKEN"
    );
    served.join().unwrap();
}

/// A link was followed, and what it led to emptied; a run that failed left half a file.
#[cfg(unix)]
#[test]
fn a_file_is_written_whole_and_replaced_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let [precious, out] = ["precious", "tasks.ndjson"].map(|name| folder.path().join(name));
    std::fs::write(&precious, "precious").unwrap();
    std::os::unix::fs::symlink(&precious, &out).unwrap();
    let write = |path: &std::path::Path, flags: &[&str]| {
        let args = args(&[&["--out", path.to_str().unwrap()], flags].concat());
        send(two_tasks(), &args, &mut Summary::default()).map_err(|error| error.to_string())
    };
    for there in [&precious, &out] {
        let refused = write(there, &[]).unwrap_err();
        assert!(refused.ends_with("is there already; name another file, or replace it with --force"), "{refused}");
    }
    write(&out, &["--force"]).unwrap();
    assert!(!out.is_symlink());
    assert_eq!(std::fs::read_to_string(&out).unwrap().lines().count(), 2);
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "precious");
    write(&out, &["--force"]).unwrap();
    let refused = write(std::path::Path::new("/dev/null"), &["--force"]).unwrap_err();
    assert!(refused.ends_with("/dev/null: it is there and is not a file"), "{refused}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing unfinished is left");
}

#[test]
fn tasks_are_written_instead_of_sent() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("tasks.ndjson");
    let args = args(&["--out", out.to_str().unwrap(), "--repeatable", "--process-type", "default"]);
    send(two_tasks(), &args, &mut Summary::default()).unwrap();
    let text = std::fs::read_to_string(out).unwrap();
    assert_eq!(text.lines().count(), 2);
    assert_eq!(text.matches("\"idempotency_key\":\"").count(), 2);
    assert_eq!(text.matches("\"process_type\":\"default\"").count(), 2);
}
