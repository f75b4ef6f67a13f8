//! The head of a request on its way out, and of a response on its way in.

use http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, RANGE, TE, TRAILER,
};
use http::uri::PathAndQuery;
use http::{Method, Uri, request, response};
use lockgate_core::egress::{Denied, Egress, Origin};
use wasmtime_wasi_http::{DEFAULT_FORBIDDEN_HEADERS, Error};

use super::errors::Refused;
use crate::secrets::{Masker, Secrets};

/// Headers of one connection, and those that the host sets: a guest cannot set them.
pub fn is_forbidden(name: &HeaderName) -> bool {
    DEFAULT_FORBIDDEN_HEADERS.contains(name) || *name == TE || *name == TRAILER
}

/// Where a request goes; everything that can be decided before its head is touched.
pub fn origin(head: &request::Parts, egress: &Egress) -> Result<Origin, Denied> {
    let scheme = head.uri.scheme_str().unwrap_or_default();
    let origin = Origin::of(scheme, head.uri.authority().map_or("", |authority| authority.as_str()))?;
    if !egress.grants(&origin) {
        return Err(Denied::Origin(origin));
    }
    if head.method == Method::CONNECT || head.method == Method::TRACE {
        return Err(Denied::Method(head.method.to_string()));
    }
    Ok(origin)
}

/// Method, origin and path, for the log. No query: it often carries keys.
pub fn target(head: &request::Parts) -> String {
    let scheme = head.uri.scheme_str().unwrap_or_default();
    let authority = head.uri.authority().map_or("", |authority| authority.as_str());
    // A user or password is refused, and not shown.
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{} {scheme}://{host}{}", head.method, head.uri.path())
}

/// Makes the head as it is sent: secrets put in, the host's own headers set, the size checked.
pub fn outgoing(head: &mut request::Parts, origin: &Origin, egress: &Egress, secrets: &Secrets) -> Result<(), Denied> {
    let bytes = bytes(&head.headers) + head.uri.path_and_query().map_or(0, |path| path.as_str().len());
    if bytes > egress.limits.header_bytes_max {
        return Err(Denied::HeaderBytes { of: "request", max: egress.limits.header_bytes_max });
    }
    head.uri = path(&head.uri, origin, secrets)?;
    put_in(&mut head.headers, origin, secrets)?;
    // What is unpacked is counted unpacked, so that the host does it. A part of something packed
    // cannot be unpacked.
    let coding = if head.headers.contains_key(RANGE) { "identity" } else { "gzip" };
    head.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(coding));
    head.headers.remove(EXPECT);
    // An origin's authority has only characters that a header may have.
    let host = HeaderValue::from_str(&origin.authority()).map_err(|_| Denied::Origin(origin.clone()))?;
    head.headers.insert(HOST, host);
    Ok(())
}

/// The path and query, with secrets in the query.
fn path(uri: &Uri, origin: &Origin, secrets: &Secrets) -> Result<Uri, Denied> {
    let (path, query) = (uri.path(), uri.query());
    let path = if path.is_empty() { "/" } else { path };
    let mut text = path.to_owned();
    if let Some(query) = query {
        text.push('?');
        text.push_str(query);
    }
    if let Some(put_in) = secrets.put_in() {
        put_in.found_in(path, "the path")?;
        if let Some(query) = query.map(|query| put_in.query(query, origin)).transpose()?.flatten() {
            text = format!("{path}?{query}");
        }
    }
    // Of what was a path and query, with further characters that both may have.
    let path: PathAndQuery = text.parse().map_err(|_| Denied::Origin(origin.clone()))?;
    Ok(Uri::from(path))
}

fn put_in(headers: &mut HeaderMap, origin: &Origin, secrets: &Secrets) -> Result<(), Denied> {
    let Some(put_in) = secrets.put_in() else { return Ok(()) };
    for name in headers.keys() {
        put_in.found_in(name.as_str(), "a header's name")?;
    }
    for (_, value) in headers.iter_mut() {
        if let Some(replaced) = put_in.header(value.as_bytes(), origin)? {
            *value = replaced;
        }
    }
    Ok(())
}

/// How a response's body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Not.
    None,
    /// By gzip.
    Gzip,
}

/// Makes the head as the guest sees it: without what belongs to the connection or was changed by
/// unpacking, without secrets, its size checked.
pub fn incoming(head: &mut response::Parts, egress: &Egress, masker: Option<&Masker>) -> Result<Packing, Refused> {
    if bytes(&head.headers) > egress.limits.header_bytes_max {
        return Err(Denied::HeaderBytes { of: "response", max: egress.limits.header_bytes_max }.into());
    }
    let packing = packing(&head.headers).map_err(|coding| {
        let masked = masker.and_then(|masker| masker.masked(coding.as_bytes()));
        let coding = masked.map_or(coding, |masked| String::from_utf8_lossy(&masked).into_owned());
        Error::HttpResponseContentCoding(Some(coding))
    })?;
    let listed: Vec<HeaderName> = list(&head.headers, &CONNECTION).filter_map(|name| name.parse().ok()).collect();
    for name in listed.iter().chain(&DEFAULT_FORBIDDEN_HEADERS).chain(&[TE, TRAILER, CONTENT_ENCODING]) {
        head.headers.remove(name);
    }
    if packing == Packing::Gzip || masker.is_some() {
        head.headers.remove(CONTENT_LENGTH);
    }
    if let Some(masker) = masker {
        head.headers = masked(std::mem::take(&mut head.headers), masker)?;
    }
    Ok(packing)
}

/// Names and values without secrets.
fn masked(headers: HeaderMap, masker: &Masker) -> Result<HeaderMap, Error> {
    let mut masked = HeaderMap::with_capacity(headers.len());
    let mut name = None;
    for (next, mut value) in headers {
        // Of several values of one name, only the first comes with it.
        if let Some(next) = next {
            let shown = masker.masked(next.as_str().as_bytes()).map(|shown| HeaderName::from_bytes(&shown));
            name = Some(shown.unwrap_or(Ok(next)).map_err(|_| Error::HttpProtocolError)?);
        }
        if let Some(shown) = masker.masked(value.as_bytes()) {
            value = HeaderValue::from_bytes(&shown).map_err(|_| Error::HttpProtocolError)?;
        }
        if let Some(name) = &name {
            masked.append(name.clone(), value);
        }
    }
    Ok(masked)
}

/// The coding that the host cannot unpack is the error.
fn packing(headers: &HeaderMap) -> Result<Packing, String> {
    let codings: Vec<&str> = list(headers, &CONTENT_ENCODING).filter(|coding| !coding.eq_ignore_ascii_case("identity")).collect();
    match codings.as_slice() {
        [] => Ok(Packing::None),
        [one] if one.eq_ignore_ascii_case("gzip") || one.eq_ignore_ascii_case("x-gzip") => Ok(Packing::Gzip),
        // Nobody asked for it, and what it unpacks to could not be counted or masked.
        other => Err(other.join(", ")),
    }
}

/// The items of a header that is a list.
fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|item| !item.is_empty())
}

/// All names and values.
fn bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}
