//! Who may ask (promise 3). With tokens: who has one. Without, on loopback: programs of this machine,
//! and no web page that a browser of this machine happens to show.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::places::{Place, Stay};
use crate::query;
use crate::routes::process::is_notify;
use crate::state::App;
use crate::wire::problem::Problem;

/// Digests of the tokens: comparing digests takes as long whatever is compared, and of whatever
/// length.
pub(crate) struct Tokens(Vec<[u8; 32]>);

impl Tokens {
    pub(crate) fn new(tokens: &[String]) -> Self {
        Self(tokens.iter().map(|token| Sha256::digest(token).into()).collect())
    }

    fn has(&self, given: &str) -> bool {
        let given: [u8; 32] = Sha256::digest(given).into();
        // All are compared, so that the time does not tell which one it was.
        let found = self.0.iter().fold(Choice::from(0), |found, token| found | token.ct_eq(&given));
        found.into()
    }
}

/// Lets a request through, or answers 401 or 403. Runs before anything of the body is read.
pub(crate) async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    use axum::response::IntoResponse;
    let allowed = match request.uri().path() {
        path if is_health(path) => Ok(()),
        _ if app.tokens.0.is_empty() => local(request.method(), request.uri(), request.headers()),
        _ => with_token(&app.tokens, request.uri(), request.headers()),
    };
    match allowed {
        Ok(()) => stay(request, next).await,
        Err(problem) => problem.into_response(),
    }
}

/// Who may ask keeps its connection, if there is room.
async fn stay(request: Request, next: Next) -> Response {
    let health = is_health(request.uri().path());
    let stay = request.extensions().get::<Arc<Place>>().filter(|_| !health).map(|place| place.token_shown());
    let mut response = next.run(request).await;
    if stay == Some(Stay::ForThisAnswer) {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whoever watches the server needs no token.
fn is_health(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

fn with_token(tokens: &Tokens, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let refused = |detail: &str| Err(Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail));
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer);
    // Callers of the original cannot set headers.
    let parameter = if is_notify(uri.path()) { query::value_of(uri, "token")? } else { None };
    let given = match (header, parameter) {
        (Some(_), Some(_)) => return Err(query::bad("token", "the header Authorization gives one, too")),
        (header, parameter) => header.map(ToOwned::to_owned).or(parameter),
    };
    match given {
        None => refused("give a token: `Authorization: Bearer TOKEN`"),
        Some(token) if tokens.has(&token) => Ok(()),
        Some(_) => refused("this token is not one of those that are configured"),
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A web page reaches a loopback address in two ways: under a name of its own that it makes lead here
/// (DNS rebinding: the `Host` betrays it), and by a request across sites (the browser says so).
fn local(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let refused = |code, detail: &str| Err(Problem::new(StatusCode::FORBIDDEN, code, detail));
    let host = match headers.get(header::HOST) {
        None => None,
        Some(host) => match host.to_str() {
            Ok(host) => Some(host),
            Err(_) => return refused("host-not-allowed", "the Host header cannot be read"),
        },
    };
    for host in [host, uri.authority().map(|authority| authority.as_str())].into_iter().flatten() {
        if !is_local(host) {
            return refused("host-not-allowed", "without a token, the server answers to localhost, 127.0.0.1 and [::1] only");
        }
    }
    own_origin(method, uri, headers)
}

/// What would change something comes from no page of another site.
fn own_origin(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let refused = |code, detail: &str| Err(Problem::new(StatusCode::FORBIDDEN, code, detail));
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    if matches!(*method, Method::GET | Method::HEAD) && !is_notify(uri.path()) {
        return Ok(());
    }
    let same = |origin: &str| {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        authority.is_some() && authority == host
    };
    let origin = headers.get(header::ORIGIN).map(|origin| origin.to_str().is_ok_and(same));
    let site = headers.get("sec-fetch-site").map(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
    if origin == Some(false) || site == Some(false) {
        return refused("origin-not-allowed", "web pages of other sites may not change anything here");
    }
    Ok(())
}

/// Before a page of the console, which asks this surface itself with the token of whoever looks. A browser brings the
/// session's cookie along, so here a request that changes something must come from a page of this server, with tokens
/// too.
pub(crate) async fn check_page(State(app): State<App>, request: Request, next: Next) -> Response {
    use axum::response::IntoResponse;
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    let allowed = if app.tokens.0.is_empty() { local(method, uri, headers) } else { own_origin(method, uri, headers) };
    match allowed {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    if name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1:7400", "[::1]:7400", "[::1]"] {
            assert!(is_local(host), "{host}");
        }
        for host in ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "evil:127.0.0.1"] {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn any_of_the_tokens_opens_and_nothing_else() {
        let tokens = Tokens::new(&["0123456789abcdef".into(), "fedcba9876543210".into()]);
        assert!(tokens.has("0123456789abcdef") && tokens.has("fedcba9876543210"));
        assert!(!tokens.has("") && !tokens.has("0123456789abcde") && !tokens.has("0123456789abcdeff"));
        assert!(!Tokens::new(&[]).has(""));
    }
}
