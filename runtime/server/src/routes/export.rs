//! Everything that is stored, as a stream: a few chunks are in memory, however much there is.

use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Frame;
use lockgate_core::export::{Form, export};
use lockgate_core::ports::StoreError;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;

use crate::caller::Caller;
use crate::state::App;
use crate::surround::Permit;
use crate::wire::problem::Problem;

/// Lines are sent together up to here.
const CHUNK_BYTES: usize = 64 << 10;
/// Chunks that wait to be sent.
const CHUNKS_MAX: usize = 4;
/// How long a reader may take for one chunk before the export is given up.
const STALL_MS_MAX: u64 = 30_000;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/v1/export", get(start))
}

enum Part {
    Chunk(Bytes),
    Failed(StoreError),
    End,
}

async fn start(caller: Caller) -> Result<Response, Problem> {
    let form = if caller.query(&["canonical"])?.flag("canonical")? { Form::Canonical } else { Form::Full };
    let (sender, mut parts) = channel(CHUNKS_MAX);
    let (app, permit, handle) = (caller.app.clone(), caller.permit(), Handle::current());
    tokio::task::spawn_blocking(move || send_all(&app, form, Outlet { sender, handle, chunk: Vec::new() }, permit));
    // A store that fails at once gets a proper answer; later, only breaking off tells.
    let first = match parts.recv().await {
        Some(Part::Failed(error)) => return Err(error.into()),
        Some(Part::Chunk(chunk)) => chunk,
        Some(Part::End) => return Ok(ndjson(Body::empty())),
        None => Bytes::new(),
    };
    Ok(ndjson(Body::new(Chunks { first: Some(first), parts, ended: false }.boxed_unsync())))
}

fn ndjson(body: Body) -> Response {
    ([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response()
}

fn send_all(app: &App, form: Form, mut outlet: Outlet, permit: Option<Permit>) {
    let mut gone = false;
    let exported = export(&**app.bus.store(), form, &mut |line| {
        let sent = outlet.line(line);
        gone = sent.is_break();
        sent
    });
    match exported {
        // Nothing more is said, so that the reader sees that the export is not whole.
        _ if gone => tracing::warn!("an export's reader is gone or too slow"),
        Ok(()) => outlet.end(),
        Err(error) => {
            tracing::error!(%error, "an export broke off");
            let _ = outlet.send(Part::Failed(error));
        }
    }
    drop(permit);
}

/// Where lines go, from a thread that may block.
struct Outlet {
    sender: Sender<Part>,
    handle: Handle,
    chunk: Vec<u8>,
}

impl Outlet {
    fn line(&mut self, line: &str) -> ControlFlow<()> {
        self.chunk.extend_from_slice(line.as_bytes());
        if !line.ends_with('\n') {
            self.chunk.push(b'\n');
        }
        if self.chunk.len() < CHUNK_BYTES {
            return ControlFlow::Continue(());
        }
        let chunk = std::mem::take(&mut self.chunk);
        self.send(Part::Chunk(chunk.into()))
    }

    fn end(mut self) {
        let chunk = std::mem::take(&mut self.chunk);
        if !chunk.is_empty() && self.send(Part::Chunk(chunk.into())).is_break() {
            return;
        }
        let _ = self.send(Part::End);
    }

    fn send(&self, part: Part) -> ControlFlow<()> {
        let sending = async { timeout(Duration::from_millis(STALL_MS_MAX), self.sender.send(part)).await };
        match self.handle.block_on(sending) {
            Ok(Ok(())) => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    }
}

/// The chunks as a body. Ends well only if the export did.
struct Chunks {
    first: Option<Bytes>,
    parts: Receiver<Part>,
    ended: bool,
}

/// The connection is closed before the body's end, which every client notices.
#[derive(Debug, thiserror::Error)]
#[error("the export broke off")]
struct BrokenOff;

impl HttpBody for Chunks {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        if let Some(first) = self.first.take().filter(|first| !first.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        let part = ready!(self.parts.poll_recv(context));
        Poll::Ready(match part {
            Some(Part::Chunk(chunk)) => Some(Ok(Frame::data(chunk))),
            Some(Part::End) => {
                self.ended = true;
                None
            }
            Some(Part::Failed(_)) | None => {
                self.ended = true;
                Some(Err(BrokenOff))
            }
        })
    }
}
