//! The clients in `examples/`, against a real server: a change is stored, the same key does not queue it twice, a mistake is
//! told at once, and one that gets no answer is sent again. Those in PHP and C# are checked by their languages' compilers,
//! where these are installed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lockgate_system_tests::built::workspace;
use lockgate_system_tests::program::{Server, lockgate, path, text};

fn example(name: &str) -> PathBuf {
    workspace().join("examples").join(name)
}

fn served(folder: &Path) -> Server {
    std::fs::write(folder.join("model.toml"), "[[object_type]]\nname = 'cms.role'\n").unwrap();
    std::fs::write(folder.join("lockgate.toml"), "[connectors.direct.grant]\nobjects = ['cms.role']\n").unwrap();
    std::fs::write(folder.join("role.json"), r#"{"object": {"type": "cms.role", "code_name": "editors"}}"#).unwrap();
    for arguments in [&["model", "apply", "model.toml"][..], &["connector", "add", "direct", "--direct"]] {
        let ran = lockgate(folder).args(arguments).output().unwrap();
        assert!(ran.status.success(), "{}", text(&ran.stderr));
    }
    Server::start(folder)
}

fn send(interpreter: &str, script: &str, url: &str, folder: &Path, arguments: [&str; 4]) -> Output {
    let mut command = Command::new(interpreter);
    command.arg(example(script)).args(arguments).current_dir(folder).env("LOCKGATE_URL", url);
    command.env("MEDIA_TYPE", "application/vnd.lockgate.object+json").env_remove("LOCKGATE_TOKEN");
    command.output().unwrap()
}

fn client_works(interpreter: &str, script: &str) {
    let folder = tempfile::tempdir().unwrap();
    let server = served(folder.path());
    let send = |arguments| send(interpreter, script, &server.url, folder.path(), arguments);

    let sent = send(["direct", "role.json", "editors", "editors, change 1"]);
    assert_eq!(text(&sent.stdout).trim(), "task 1: stored", "{}", text(&sent.stderr));
    let again = send(["direct", "role.json", "editors", "editors, change 1"]);
    assert_eq!(text(&again.stdout).trim(), "task 1: stored", "the same key is the same change: {}", text(&again.stderr));
    let next = send(["direct", "role.json", "editors", "editors, change 2"]);
    assert_eq!(text(&next.stdout).trim(), "task 2: unchanged", "{}", text(&next.stderr));

    let mistake = send(["nobody", "role.json", "editors", "editors, change 3"]);
    let said = format!("{}{}", text(&mistake.stdout), text(&mistake.stderr));
    assert!(!mistake.status.success() && said.contains("unknown-connector"), "{said}");
}

/// A server that first gives no answer, then says that it is busy, then takes the task: with one key.
fn client_tries_again(interpreter: &str, script: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("role.json"), "{}").unwrap();
    let answer =
        |status: &str, body: &str| format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    let answers =
        [String::new(), answer("429 Too Many Requests", "{}"), answer("201 Created", r#"{"task":7,"repeated":false,"outcome":"stored"}"#)];
    let serving = std::thread::spawn(move || {
        let mut heads = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                head.push(byte[0]);
            }
            let head = String::from_utf8_lossy(&head).to_lowercase();
            if head.starts_with("post ") {
                // The body, `{}`: a connection that is closed with something unread is reset.
                stream.read_exact(&mut [0; 2]).unwrap();
            }
            heads.push(head);
            stream.write_all(answer.as_bytes()).unwrap();
        }
        heads
    });
    let sent = send(interpreter, script, &url, folder.path(), ["shop", "role.json", "7", "change-9"]);
    assert_eq!(text(&sent.stdout).trim(), "task 7: stored", "{}", text(&sent.stderr));
    let heads = serving.join().unwrap();
    assert!(heads.iter().all(|head| head.contains("idempotency-key: change-9")), "{heads:#?}");
}

#[test]
fn in_python() {
    client_works("python3", "submit.py");
    client_tries_again("python3", "submit.py");
}

#[test]
fn in_javascript() {
    client_works("node", "submit.mjs");
    client_tries_again("node", "submit.mjs");
}

/// Debian's php-cli and mono-mcs; `cargo xtask test` installs them where root runs it.
#[test]
fn in_php_and_c_sharp_they_compile() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("submit.exe");
    let out = format!("-out:{}", path(&out));
    for (program, arguments, script) in [("php", vec!["-l"], "submit.php"), ("mcs", vec!["-r:System.Net.Http", &out], "submit.cs")] {
        match Command::new(program).args(arguments).arg(example(script)).output() {
            Ok(ran) => assert!(ran.status.success(), "{script}: {}{}", text(&ran.stdout), text(&ran.stderr)),
            Err(error) => {
                assert!(std::env::var_os("LOCKGATE_LANGUAGES").is_none(), "{program} is not here: {error}");
                eprintln!("skipped: {program} is not here");
            }
        }
    }
}

/// What people copy is short enough to be read.
#[test]
fn each_fits_on_a_screen() {
    for name in ["submit.py", "submit.mjs", "submit.php", "submit.cs"] {
        let lines = std::fs::read_to_string(example(name)).unwrap().lines().count();
        assert!((20..=36).contains(&lines), "{name} has {lines} lines");
    }
}
