//! A real SCIM application: `scim2-server` from PyPI, in a Python environment below `target/`.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use lockgate_system_tests::built::workspace;
use serde_json::Value;
use ureq::http::Request;

/// What the application lets in, and nothing else.
pub const TOKEN: &str = "t0ken-of-the-application-5b1f";

/// One application with no users and no groups. Killed when dropped.
pub struct Application {
    child: Child,
    agent: ureq::Agent,
    /// Where it listens: `127.0.0.1:PORT`.
    pub address: String,
}

impl Application {
    /// Starts one; `None`, with a notice, where there is no Python to run it. CI has one.
    pub fn start() -> Option<Self> {
        let program = installed()?;
        let port = free_port();
        let mut child = Command::new(program)
            .args(["--hostname", "127.0.0.1", "--port", &port.to_string(), "--bearer-token", TOKEN])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("Serving"), "the application did not start: {line:?}");
        let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        Some(Self { child, agent, address: format!("127.0.0.1:{port}") })
    }

    /// Sends a document, and answers what came back.
    pub fn send(&self, method: &str, path: &str, document: &Value) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{}/v2{path}", self.address))
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("content-type", "application/scim+json");
        let mut response = self.agent.run(request.body(document.to_string()).unwrap()).unwrap();
        let mut body = String::new();
        response.body_mut().as_reader().read_to_string(&mut body).unwrap();
        (response.status().as_u16(), serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    /// The same, where it must succeed.
    pub fn done(&self, method: &str, path: &str, document: &Value) -> Value {
        let (status, answer) = self.send(method, path, document);
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// What is there now.
    pub fn get(&self, path: &str) -> Value {
        let mut url = self.agent.get(format!("http://{}/v2{path}", self.address)).header("authorization", format!("Bearer {TOKEN}"));
        url = url.header("accept", "application/scim+json");
        let mut response = url.call().unwrap();
        assert_eq!(response.status().as_u16(), 200, "GET {path}");
        let mut body = String::new();
        response.body_mut().as_reader().read_to_string(&mut body).unwrap();
        serde_json::from_str(&body).unwrap()
    }

    /// The resources below an endpoint.
    pub fn all(&self, endpoint: &str) -> Vec<Value> {
        let list = self.get(endpoint);
        let resources = list["Resources"].as_array().cloned().unwrap_or_default();
        assert_eq!(list["totalResults"], resources.len(), "{endpoint} in one page");
        resources
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of this machine that nobody listened at a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The program, installed at the first need and again when the list of versions changes.
fn installed() -> Option<PathBuf> {
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _installing = INSTALLING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let requirements = workspace().join("sample-connectors/scim/application/requirements.txt");
    let folder = workspace().join("target/scim-application");
    let (program, stamp) = (folder.join("bin/scim2-server"), folder.join("requirements.txt"));
    let wanted = std::fs::read_to_string(&requirements).unwrap();
    if program.exists() && std::fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Some(program);
    }
    let made = run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
    let filled = made.and_then(|()| {
        let pip = folder.join("bin/pip");
        run(Command::new(pip).args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&requirements))
    });
    if let Err(why) = filled {
        assert!(std::env::var_os("CI").is_none(), "CI runs against a real application: {why}");
        eprintln!("skipped: no SCIM application to run against: {why}");
        return None;
    }
    std::fs::write(&stamp, wanted).unwrap();
    Some(program)
}

fn run(command: &mut Command) -> Result<(), String> {
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr))),
        Err(error) => Err(format!("{command:?}: {error}")),
    }
}

/// A document of the RFCs, with texts replaced.
pub fn sample(folder: &Path, name: &str, replaced: &[(&str, &str)]) -> Value {
    let mut text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    for (from, to) in replaced {
        assert!(text.contains(from), "{name} has {from}");
        text = text.replace(from, to);
    }
    serde_json::from_str(&text).unwrap()
}
