//! Who may ask (promise 3). With tokens: who has one. Without, on loopback: programs of this machine,
//! and no web page that a browser of this machine happens to show.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::doors::Tokens;
use crate::places::{Place, Stay};
use crate::query;
use crate::rights::{Holder, Needs, needs};
use crate::routes::process::is_notify;
use crate::state::App;
use crate::wire::problem::Problem;

/// Lets a request through, or answers 401 or 403. Runs before anything of the body is read.
pub(crate) async fn check(State(app): State<App>, mut request: Request, next: Next) -> Response {
    use axum::response::IntoResponse;
    let ways = app.doors.now();
    let needs = request.extensions().get::<MatchedPath>().map(|path| needs(request.method(), path.as_str()));
    let holder = match needs {
        // Whoever has no token says nothing of himself.
        Some(Needs::Nothing | Needs::Signature) => Ok(Arc::new(Holder::nobody())),
        _ if ways.tokens.are_none() => local(request.method(), request.uri(), request.headers()).map(|()| Arc::new(Holder::admin(LOCAL))),
        _ => with_token(&ways.tokens, request.uri(), request.headers()),
    };
    match holder.and_then(|holder| may(&request, &holder, needs).map(|()| holder)) {
        Ok(holder) => {
            request.extensions_mut().insert(holder);
            stay(request, next).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// Who needs no token, because he is on this machine.
const LOCAL: &str = "local";

/// Whether who asks may ask this. What is nowhere is found by whoever may ask anything.
fn may(request: &Request, holder: &Holder, needs: Option<Needs>) -> Result<(), Problem> {
    match needs {
        Some(needs) if !needs.are_met_by(holder) => {
            let (rights, needs) = (holder.rights(), needs.as_str());
            let detail =
                format!("the token {} has the right to {rights}; {} {} needs {needs}", holder.name, request.method(), request.uri().path());
            Err(Problem::new(StatusCode::FORBIDDEN, "right-missing", detail))
        }
        _ => Ok(()),
    }
}

/// Who may ask keeps its connection, if there is room.
async fn stay(request: Request, next: Next) -> Response {
    let nobody = request.extensions().get::<Arc<Holder>>().is_none_or(|holder| holder.is_nobody());
    let stay = request.extensions().get::<Arc<Place>>().filter(|_| !nobody).map(|place| place.token_shown());
    let mut response = next.run(request).await;
    if stay == Some(Stay::ForThisAnswer) {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn with_token(tokens: &Tokens, uri: &Uri, headers: &HeaderMap) -> Result<Arc<Holder>, Problem> {
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
        Some(token) => match tokens.holder(&token) {
            Some(holder) => Ok(holder),
            None => refused("this token is not one of those that are configured"),
        },
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
    let allowed = if app.doors.now().tokens.are_none() { local(method, uri, headers) } else { own_origin(method, uri, headers) };
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
}
