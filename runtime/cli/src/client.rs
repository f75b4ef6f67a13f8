//! One client, two transports: a running server, or the store itself when no server has it open.

mod discover;
mod local;
mod paging;
mod remote;
mod tls;

use std::io::Write;

use anyhow::Result;
use lockgate_author::exact::Exact;
use serde_json::Value;

pub use discover::{ServerFile, in_use, remove as remove_server_file, running as running_server, write as write_server_file};
pub use local::no_store;
pub use paging::Paging;

use crate::config::Settings;
use crate::exit::{Exit, Failure};
use crate::request::Request;

/// Where requests go.
pub struct Client {
    transport: Transport,
    token: Option<String>,
}

enum Transport {
    Remote(remote::Remote),
    Local(Box<local::Local>),
}

/// What a command does with the store, when no server has it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reads what must be there. Nothing is written, neither to the file nor beside it.
    Read,
    /// The same, and may compile a component, in a folder that goes when the command ends. Without a
    /// store it reads an empty one that goes, too.
    Try,
    /// Changes it.
    Change(Missing),
}

/// What to do when there is neither server nor store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Say so: the command changes what must be there.
    Refuse,
    /// Make the store.
    Create,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// The JSON of a success, read twice.
pub struct Shown {
    /// For what the program looks at.
    pub value: Value,
    /// For what it shows: numbers in it have every digit that is stored.
    pub exact: Exact,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body, if the answer is a success.
    pub fn success(self) -> Result<Vec<u8>> {
        if self.is_success() { Ok(self.body) } else { Err(Failure::of_problem(self.status, &self.body).into()) }
    }
}

impl Client {
    /// `url` goes before a discovered server; that goes before the file.
    pub fn connect(settings: &Settings, url: Option<&str>, token: Option<&str>, access: Access) -> Result<Self> {
        if let Some(server) = Self::of_server(settings, url, token)? {
            return Ok(server);
        }
        Ok(Self { transport: Transport::Local(Box::new(local::Local::open(settings, access)?)), token: None })
    }

    /// A client of the server that is named, or else of the one that has the store open, if there is one.
    pub fn of_server(settings: &Settings, url: Option<&str>, token: Option<&str>) -> Result<Option<Self>> {
        let remote = |remote, token: Option<&str>| Self { transport: Transport::Remote(remote), token: token.map(str::to_owned) };
        if let Some(url) = url {
            return Ok(Some(remote(remote::Remote::new(url)?, token)));
        }
        let Some(found) = settings.store.file().and_then(discover::running) else { return Ok(None) };
        // The operator who can read the server's configuration may use its tokens.
        let token = token.or(settings.server.tokens.first().map(String::as_str));
        Ok(Some(remote(remote::Remote::new(&found.url)?, token)))
    }

    /// Whether no server answers: nothing happens when this process ends.
    pub fn is_local(&self) -> bool {
        matches!(self.transport, Transport::Local(_))
    }

    /// Any answer, success or not.
    pub fn send(&self, request: Request) -> Result<Answer> {
        let (mut success, mut problem) = (Vec::new(), Vec::new());
        let status = self.transfer(request, &mut Sinks { success: &mut success, problem: &mut problem })?;
        success.append(&mut problem);
        Ok(Answer { status, body: success })
    }

    /// The JSON of a success.
    pub fn json(&self, request: Request) -> Result<Value> {
        let body = self.send(request)?.success()?;
        Ok(serde_json::from_slice(&body).map_err(not_json)?)
    }

    /// The same, of an answer that has values of fields.
    pub fn shown(&self, request: Request) -> Result<Shown> {
        let body = self.send(request)?.success()?;
        let value = serde_json::from_slice(&body).map_err(not_json)?;
        let exact = std::str::from_utf8(&body).map_err(not_json).and_then(|text| Exact::read(text).map_err(not_json))?;
        Ok(Shown { value, exact })
    }

    /// The body of a success, as it comes.
    pub fn download(&self, request: Request, out: &mut dyn Write) -> Result<()> {
        let mut problem = Vec::new();
        let status = self.transfer(request, &mut Sinks { success: out, problem: &mut problem })?;
        Answer { status, body: problem }.success().map(drop)
    }

    /// Lets operations go on that are left in the store; a server does so by itself.
    pub fn resume_operations(&self) -> Result<()> {
        match &self.transport {
            Transport::Remote(_) => Ok(()),
            Transport::Local(local) => local.resume_operations(),
        }
    }

    fn transfer(&self, request: Request, sinks: &mut Sinks<'_>) -> Result<u16> {
        match &self.transport {
            Transport::Remote(remote) => remote.transfer(request.build(remote.base(), self.token.as_deref())?, sinks),
            Transport::Local(local) => local.transfer(request.build("", None)?, sinks),
        }
    }
}

fn not_json(error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Unreachable, format!("the answer is not JSON: {error}")).hint("is this the URL of a lockgate server?")
}

/// Where a body goes, by whether the answer is a success.
struct Sinks<'a> {
    success: &'a mut dyn Write,
    problem: &'a mut Vec<u8>,
}

impl Sinks<'_> {
    fn of(&mut self, success: bool) -> &mut dyn Write {
        if success { self.success } else { self.problem }
    }
}
