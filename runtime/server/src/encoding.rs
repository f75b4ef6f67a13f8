//! Packed bodies (`Content-Encoding`): gzip is unpacked, everything else is refused. A body that is still
//! packed would be taken for what the sender meant, and acknowledged.

use std::io::Read;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use flate2::bufread::MultiGzDecoder;

use crate::wire::problem::Problem;

/// What is taken, as the answer to everything else says.
const ACCEPTED: HeaderValue = HeaderValue::from_static("gzip, identity");

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
}

impl Encoding {
    /// What the headers say, or 415.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(given) = headers.get(header::CONTENT_ENCODING) else { return Ok(Self::Identity) };
        let mut encoding = Self::Identity;
        for word in given.to_str().unwrap_or_default().split(',') {
            match word.trim().to_ascii_lowercase().as_str() {
                "identity" => {}
                "gzip" | "x-gzip" if encoding == Self::Identity => encoding = Self::Gzip,
                _ => return Err(unsupported(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Encoding", given)),
            }
        }
        Ok(encoding)
    }
}

/// Packed on the way, which only the server in front of an application undoes.
pub(crate) fn check_transfer(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get(header::TRANSFER_ENCODING) {
        Some(given) if !given.as_bytes().eq_ignore_ascii_case(b"chunked") => {
            Err(unsupported(StatusCode::NOT_IMPLEMENTED, "Transfer-Encoding", given))
        }
        _ => Ok(()),
    }
}

fn unsupported(status: StatusCode, header: &str, given: &HeaderValue) -> Problem {
    let detail = match header {
        "Content-Encoding" => "a body is taken with Content-Encoding gzip, once, or without one",
        _ => "a body is taken with Transfer-Encoding chunked or none; pack it with Content-Encoding gzip",
    };
    let given = String::from_utf8_lossy(given.as_bytes()).into_owned();
    Problem::new(status, "unsupported-encoding", format!("{detail}; this one has {given:?}")).header(header::ACCEPT_ENCODING, ACCEPTED)
}

/// How many packed bytes may come for a body of so many bytes: what cannot be packed any smaller is a
/// little larger packed.
pub(crate) fn packed_bytes_max(bytes_max: usize) -> usize {
    bytes_max.saturating_add(bytes_max / 256).saturating_add(1_024)
}

/// Unpacks, chunk by chunk, into what decides how much may come (promise 5: a small body may unpack to a
/// thousand times its size).
pub(crate) fn unpack(packed: &[u8], mut put: impl FnMut(&[u8]) -> Result<(), Problem>) -> Result<(), Problem> {
    let mut decoder = MultiGzDecoder::new(packed);
    let mut chunk = vec![0; 64 << 10];
    loop {
        match decoder.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(count) => put(chunk.get(..count).unwrap_or_default())?,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => {
                let detail = "the body is not whole gzip data, though its Content-Encoding says so";
                return Err(Problem::new(StatusCode::BAD_REQUEST, "bad-encoding", detail));
            }
        }
    }
}
