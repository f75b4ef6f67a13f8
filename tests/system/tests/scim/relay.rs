//! A way to the application that can be absent, and that remembers what went over it.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, spawn};

/// Relays one connection after the other until it is stopped.
pub struct Relay {
    address: String,
    seen: Arc<Mutex<String>>,
    ending: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Relay {
    /// From one address to another.
    pub fn start(from: &str, to: &str) -> Self {
        let listener = TcpListener::bind(from).unwrap();
        let (seen, ending) = (Arc::new(Mutex::new(String::new())), Arc::new(AtomicBool::new(false)));
        let (to, log, end) = (to.to_owned(), Arc::clone(&seen), Arc::clone(&ending));
        let thread = spawn(move || {
            for client in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                relay(client.unwrap(), &to, &log);
            }
        });
        Self { address: from.to_owned(), seen, ending, thread }
    }

    /// Ends it, and answers all that was sent, in small letters.
    pub fn stop(self) -> String {
        self.ending.store(true, Ordering::SeqCst);
        TcpStream::connect(&self.address).unwrap();
        self.thread.join().unwrap();
        self.seen.lock().unwrap().to_ascii_lowercase()
    }
}

/// One request and its answer; the application closes its connection behind it.
fn relay(mut client: TcpStream, to: &str, seen: &Mutex<String>) {
    let mut head = Vec::new();
    let mut part = [0; 1_024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match client.read(&mut part).unwrap() {
            0 => return,
            count => head.extend_from_slice(&part[..count]),
        }
    }
    seen.lock().unwrap().push_str(&String::from_utf8_lossy(&head));
    let mut application = TcpStream::connect(to).unwrap();
    application.write_all(&head).unwrap();
    let mut answer = Vec::new();
    application.read_to_end(&mut answer).unwrap();
    client.write_all(&answer).unwrap();
}
