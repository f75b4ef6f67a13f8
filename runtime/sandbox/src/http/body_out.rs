//! A request's body: counted as it goes, and held until it is whole where a secret may stand in it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, request};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty, Full};
use lockgate_core::egress::{Denied, Origin};
use wasmtime_wasi_http::{Error, WasiBody};

use super::TaskHttp;
use super::errors::{self, Refused};
use crate::secrets::BodyForm;

/// The body as it is sent.
pub async fn outgoing(
    task: &Arc<TaskHttp>,
    number: u32,
    head: &mut request::Parts,
    origin: &Origin,
    body: WasiBody,
) -> Result<WasiBody, Refused> {
    let mut body = Counted { task: Arc::clone(task), number, first: None, body };
    if body.is_end_stream() {
        return Ok(empty());
    }
    if task.secrets.put_in().is_some() {
        return whole(task, &mut head.headers, origin, body).await;
    }
    // Many clients make a body for every request. One that stays empty is none: servers refuse
    // such requests with a body.
    if head.method == Method::GET || head.method == Method::HEAD {
        match body.frame().await {
            None => return Ok(empty()),
            Some(frame) => body.first = Some(frame.map_err(|error| of_body(task, error))?),
        }
    }
    Ok(body.boxed_unsync())
}

/// Reads a body to its end and puts secrets in.
async fn whole(task: &TaskHttp, headers: &mut HeaderMap, origin: &Origin, mut body: Counted) -> Result<WasiBody, Refused> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|error| of_body(task, error))?.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    if bytes.is_empty() {
        return Ok(empty());
    }
    // A placeholder cannot be found in a body that the guest has packed; it is sent as it is.
    let put_in = task.secrets.put_in().filter(|_| !headers.contains_key(CONTENT_ENCODING));
    if let Some(put_in) = put_in {
        let form = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map_or(BodyForm::Plain, BodyForm::of);
        if let Some(replaced) = put_in.body(&bytes, form, origin)? {
            bytes = replaced;
        }
    }
    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    Ok(Full::new(Bytes::from(bytes)).map_err(Into::into).boxed_unsync())
}

fn of_body(task: &TaskHttp, error: Error) -> Refused {
    match task.ledger.check() {
        Err(denied) => denied.into(),
        Ok(()) => error.into(),
    }
}

fn empty() -> WasiBody {
    Empty::new().map_err(Into::into).boxed_unsync()
}

/// Counts what passes. Trailers are not sent: they are headers of the connection's kind.
struct Counted {
    task: Arc<TaskHttp>,
    number: u32,
    first: Option<Frame<Bytes>>,
    body: WasiBody,
}

impl Body for Counted {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let Ok(data) = frame.into_data() else { return Poll::Ready(None) };
                let counted: Result<(), Denied> = self.task.ledger.count(self.number, data.len());
                Poll::Ready(Some(counted.map(|()| Frame::data(data)).map_err(|denied| errors::of_denied(&denied))))
            }
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.body.is_end_stream()
    }
}
