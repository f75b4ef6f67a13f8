//! The name is resolved once, and the connection made to what was vetted (G72).

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use lockgate_core::egress::{Denied, Egress};
use tokio::net::TcpStream;
use wasmtime_wasi::async_trait;
use wasmtime_wasi_http::Error;

use super::server::{Server, Task};
use crate::http::Clients;
use crate::http::client::Net;
use crate::http::net::{Dial, Dialled, Resolver};
use crate::http::tls::Roots;

/// Answers of a resolver, one after another; then none.
struct Answers(Mutex<Vec<Vec<IpAddr>>>);

#[async_trait]
impl Resolver for Answers {
    async fn resolve(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
        let mut answers = self.0.lock().unwrap();
        if answers.is_empty() { Err(io::Error::other("no such name")) } else { Ok(answers.remove(0)) }
    }
}

/// Connects to a server on this machine, and says whom it was to connect to.
struct Pretending {
    server: SocketAddr,
    dialled: Arc<Mutex<Vec<SocketAddr>>>,
    /// Who seems to answer, if not the one that was dialled.
    peer: Option<SocketAddr>,
    /// Addresses at which nobody answers.
    dead: Vec<IpAddr>,
}

#[async_trait]
impl Dial for Pretending {
    async fn dial(&self, address: SocketAddr) -> io::Result<Dialled> {
        self.dialled.lock().unwrap().push(address);
        if self.dead.contains(&address.ip()) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let stream = TcpStream::connect(self.server).await?;
        Ok(Dialled { stream: Box::new(stream), peer: self.peer.unwrap_or(address) })
    }
}

struct World {
    server: Server,
    dialled: Arc<Mutex<Vec<SocketAddr>>>,
    task: Task,
}

impl World {
    async fn new(answers: &[&[&str]], peer: Option<&str>, dead: &[&str]) -> Self {
        let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").await;
        let parse = |texts: &[&str]| texts.iter().map(|it| it.parse().unwrap()).collect::<Vec<IpAddr>>();
        let dialled = Arc::default();
        let dial = Pretending {
            server: server.address,
            dialled: Arc::clone(&dialled),
            peer: peer.map(|it| it.parse().unwrap()),
            dead: parse(dead),
        };
        let resolver = Answers(Mutex::new(answers.iter().map(|it| parse(it)).collect()));
        let clients = Clients::on(Net { resolver: Box::new(resolver), dial: Box::new(dial), roots: Roots::default() });
        let egress = Egress { origins: vec!["http://api.example:8080".parse().unwrap()], ..Egress::default() };
        Self { server, dialled, task: Task::of(clients.of(&"shop".into()), egress) }
    }

    async fn get(&self) -> Result<u16, Error> {
        Ok(self.task.get("http://api.example:8080/").await?.status)
    }

    fn dialled(&self) -> Vec<String> {
        self.dialled.lock().unwrap().iter().map(ToString::to_string).collect()
    }
}

#[tokio::test]
async fn a_second_answer_is_not_asked_for() {
    let world = World::new(&[&["1.1.1.1"], &["10.0.0.1"]], None, &[]).await;
    assert_eq!(world.get().await.unwrap(), 200);
    assert_eq!(world.dialled(), ["1.1.1.1:8080"]);
    assert!(world.server.seen()[0].contains("\r\nhost: api.example:8080\r\n"));
    // The next connection resolves anew, and is vetted anew.
    assert!(matches!(world.get().await, Err(Error::HttpRequestDenied)));
    assert!(matches!(world.task.http.denied(), Some(Denied::Address { .. })));
    assert_eq!(world.dialled(), ["1.1.1.1:8080"]);
}

#[tokio::test]
async fn of_a_mixed_answer_only_the_public_addresses_are_dialled() {
    let world = World::new(&[&["127.0.0.1", "1.1.1.1", "::1", "2606:4700::1"]], None, &["1.1.1.1"]).await;
    assert_eq!(world.get().await.unwrap(), 200);
    assert_eq!(world.dialled(), ["1.1.1.1:8080", "[2606:4700::1]:8080"]);
}

#[tokio::test]
async fn who_answers_must_be_who_was_vetted() {
    let world = World::new(&[&["1.1.1.1"]], Some("127.0.0.1:8080"), &[]).await;
    assert!(matches!(world.get().await, Err(Error::HttpRequestDenied)));
    assert!(matches!(world.task.http.denied(), Some(Denied::Peer { .. })));
    assert!(world.server.seen().is_empty());
}

#[tokio::test]
async fn a_name_without_an_address_is_no_question_of_grants() {
    let world = World::new(&[&[]], None, &[]).await;
    for _ in 0..2 {
        assert!(matches!(world.get().await, Err(Error::DnsError { .. })));
        assert_eq!(world.task.http.denied(), None);
    }
}
