//! A server that does what a test says, and a task that calls it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use lockgate_core::egress::{Egress, Origin, SecretGrant, SecretText};
use lockgate_core::ports::Granted;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use crate::guest_time::GuestTime;
use crate::http::{Client, Clients, TaskHttp, call};
use crate::secrets::Secrets;
use crate::task_log::TaskLog;

/// A server on this machine.
pub struct Server {
    pub address: SocketAddr,
    /// Heads and bodies of requests, in the order in which they came.
    pub seen: Arc<Mutex<Vec<String>>>,
    /// Connections that were made to it.
    pub connections: Arc<AtomicUsize>,
}

impl Server {
    /// Each connection is handled by this.
    pub async fn new<F>(handle: impl Fn(Peer) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, connections) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicUsize>::default());
        let (seen_too, connections_too) = (Arc::clone(&seen), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections_too.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(handle(Peer { stream, seen: Arc::clone(&seen_too) }));
            }
        });
        Self { address, seen, connections }
    }

    /// Answers every request with this text.
    pub async fn answering(answer: &'static str) -> Self {
        Self::new(move |mut peer| async move {
            while peer.request().await.is_some() {
                peer.write(answer).await;
            }
        })
        .await
    }

    pub fn origin(&self) -> Origin {
        format!("http://{}", self.address).parse().unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// One connection, as the server sees it.
pub struct Peer {
    pub stream: TcpStream,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Peer {
    /// Reads a request; `None` at the end of the connection.
    pub async fn request(&mut self) -> Option<String> {
        let mut text = Vec::new();
        loop {
            let mut buffer = [0; 4096];
            if let Some(end) = text.windows(4).position(|it| it == b"\r\n\r\n").map(|at| at + 4) {
                let head = String::from_utf8_lossy(&text[..end]).to_ascii_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
                let chunked = head.contains("transfer-encoding: chunked");
                let whole = if chunked { text.ends_with(b"0\r\n\r\n") } else { text.len() >= end + length.unwrap_or(0) };
                if whole {
                    let request = String::from_utf8_lossy(&text).into_owned();
                    self.seen.lock().unwrap().push(request.clone());
                    return Some(request);
                }
            }
            match self.stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return None,
                Ok(read) => text.extend_from_slice(&buffer[..read]),
            }
        }
    }

    /// Whether the other end still listens.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok()
    }

    /// Keeps the connection until the other end closes it.
    pub async fn wait(&mut self) {
        let mut buffer = [0; 64];
        while matches!(self.stream.read(&mut buffer).await, Ok(1..)) {}
    }
}

/// What is granted: these servers, on this machine.
pub fn granted(origins: &[Origin]) -> Egress {
    let networks = origins.iter().map(|origin| (origin.clone(), vec!["127.0.0.0/8".parse().unwrap()])).collect();
    Egress { owner: "shop".into(), origins: origins.to_vec(), networks, ..Egress::default() }
}

/// A secret for these origins.
pub fn secret(value: &str, origins: &[Origin]) -> SecretGrant {
    SecretGrant { value: SecretText::new(value), origins: origins.to_vec() }
}

static SEEDS: AtomicU8 = AtomicU8::new(0);

/// A task that may call.
pub struct Task {
    pub http: Arc<TaskHttp>,
    pub secrets: Arc<Secrets>,
    log: Arc<Mutex<TaskLog>>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Result<Vec<u8>, Error>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.as_ref().unwrap().clone()).unwrap()
    }
}

impl Task {
    /// With a client of its own.
    pub fn new(egress: Egress) -> Self {
        Self::of(Clients::default().of(&egress.owner), egress)
    }

    pub fn of(client: Arc<Client>, egress: Egress) -> Self {
        let granted = Arc::new(Granted { egress, ..Granted::default() });
        // Another one for each task.
        let seed = [SEEDS.fetch_add(1, Ordering::SeqCst); 32];
        let secrets = Arc::new(Secrets::new(Arc::clone(&granted), seed));
        let time = Arc::new(GuestTime::new(0));
        let log = Arc::new(Mutex::new(TaskLog::new(100, 10_000, time).masking(Arc::clone(&secrets))));
        let http = TaskHttp::new(client, granted, Arc::clone(&secrets), Arc::clone(&log));
        Self { http, secrets, log }
    }

    pub async fn get(&self, url: &str) -> Result<Answer, Error> {
        self.send(Request::get(url), "").await
    }

    pub async fn send(&self, request: http::request::Builder, body: &'static str) -> Result<Answer, Error> {
        self.send_body(request, Full::from(body).map_err(Into::into).boxed_unsync()).await
    }

    pub async fn send_body(&self, request: http::request::Builder, body: WasiBody) -> Result<Answer, Error> {
        self.send_with(request, body, RequestOptions::default()).await
    }

    pub async fn send_with(&self, request: http::request::Builder, body: WasiBody, options: RequestOptions) -> Result<Answer, Error> {
        let (head, mut body) = self.open(request, body, options).await?.into_parts();
        let mut bytes = Ok(Vec::new());
        while let Some(frame) = body.frame().await {
            match (frame, &mut bytes) {
                (Ok(frame), Ok(bytes)) => bytes.extend_from_slice(&frame.into_data().unwrap_or_else(|_| Bytes::new())),
                (Err(error), _) => bytes = Err(error),
                (Ok(_), Err(_)) => panic!("a body goes on after its error"),
            }
        }
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body: bytes })
    }

    /// The response, its body not read yet.
    pub async fn open(
        &self,
        request: http::request::Builder,
        body: WasiBody,
        options: RequestOptions,
    ) -> Result<Response<WasiBody>, Error> {
        let deadline = Instant::now() + Duration::from_secs(60);
        call::send(Arc::clone(&self.http), request.body(body).unwrap(), options, deadline).await
    }

    pub fn log(&self) -> Vec<String> {
        self.http.flush();
        self.log.lock().unwrap().take().iter().map(|line| line.message.to_string()).collect()
    }
}
