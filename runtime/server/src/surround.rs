//! What every request passes through: its head is looked at, a permit is taken, and what it leaves unread
//! decides whether its connection goes on.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header, request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;

use crate::encoding;
use crate::places::{AtWork, Place};
use crate::state::App;
use crate::wire::problem::Problem;

/// Largest head of a request.
pub(crate) const HEAD_BYTES_MAX: usize = 64 << 10;
/// Headers of which the server takes one: of two, another program on the way may have taken the other.
const ONCE: [&str; 11] = [
    "authorization",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "idempotency-key",
    "origin",
    "sec-fetch-site",
    "traceparent",
    "transfer-encoding",
];

/// Held until the request's work is over, also when the client has gone meanwhile.
#[derive(Clone)]
pub(crate) struct Permit(#[expect(dead_code, reason = "held for its drop")] Arc<OwnedSemaphorePermit>);

/// Takes a permit before the work, or says that there are too many requests (promise 5).
pub(crate) async fn permit(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match app.requests.clone().try_acquire_owned() {
        Ok(permit) => {
            request.extensions_mut().insert(Permit(Arc::new(permit)));
            next.run(request).await
        }
        Err(_) => Problem::too_many("more requests are at work than may be; try again in a moment").into_response(),
    }
}

/// Lets a request through whose head says one thing only.
pub(crate) async fn head(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match check_head(&parts) {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(problem) => problem.into_response(),
    }
}

fn check_head(parts: &request::Parts) -> Result<(), Problem> {
    // hyper looks at its limit only while a head is not whole, and may have read twice as much by then.
    if head_bytes(parts) > HEAD_BYTES_MAX {
        let detail = format!("the head of the request has more than {HEAD_BYTES_MAX} bytes");
        return Err(Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "head-too-large", detail));
    }
    if let Some(name) = ONCE.iter().find(|name| parts.headers.get_all(**name).iter().nth(1).is_some()) {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "repeated-header", format!("the header {name} is given more than once")));
    }
    encoding::check_transfer(&parts.headers)
}

fn head_bytes(parts: &request::Parts) -> usize {
    let target = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let host = parts.uri.authority().map_or(0, |authority| authority.as_str().len());
    // Each line has `: ` or two spaces, and its end.
    let headers: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    parts.method.as_str().len() + target + host + "HTTP/1.1".len() + 4 + headers
}

/// Ends the connection after an answer that came before the request's body was read: nobody reads that any
/// more, and what follows it cannot be found.
pub(crate) async fn connection(request: Request, next: Next) -> Response {
    let Some(place) = request.extensions().get::<Arc<Place>>().cloned() else { return next.run(request).await };
    let at_work = place.work();
    let read = Arc::new(AtomicBool::new(request.body().is_end_stream()));
    let watched = read.clone();
    let mut response = next.run(request.map(|body| Body::new(Watched { body, read: watched }))).await;
    if read.load(Ordering::Relaxed) {
        place.all_read();
    } else {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response.map(|body| Body::new(Held { body, _at_work: at_work }))
}

/// A request's body, of which is known whether it was read to its end.
struct Watched {
    body: Body,
    read: Arc<AtomicBool>,
}

impl HttpBody for Watched {
    type Data = bytes::Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || (frame.is_ready() && self.body.is_end_stream()) {
            self.read.store(true, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body: its request is at work until it is sent.
struct Held {
    body: Body,
    _at_work: AtWork,
}

impl HttpBody for Held {
    type Data = bytes::Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
