//! What the guest is told when a call fails. Texts of libraries stay in the host: they may contain
//! parts of a request.

use std::io;

use lockgate_core::egress::Denied;
use wasmtime_wasi::p2::StreamError;
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;

/// Why there is no response, or no further one.
pub enum Refused {
    /// The host's decision.
    Denied(Denied),
    /// The host's decision, in a dry run.
    Dry(Denied),
    /// The network's or the server's doing.
    Failed(Error),
}

impl From<Denied> for Refused {
    fn from(denied: Denied) -> Self {
        match denied {
            // Not a question of grants.
            Denied::NoAddress(_) => Self::Failed(no_address()),
            denied => Self::Denied(denied),
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// For the guest.
pub fn of_denied(denied: &Denied) -> Error {
    match denied {
        Denied::Bytes(max) => Error::HttpResponseBodySize(Some(*max)),
        Denied::HeaderBytes { of: "request", max } => Error::HttpRequestHeaderSectionSize(u32::try_from(*max).ok()),
        Denied::HeaderBytes { max, .. } => Error::HttpResponseHeaderSectionSize(u32::try_from(*max).ok()),
        _ => Error::HttpRequestDenied,
    }
}

/// The name leads nowhere.
pub fn no_address() -> Error {
    Error::DnsError { rcode: Some("name has no address".to_owned()), info_code: None }
}

/// While connecting.
pub fn of_connect(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::TimedOut => Error::ConnectionTimeout,
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => Error::DestinationIpUnroutable,
        _ => Error::ConnectionRefused,
    }
}

/// While agreeing on TLS.
pub fn of_tls(error: &io::Error) -> Error {
    match error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented) => Error::TlsCertificateError,
        _ => Error::TlsProtocolError,
    }
}

/// While reading a response's body.
pub fn of_body(error: &hyper::Error) -> Error {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<io::Error>());
    match cause.map(io::Error::kind) {
        Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => Error::HttpProtocolError,
        _ => Error::HttpResponseIncomplete,
    }
}

/// While sending a request or reading a response's head.
pub fn of_hyper(error: &hyper::Error) -> Error {
    if error.is_parse() {
        return Error::HttpProtocolError;
    }
    if error.is_user() {
        // The guest gave up its own body.
        return Error::HttpRequestBodySize(None);
    }
    if error.is_incomplete_message() || error.is_body_write_aborted() {
        return Error::HttpResponseIncomplete;
    }
    Error::ConnectionTerminated
}

/// An error of a response's stream in the form in which `http-error-code` finds it. The linked
/// implementation hands on a form that it does not know itself.
pub fn of_stream(error: StreamError) -> StreamError {
    let StreamError::LastOperationFailed(failed) = error else { return error };
    let code = match failed.downcast_ref::<Error>() {
        Some(Error::HttpResponseTimeout) => ErrorCode::HttpResponseTimeout,
        Some(Error::HttpResponseBodySize(max)) => ErrorCode::HttpResponseBodySize(*max),
        Some(Error::HttpResponseIncomplete) => ErrorCode::HttpResponseIncomplete,
        Some(Error::HttpResponseContentCoding(coding)) => ErrorCode::HttpResponseContentCoding(coding.clone()),
        Some(Error::HttpProtocolError) => ErrorCode::HttpProtocolError,
        _ => return StreamError::LastOperationFailed(failed),
    };
    StreamError::LastOperationFailed(code.into())
}
