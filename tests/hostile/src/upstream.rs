//! A server on 127.0.0.1 that treats whoever calls it badly. The path says how.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Result;

/// Between two bytes of a slow answer.
const DRIP: Duration = Duration::from_millis(20);
/// Longest that a caller is served.
const DRIPS_MAX: usize = 500;
/// Most that an endless answer has, should nobody stop it.
const ENDLESS_BYTES_MAX: usize = 256 << 20;

/// The server; it ends when this is dropped.
pub struct Upstream {
    pub at: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    accepted: AtomicUsize,
    end: AtomicBool,
}

impl Upstream {
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let at = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let of_thread = shared.clone();
        let accepting = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if of_thread.end.load(Ordering::SeqCst) {
                    return;
                }
                of_thread.accepted.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || {
                    // Callers break off: that is what most of this is about.
                    let _ = serve(&stream);
                });
            }
        });
        Ok(Self { at, shared, accepting: Some(accepting) })
    }

    /// Connections so far.
    pub fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.shared.end.store(true, Ordering::SeqCst);
        // A last connection, so that the thread looks.
        if TcpStream::connect(self.at).is_ok()
            && let Some(accepting) = self.accepting.take()
        {
            let _ = accepting.join();
        }
    }
}

fn serve(mut stream: &TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    let mut head = String::new();
    let mut reader = BufReader::new(stream);
    while reader.read_line(&mut head)? > 2 {}
    let path = head.split(' ').nth(1).unwrap_or_default();
    match path {
        "/slow-head" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nX-Slow: ")?;
            drip(stream, b"x")
        }
        "/slow-body" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            drip(stream, b"1\r\nx\r\n")
        }
        "/silent" => {
            reader.read_line(&mut head)?;
            Ok(())
        }
        "/informational" => {
            for _ in 0..DRIPS_MAX * 100 {
                stream.write_all(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")?;
            }
            Ok(())
        }
        "/endless" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            let chunk = [b"4000\r\n".as_slice(), &[b'x'; 0x4000], b"\r\n"].concat();
            for _ in 0..ENDLESS_BYTES_MAX / 0x4000 {
                stream.write_all(&chunk)?;
            }
            Ok(())
        }
        "/large-head" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nX-Large: ")?;
            for _ in 0..64 {
                stream.write_all(&[b'x'; 1 << 16])?;
            }
            stream.write_all(b"\r\nContent-Length: 0\r\n\r\n")
        }
        "/short" => stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nnot a thousand"),
        "/no-http" => stream.write_all(b"220 mail.example.com ESMTP\r\n"),
        "/bomb" => {
            let bomb = bomb();
            stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bomb.len()).as_bytes())?;
            stream.write_all(bomb)
        }
        "/redirect" => answer(stream, "302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/", b"elsewhere"),
        "/echo" => answer(stream, "200 OK", head.as_bytes()),
        _ => answer(stream, "200 OK", b"ok"),
    }
}

fn answer(mut stream: &TcpStream, status: &str, body: &[u8]) -> std::io::Result<()> {
    stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).as_bytes())?;
    stream.write_all(body)
}

fn drip(mut stream: &TcpStream, drop: &[u8]) -> std::io::Result<()> {
    for _ in 0..DRIPS_MAX {
        stream.write_all(drop)?;
        std::thread::park_timeout(DRIP);
    }
    Ok(())
}

/// 64 MiB of zeros in 64 KiB.
fn bomb() -> &'static [u8] {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    BOMB.get_or_init(|| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        let packed = std::iter::repeat_n([0u8; 1 << 16], 1 << 10).try_for_each(|zeros| packer.write_all(&zeros));
        packed.and_then(|()| packer.finish()).unwrap_or_default()
    })
}
