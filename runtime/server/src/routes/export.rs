//! Everything that is stored, as a stream: a few chunks are in memory, however much there is.

use std::ops::ControlFlow;

use axum::Router;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use lockgate_bus::export::{Form, export};
use lockgate_core::ports::StoreError;
use tokio::sync::OwnedSemaphorePermit;

use crate::caller::Caller;
use crate::routes::stream::{self, CHUNK_BYTES, Outlet, Part};
use crate::state::App;
use crate::surround::Permit;
use crate::wire::problem::Problem;

/// When to come again while another export is made: one takes seconds.
const RETRY_AFTER_S: u32 = 10;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/v1/export", get(start))
}

async fn start(caller: Caller) -> Result<Response, Problem> {
    let form = if caller.query(&["canonical"])?.flag("canonical")? { Form::Canonical } else { Form::Full };
    // Promise 5: the canonical form is in memory as a whole, and the names of rows are in both.
    let one = caller.app.exports.clone().try_acquire_owned();
    let one =
        one.map_err(|_| Problem::too_many("an export is being made already; try again when it is done").retry_after(RETRY_AFTER_S))?;
    let (outlet, mut parts) = stream::open();
    let (app, permit) = (caller.app.clone(), caller.permit());
    tokio::task::spawn_blocking(move || send_all(&app, form, Lines { outlet, chunk: Vec::new(), held: (permit, one) }));
    // A store that fails at once gets a proper answer; later, only breaking off tells.
    let first = match parts.recv().await {
        Some(Part::Failed(error)) => return Err(error.into()),
        Some(Part::Chunk(chunk)) => chunk,
        Some(Part::End) => return Ok(ndjson(Body::empty())),
        None => Bytes::new(),
    };
    Ok(ndjson(stream::body(first, parts)))
}

fn ndjson(body: Body) -> Response {
    ([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response()
}

fn send_all(app: &App, form: Form, mut lines: Lines) {
    let mut gone = false;
    let exported = export(&**app.bus.store(), form, &mut |line| {
        let sent = lines.line(line);
        gone = sent.is_break();
        sent
    });
    match exported {
        // Nothing more is said, so that the reader sees that the export is not whole.
        _ if gone => tracing::warn!("an export's reader is gone or too slow"),
        Ok(()) => lines.end(),
        Err(error) => {
            tracing::error!(%error, "an export broke off");
            lines.fail(error);
        }
    }
}

/// Where lines go.
struct Lines {
    outlet: Outlet,
    chunk: Vec<u8>,
    held: (Option<Permit>, OwnedSemaphorePermit),
}

impl Lines {
    fn line(&mut self, line: &str) -> ControlFlow<()> {
        self.chunk.extend_from_slice(line.as_bytes());
        if !line.ends_with('\n') {
            self.chunk.push(b'\n');
        }
        if self.chunk.len() < CHUNK_BYTES {
            return ControlFlow::Continue(());
        }
        let chunk = std::mem::take(&mut self.chunk);
        self.outlet.send(Part::Chunk(chunk.into()))
    }

    fn end(mut self) {
        if !self.chunk.is_empty() && self.outlet.send(Part::Chunk(self.chunk.into())).is_break() {
            return;
        }
        // Before the end: whoever has it may come again at once.
        drop(self.held);
        let _ = self.outlet.send(Part::End);
    }

    fn fail(mut self, error: StoreError) {
        drop(self.held);
        let _ = self.outlet.send(Part::Failed(error));
    }
}
