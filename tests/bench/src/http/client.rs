//! A small client: one connection, kept alive, one request at a time.

use std::net::SocketAddr;

use anyhow::{Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// One connection.
pub struct Connection(SendRequest<Full<Bytes>>);

impl Connection {
    /// Connects; the connection lives on the runtime that calls.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (send, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self(send))
    }

    /// Sends and reads the whole answer, which must be a success.
    pub async fn ask(&mut self, method: Method, path: &str, media_type: &str, body: Bytes) -> Result<Bytes> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, media_type)
            .body(Full::new(body))?;
        self.0.ready().await?;
        let answer = self.0.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if !matches!(status, StatusCode::OK | StatusCode::CREATED | StatusCode::ACCEPTED) {
            bail!("{path} was answered with {status}: {}", String::from_utf8_lossy(&body));
        }
        Ok(body)
    }

    /// The answer to a `GET`, as JSON.
    pub async fn get(&mut self, path: &str) -> Result<Value> {
        Ok(serde_json::from_slice(&self.ask(Method::GET, path, "application/json", Bytes::new()).await?)?)
    }
}

/// The sum of the numbers in an object of a status.
pub fn sum(status: &Value, key: &str) -> u64 {
    status.get(key).and_then(Value::as_object).map_or(0, |counts| counts.values().filter_map(Value::as_u64).sum())
}
