//! A call that a recording answers. All that goes before the network holds for it as well: grants,
//! secrets, counts.

use bytes::Bytes;
use http::{Response, request};
use http_body_util::{BodyExt, Full};
use lockgate_core::egress::{Denied, Origin, Recording};
use wasmtime_wasi_http::{Error, WasiBody};

use super::Running;
use super::errors::Refused;
use super::ledger::End;

/// The recorded response to a request whose head and body are as they would be sent.
pub async fn answer(
    call: &Running,
    recording: &Recording,
    origin: &Origin,
    head: request::Parts,
    body: WasiBody,
) -> Result<Response<WasiBody>, Refused> {
    let sent = body.collect().await?.to_bytes();
    let url = format!("{origin}{}", head.uri);
    let Some(exchange) = recording.answer(head.method.as_str(), &url, &sent) else {
        return Err(Denied::NotRecorded(format!("{} {url}", head.method)).into());
    };
    let mut response = Response::builder().status(exchange.status);
    for (name, value) in &exchange.headers {
        response = response.header(name, value);
    }
    let ledger = &call.task.ledger;
    ledger.answered(call.number, exchange.status);
    ledger.count(call.number, exchange.body.len())?;
    ledger.end(call.number, &End::Read);
    let body = Full::new(Bytes::from(exchange.body.clone())).map_err(Into::into).boxed_unsync();
    Ok(response.body(body).map_err(|_| Error::HttpProtocolError)?)
}
