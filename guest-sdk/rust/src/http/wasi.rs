//! One call through `wasi:http` 0.2, from request to the last byte of the answer.

use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme, http_error_code,
};
use wasip2::io::streams::StreamError;

use super::url::Url;
use super::{Error, Request, Response, response_too_large};

/// What one write may carry, by the contract of `blocking-write-and-flush`.
const WRITE_BYTES_MAX: usize = 4_096;
/// What one read asks for.
const READ_BYTES: u64 = 64 << 10;

pub(super) fn send(request: Request) -> Result<Response, Error> {
    let outgoing = outgoing(&request)?;
    let body = match &request.body {
        Some(bytes) => Some((bytes, outgoing.body().map_err(|()| unexpected("a request has no body"))?)),
        None => None,
    };
    let answer = handle(outgoing, options(&request)?).map_err(|code| error(&code))?;
    if let Some((bytes, body)) = body {
        write(body, bytes);
    }
    loop {
        match answer.get() {
            Some(Ok(Ok(incoming))) => return read(&incoming, request.response_bytes_max),
            Some(Ok(Err(code))) => return Err(error(&code)),
            Some(Err(())) => return Err(unexpected("an answer was taken twice")),
            None => answer.subscribe().block(),
        }
    }
}

fn outgoing(request: &Request) -> Result<OutgoingRequest, Error> {
    let url = Url::parse(&request.url)?;
    let headers = Fields::new();
    for (name, value) in &request.headers {
        let added = headers.append(name, value.as_bytes());
        added.map_err(|error| Error::Invalid(format!("header {name:?} cannot be sent: {error}")))?;
    }
    let outgoing = OutgoingRequest::new(headers);
    let malformed = |()| Error::Invalid(format!("{} {:?} cannot be sent", request.method, request.url));
    outgoing.set_method(&method(&request.method)).map_err(malformed)?;
    outgoing.set_scheme(Some(&if url.https { Scheme::Https } else { Scheme::Http })).map_err(malformed)?;
    outgoing.set_authority(Some(url.authority)).map_err(malformed)?;
    outgoing.set_path_with_query(Some(&url.path_with_query)).map_err(malformed)?;
    Ok(outgoing)
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        "OPTIONS" => Method::Options,
        other => Method::Other(other.to_owned()),
    }
}

fn options(request: &Request) -> Result<Option<RequestOptions>, Error> {
    let Some(timeout) = request.timeout else { return Ok(None) };
    let ns = Some(u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX));
    let options = RequestOptions::new();
    let set = options.set_connect_timeout(ns).and_then(|()| options.set_first_byte_timeout(ns));
    set.and_then(|()| options.set_between_bytes_timeout(ns)).map_err(|()| unexpected("the host knows no timeouts"))?;
    Ok(Some(options))
}

/// Whoever answers early takes the rest no more, so a body that is not wanted is no error: the
/// answer, or its absence, says what became of the call.
fn write(body: OutgoingBody, bytes: &[u8]) {
    let Ok(stream) = body.write() else { return };
    for part in bytes.chunks(WRITE_BYTES_MAX) {
        if stream.blocking_write_and_flush(part).is_err() {
            return;
        }
    }
    // A body is finished when no stream to it is open.
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
}

fn read(incoming: &IncomingResponse, bytes_max: usize) -> Result<Response, Error> {
    let status = incoming.status();
    let headers = incoming.headers().entries();
    let body = incoming.consume().map_err(|()| unexpected("an answer has no body"))?;
    let mut response = Response { status, headers, body: Vec::new() };
    // Room in one piece, so that the allocator gets each part's memory back.
    let announced = response.header("content-length").and_then(|length| length.parse::<usize>().ok());
    response.body.reserve_exact(announced.unwrap_or(0).min(bytes_max));
    read_body(&body, &mut response.body, bytes_max)?;
    Ok(response)
}

fn read_body(body: &IncomingBody, bytes: &mut Vec<u8>, bytes_max: usize) -> Result<(), Error> {
    let stream = body.stream().map_err(|()| unexpected("an answer has no stream"))?;
    loop {
        match stream.blocking_read(READ_BYTES) {
            Ok(part) if part.len() > bytes_max - bytes.len() => return Err(Error::TooLarge(response_too_large(bytes_max))),
            Ok(part) => bytes.extend_from_slice(&part),
            Err(StreamError::Closed) => return Ok(()),
            Err(StreamError::LastOperationFailed(cause)) => {
                return Err(match http_error_code(&cause) {
                    Some(code) => error(&code),
                    None => Error::Other(format!("the answer broke off: {}", cause.to_debug_string())),
                });
            }
        }
    }
}

fn error(code: &ErrorCode) -> Error {
    match code {
        ErrorCode::HttpRequestDenied => Error::Denied("the host denied the call: it is not granted to this connector".to_owned()),
        ErrorCode::DestinationIpProhibited => Error::Denied("the host denied the call: this address may not be reached".to_owned()),
        ErrorCode::DnsTimeout | ErrorCode::ConnectionTimeout => Error::Timeout("no connection in time".to_owned()),
        ErrorCode::ConnectionReadTimeout | ErrorCode::ConnectionWriteTimeout | ErrorCode::HttpResponseTimeout => {
            Error::Timeout("no answer in time".to_owned())
        }
        ErrorCode::ConnectionRefused => Error::Connect("the connection was refused".to_owned()),
        ErrorCode::ConnectionTerminated => Error::Connect("the connection was broken off".to_owned()),
        ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => Error::Connect("the host's name has no address".to_owned()),
        ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::ConnectionLimitReached
        | ErrorCode::TlsProtocolError
        | ErrorCode::TlsCertificateError
        | ErrorCode::TlsAlertReceived(_) => Error::Connect(format!("no connection: {code}")),
        ErrorCode::HttpRequestBodySize(_)
        | ErrorCode::HttpRequestUriTooLong
        | ErrorCode::HttpRequestHeaderSectionSize(_)
        | ErrorCode::HttpRequestHeaderSize(_)
        | ErrorCode::HttpResponseBodySize(_)
        | ErrorCode::HttpResponseHeaderSectionSize(_)
        | ErrorCode::HttpResponseHeaderSize(_) => Error::TooLarge(format!("more than the host allows: {code}")),
        ErrorCode::HttpRequestMethodInvalid | ErrorCode::HttpRequestUriInvalid | ErrorCode::HttpRequestLengthRequired => {
            Error::Invalid(format!("the request cannot be sent: {code}"))
        }
        _ => Error::Other(format!("the call failed: {code}")),
    }
}

fn unexpected(what: &str) -> Error {
    Error::Other(format!("the host breaks wasi:http: {what}"))
}
