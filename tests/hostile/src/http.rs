//! As little of an HTTP client as these tests need, so that they can also lie in it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Longest that an answer is waited for.
const ANSWER: Duration = Duration::from_secs(60);

/// A connection that stays open.
pub struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub fn connect(at: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(at)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER))?;
        stream.set_write_timeout(Some(ANSWER))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Sends a request with a body, if there is one, and reads the answer.
    pub fn ask(&mut self, method: &str, path: &str, body: &[u8]) -> Result<(u16, String)> {
        self.send(&format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", body.len()), body)?;
        self.answer()
    }

    /// Sends these very bytes. A server that has seen enough closes before it has read all of them.
    pub fn send(&mut self, head: &str, body: &[u8]) -> Result<()> {
        let stream = self.stream.get_mut();
        stream.write_all(head.as_bytes())?;
        Ok(stream.write_all(body)?)
    }

    pub fn answer(&mut self) -> Result<(u16, String)> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).with_context(|| format!("{line:?} is no answer"))?;
        let mut bytes = 0;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            match line.trim_end().split_once(':') {
                None => break,
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => bytes = value.trim().parse()?,
                Some(_) => {}
            }
        }
        let mut body = vec![0; bytes];
        self.stream.read_exact(&mut body)?;
        Ok((status, String::from_utf8(body)?))
    }
}
